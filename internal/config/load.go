package config

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/setting"
)

// regionKey is the one key of another namespace that the program reads.
const regionKey = "aws:region"

type keysKey struct{}

// WithKeys tells Load which keys the stack's configuration holds, such as
// webphases:web, for programs that the Pulumi CLI's Go host does not start (it
// tells them through the environment). Unknown keys are refused, and the SDK
// does not list keys.
func WithKeys(ctx *pulumi.Context, keys []string) *pulumi.Context {
	return ctx.WithValue(keysKey{}, keys)
}

func givenKeys(ctx *pulumi.Context) ([]string, error) {
	if keys, ok := ctx.Value(keysKey{}).([]string); ok {
		return keys, nil
	}
	raw := os.Getenv(pulumi.EnvConfig)
	if raw == "" {
		return nil, nil
	}
	var all map[string]string
	if err := json.Unmarshal([]byte(raw), &all); err != nil {
		return nil, fmt.Errorf("reading %s: %w", pulumi.EnvConfig, err)
	}
	keys := make([]string, 0, len(all))
	for key := range all {
		keys = append(keys, key)
	}
	return keys, nil
}

// Load reads and checks the configuration of the stack. Its error is an Errors
// with every mistake.
func Load(ctx *pulumi.Context) (Config, error) {
	var cfg Config
	r := reader{ctx: ctx, groups: map[string]map[string]any{}}
	r.read(&cfg)
	cfg.Region, _ = ctx.GetConfig(regionKey)
	keys, err := givenKeys(ctx)
	if err != nil {
		return Config{}, err
	}
	r.refuseUnknown(keys)
	errs := slices.Concat(r.errs, cfg.check(ctx.Project(), r.failed))
	if len(errs) > 0 {
		return Config{}, errs
	}
	return cfg, nil
}

// Defaults is the configuration of a stack that sets nothing but its region.
func Defaults(region string) Config {
	cfg := setting.Defaults[Config]()
	cfg.Region = region
	return cfg
}

// Keys lists every key, in the order in which they are declared.
func Keys() []string {
	var all []string
	for _, f := range setting.Fields(&Config{}) {
		all = append(all, f.Key)
	}
	return all
}

type reader struct {
	ctx    *pulumi.Context
	groups map[string]map[string]any // the objects of the configuration: network, web, …
	failed []string                  // keys whose value could not be read
	errs   Errors
}

func (r *reader) read(cfg *Config) {
	for _, f := range setting.Fields(cfg) {
		value, given := r.given(f.Key)
		if !given {
			value = f.Default()
		}
		if err := f.Set(value); err != nil {
			r.fail(ErrType, f.Key, value, err.Error(), "see docs/config.md for its type")
		}
	}
}

func (r *reader) fail(kind error, key, value, why, remedy string) {
	r.failed = append(r.failed, key)
	r.errs = append(r.errs, &FieldError{Kind: kind, Key: r.ctx.Project() + ":" + key, Value: value, Why: why, Remedy: remedy})
}

// given is the text of a key's value: of a simple key such as phase, or of one
// inside an object, such as web.minSize.
func (r *reader) given(key string) (string, bool) {
	group, member, nested := strings.Cut(key, ".")
	if !nested {
		return r.ctx.GetConfig(r.ctx.Project() + ":" + key)
	}
	value, ok := r.group(group)[member]
	switch v := value.(type) {
	case nil:
		return "", false
	case string:
		return v, ok
	default:
		text, err := json.Marshal(v)
		return string(text), ok && err == nil
	}
}

// group reads an object of the configuration, once.
func (r *reader) group(name string) map[string]any {
	if members, ok := r.groups[name]; ok {
		return members
	}
	members := map[string]any{}
	if text, ok := r.ctx.GetConfig(r.ctx.Project() + ":" + name); ok {
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.UseNumber() // 65000 stays 65000
		if err := decoder.Decode(&members); err != nil {
			r.fail(ErrType, name, text, "it is not an object", "write it as keys and values, see docs/config.md")
		}
	}
	r.groups[name] = members
	return members
}
