package model

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// credentials are provider settings that mean nothing without an account. They
// are accepted, so that a stack's file can be used as it is.
var credentials = []string{
	"accessKey", "secretKey", "token", "profile", "sharedConfigFiles", "sharedCredentialsFiles",
	"assumeRole", "allowedAccountIds", "forbiddenAccountIds", "maxRetries", "retryMode", "version", "pluginDownloadUrl",
	"skipCredentialsValidation", "skipMetadataApiCheck", "skipRegionValidation", "skipRequestingAccountId",
}

// CheckConfig refuses a region that does not exist and settings that the model
// does not honour.
func (p *Provider) CheckConfig(_ context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	in, err := decode(req.GetNews())
	if err != nil {
		return nil, err
	}
	var failures []*pulumirpc.CheckFailure
	if p.pkg == "aws" {
		for _, f := range checkConfig(in) {
			failures = append(failures, &pulumirpc.CheckFailure{Property: f.property, Reason: f.reason})
		}
	}
	return &pulumirpc.CheckResponse{Inputs: req.GetNews(), Failures: failures}, nil
}

func checkConfig(in resource.PropertyMap) []failure {
	var found []failure
	region := str(in, "region")
	switch {
	case at(in, "region").IsComputed():
	case region == "":
		found = append(found, failure{"region", "missing region: set one with `pulumi config set aws:region REGION`"})
	case zonesOf(region) == nil:
		found = append(found, failure{"region", fmt.Sprintf("invalid AWS Region: %s (the rehearsal knows %s)", region, strings.Join(regions(), ", "))})
	}
	for name := range in {
		if n := string(name); n != "region" && n != "defaultTags" && !slices.Contains(credentials, n) {
			found = append(found, failure{n, "the rehearsal does not model the provider setting aws:" + n + ": leave it out"})
		}
	}
	slices.SortFunc(found, func(a, b failure) int { return strings.Compare(a.property, b.property) })
	return found
}

// DiffConfig plans to replace everything if the region changes, as the provider
// does.
func (p *Provider) DiffConfig(_ context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	olds, err := decode(req.GetOlds())
	if err != nil {
		return nil, err
	}
	news, err := decode(req.GetNews())
	if err != nil {
		return nil, err
	}
	res := &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}
	for _, name := range []string{"region", "defaultTags"} {
		if text(at(olds, name)) == text(at(news, name)) {
			continue
		}
		res.Changes = pulumirpc.DiffResponse_DIFF_SOME
		res.Diffs = append(res.Diffs, name)
		if name == "region" {
			res.Replaces = append(res.Replaces, name)
		}
	}
	return res, nil
}

// Configure takes the region and the tags that every resource gets.
func (p *Provider) Configure(ctx context.Context, req *pulumirpc.ConfigureRequest) (*pulumirpc.ConfigureResponse, error) {
	p = p.on(ctx)
	args, err := decode(req.GetArgs())
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.region = str(args, "region")
	p.defaultTags = nil
	tags := at(args, "defaultTags")
	if tags.IsString() { // nested settings of a default provider come as JSON
		var v any
		if err := json.Unmarshal([]byte(tags.StringValue()), &v); err != nil {
			return nil, fmt.Errorf("aws:defaultTags is not valid JSON: %w", err)
		}
		tags = resource.NewPropertyValue(v)
	}
	if tags.IsObject() {
		if inner := at(tags.ObjectValue(), "tags"); inner.IsObject() {
			p.defaultTags = inner.ObjectValue()
		}
	}
	return &pulumirpc.ConfigureResponse{SupportsPreview: true}, nil
}
