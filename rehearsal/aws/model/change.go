package model

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/internal/facts"
	"github.com/webphases/webphases/rehearsal/aws/cloud"
)

// Account is the account that every rehearsal runs in: the one of AWS's own
// documentation.
const Account = "123456789012"

// change is one creation, update or deletion in progress.
type change struct {
	kind   *Kind
	facts  *facts.Resource
	cloud  *cloud.Cloud
	region string
	urn    string
	// born is how many resources had been made under the URN before this one.
	born int
	id   string
	in   resource.PropertyMap
	out  resource.PropertyMap
	// old is the record before an update or deletion, nil on creation.
	old *cloud.Record
	// ignored are the inputs that an update leaves as they are.
	ignored []string
	// fault is what goes wrong on the servers, and failure what came of it.
	fault   Fault
	failure error
}

func (c *change) set(name string, v any) {
	c.out[resource.PropertyKey(name)] = resource.NewPropertyValue(v)
}

// setIfAbsent sets an output that the program did not choose.
func (c *change) setIfAbsent(name string, v any) {
	if !given(c.out, name) {
		c.set(name, v)
	}
}

// seed returns bytes that depend on the resource, how often it was made and the
// label alone.
func (c *change) seed(label string) []byte {
	sum := sha256.Sum256([]byte(c.urn + "\x00" + strconv.Itoa(c.born) + "\x00" + label))
	return sum[:]
}

// hex returns n hexadecimal digits, as AWS's ids have them.
func (c *change) hex(label string, n int) string {
	digits := hex.EncodeToString(c.seed(label)) + hex.EncodeToString(c.seed(label+"2"))
	return digits[:n]
}

// letters returns n lower-case letters and digits.
func (c *change) letters(label string, n int) string {
	return strings.ToLower(base32.StdEncoding.EncodeToString(c.seed(label)))[:n]
}

// caps returns n upper-case letters and digits.
func (c *change) caps(label string, n int) string { return strings.ToUpper(c.letters(label, n)) }

// digits returns n decimal digits, the first of them not zero.
func (c *change) digits(label string, n int) string {
	var b strings.Builder
	for i, x := range c.seed(label) {
		if i == n {
			break
		}
		d := x % 10
		if i == 0 {
			d = 1 + x%9
		}
		b.WriteByte('0' + d)
	}
	return b.String()
}

var placeholder = regexp.MustCompile(`\{[^{}]+\}`)

// expand fills in a template: {id}, {region}, {account}, {partition}, {hexN},
// {lettersN}, {capsN}, {digitsN} (derived from the resource and the label), {uuid}, and
// {.path} for an output set so far.
func (c *change) expand(label, template string) string {
	return placeholder.ReplaceAllStringFunc(template, func(p string) string {
		word := strings.Trim(p, "{}")
		if path, ok := strings.CutPrefix(word, "."); ok {
			return text(at(c.out, path))
		}
		for prefix, make := range map[string]func(string, int) string{
			"hex": c.hex, "letters": c.letters, "digits": c.digits, "caps": c.caps,
		} {
			if n, err := strconv.Atoi(strings.TrimPrefix(word, prefix)); err == nil && strings.HasPrefix(word, prefix) {
				return make(label, n)
			}
		}
		switch word {
		case "id":
			return c.id
		case "region":
			return c.region
		case "account":
			return Account
		case "host": // of an identity provider
			return strings.TrimPrefix(text(at(c.out, "url")), "https://")
		case "partition":
			return partitionOf(c.region)
		case "uuid":
			h := c.hex(label, 32)
			return fmt.Sprintf("%s-%s-4%s-a%s-%s", h[:8], h[8:12], h[13:16], h[17:20], h[20:32])
		}
		panic("model: unknown placeholder " + p + " in " + template)
	})
}

// fill computes the outputs of a resource from its inputs.
func (c *change) fill() {
	if _, ok := c.facts.Outputs["tagsAll"]; ok {
		c.out["tagsAll"] = mergeTags(c.in["tags"])
	}
	for i := 0; i+1 < len(c.kind.Outputs); i += 2 {
		if name := c.kind.Outputs[i]; !given(c.out, name) {
			c.out[resource.PropertyKey(name)] = stringProp(c.expand(name, c.kind.Outputs[i+1]))
		}
	}
	if c.kind.Fill != nil {
		c.kind.Fill(c)
	}
}

// subnet returns the subnet with the id, or nil.
func (c *change) subnet(id string) *cloud.Record { return c.cloud.Get(catalog.EC2Subnet, id) }
