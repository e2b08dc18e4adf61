package config

import (
	"errors"
	"testing"
)

// Whatever stands in a stack's file, the reader ends with mistakes that name their keys
// and remedies, or with a configuration that has none.
//
//	go test ./internal/config -fuzz FuzzTheReader -fuzztime 1m
func FuzzTheReader(f *testing.F) {
	f.Add("phase", "3")
	f.Add("web", `{"minSize":2,"maxSize":"6","sshCidrs":["192.0.2.7/32"]}`)
	f.Add("network", `{"zones":["ap-northeast-1a"],"vpcCidr":"10.0.0.0/16","vpnStaticRoutes":["10.0.0.0/8"]}`)
	f.Add("database", `{"backupWindow":"23:45-00:15","maintenanceWindow":"sun:00:00-sun:00:30","allocatedStorage":1e3}`)
	f.Add("loadBalancer", `{"webAclArn":"arn:aws:wafv2:x:123456789012:regional/webacl/a/b"}`)
	f.Add("domain", `{"name":null,"hostedZoneId":7}`)
	f.Add("web.maxSize", "6")
	f.Fuzz(func(t *testing.T, key, value string) {
		cfg, err := load(t, map[string]string{"aws:region": "ap-northeast-1", "webphases:" + key: value})
		if err == nil {
			if err := cfg.Check("webphases"); err != nil {
				t.Fatalf("read without a mistake, but: %v", err)
			}
			return
		}
		var mistakes Errors
		if !errors.As(err, &mistakes) || len(mistakes) == 0 {
			t.Fatalf("no list of mistakes: %v", err)
		}
		for _, m := range mistakes {
			if m.Key == "" || m.Why == "" || m.Remedy == "" {
				t.Fatalf("a mistake without its key, reason or remedy: %+v", m)
			}
		}
	})
}
