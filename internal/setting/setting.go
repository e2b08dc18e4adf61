// Package setting reads what the tags of a struct's fields say of a setting, so that
// its key, type, default and bounds stand in one place: the field. Its comment
// describes it to users; `make docs` writes Pulumi.yaml and docs/config.md from both.
//
// A field is a string, an int, a bool, a list of strings, or a struct of settings. Its tags:
//
//	key          name in the stack's configuration; a struct's is the prefix of its
//	             fields' keys, and an embedded struct has none
//	default      what an absent key means, as text; a list is in JSON
//	least, most  bounds of an int, both included; unit says what it counts
//	oneOf        the choices, separated by commas, or @ and their name in Lists; for a
//	             list, of each entry
//	form         name in Forms, which a value or each entry of a list has to have; an
//	             empty value is accepted where it is the default
//	example      another valid value; needed where none follows from the other tags
package setting

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Field is one setting of a struct.
type Field struct {
	Key   string       // with its prefixes, such as web.minSize; "": a setting that has no key
	Name  string       // of the Go field
	Owner reflect.Type // the struct that declares it
	Value reflect.Value

	tag reflect.StructTag
}

// Fields lists the settings of the struct that the pointer leads to, those of
// embedded structs too, in the order of declaration.
func Fields(settings any) []Field {
	return fields(reflect.ValueOf(settings).Elem(), "")
}

func fields(v reflect.Value, prefix string) (all []Field) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		key, ok := f.Tag.Lookup("key")
		switch {
		case f.Anonymous:
			all = append(all, fields(v.Field(i), prefix)...)
		case ok && f.Type.Kind() == reflect.Struct:
			all = append(all, fields(v.Field(i), prefix+key+".")...)
		case ok:
			all = append(all, Field{
				Key:   prefix + key,
				Name:  f.Name,
				Owner: v.Type(),
				Value: v.Field(i),
				tag:   f.Tag,
			})
		}
	}
	return all
}

// Defaults is a struct of settings that all have their defaults.
func Defaults[T any]() (settings T) {
	for _, f := range Fields(&settings) {
		if err := f.Set(f.Default()); err != nil {
			panic(fmt.Sprintf("the default of %s: %v", f.Key, err)) // a mistake in the program; a test sees it
		}
	}
	return settings
}

// Check says which settings are out of bounds, by their Go names; nil if none is.
func Check(settings any) error {
	var errs []error
	for _, f := range Fields(settings) {
		for _, p := range f.Problems() {
			errs = append(errs, fmt.Errorf("%s is %q: %s; %s", f.Name, p.Value, p.Why, p.Remedy))
		}
	}
	return errors.Join(errs...)
}

// Default is the text of the default.
func (f Field) Default() string { return f.tag.Get("default") }

// Type is the type's name in Pulumi.yaml.
//
// Source: https://www.pulumi.com/docs/iac/concepts/projects/project-file/
func (f Field) Type() string {
	switch f.Value.Kind() {
	case reflect.Int:
		return "integer"
	case reflect.Bool:
		return "boolean"
	case reflect.Slice:
		return "array"
	default:
		return "string"
	}
}

// Set reads the text of a value; a list is in JSON.
func (f Field) Set(text string) error {
	switch f.Value.Kind() {
	case reflect.Int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return errors.New("it is not a whole number")
		}
		f.Value.SetInt(int64(n))
	case reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return errors.New("it is neither true nor false")
		}
		f.Value.SetBool(b)
	case reflect.Slice:
		var list []string
		if err := json.Unmarshal([]byte(text), &list); err != nil {
			return errors.New("it is not a list of strings")
		}
		f.Value.Set(reflect.ValueOf(list))
	default:
		f.Value.SetString(text)
	}
	return nil
}

// Problem is what is wrong with a value, or with one entry of a list.
type Problem struct{ Value, Why, Remedy string }

