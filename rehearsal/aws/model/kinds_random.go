package model

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"math/big"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/internal/catalog"
)

// The random provider's values are derived from the URN: a rehearsal can be
// repeated, and what depends on a value does not change without a cause. They
// are good for nothing else; on AWS the real provider draws real lots.
var randomKinds = []Kind{
	{
		Token: catalog.RandomPassword, ID: "none", StateOnly: true,
		Defaults: map[string]any{
			"lower": true, "minLower": 0, "minNumeric": 0, "minSpecial": 0, "minUpper": 0, "numeric": true, "special": true, "upper": true,
		},
		Rules: []Rule{between("length", 1, 1024), func(in resource.PropertyMap) []failure {
			least := num(in, "minLower") + num(in, "minUpper") + num(in, "minNumeric") + num(in, "minSpecial")
			if l := at(in, "length"); l.IsNumber() && num(in, "length") < least {
				return fail("length", "the length, %d, must be at least the sum of the minimums, %d", num(in, "length"), least)
			}
			return nil
		}},
		Fill: func(c *change) {
			c.setIfAbsent("result", password(c))
			c.setIfAbsent("bcryptHash", "$2a$10$"+base64.RawStdEncoding.EncodeToString(append(c.seed("a"), c.seed("b")...))[:53])
		},
	},
	{
		Token: catalog.RandomID, ID: "{letters11}", StateOnly: true,
		Rules: []Rule{between("byteLength", 1, 1024)},
		Fill: func(c *change) {
			var b []byte
			for i := 0; len(b) < num(c.in, "byteLength"); i++ {
				b = append(b, c.seed("id"+strconv.Itoa(i))...)
			}
			b = b[:num(c.in, "byteLength")]
			prefix := str(c.in, "prefix")
			c.id = base64.RawURLEncoding.EncodeToString(b)
			c.set("hex", prefix+hex.EncodeToString(b))
			c.set("dec", prefix+new(big.Int).SetBytes(b).String())
			c.set("b64Url", prefix+c.id)
			c.set("b64Std", prefix+base64.StdEncoding.EncodeToString(b))
		},
	},
}

// password picks characters of the classes asked for, at least the minimum of
// each, in an order that the seed decides.
func password(c *change) string {
	special := str(c.in, "overrideSpecial")
	if special == "" {
		special = "!@#$%&*()-_=+[]{}<>:?"
	}
	classes := []struct{ use, least, chars string }{
		{"lower", "minLower", "abcdefghijklmnopqrstuvwxyz"}, {"upper", "minUpper", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
		{"numeric", "minNumeric", "0123456789"}, {"special", "minSpecial", special},
	}
	draw := 0
	pick := func(n int) int {
		draw++
		return int(binary.BigEndian.Uint32(c.seed("draw"+strconv.Itoa(draw))) % uint32(n))
	}
	var chosen []byte
	all := ""
	for _, class := range classes {
		if !yes(c.in, class.use) {
			continue
		}
		all += class.chars
		for range num(c.in, class.least) {
			chosen = append(chosen, class.chars[pick(len(class.chars))])
		}
	}
	for len(chosen) < num(c.in, "length") && all != "" {
		chosen = append(chosen, all[pick(len(all))])
	}
	for i := len(chosen) - 1; i > 0; i-- {
		j := pick(i + 1)
		chosen[i], chosen[j] = chosen[j], chosen[i]
	}
	return string(chosen)
}
