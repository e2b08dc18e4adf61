// Package inspect asks the AWS API what there is, by the AWS SDK for Go, and
// compares it with what the design demands. It knows nothing of Pulumi's state.
//
// What asks is built with the tag e2e only: the SDK's client of EC2 takes minutes
// to compile, and nobody else shall wait for it.
package inspect

import (
	"fmt"
	"slices"
	"strings"
)

// Want is what a stack was asked to be. It is filled from the configuration; what
// follows from it is written down here once more, by hand and from the design, so
// that a fault of the program is not also one of the check.
type Want struct {
	Project, Stack string
	Phase          int
	Zones          []string // by name, in order; the address plan counts them
	NATs           int      // gateways: 0, 1 or one for each zone
	InstanceType   string
	MinSize        int
	MaxSize        int
	HealthPath     string
	Database       Database
	Protect        bool
}

// Database is what was asked of RDS.
type Database struct {
	Class, Version, Storage        string
	Allocated, MaxAllocated        int
	BackupDays, MonitoringInterval int
	BackupWindow, Maintenance      string
	Name, User                     string
	Logs                           []string
}

const everywhere = "0.0.0.0/0"

// rules is the list of what may talk to what, by security group: direction,
// protocol, port and peer. Security groups not listed hold no rule.
func (w Want) rules() map[string][]string {
	web := []string{
		"out tcp 80 " + everywhere, "out tcp 443 " + everywhere, "out udp 53 10.0.0.2/32", "out tcp 53 10.0.0.2/32", "out udp 123 169.254.169.123/32",
	}
	all := map[string][]string{"default": {}}
	if w.Phase >= 2 {
		web = append(web, "out tcp 3306 database", "out tcp 2049 storage")
		all["database"] = []string{"in tcp 3306 web"}
		all["storage"] = []string{"in tcp 2049 web"}
	}
	if w.Phase < 3 {
		web = append(web, "in tcp 80 "+everywhere, "in tcp 443 "+everywhere)
	} else {
		web = append(web, "in tcp 80 load-balancer")
		all["load-balancer"] = []string{"in tcp 80 " + everywhere, "out tcp 80 web"}
	}
	all["web"] = web
	return all
}

// letter is the last letter of a zone's name, which names its subnets.
func letter(zone string) string { return zone[len(zone)-1:] }

// subnets is the address plan: the range of each subnet by tier and letter.
func (w Want) subnets() map[string]string {
	all := map[string]string{}
	for i, zone := range w.Zones {
		if i == 0 || w.Phase == 3 {
			all["public-"+letter(zone)] = fmt.Sprintf("10.0.%d.0/24 %s", 2*i, zone)
		}
		if w.Phase >= 2 {
			all["database-"+letter(zone)] = fmt.Sprintf("10.0.%d.0/24 %s", 2*i+1, zone)
		}
		if w.Phase == 3 {
			all["web-"+letter(zone)] = fmt.Sprintf("10.0.%d.0/24 %s", 128+i, zone)
		}
	}
	return all
}

// ranges lists the addresses of a tier's subnets, in the zones' order.
func (w Want) ranges(tier string) []string {
	var all []string
	subnets := w.subnets()
	for _, zone := range w.Zones {
		if s, ok := subnets[tier+"-"+letter(zone)]; ok {
			cidr, _, _ := strings.Cut(s, " ")
			all = append(all, cidr)
		}
	}
	return all
}

// routes is what each subnet's route table holds: destination and way.
func (w Want) routes() map[string][]string {
	all := map[string][]string{}
	for name := range w.subnets() {
		tier, zone, _ := strings.Cut(name, "-")
		routes := []string{"10.0.0.0/16 local"}
		switch {
		case tier == "public":
			routes = append(routes, everywhere+" internet", "s3 endpoint")
		case tier == "web" && w.NATs > 0:
			if w.NATs == 1 {
				zone = letter(w.Zones[0])
			}
			routes = append(routes, everywhere+" nat-"+zone, "s3 endpoint")
		case tier == "web":
			routes = append(routes, "s3 endpoint")
		}
		all[name] = routes
	}
	return all
}

// entries is what each tier's network ACL allows: direction, protocol, ports and
// range; all else is refused. It must carry the answers too.
func (w Want) entries() map[string][]string {
	const answers = "1024-65535 "
	all := map[string][]string{"public": {
		"in tcp 80 " + everywhere, "in tcp 443 " + everywhere, "in tcp " + answers + everywhere,
		"out tcp 80 " + everywhere, "out tcp 443 " + everywhere, "out tcp " + answers + everywhere,
	}}
	if w.Phase < 2 {
		return all
	}
	servers := "public"
	if w.Phase == 3 {
		servers = "web"
		web := []string{"in tcp " + answers + everywhere, "out tcp 80 " + everywhere, "out tcp 443 " + everywhere}
		for _, cidr := range w.ranges("public") {
			web = append(web, "in tcp 80 "+cidr, "out tcp "+answers+cidr)
		}
		for _, cidr := range w.ranges("database") {
			web = append(web, "out tcp 3306 "+cidr, "out tcp 2049 "+cidr)
		}
		all["web"] = web
	}
	var database []string
	for _, cidr := range w.ranges(servers) {
		database = append(database, "in tcp 3306 "+cidr, "in tcp 2049 "+cidr, "out tcp "+answers+cidr)
	}
	all["database"] = database
	return all
}

// tags is what everything is tagged with; an empty value stands for any.
func (w Want) tags() map[string]string {
	return map[string]string{"Project": w.Project, "Stack": w.Stack, "Phase": fmt.Sprint(w.Phase), "Component": ""}
}

// unequal says how two lists differ as sets, each difference with the name.
func unequal(name string, want, got []string) []string {
	var wrong []string
	for _, v := range slices.Sorted(slices.Values(got)) {
		if !slices.Contains(want, v) {
			wrong = append(wrong, fmt.Sprintf("%s: the API has %q, which the design does not", name, v))
		}
	}
	for _, v := range slices.Sorted(slices.Values(want)) {
		if !slices.Contains(got, v) {
			wrong = append(wrong, fmt.Sprintf("%s: the API lacks %q", name, v))
		}
	}
	if len(wrong) == 0 && len(want) != len(got) {
		wrong = append(wrong, fmt.Sprintf("%s: the API has %d entries, want %d: one is there twice", name, len(got), len(want)))
	}
	return wrong
}

// differing compares two tables of lists, name by name.
func differing(what string, want, got map[string][]string) []string {
	var wrong []string
	names := map[string]bool{}
	for name := range want {
		names[name] = true
	}
	for name := range got {
		names[name] = true
	}
	for name := range names {
		if _, ok := want[name]; !ok {
			wrong = append(wrong, fmt.Sprintf("%s of %s: the design has none of that name", what, name))
			continue
		}
		if _, ok := got[name]; !ok {
			wrong = append(wrong, fmt.Sprintf("%s of %s: the API has none of that name", what, name))
			continue
		}
		wrong = append(wrong, unequal(what+" of "+name, want[name], got[name])...)
	}
	slices.Sort(wrong)
	return wrong
}

// value compares one setting.
func value[T comparable](name string, want, got T) []string {
	if want == got {
		return nil
	}
	return []string{fmt.Sprintf("%s is %v, want %v", name, got, want)}
}