// Problems checks the value against its bounds.
func (f Field) Problems() (all []Problem) {
	if f.Value.Kind() == reflect.Int {
		return f.checkBounds(int(f.Value.Int()))
	}
	for _, text := range f.texts() {
		if choices := f.Choices(); choices != nil && !slices.Contains(choices, text) {
			all = append(all, Problem{text, "not one of the choices", "choose " + strings.Join(choices, ", ")})
		}
		form, ok := Forms[f.tag.Get("form")]
		if ok && !form.Matches(text) && (text != "" || f.Default() != "") {
			all = append(all, Problem{text, "not " + form.What, "write it like " + form.Example})
		}
	}
	return all
}

func (f Field) checkBounds(n int) []Problem {
	text := strconv.Itoa(n)
	if choices := f.Choices(); choices != nil && !slices.Contains(choices, text) {
		return []Problem{{text, "not one of the values that AWS takes", "choose " + strings.Join(choices, ", ")}}
	}
	least, most, bounded := f.Bounds()
	if !bounded {
		return nil
	}
	return OutOfBounds(n, least, most, f.tag.Get("unit"))
}

// OutOfBounds is what is wrong with a value that is not from least to most, both
// included; none if it is.
func OutOfBounds(n, least, most int, unit string) []Problem {
	if n >= least && n <= most {
		return nil
	}
	why := strings.TrimSpace(fmt.Sprintf("AWS takes %d to %d %s", least, most, unit))
	return []Problem{{strconv.Itoa(n), why, fmt.Sprintf("choose a value from %d to %d", least, most)}}
}

// Bounds are what an int has to be within, both included; both are given, or none is.
func (f Field) Bounds() (least, most int, ok bool) {
	least, err := strconv.Atoi(f.tag.Get("least"))
	if err != nil {
		return 0, 0, false
	}
	most, err = strconv.Atoi(f.tag.Get("most"))
	return least, most, err == nil
}

// Choices are what a value, or each entry of a list, has to be one of; nil: anything.
func (f Field) Choices() []string {
	list := f.tag.Get("oneOf")
	if name, ok := strings.CutPrefix(list, "@"); ok {
		if list = Lists[name]; list == "" {
			panic("there is no list " + name) // a mistake in the program; every test that reads settings sees it
		}
	}
	if list == "" {
		return nil
	}
	return strings.Split(list, ",")
}

// Lists are the choices that several settings share.
var Lists = map[string]string{
	// Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
	"logRetentionDays": "1,3,5,7,14,30,60,90,120,150,180,365,400,545,731,1096,1827,2192,2557,2922,3288,3653",
}

func (f Field) texts() []string {
	switch f.Value.Kind() {
	case reflect.Slice:
		return f.Value.Interface().([]string)
	case reflect.String:
		return []string{f.Value.String()}
	default:
		return nil
	}
}

// Another is a valid value that is not the default, as text: what example says, or
// the other of two, another choice, a neighbour within the bounds.
func (f Field) Another() (string, error) {
	if example, ok := f.tag.Lookup("example"); ok {
		return example, nil
	}
	choices := slices.DeleteFunc(f.Choices(), func(c string) bool { return c == f.Default() })
	switch {
	case f.Value.Kind() == reflect.Bool:
		return strconv.FormatBool(f.Default() != "true"), nil
	case len(choices) > 0 && f.Value.Kind() != reflect.Slice:
		return choices[0], nil
	case f.Value.Kind() == reflect.Int:
		n, _ := strconv.Atoi(f.Default()) // Defaults would have failed
		if _, most, bounded := f.Bounds(); bounded && n == most {
			return strconv.Itoa(n - 1), nil
		}
		return strconv.Itoa(n + 1), nil
	}
	return "", fmt.Errorf("%s: no other value follows from its tags; add the tag example", f.Key)
}

// CheckTags says what is wrong with the tags themselves.
func (f Field) CheckTags() error {
	name, ok := f.tag.Lookup("form")
	if _, known := Forms[name]; ok && !known {
		return fmt.Errorf("there is no form %q", name)
	}
	if _, _, ok := f.Bounds(); !ok && (f.tag.Get("least") != "" || f.tag.Get("most") != "") {
		return errors.New("least and most go together, and both are numbers")
	}
	return nil
}
