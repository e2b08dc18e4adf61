package model

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/webphases/webphases/internal/facts"
)

// decode reads the properties of a request; what is not known yet stays so.
func decode(s *structpb.Struct) (resource.PropertyMap, error) {
	m, err := plugin.UnmarshalProperties(s, plugin.MarshalOptions{KeepUnknowns: true})
	if err != nil {
		return nil, fmt.Errorf("reading properties: %w", err)
	}
	return m, nil
}

func decodeAll(all ...*structpb.Struct) ([]resource.PropertyMap, error) {
	maps := make([]resource.PropertyMap, len(all))
	for i, s := range all {
		m, err := decode(s)
		if err != nil {
			return nil, err
		}
		maps[i] = m
	}
	return maps, nil
}

// encode marks as secret what the provider's schema marks.
func encode(f *facts.Resource, m resource.PropertyMap) (*structpb.Struct, error) {
	marked := m.Copy()
	for name, prop := range f.Outputs {
		key := resource.PropertyKey(name)
		if v, ok := marked[key]; ok && prop.Secret && !v.IsComputed() && !v.IsNull() {
			marked[key] = resource.MakeSecret(v)
		}
	}
	return plugin.MarshalProperties(marked, plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true})
}
