package config

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type noResources struct{}

func (noResources) NewResource(pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	return "", nil, nil
}
func (noResources) Call(pulumi.MockCallArgs) (resource.PropertyMap, error) { return nil, nil }

// load reads a configuration the way a program does.
func load(t *testing.T, given map[string]string) (cfg Config, err error) {
	t.Helper()
	runErr := pulumi.RunErr(func(ctx *pulumi.Context) error {
		keys := make([]string, 0, len(given))
		for key := range given {
			keys = append(keys, key)
		}
		cfg, err = Load(WithKeys(ctx, keys))
		return nil
	}, pulumi.WithMocks("webphases", "test", noResources{}), func(info *pulumi.RunInfo) { info.Config = given })
	require.NoError(t, runErr)
	return cfg, err
}

func TestDefaultsApply(t *testing.T) {
	t.Parallel()
	cfg, err := load(t, map[string]string{"aws:region": "eu-west-1"})
	require.NoError(t, err)
	assert.Equal(t, Defaults("eu-west-1"), cfg)
	assert.Equal(t, []string{"audit", "error", "general", "slowquery"}, cfg.Database.LogExports)
}

func TestObjectsAreRead(t *testing.T) {
	t.Parallel()
	cfg, err := load(t, map[string]string{
		"aws:region": "eu-west-1", "webphases:phase": "3", "webphases:protect": "false",
		"webphases:web":     `{"minSize":3,"maxSize":"5","sshCidrs":[]}`,
		"webphases:network": `{"vpnBgpAsn":65001,"flowLogs":false}`,
	})
	require.NoError(t, err)
	assert.Equal(t, 3, cfg.Phase)
	assert.False(t, cfg.Protect)
	assert.Equal(t, 3, cfg.Web.MinSize)
	assert.Equal(t, 5, cfg.Web.MaxSize, "`pulumi config set` may store a number as text")
	assert.Equal(t, 65001, cfg.Network.VPNBGPASN)
	assert.False(t, cfg.Network.FlowLogs)
}

func TestEveryMistakeIsReportedAtOnce(t *testing.T) {
	t.Parallel()
	_, err := load(t, map[string]string{
		"webphases:phase": "4", "webphases:fase": "1", "webphases:web.maxSize": "9",
		"webphases:web": `{"maxsize":5,"minSize":"two"}`, "webphases:database": `7`, "webphases:network": `{"nat":"many"}`,
	})
	var errs Errors
	require.ErrorAs(t, err, &errs)
	found := map[string]error{}
	for _, one := range errs {
		found[one.Key] = one.Kind
		assert.NotEmpty(t, one.Why, one.Key)
		assert.NotEmpty(t, one.Remedy, one.Key)
		assert.Contains(t, err.Error(), one.Key)
	}
	assert.Equal(t, map[string]error{
		"aws:region": ErrValue, "webphases:phase": ErrValue, "webphases:fase": ErrUnknownKey, "webphases:web.maxSize": ErrUnknownKey,
		"webphases:web.maxsize": ErrUnknownKey, "webphases:web.minSize": ErrType, "webphases:database": ErrType, "webphases:network.nat": ErrValue,
	}, found)
	assert.Contains(t, err.Error(), "pulumi config set --path web.maxSize", "says how to set a member")
	assert.Contains(t, err.Error(), "did you mean phase?")
}

func TestKeysOfOthersAreLeftAlone(t *testing.T) {
	t.Parallel()
	_, err := load(t, map[string]string{"aws:region": "eu-west-1", "aws:profile": "me", "other:thing": "1"})
	require.NoError(t, err)
}
