package cost

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Money is an amount in millionths of a US dollar. It is rounded to cents only
// where it is shown.
type Money int64

const dollar Money = 1_000_000

// String shows cents, such as $1,234.57.
func (m Money) String() string {
	const cent = dollar / 100
	cents := int64(m+cent/2) / int64(cent)
	sign := ""
	if m < 0 {
		sign, cents = "-", int64(-m+cent/2)/int64(cent)
	}
	whole := strconv.FormatInt(cents/100, 10)
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return fmt.Sprintf("%s$%s.%02d", sign, whole, cents%100)
}

// Whole shows whole dollars, as exactly as a month's total is known: $1,235.
func (m Money) Whole() string {
	rounded := (m + dollar/2) / dollar * dollar
	return strings.TrimSuffix(rounded.String(), ".00")
}

// Signed shows the sign of a difference too: +$1.00, -$1.00, or $0.00.
func (m Money) Signed() string {
	if m > 0 {
		return "+" + m.String()
	}
	return m.String()
}

// Exact shows all decimals of a price, such as $0.0272.
func (m Money) Exact() string {
	text := fmt.Sprintf("%d.%06d", m/dollar, m%dollar)
	text = strings.TrimRight(text, "0")
	return "$" + strings.TrimSuffix(text, ".")
}

// times is the price of a quantity, to the nearest millionth.
func (m Money) times(quantity float64) Money { return Money(math.Round(float64(m) * quantity)) }

var errPrice = errors.New("not a price: write it like 0.0272, with at most 6 decimals")

// parse reads a price in dollars without rounding it.
func parse(text string) (Money, error) {
	whole, decimals, _ := strings.Cut(text, ".")
	if len(decimals) > 6 {
		return 0, fmt.Errorf("%q: %w", text, errPrice)
	}
	n, err := strconv.ParseUint(whole+decimals+strings.Repeat("0", 6-len(decimals)), 10, 63)
	if err != nil {
		return 0, fmt.Errorf("%q: %w", text, errPrice)
	}
	return Money(n), nil
}
