package testutil

import (
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/internal/facts"
)

// Marker is part of every secret value that mocks give out: wherever it shows
// up outside a secret, something leaks.
const Marker = "TOP-SECRET"

// TargetGroup is the ARN of every target group.
const TargetGroup = "arn:aws:elasticloadbalancing:" + Region + ":123456789012:targetgroup/web/0123456789abcdef"

// ID is the physical ID that mocks give to a resource.
func ID(token, name string) string {
	h := fnv.New64a()
	h.Write([]byte(token + name))
	known, _ := catalog.Get(token)
	return fmt.Sprintf("%s%017x", known.IDPrefix, h.Sum64())
}

// outputs invents what AWS would add to the inputs: every property that the
// provider's facts list, with its type and secrecy.
func outputs(token, name string, inputs resource.PropertyMap) (string, resource.PropertyMap) {
	id, state := ID(token, name), inputs.Copy()
	if token == catalog.SSMParameter {
		id = name + "-name" // as invented below
	}
	known, ok := facts.AWS().Resource(token)
	if !ok {
		return id, state
	}
	for key, property := range known.Outputs {
		k := resource.PropertyKey(key)
		if _, given := state[k]; given {
			continue
		}
		if value, ok := invent(token, name, key, property); ok {
			state[k] = value
		}
	}
	return id, state
}

func invent(token, name, key string, property facts.Property) (resource.PropertyValue, bool) {
	text := name + "-" + key
	switch {
	case token == catalog.SecretsManagerSecret && key == "arn":
		text = "arn:aws:secretsmanager:" + Region + ":123456789012:secret:" + name
	case token == catalog.LBTargetGroup && key == "arn":
		text = TargetGroup
	case key == "arn":
		text = "arn:aws:mock:" + Region + ":123456789012:" + name
	case token == catalog.ACMCertificate && key == "domainValidationOptions":
		return resource.NewPropertyValue([]any{map[string]any{
			"resourceRecordName": "_proof.example.com.", "resourceRecordType": "CNAME", "resourceRecordValue": "_value.acm-validations.aws.",
		}}), true
	case key == "address":
		text = strings.ToLower(name) + ".mock." + Region + ".rds.amazonaws.com"
	}
	if property.Secret {
		return resource.MakeSecret(resource.NewStringProperty(Marker + "-" + text)), true
	}
	switch property.Type.Kind {
	case facts.String:
		return resource.NewStringProperty(text), true
	case facts.Integer, facts.Number:
		return resource.NewNumberProperty(1), true
	default:
		return resource.PropertyValue{}, false
	}
}

func defaultLookups() map[string]resource.PropertyMap {
	answer := resource.NewPropertyMapFromMap
	return map[string]resource.PropertyMap{
		zonesLookup: answer(map[string]any{
			"names": []any{Region + "a", Region + "c", Region + "d"}, "id": Region,
		}),
		lastUpdate: answer(map[string]any{"outputs": map[string]any{}}),
		"aws:index/getCallerIdentity:getCallerIdentity": answer(map[string]any{"accountId": "123456789012", "id": "123456789012"}),
		"aws:rds/getSnapshot:getSnapshot": answer(map[string]any{
			"id": "before", "engine": "mysql", "engineVersion": "8.4.6", "encrypted": true, "allocatedStorage": 20,
		}),
		"aws:ec2/getManagedPrefixList:getManagedPrefixList": answer(map[string]any{"id": CloudFrontList}),
		"aws:ec2/getAmi:getAmi": answer(map[string]any{
			"id": "ami-0123456789abcdef0", "architecture": "x86_64", "rootDeviceName": "/dev/xvda",
		}),
	}
}

// CloudFrontList is the prefix list of CloudFront's addresses.
const CloudFrontList = "pl-58a04531"

// zonesLookup is the lookup of a region's zones.
const zonesLookup = "aws:index/getAvailabilityZones:getAvailabilityZones"

// lastUpdate is the lookup of a stack's outputs, which the engine answers itself.
const lastUpdate = "pulumi:pulumi:readStackOutputs"

func checkCall(args pulumi.MockCallArgs) error {
	if args.Token == lastUpdate {
		return nil
	}
	known, ok := facts.AWS().Function(args.Token)
	if !ok {
		return fmt.Errorf("the provider has no lookup %s", args.Token)
	}
	if problems := known.CheckInputs(args.Args); len(problems) > 0 {
		return fmt.Errorf("%s: %v", args.Token, problems)
	}
	return nil
}
