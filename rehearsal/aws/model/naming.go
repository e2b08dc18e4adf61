package model

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/internal/facts"
)

// Naming says how a physical name is made from a resource's name: the name, a
// hyphen and seven hexadecimal digits.
type Naming struct {
	// Property takes the name.
	Property string
	// Max is the most characters that AWS takes.
	Max int
	// Lower makes the name lower-case.
	Lower bool
	// Prefix is the property that takes the name's place, if the type has it.
	Prefix string
}

func (n *Naming) key() resource.PropertyKey    { return resource.PropertyKey(n.Property) }
func (n *Naming) prefix() resource.PropertyKey { return resource.PropertyKey(n.Prefix) }

// namingOf returns the kind's own rule or the provider's general one: an
// optional input called name is filled in, with up to 255 characters.
func namingOf(k *Kind, f *facts.Resource) *Naming {
	if k.Name != nil {
		return k.Name
	}
	prop, ok := f.Inputs["name"]
	if !ok || prop.Required || prop.Type.Kind != facts.String || !strings.HasPrefix(k.Token, "aws:") {
		return nil
	}
	n := &Naming{Property: "name", Max: 255}
	if _, ok := f.Inputs["namePrefix"]; ok {
		n.Prefix = "namePrefix"
	}
	return n
}

// make returns the name of a resource. Where the engine would draw lots, the
// URN and the number of its predecessors decide, so that a rehearsal can be
// repeated and a replacement still gets a name of its own.
func (n *Naming) make(urn string, born int) string {
	sum := sha256.Sum256([]byte("name\x00" + urn + "\x00" + strconv.Itoa(born)))
	suffix := "-" + hex.EncodeToString(sum[:])[:7]
	name := resource.URN(urn).Name()
	if len(name)+len(suffix) > n.Max {
		name = name[:n.Max-len(suffix)]
	}
	if n.Lower {
		name = strings.ToLower(name)
	}
	return name + suffix
}
