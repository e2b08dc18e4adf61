package config

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// checker collects the mistakes of a configuration.
type checker struct {
	cfg     Config
	project string
	skip    []string // keys that could not be read: already reported
	errs    Errors
}

// check returns every mistake. It is a pure function of the values.
func (c Config) check(project string, skip []string) Errors {
	k := &checker{cfg: c, project: project, skip: skip}
	k.checkStack()
	k.checkRoles()
	k.checkNetwork()
	k.checkVPN()
	k.checkServers()
	k.checkGroup()
	k.checkDatabase()
	k.checkStorage()
	k.checkWindows()
	k.checkLoadBalancer()
	k.checkDomain()
	k.checkMonitoring()
	return k.errs
}

// Check returns an Errors with every mistake, or nil.
func (c Config) Check(project string) error {
	if errs := c.check(project, nil); len(errs) > 0 {
		return errs
	}
	return nil
}

func (k *checker) add(kind error, key string, value any, why, remedy string) {
	if slices.Contains(k.skip, key) {
		return
	}
	full := key
	if key != regionKey {
		full = k.project + ":" + key
	}
	k.errs = append(k.errs, &FieldError{Kind: kind, Key: full, Value: show(value), Why: why, Remedy: remedy})
}

func show(value any) string {
	if list, ok := value.([]string); ok {
		return strings.Join(list, ", ")
	}
	return fmt.Sprint(value)
}

// between checks an inclusive range.
func (k *checker) between(key string, value, least, most int, unit string) {
	if value < least || value > most {
		k.add(ErrValue, key, value, fmt.Sprintf("AWS takes %d to %d%s", least, most, unit),
			fmt.Sprintf("choose a value from %d to %d", least, most))
	}
}

func (k *checker) oneOf(key, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		k.add(ErrValue, key, value, "not one of the choices", "choose "+strings.Join(allowed, ", "))
	}
}

func (k *checker) number(key string, value int, allowed ...int) {
	if !slices.Contains(allowed, value) {
		words := make([]string, len(allowed))
		for i, n := range allowed {
			words[i] = strconv.Itoa(n)
		}
		k.add(ErrValue, key, value, "not one of the values that AWS takes", "choose "+strings.Join(words, ", "))
	}
}

// matches checks a value's form; example is a value that has it.
func (k *checker) matches(key, value string, form *regexp.Regexp, what, example string) bool {
	if form.MatchString(value) {
		return true
	}
	k.add(ErrValue, key, value, "not "+what, "write it like "+example)
	return false
}

var regionForm = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-\d$`)

// apart are the beginnings of the names of regions that are not of the partition aws.
//
// Source: https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
var apart = map[string]string{
	"cn-": "aws-cn", "us-gov-": "aws-us-gov", "us-iso-": "aws-iso", "us-isob-": "aws-iso-b", "eu-isoe-": "aws-iso-e", "us-isof-": "aws-iso-f", "eusc-": "aws-eusc",
}

// checkPartition refuses the regions of other partitions: Debian publishes its images
// from an account of the partition aws, and the certificates of RDS and the SSM agent
// have other addresses there.
func (k *checker) checkPartition() {
	for prefix, partition := range apart {
		if strings.HasPrefix(k.cfg.Region, prefix) {
			k.add(ErrValue, regionKey, k.cfg.Region, "the region is of the partition "+partition+", which has neither Debian's images nor the addresses that the servers are set up from",
				"choose a region of the partition aws, such as ap-northeast-1")
		}
	}
}

func (k *checker) checkStack() {
	c := k.cfg
	if c.Region == "" {
		k.add(ErrValue, regionKey, "", "the region is not set", "run `pulumi config set aws:region ap-northeast-1`")
	} else if k.matches(regionKey, c.Region, regionForm, "a region's name", "ap-northeast-1") {
		k.checkPartition()
	}
	if c.Credentials.Rotation < 0 {
		k.add(ErrValue, "credentials.rotation", c.Credentials.Rotation, "it counts rotations", "raise it by one to rotate; 0 means never yet")
	}
	if c.Phase < 1 || c.Phase > 3 {
		k.add(ErrValue, "phase", c.Phase, "the phases are 1, 2 and 3",
			"choose 1 (one server), 2 (with RDS) or 3 (load balancer, group and Multi-AZ)")
	}
}
