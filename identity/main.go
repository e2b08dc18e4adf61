// Command identity makes the IAM roles of this repository's GitHub workflows;
// see docs/pull-requests.md.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/identity"
)

func main() {
	pulumi.Run(identity.Deploy)
}
