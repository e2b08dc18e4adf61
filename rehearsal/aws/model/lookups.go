package model

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/webphases/webphases/internal/facts"
)

type lookupFunc func(p *Provider, in resource.PropertyMap) (map[string]any, error)

var lookups = map[string]lookupFunc{
	"aws:index/getCallerIdentity:getCallerIdentity":       getCallerIdentity,
	"aws:index/getAvailabilityZones:getAvailabilityZones": getZones,
	"aws:ec2/getAmi:getAmi":                               getAmi,
	"aws:ec2/getInstances:getInstances":                   getInstances,
	"aws:ec2/getManagedPrefixList:getManagedPrefixList":   getManagedPrefixList,
	"aws:ssm/getParameter:getParameter":                   getParameter,
	"aws:rds/getSnapshot:getSnapshot":                     getSnapshot,
}

// Invoke answers a lookup.
func (p *Provider) Invoke(ctx context.Context, req *pulumirpc.InvokeRequest) (*pulumirpc.InvokeResponse, error) {
	p = p.on(ctx)
	f, known := facts.AWS().Function(req.GetTok())
	answer := lookups[req.GetTok()]
	if !known || answer == nil {
		return nil, status.Errorf(codes.Unimplemented,
			"the rehearsal does not model the lookup %s: take the value from configuration, or add it to internal/catalog and rehearsal/aws/model/lookups.go", req.GetTok())
	}
	in, err := decode(req.GetArgs())
	if err != nil {
		return nil, err
	}
	if problems := f.CheckInputs(in); len(problems) > 0 {
		res := &pulumirpc.InvokeResponse{}
		for _, problem := range problems {
			res.Failures = append(res.Failures, &pulumirpc.CheckFailure{Property: problem.Path, Reason: problem.Reason})
		}
		return res, nil
	}
	out, err := answer(p, in)
	if err != nil {
		return nil, status.Errorf(codes.Unknown, "invoking %s: %v", req.GetTok(), err)
	}
	for key, v := range in { // arguments are repeated in the result
		if _, ok := out[string(key)]; !ok {
			out[string(key)] = v.Mappable()
		}
	}
	ret, err := plugin.MarshalProperties(resource.NewPropertyMapFromMap(out), plugin.MarshalOptions{})
	return &pulumirpc.InvokeResponse{Return: ret}, err
}

func getCallerIdentity(p *Provider, _ resource.PropertyMap) (map[string]any, error) {
	return map[string]any{
		"id": Account, "accountId": Account, "arn": "arn:" + partitionOf(p.region) + ":iam::" + Account + ":user/rehearsal", "userId": "AIDACKCEVSQ6C2EXAMPLE",
	}, nil
}

// cloudFrontList is the name of the prefix list of CloudFront's addresses; AWS has one
// in each region.
//
// Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/LocationsOfEdgeServers.html
const cloudFrontList = "com.amazonaws.global.cloudfront.origin-facing"

func getManagedPrefixList(p *Provider, in resource.PropertyMap) (map[string]any, error) {
	if str(in, "name") != cloudFrontList {
		return nil, errors.New("no matching EC2 Managed Prefix List found")
	}
	id := fmt.Sprintf("pl-%x", sha256.Sum256([]byte(cloudFrontList+p.region)))[:11]
	return map[string]any{
		"id": id, "name": cloudFrontList, "arn": "arn:" + partitionOf(p.region) + ":ec2:" + p.region + ":aws:prefix-list/" + id, "ownerId": "AWS",
		"addressFamily": "IPv4", "entries": []any{}, "maxEntries": 0, "version": 0, "tags": map[string]any{},
	}, nil
}

func getZones(p *Provider, in resource.PropertyMap) (map[string]any, error) {
	var names, ids []any
	for _, z := range zonesOf(p.region) {
		excluded := slices.Contains(strs(in, "excludeNames[*]"), z.name) || slices.Contains(strs(in, "excludeZoneIds[*]"), z.id)
		if state := str(in, "state"); excluded || state != "" && state != "available" {
			continue
		}
		ok, err := passes(in, map[string]string{
			"zone-name": z.name, "zone-id": z.id, "region-name": p.region, "group-name": p.region, "state": "available",
			"zone-type": "availability-zone", "opt-in-status": "opt-in-not-required",
		})
		if err != nil {
			return nil, err
		}
		if ok {
			names, ids = append(names, z.name), append(ids, z.id)
		}
	}
	return map[string]any{"id": p.region, "names": names, "zoneIds": ids, "groupNames": []any{p.region}}, nil
}
