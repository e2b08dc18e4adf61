package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"
	"github.com/stretchr/testify/require"
)

type resources = []policyx.AnalyzerResource

// exports are the project's stacks, rehearsed once for all tests. They are made by the
// module of the rehearsal, whose packages of Pulumi do not build with this module's.
var exports = sync.OnceValues(func() (map[string][]byte, error) {
	folder, err := os.MkdirTemp("", "policy-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	rehearsal, err := filepath.Abs("../rehearsal")
	if err != nil {
		return nil, err
	}
	stacks := []string{"dev", "staging", "prod"}
	cmd := exec.Command("go", append([]string{
		"run", "-C", rehearsal, "-toolexec=" + filepath.Join(rehearsal, "toolexec.sh"), "./report/graphtest/export", folder}, stacks...)...)
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return nil, err
	}
	all := map[string][]byte{}
	for _, stack := range stacks {
		if all[stack], err = os.ReadFile(filepath.Join(folder, stack+".json")); err != nil {
			return nil, err
		}
	}
	return all, nil
})

// given is a rehearsed stack as the engine gives it to a policy: outputs alone, and in
// another order than that of creation.
func given(t *testing.T, stack string) resources {
	t.Helper()
	written, err := exports()
	require.NoError(t, err)
	var export struct {
		Deployment apitype.DeploymentV3 `json:"deployment"`
	}
	require.NoError(t, json.Unmarshal(written[stack], &export))
	var all resources
	for _, s := range export.Deployment.Resources {
		r := policyx.AnalyzerResource{
			URN: string(s.URN), Type: string(s.Type), Name: s.URN.Name(), Parent: string(s.Parent),
			Properties: properties(t, s.Outputs),
		}
		if s.Custom {
			// AWS' provider gives the id among the outputs too; the rehearsal's does not.
			r.Properties = r.Properties.Set("id", property.New(string(s.ID)))
			r.Provider.URN = s.Provider
		}
		all = append(all, r)
	}
	slices.Reverse(all)
	return all
}

func properties(t *testing.T, of map[string]any) property.Map {
	t.Helper()
	all := map[string]property.Value{}
	for key, v := range of {
		all[key] = one(t, v)
	}
	return property.NewMap(all)
}

func one(t *testing.T, v any) property.Value {
	t.Helper()
	switch v := v.(type) {
	case map[string]any:
		if v[resource.SigKey] == resource.SecretSig {
			return property.New("secret").WithSecret(true)
		}
		return property.New(properties(t, v))
	case []any:
		var list []property.Value
		for _, e := range v {
			list = append(list, one(t, e))
		}
		return property.New(property.NewArray(list))
	}
	plain, err := property.Any(v)
	require.NoError(t, err)
	return plain
}

// set changes a property of the one resource that has the type, and the name's ending.
func set(t *testing.T, all resources, token, name, key string, value property.Value) {
	t.Helper()
	i := slices.IndexFunc(all, func(r policyx.AnalyzerResource) bool { return r.Type == token && strings.HasSuffix(r.Name, name) })
	require.GreaterOrEqual(t, i, 0, "there is no %s %s", token, name)
	all[i].Properties = all[i].Properties.Set(key, value)
}
