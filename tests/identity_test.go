package tests

import (
	"encoding/json"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/components/githubidentity"
	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/internal/testutil"
)

const boundaryARN = "arn:aws:iam::123456789012:policy/github-boundary"

// actionsOf lists the actions that a policy allows.
func actionsOf(t *testing.T, text string) (all []string) {
	t.Helper()
	var document struct {
		Statement []struct {
			Effect string
			Action any
		}
	}
	require.NoError(t, json.Unmarshal([]byte(text), &document))
	for _, s := range document.Statement {
		if s.Effect == "Deny" {
			continue
		}
		list, ok := s.Action.([]any)
		if !ok {
			list = []any{s.Action}
		}
		for _, action := range list {
			all = append(all, action.(string))
		}
	}
	return all
}

func identity(t *testing.T) *testutil.Run {
	t.Helper()
	return testutil.Must(t, func(ctx *pulumi.Context) error {
		_, err := githubidentity.New(ctx, "github", githubidentity.Args{
			Repository:   "acme/site",
			OwnerID:      "12",
			RepositoryID: "345",
			Branch:       "main",
			Environments: []string{"prod"},
			Project:      testutil.Project,
			AccountID:    "123456789012",
		})
		return err
	})
}

// What the stacks' roles need must lie within the boundary, or their servers
// would be refused what their own policies allow.
func TestTheBoundaryHoldsWhatTheStacksRolesNeed(t *testing.T) {
	t.Parallel()
	boundary := actionsOf(t, identity(t).Get(t, catalog.IAMPolicy, "github-boundary").String("policy"))
	for _, stack := range []string{"dev", "staging", "prod"} {
		run := deploy(t, with(t, full(t, stack), "roles.path=/webphases/"+stack+"/", "roles.permissionsBoundary="+boundaryARN))
		roles := run.All(catalog.IAMRole)
		require.NotEmpty(t, roles)
		for _, role := range roles {
			assert.Equal(t, "/webphases/"+stack+"/", role.String("path"), role.Name)
			assert.Equal(t, boundaryARN, role.String("permissionsBoundary"), role.Name)
		}
		for _, profile := range run.All(catalog.IAMInstanceProfile) {
			assert.Equal(t, "/webphases/"+stack+"/", profile.String("path"), profile.Name)
		}
		for _, p := range run.All(catalog.IAMRolePolicy) {
			for _, action := range actionsOf(t, p.String("policy")) {
				assert.Contains(t, boundary, action, "%s of %s", p.Name, stack)
			}
		}
		attachable := identity(t).Get(t, catalog.IAMPolicy, "github-roles-prod").String("policy")
		for _, a := range run.All(catalog.IAMRolePolicyAttachment) {
			assert.Contains(t, attachable, a.String("policyArn"), "a deploy role may not attach it")
		}
	}
}

func TestRolesAreAsAWSMakesThemUnlessBounded(t *testing.T) {
	t.Parallel()
	for _, role := range deploy(t, stackFile(t, "prod")).All(catalog.IAMRole) {
		assert.True(t, role.Input("path").IsNull(), role.Name)
		assert.True(t, role.Input("permissionsBoundary").IsNull(), role.Name)
	}
}
