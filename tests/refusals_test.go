package tests

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/components/webtier"
	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/internal/config"
	"github.com/webphases/webphases/internal/testutil"
)

// refuse runs a stack that must not register anything.
func refuse(t *testing.T, given map[string]string, opts ...testutil.Option) error {
	t.Helper()
	run, err := testutil.Do(program(given), append(opts, testutil.Config(given))...)
	require.Error(t, err)
	assert.Empty(t, run.All(""), "nothing is registered")
	return err
}

func TestAllMistakesAreReportedAndNothingIsRegistered(t *testing.T) {
	t.Parallel()
	err := refuse(t, with(t, stackFile(t, "prod"),
		"web.maxSize=1", "network.vpcCidr=10.0.0.0/8", "database.backupWindow=now", `web.sshCidrs=["0.0.0.0/0"]`, "web.tpye=x"))
	for _, key := range []string{
		"webphases:web.maxSize", "webphases:network.vpcCidr", "webphases:database.backupWindow", "webphases:web.sshCidrs", "webphases:web.tpye",
	} {
		assert.Contains(t, err.Error(), key)
	}
}

func TestZones(t *testing.T) {
	t.Parallel()
	err := refuse(t, with(t, stackFile(t, "prod"), `network.zones=["ap-northeast-1a","ap-northeast-1b"]`))
	require.ErrorIs(t, err, config.ErrValue)
	assert.Contains(t, err.Error(), `"ap-northeast-1b"`)
	assert.Contains(t, err.Error(), "ap-northeast-1c", "says what there is")

	err = refuse(t, with(t, stackFile(t, "prod"), `network.zones=[]`, "network.zoneCount=4"))
	require.ErrorIs(t, err, config.ErrValue, "the region has three")
	three := deploy(t, with(t, stackFile(t, "prod"), `network.zones=[]`, "network.zoneCount=3"))
	assert.Equal(t, 9, three.Census()[catalog.EC2Subnet])
	assert.Equal(t, 3, three.Census()[catalog.EFSMountTarget])
}

// Adding a zone adds; it moves nothing.
func TestAThirdZoneChangesNoSubnet(t *testing.T) {
	t.Parallel()
	two := deploy(t, stackFile(t, "prod"))
	three := deploy(t, with(t, stackFile(t, "prod"), `network.zones=["ap-northeast-1a","ap-northeast-1c","ap-northeast-1d"]`))
	for _, subnet := range two.All(catalog.EC2Subnet) {
		assert.Equal(t, subnet.Inputs, three.Get(t, subnet.Token, subnet.Name).Inputs, subnet.Name)
	}
}

func TestAnImageForAnotherProcessor(t *testing.T) {
	t.Parallel()
	given := with(t, stackFile(t, "dev"), "web.image=ami-0123456789abcdef0", "web.instanceType=t4g.small")
	err := refuse(t, given, testutil.FailCalls("aws:ec2/getAmi:getAmi", 1))
	require.ErrorIs(t, err, webtier.ErrArgs)
	assert.Contains(t, err.Error(), "there is no image ami-0123456789abcdef0 for the processor of t4g.small (arm64)")
}
