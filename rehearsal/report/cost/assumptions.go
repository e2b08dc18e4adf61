package cost

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Assumption is how much of something the site is taken to use in a month.
type Assumption struct {
	Key, Unit, Meaning string
	Value              float64
}

// Assumptions is the usage that a plan does not say.
type Assumptions []Assumption

// ErrAssumption says that an assumption is unknown or not a number.
var ErrAssumption = errors.New("invalid assumption")

// Defaults is a small site: about 100,000 page views a month.
func Defaults() Assumptions {
	return Assumptions{
		{"internet.gbOut", "GB a month", "sent to visitors", 100},
		{"internet.millionRequests", "million a month", "visitors' requests to CloudFront", 3},
		{"crowd.knownPercent", "%", "of a crowd's pages for visitors whom WordPress knows", 2},
		{"crowd.hitPercent", "%", "of a crowd's other pages that CloudFront answers", 95},
		{"crowd.kbPage", "KB", "of a page, compressed", 15},
		{"crowd.kbFiles", "KB", "of the files that a page shows", 400},
		{"crowd.requests", "requests", "for a page and its files, by browsers that keep some", 12},
		{"zones.gb", "GB a month", "sent from one zone to another, billed in both directions", 50},
		{"loadBalancer.lcu", "LCU", "capacity units of the load balancer, on average", 1},
		{"nat.gb", "GB a month", "through all NAT gateways together", 30},
		{"group.servers", "servers", "in the group on average; 0: as many as it wants to begin with", 0},
		{"storage.gb", "GB", "kept on the file system, all in the standard class", 10},
		{"storage.gbRead", "GB a month", "read from the file system", 20},
		{"storage.gbWritten", "GB a month", "written to the file system", 5},
		{"storage.gbBackup", "GB", "backups of the file system, in the stack's vault and once more in AWS's own", 15},
		{"server.gbBackup", "GB", "backups of the server of phase 1", 8},
		{"backup.gbCopied", "GB", "copies of backups in another region", 20},
		{"backup.gbSent", "GB a month", "sent there", 10},
		{"database.gbBackup", "GB", "backups beyond the size of the database's storage, which is free", 0},
		{"image.gb", "GB", "the snapshot of each golden image", 3},
		{"logs.gbFlow", "GB a month", "flow logs", 5},
		{"logs.gbServers", "GB a month", "the servers' logs", 1},
		{"logs.gbDatabase", "GB a month", "the database's logs and its system figures", 1},
		{"accessLogs.gb", "GB", "access logs kept", 1},
		{"accessLogs.thousandFiles", "thousand a month", "access log files written", 20},
		{"secrets.tenThousandCalls", "ten thousand calls a month", "reading the secret", 0.1},
		{"dns.millionQueries", "million a month", "DNS queries for the site's name", 0.5},
	}
}

// With returns the assumptions with some changed, each "key=value". It fails
// with ErrAssumption, naming everything that is wrong.
func (a Assumptions) With(changes ...string) (Assumptions, error) {
	changed := slices.Clone(a)
	var errs []error
	for _, change := range changes {
		key, text, ok := strings.Cut(change, "=")
		i := slices.IndexFunc(changed, func(one Assumption) bool { return one.Key == key })
		value, err := strconv.ParseFloat(text, 64)
		switch {
		case i < 0:
			errs = append(errs, fmt.Errorf("%w: %q: there are %s", ErrAssumption, key, strings.Join(a.keys(), ", ")))
		case !ok || err != nil || value < 0 || value > 1e9:
			errs = append(errs, fmt.Errorf("%w: %s = %q: write a number from 0 to a billion", ErrAssumption, key, text))
		default:
			changed[i].Value = value
		}
	}
	return changed, errors.Join(errs...)
}

func (a Assumptions) keys() []string {
	keys := make([]string, len(a))
	for i, one := range a {
		keys[i] = one.Key
	}
	return keys
}

// Get returns the value of a key; the code and Defaults agree on the keys.
func (a Assumptions) Get(key string) float64 {
	for _, one := range a {
		if one.Key == key {
			return one.Value
		}
	}
	for _, one := range Defaults() {
		if one.Key == key {
			return one.Value
		}
	}
	panic("cost: no assumption " + key)
}
