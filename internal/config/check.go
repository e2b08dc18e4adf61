package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/webphases/webphases/internal/setting"
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
	k.checkRegion()
	k.checkBounds()
	k.checkEncryption()
	k.checkNetwork()
	k.checkVPN()
	k.checkServers()
	k.checkGroup()
	k.checkDatabase()
	k.checkStorage()
	k.checkWindows()
	k.checkConnections()
	k.checkLoadBalancer()
	k.checkEdge()
	k.checkDomain()
	k.checkBackup()
	k.checkMonitoring()
	k.checkMail()
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

// checkBounds checks every key by itself. What the other checks say of a key whose
// value has been refused is left out.
func (k *checker) checkBounds() {
	var refused []string
	for _, f := range setting.Fields(&k.cfg) {
		for _, p := range f.Problems() {
			k.add(ErrValue, f.Key, p.Value, p.Why, p.Remedy)
			refused = append(refused, f.Key)
		}
	}
	k.skip = slices.Concat(k.skip, refused)
}

// apart are the beginnings of the names of regions that are not of the partition aws.
//
// Source: https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
var apart = map[string]string{
	"cn-":      "aws-cn",
	"us-gov-":  "aws-us-gov",
	"us-iso-":  "aws-iso",
	"us-isob-": "aws-iso-b",
	"eu-isoe-": "aws-iso-e",
	"us-isof-": "aws-iso-f",
	"eusc-":    "aws-eusc",
}

// partitionOf is the partition of a region, if that is not aws.
func partitionOf(region string) string {
	for prefix, partition := range apart {
		if strings.HasPrefix(region, prefix) {
			return partition
		}
	}
	return ""
}

// checkPartition refuses the regions of other partitions: Debian publishes its images
// from an account of the partition aws, and the certificates of RDS and the SSM agent
// have other addresses there.
func (k *checker) checkPartition() {
	if partition := partitionOf(k.cfg.Region); partition != "" {
		k.add(ErrValue, regionKey, k.cfg.Region, "the region is of the partition "+partition+", which has neither Debian's images nor the addresses that the servers are set up from",
			"choose a region of the partition aws, such as ap-northeast-1")
	}
}

func (k *checker) checkEncryption() {
	key := k.cfg.Encryption.KMSKeyARN
	if m := setting.KMSKey.FindStringSubmatch(key); m != nil && m[1] != k.cfg.Region {
		k.add(ErrConflict, "encryption.kmsKeyArn", key, "the key is in "+m[1]+", the stack in "+k.cfg.Region, "name a key of the stack's region")
	}
}

func (k *checker) checkRegion() {
	switch {
	case k.cfg.Region == "":
		k.add(ErrValue, regionKey, "", "the region is not set", "run `pulumi config set aws:region ap-northeast-1`")
	case !setting.Region.Matches(k.cfg.Region):
		k.add(ErrValue, regionKey, k.cfg.Region, "not "+setting.Region.What, "write it like "+setting.Region.Example)
	default:
		k.checkPartition()
	}
}
