package config

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
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
	r.read(reflect.ValueOf(&cfg).Elem())
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
	cfg := Config{Region: region}
	r := reader{}
	r.read(reflect.ValueOf(&cfg).Elem())
	return cfg
}

// Keys lists every key with its default, for documentation and tests.
func Keys() map[string]string {
	all := map[string]string{}
	var walk func(reflect.Type)
	walk = func(t reflect.Type) {
		for i := range t.NumField() {
			f := t.Field(i)
			if f.Type.Kind() == reflect.Struct {
				walk(f.Type)
			} else if key, ok := f.Tag.Lookup("key"); ok {
				all[key] = f.Tag.Get("default")
			}
		}
	}
	walk(reflect.TypeFor[Config]())
	return all
}

type reader struct {
	ctx    *pulumi.Context           // nil: defaults only
	groups map[string]map[string]any // the objects of the configuration: network, web, …
	failed []string                  // keys whose value could not be read
	errs   Errors
}

func (r *reader) read(v reflect.Value) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if f.Type.Kind() == reflect.Struct {
			r.read(v.Field(i))
			continue
		}
		key, ok := f.Tag.Lookup("key")
		if !ok {
			continue
		}
		value, given := r.given(key)
		if !given {
			value = f.Tag.Get("default")
		}
		if err := parse(v.Field(i), value); err != nil {
			r.fail(ErrType, key, value, err.Error(), "see docs/config.md for its type")
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
	if r.ctx == nil {
		return "", false
	}
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

func parse(field reflect.Value, value string) error {
	switch field.Kind() {
	case reflect.Int:
		n, err := strconv.Atoi(value)
		if err != nil {
			return fmt.Errorf("it is not a whole number")
		}
		field.SetInt(int64(n))
	case reflect.Bool:
		b, err := strconv.ParseBool(value)
		if err != nil {
			return fmt.Errorf("it is neither true nor false")
		}
		field.SetBool(b)
	case reflect.Slice:
		var list []string
		if err := json.Unmarshal([]byte(value), &list); err != nil {
			return fmt.Errorf("it is not a list of strings")
		}
		field.Set(reflect.ValueOf(list))
	default:
		field.SetString(value)
	}
	return nil
}
