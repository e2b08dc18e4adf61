//go:build e2e

package inspect

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Protected lists the servers that AWS refuses to terminate, of those given.
func (a *API) Protected(ctx context.Context, servers []string) ([]string, error) {
	var protected []string
	for _, id := range servers {
		out, err := a.ec2.DescribeInstanceAttribute(ctx, &ec2.DescribeInstanceAttributeInput{
			InstanceId: aws.String(id),
			Attribute:  types.InstanceAttributeNameDisableApiTermination,
		})
		if err != nil {
			return nil, fmt.Errorf("asking for the protection of %s: %w", id, err)
		}
		if aws.ToBool(out.DisableApiTermination.Value) {
			protected = append(protected, id)
		}
	}
	return protected, nil
}
