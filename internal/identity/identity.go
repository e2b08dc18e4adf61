// Package identity is the Pulumi program that lets this repository's workflows
// act on AWS; see identity/ and docs/pull-requests.md. It is deployed by hand,
// once for each account.
package identity

import (
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/components/githubidentity"
)

// Deploy is the program. Its configuration is described in identity/Pulumi.yaml.
func Deploy(ctx *pulumi.Context) error {
	get := func(key string) string {
		value, _ := ctx.GetConfig(ctx.Project() + ":" + key)
		return value // absent is empty: the component says what is missing
	}
	args := githubidentity.Args{
		Repository:   get("repository"),
		OwnerID:      get("ownerId"),
		RepositoryID: get("repositoryId"),
		Subject:      get("subject"),
		Branch:       get("branch"),
		Project:      get("project"),
		ProviderARN:  get("providerArn"),
		StateBucket:  get("stateBucket"),
		StateKeyARN:  get("stateKeyArn"),
	}
	if environments := get("environments"); environments != "" {
		if err := json.Unmarshal([]byte(environments), &args.Environments); err != nil {
			return fmt.Errorf("%w: environments = %q: want a list such as [dev, prod]: %w", githubidentity.ErrArgs, environments, err)
		}
	}
	if zones := get("hostedZoneIds"); zones != "" {
		if err := json.Unmarshal([]byte(zones), &args.HostedZoneIDs); err != nil {
			return fmt.Errorf("%w: hostedZoneIds = %q: want a list such as [Z0123456789ABCDEFGHIJ]: %w", githubidentity.ErrArgs, zones, err)
		}
	}
	caller, err := aws.GetCallerIdentity(ctx, &aws.GetCallerIdentityArgs{})
	if err != nil {
		return err
	}
	args.AccountID = caller.AccountId
	made, err := githubidentity.New(ctx, "github", args)
	if err != nil {
		return err
	}
	deploy := pulumi.StringMap{}
	for environment, arn := range made.Deploy {
		deploy[environment] = arn
	}
	ctx.Export("previewRole", made.Preview)
	ctx.Export("driftRole", made.Drift)
	ctx.Export("deployRoles", deploy)
	ctx.Export("permissionsBoundary", made.Boundary)
	ctx.Export("rolePaths", pulumi.ToStringMap(made.RolePaths))
	return nil
}
