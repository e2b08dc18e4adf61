package model

import (
	"context"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/status"

	"github.com/webphases/webphases/internal/catalog"
)

// faulty is a world in which the next operation goes wrong as set.
func faulty(t *testing.T) (*world, *Fault) {
	next := new(Fault)
	return newWorldIn(t, m{"region": "ap-northeast-1"}, func(context.Context, Operation) Fault {
		fault := *next
		*next = NoFault
		return fault
	}), next
}

// kept is what the engine keeps of a failed operation, or nil.
func kept(err error) *pulumirpc.ErrorResourceInitFailed {
	for _, detail := range status.Convert(err).Details() {
		if failed, ok := detail.(*pulumirpc.ErrorResourceInitFailed); ok {
			return failed
		}
	}
	return nil
}

func TestFaultsOfACreation(t *testing.T) {
	t.Parallel()
	for fault, now := range map[Fault]int{FaultBefore: 0, FaultAfter: 1, FaultTimeout: 0} {
		w, next := faulty(t)
		*next = fault
		_, err := w.try(catalog.EC2VPC, "vpc", m{"cidrBlock": "10.0.0.0/16"})
		require.ErrorContains(t, err, "the rehearsal's fault "+string(fault)+":create:vpc")
		assert.Len(t, w.cloud.All(), now, fault)
		require.NoError(t, w.cloud.Settle())
		state := kept(err)
		if fault == FaultBefore {
			assert.Nil(t, state)
			assert.Empty(t, w.cloud.All())
			continue
		}
		require.NotNil(t, state, fault)
		require.Len(t, w.cloud.All(), 1, fault)
		assert.Equal(t, w.cloud.All()[0].ID, state.GetId())
		props := w.unpack(state.GetProperties())
		assert.Equal(t, fault == FaultAfter, given(props, "arn"), "after a timeout only the id and the inputs are known")
		assert.Equal(t, "10.0.0.0/16", str(props, "cidrBlock"))

		vpc := &thing{typ: catalog.EC2VPC, name: "vpc", id: state.GetId(), in: w.pack(m{"cidrBlock": "10.0.0.0/16"}), out: state.GetProperties()}
		planned, err := w.update(vpc, m{"cidrBlock": "10.0.0.0/16"}, true)
		require.NoError(t, err)
		assert.Equal(t, fault == FaultTimeout, planned["arn"].IsComputed(), "the next preview does not make up what is not known")
		updated, err := w.update(vpc, m{"cidrBlock": "10.0.0.0/16"}, false)
		require.NoError(t, err)
		assert.Equal(t, w.cloud.All()[0].Str("arn"), str(updated, "arn"), "the next update learns it")
	}
}

func TestFaultsOfAnUpdate(t *testing.T) {
	t.Parallel()
	for fault, now := range map[Fault]bool{FaultBefore: false, FaultAfter: true, FaultTimeout: false} {
		w, next := faulty(t)
		vpc := w.make(catalog.EC2VPC, "vpc", m{"cidrBlock": "10.0.0.0/16"})
		*next = fault
		_, err := w.update(vpc, m{"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": true}, false)
		require.ErrorContains(t, err, "the rehearsal's fault")
		changed := func() bool { return yes(w.cloud.Get(catalog.EC2VPC, vpc.id).Outputs, "enableDnsHostnames") }
		assert.Equal(t, now, changed(), fault)
		require.NoError(t, w.cloud.Settle())
		assert.Equal(t, fault != FaultBefore, changed(), fault)
		assert.Equal(t, fault != FaultBefore, kept(err) != nil, fault)
	}
}

func TestFaultsOfADeletion(t *testing.T) {
	t.Parallel()
	for fault, now := range map[Fault]int{FaultBefore: 1, FaultAfter: 0, FaultTimeout: 1} {
		w, next := faulty(t)
		vpc := w.make(catalog.EC2VPC, "vpc", m{"cidrBlock": "10.0.0.0/16"})
		*next = fault
		require.ErrorContains(t, w.delete(vpc), "the rehearsal's fault")
		assert.Len(t, w.cloud.All(), now, fault)
		require.NoError(t, w.cloud.Settle())
		assert.Equal(t, fault == FaultBefore, len(w.cloud.All()) == 1, fault)
		require.NoError(t, w.delete(vpc), "deleting what is gone is no error")
		assert.Empty(t, w.cloud.All())
	}
}

func TestARefusalComesBeforeATimeout(t *testing.T) {
	t.Parallel()
	w, next := faulty(t)
	l := w.lab()
	*next = FaultTimeout
	require.ErrorContains(t, w.delete(l.vpc), "DependencyViolation")
	require.NoError(t, w.cloud.Settle())
	assert.NotNil(t, w.cloud.Get(catalog.EC2VPC, l.vpc.id))
}

func TestAPasswordIsKeptWhenItsCreationFailed(t *testing.T) {
	t.Parallel()
	w, next := faulty(t)
	const typ = catalog.RandomPassword
	*next = FaultAfter
	_, err := w.try(typ, "p", m{"length": 20})
	state := kept(err)
	require.NotNil(t, state)
	want := w.unpack(state.GetProperties())["result"]
	password := &thing{typ: typ, name: "p", id: state.GetId(), in: w.pack(m{"length": 20}), out: state.GetProperties()}
	updated, err := w.update(password, m{"length": 20}, false)
	require.NoError(t, err)
	assert.Equal(t, want, updated["result"])
}
