package model

import (
	"encoding/json"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// oneOf refuses any other value of the input.
func oneOf(path string, values ...string) Rule {
	return func(in resource.PropertyMap) []failure {
		for _, v := range strs(in, path) {
			if !slices.Contains(values, v) {
				return fail(path, "expected %s to be one of %q, got %s", path, values, v)
			}
		}
		return nil
	}
}

// between refuses numbers outside the range.
func between(path string, low, high int) Rule {
	return func(in resource.PropertyMap) []failure {
		if v := at(in, path); v.IsNumber() && (num(in, path) < low || num(in, path) > high) {
			return fail(path, "expected %s to be in the range (%d - %d), got %d", path, low, high, num(in, path))
		}
		return nil
	}
}

// matches refuses strings of another form.
func matches(path, pattern, form string) Rule {
	re := regexp.MustCompile(pattern)
	return func(in resource.PropertyMap) []failure {
		for _, v := range strs(in, path) {
			if !re.MatchString(v) {
				return fail(path, "%s must be %s, got %q", path, form, v)
			}
		}
		return nil
	}
}

// cidr refuses what is no network in canonical form, or of a wrong size.
func cidr(path string, least, most int) Rule {
	return func(in resource.PropertyMap) []failure {
		for _, v := range strs(in, path) {
			p, err := netip.ParsePrefix(v)
			if err != nil || !p.Addr().Is4() || p.Masked() != p {
				return fail(path, "%q is not a valid IPv4 CIDR block", v)
			}
			if p.Bits() < least || p.Bits() > most {
				return fail(path, "%q must have a prefix length between /%d and /%d", v, least, most)
			}
		}
		return nil
	}
}

// exactlyOne wants one of the inputs, and no two of them.
func exactlyOne(paths ...string) Rule {
	return func(in resource.PropertyMap) []failure {
		if n := count(in, paths); n != 1 {
			return fail(paths[0], "exactly one of %s must be given, got %d", strings.Join(paths, ", "), n)
		}
		return nil
	}
}

// atLeastOne wants one of the inputs or more.
func atLeastOne(paths ...string) Rule {
	return func(in resource.PropertyMap) []failure {
		if count(in, paths) == 0 {
			return fail(paths[0], "one of %s must be given", strings.Join(paths, ", "))
		}
		return nil
	}
}

func count(in resource.PropertyMap, paths []string) int {
	n := 0
	for _, p := range paths {
		if given(in, p) {
			n++
		}
	}
	return n
}

// isJSON refuses text that is not a JSON object.
func isJSON(path string) Rule {
	return func(in resource.PropertyMap) []failure {
		if v := str(in, path); v != "" {
			var object map[string]any
			if err := json.Unmarshal([]byte(v), &object); err != nil {
				return fail(path, "%s contains an invalid JSON policy: %v", path, err)
			}
		}
		return nil
	}
}

// when checks the rules only if the input has the value.
func when(path, value string, rules ...Rule) Rule {
	return func(in resource.PropertyMap) []failure {
		if text(at(in, path)) != value {
			return nil
		}
		var all []failure
		for _, r := range rules {
			all = append(all, r(in)...)
		}
		return all
	}
}

func required(path string) Rule {
	return func(in resource.PropertyMap) []failure {
		if !given(in, path) {
			return fail(path, "%s is required here", path)
		}
		return nil
	}
}
