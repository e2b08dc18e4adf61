// Package inputs says what can be known of a component's inputs before anything is
// registered.
package inputs

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// Fewer tells whether a list is known to have fewer entries. Of a list that another
// resource gives, nothing is known yet.
func Fewer(list pulumi.StringArrayInput, least int) bool {
	known, ok := list.(pulumi.StringArray)
	return list == nil || ok && len(known) < least
}

// First is the first entry: of a known list without waiting for the others.
func First(list pulumi.StringArrayInput) pulumi.StringOutput {
	if known, ok := list.(pulumi.StringArray); ok {
		return known[0].ToStringOutput()
	}
	return list.ToStringArrayOutput().Index(pulumi.Int(0))
}
