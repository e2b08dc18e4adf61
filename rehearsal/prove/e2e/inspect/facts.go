//go:build e2e

package inspect

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

// facts are what is known of a thing, by name, in words.
type facts map[string]string

// put writes a value out; one that AWS does not give is "".
func (f facts) put(name string, v any) {
	value := reflect.ValueOf(v)
	if value.Kind() == reflect.Pointer {
		value = value.Elem()
	}
	if value.IsValid() {
		f[name] = fmt.Sprint(value.Interface())
	}
}

func (f facts) tag(tags map[string]string) facts {
	for key, value := range tags {
		f["tag "+key] = value
	}
	return f
}

func join(values []string) string {
	slices.Sort(values)
	return strings.Join(values, ", ")
}

const there = "there"

// Account is the ID of the account that the credentials are of.
func (a *API) Account(ctx context.Context) (string, error) {
	out, err := a.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", fmt.Errorf("asking AWS whose credentials these are (set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY): %w", err)
	}
	return aws.ToString(out.Account), nil
}

// Facts says what AWS knows of a thing; nil if there is no such thing.
func (a *API) Facts(ctx context.Context, kind, id string) (map[string]string, error) {
	read, ok := map[string]func(context.Context, string) (facts, error){
		"VPC": a.vpcFacts, "subnet": a.subnetFacts, "internet gateway": a.internetGatewayFacts, "NAT gateway": a.natFacts,
		"address": a.addressFacts, "VPC endpoint": a.endpointFacts, "flow log": a.flowLogFacts, "route table": a.tableFacts,
		"network ACL": a.aclFacts, "security group": a.groupRuleFacts,
		"server": a.serverFacts, "image": a.imageFacts, "launch template": a.templateFacts, "Auto Scaling group": a.scalingFacts,
		"load balancer": a.balancerFacts, "listener": a.listenerFacts, "target group": a.targetFacts,
		"database": a.databaseFacts, "database parameter group": a.databaseParameterFacts, "database subnet group": a.databaseSubnetFacts,
		"file system": a.fileSystemFacts, "mount target": a.mountTargetFacts, "access point": a.accessPointFacts,
		"secret": a.secretFacts, "role": a.roleFacts, "instance profile": a.profileFacts,
		"parameter": a.parameterFacts, "document": a.documentFacts, "association": a.associationFacts, "log group": a.logGroupFacts,
		"alarm": a.alarmFacts,
	}[kind]
	if !ok {
		return nil, fmt.Errorf("nothing is known of the kind %q", kind)
	}
	f, err := read(ctx, id)
	if absent(err) {
		return nil, nil
	}
	return f, err
}

// absent tells whether the API said that there is no such thing.
func absent(err error) bool {
	var said smithy.APIError
	if !errors.As(err, &said) {
		return false
	}
	for _, word := range []string{"NotFound", "DoesNotExist", "NoSuchEntity", "InvalidDocument"} {
		if strings.Contains(said.ErrorCode(), word) {
			return true
		}
	}
	return false
}

// first is the only item of an answer, or nil.
func first[T any](items []T) *T {
	if len(items) == 0 {
		return nil
	}
	return &items[0]
}
