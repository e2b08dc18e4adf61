package cost

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

//go:embed prices.json
var pricesJSON []byte

// Price is one entry of the table: AWS's public on-demand list price, before tax,
// discounts and free allowances.
type Price struct {
	// Key and Item name the price, such as ec2.instance and t3.small.
	Key, Item string
	Region    string
	Unit      string // what it is for: hour, GB, GB-month, ...
	Amount    Money
	Source    string // AWS's price page
	AsOf      string // the day the price is from: 2026-09-09
	// Checked says that the price was compared with a published quotation of AWS's
	// Price List of that day. The others are list prices as generally known.
	Checked bool
}

type priceBlock struct {
	Key, Unit, Region, AsOf, Source string
	Checked                         bool
	Prices                          map[string]string
}

type priceName struct{ region, key, item string }

// table reads the committed prices, once.
var table = sync.OnceValues(func() (map[priceName]Price, error) { return readPrices(pricesJSON) })

func readPrices(text []byte) (map[priceName]Price, error) {
	var file struct {
		Currency string
		Blocks   []priceBlock
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("reading prices.json: %w", err)
	}
	prices := map[priceName]Price{}
	for _, b := range file.Blocks {
		if _, err := time.Parse(time.DateOnly, b.AsOf); err != nil {
			return nil, fmt.Errorf("prices.json: %s in %s: asOf: %w", b.Key, b.Region, err)
		}
		for item, text := range b.Prices {
			name := priceName{b.Region, b.Key, item}
			amount, err := parse(text)
			if err != nil {
				return nil, fmt.Errorf("prices.json: %s %s in %s: %w", b.Key, item, b.Region, err)
			}
			if _, twice := prices[name]; twice {
				return nil, fmt.Errorf("prices.json: %s %s in %s stands there twice", b.Key, item, b.Region)
			}
			prices[name] = Price{
				Key: b.Key, Item: item, Region: b.Region, Unit: b.Unit, Amount: amount, Source: b.Source, AsOf: b.AsOf, Checked: b.Checked,
			}
		}
	}
	return prices, nil
}

// Regions lists the regions that the table has prices for.
func Regions() ([]string, error) {
	prices, err := table()
	if err != nil {
		return nil, err
	}
	regions := map[string]bool{}
	for name := range prices {
		regions[name.region] = true
	}
	return slices.Sorted(maps.Keys(regions)), nil
}
