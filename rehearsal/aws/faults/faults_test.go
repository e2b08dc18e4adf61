package faults

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/aws/model"
)

func operation(name, typ, resource string) model.Operation {
	return model.Operation{Name: name, Type: typ, URN: "urn:pulumi:prod::webphases::webphases:index:Database$" + typ + "::" + resource}
}

func TestFaultsMatchByTypeOrName(t *testing.T) {
	t.Parallel()
	database := operation("create", catalog.RDSInstance, "database")
	for text, want := range map[string]bool{
		"before:create:aws:rds/instance:Instance": true,
		"before:create:aws:rds:Instance":          true,
		"timeout:create:database":                 true,
		"after:create:aws:rds*":                   true,
		"after:create:data*":                      true,
		"after:create:*":                          true,
		"after:update:*":                          false,
		"after:create:aws:rds":                    false,
		"after:create:base":                       false,
		"after:create:aws.rds.instance.Instance":  false,
	} {
		parsed, err := Parse([]string{text})
		require.NoError(t, err, text)
		assert.Equal(t, want, parsed[0].Matches(database), text)
	}
}

func TestBadFaultsAreRefusedAllAtOnce(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                    "write <when>:<operation>:<type or name>",
		"before:create":       "write <when>:<operation>:<type or name>",
		"before:create:":      "write <when>:<operation>:<type or name>",
		"during:create:db":    `there is no "during"; begin with one of [before after timeout fails hangs early early-fails unhealthy]`,
		"before:replace:db":   `there is no operation "replace"; write create, update, delete or read`,
		"timeout:read:db":     "write before:read",
		"sometime:destroy:db": `there is no "sometime"; begin with one of [before after timeout fails hangs early early-fails unhealthy]; there is no operation "destroy"`,
	} {
		_, err := Parse([]string{text})
		require.ErrorIs(t, err, ErrFault, text)
		assert.ErrorContains(t, err, want)
	}
	_, err := Parse([]string{"nonsense", "before:create:db", "rubbish"})
	assert.ErrorContains(t, err, `FAULTS = "nonsense"`)
	assert.ErrorContains(t, err, `FAULTS = "rubbish"`)
}

func TestEachFaultStrikesOnce(t *testing.T) {
	t.Parallel()
	asked, err := Parse([]string{"before:create:*", "after:create:*", "timeout:delete:nothing"})
	require.NoError(t, err)
	i := New(asked)
	database := operation("create", catalog.RDSInstance, "database")
	var got []model.Fault
	for range 3 {
		got = append(got, i.Intercept(t.Context(), database))
	}
	assert.Equal(t, []model.Fault{model.FaultBefore, model.FaultAfter, model.NoFault}, got)
	assert.Equal(t, []string{"timeout:delete:nothing"}, i.Unused())
}
