package stack

import (
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// providerOf is a provider of another region that logs in and tags as the stack's own
// does: one that a program makes takes nothing from the configuration by itself.
func (s *site) providerOf(region string) (*aws.Provider, error) {
	if known, ok := s.regions[region]; ok {
		return known, nil
	}
	var role struct{ RoleArn, ExternalID, SessionName *string }
	var tags struct{ Tags map[string]string }
	for key, into := range map[string]any{"assumeRole": &role, "defaultTags": &tags} {
		if text, ok := s.ctx.GetConfig("aws:" + key); ok {
			if err := json.Unmarshal([]byte(text), into); err != nil {
				return nil, fmt.Errorf("aws:%s is not valid JSON: %w", key, err)
			}
		}
	}
	args := &aws.ProviderArgs{Region: pulumi.String(region)}
	if profile, ok := s.ctx.GetConfig("aws:profile"); ok {
		args.Profile = pulumi.String(profile)
	}
	if role.RoleArn != nil {
		args.AssumeRole = aws.ProviderAssumeRoleArgs{
			RoleArn:     pulumi.StringPtrFromPtr(role.RoleArn),
			ExternalId:  pulumi.StringPtrFromPtr(role.ExternalID),
			SessionName: pulumi.StringPtrFromPtr(role.SessionName),
		}
	}
	if len(tags.Tags) > 0 {
		args.DefaultTags = aws.ProviderDefaultTagsArgs{Tags: pulumi.ToStringMap(tags.Tags)}
	}
	provider, err := aws.NewProvider(s.ctx, region, args)
	if err != nil {
		return nil, fmt.Errorf("creating the provider of %s: %w", region, err)
	}
	s.regions[region] = provider
	return provider, nil
}
