package crowd

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/webphases/webphases/internal/catalog"
)

// Minute is one of a rush.
type Minute struct {
	At      int
	Asked   float64 // views a second
	Servers int     // that serve
	Load    float64 // of what breaks first, 1 is all
	Failed  float64 // views a second
}

// Rush is a crowd that grows from a thousand to a million views an hour within half an
// hour, and stays for an hour.
type Rush struct {
	Minutes []Minute
	// Failed is the share of all views that got no page.
	Failed float64
	// Limit is what broke first, if something did.
	Limit Limit
}

const (
	calm, million = 1_000.0, 1_000_000.0 // views an hour
	growing       = 30                   // minutes
	staying       = 60
	// noticed is how long target tracking looks before it adds servers, and booting how long
	// a server of the golden image takes until the load balancer has it, in minutes.
	//
	// Source: https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html
	noticed, booting = 3, 3
)

// Rush lets the crowd come. The group adds servers as its two policies say.
func (s *Site) Rush(c Crowd) (r Rush) {
	servers := s.Least
	ready := map[int]int{} // servers by the minute in which they serve
	cpu, requests := s.targets()
	above := 0
	var asked, failed float64
	for minute := range growing + staying {
		servers = min(s.Most, servers+ready[minute])
		views := (calm + (million-calm)*min(1, float64(minute)/growing)) / 3600
		limit := first(s.Limits(c, servers))
		m := Minute{At: minute, Asked: views, Servers: servers, Load: views / limit.Views, Failed: max(0, views-limit.Views/full)}
		r.Minutes = append(r.Minutes, m)
		if m.Failed > 0 && r.Limit.What == "" {
			r.Limit = limit
		}
		asked, failed = asked+views, failed+m.Failed
		want := s.wanted(c, views, servers, cpu, requests)
		if want <= servers {
			above = 0
			continue
		}
		if above++; above >= noticed {
			coming := 0
			for at, n := range ready {
				if at > minute {
					coming += n
				}
			}
			ready[minute+booting] += max(0, min(want, s.Most)-servers-coming)
		}
	}
	r.Failed = failed / asked
	return r
}

// targets are those of the group's policies: processors in percent, requests a minute.
func (s *Site) targets() (cpu, requests float64) {
	for _, p := range s.graph.OfType(catalog.AutoScalingPolicy) {
		target := p.Num("targetTrackingConfiguration.targetValue")
		switch p.Str("targetTrackingConfiguration.predefinedMetricSpecification.predefinedMetricType") {
		case "ASGAverageCPUUtilization":
			cpu = target
		case "ALBRequestCountPerTarget":
			requests = target
		}
	}
	return cpu, requests
}

func (s *Site) wanted(c Crowd, views float64, servers int, cpu, requests float64) int {
	made, sent, _ := s.perView(c)
	load := views * (made*s.Measured.RenderedMs/1000 + sent/s.Measured.KeptPerSecond) / float64(servers*Processors(s.InstanceType))
	want := servers
	if cpu > 0 {
		want = max(want, int(math.Ceil(float64(servers)*100*load/cpu)))
	}
	if requests > 0 {
		each := 60 * views * (made + sent) / float64(servers)
		want = max(want, int(math.Ceil(float64(servers)*each/requests)))
	}
	return want
}

// Advice is what to raise for a rush, and what is left of its failures then.
type Advice struct {
	Keys []string // "web.maxSize 8"
	Rush Rush
}

// Advise raises what breaks first until nothing does, or until it knows no more.
func (s *Site) Advise(c Crowd) Advice {
	try := *s
	set := map[string]string{}
	var keys []string
	for range 40 {
		rush := try.Rush(c)
		if rush.Failed == 0 {
			return Advice{list(keys, set), rush}
		}
		key, value := try.raise(c)
		if key == "" {
			return Advice{list(keys, set), rush}
		}
		if !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
		set[key] = value
	}
	return Advice{list(keys, set), try.Rush(c)}
}

func list(keys []string, set map[string]string) (all []string) {
	for _, key := range keys {
		all = append(all, key+" "+set[key])
	}
	return all
}

// raise raises, in place, what not even all servers have enough of for the peak; or else
// has more of them there when it begins.
func (s *Site) raise(c Crowd) (key, value string) {
	const peak = million / 3600
	limit := s.Carries(c)
	if limit.Views/full >= peak { // they come too late
		s.Least++
		return "web.minSize", strconv.Itoa(s.Least)
	}
	switch limit.Raise {
	case "phase":
		s.Least, s.Most = 2, 4
		return "phase", "3"
	case "edge.enabled":
		s.Edge = true
		return "edge.enabled", "true"
	case "database.instanceClass":
		next := twice(s.DatabaseClass)
		if next == s.DatabaseClass {
			return "", ""
		}
		s.DatabaseClass = next
		return "database.instanceClass", next
	}
	s.Most = max(s.Most+1, int(math.Ceil(float64(s.Most)*peak*full/limit.Views)))
	return "web.maxSize", strconv.Itoa(s.Most)
}

// twice is the class of double the size.
func twice(class string) string {
	at := strings.LastIndex(class, ".")
	sizes := []string{"micro", "small", "medium", "large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "16xlarge"}
	n := slices.Index(sizes, class[at+1:])
	if n < 0 || n+1 == len(sizes) {
		return class
	}
	family := class[:at]
	if sizes[n+1] == "xlarge" && strings.HasPrefix(family, "db.t") {
		family = "db.m7g" // burstable classes end with large
	}
	return family + "." + sizes[n+1]
}
