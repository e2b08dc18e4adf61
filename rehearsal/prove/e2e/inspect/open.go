//go:build e2e

package inspect

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// ssh is a rule that no stack makes by itself.
var ssh = []types.IpPermission{{
	IpProtocol: aws.String("tcp"),
	FromPort:   aws.Int32(22),
	ToPort:     aws.Int32(22),
	IpRanges:   []types.IpRange{{CidrIp: aws.String(everywhere)}},
}}

// Open opens port 22 of the stack's servers to everybody, as somebody in a hurry
// would, and returns the security group. Close closes it again.
func (a *API) Open(ctx context.Context, w Want) (group string, err error) {
	n, err := a.survey(ctx, w)
	if err != nil {
		return "", err
	}
	for id, name := range n.groups {
		if name == "web" {
			_, err := a.ec2.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &id, IpPermissions: ssh})
			return id, err
		}
	}
	return "", fmt.Errorf("the stack %s has no security group of its servers", w.Stack)
}

// Close undoes Open.
func (a *API) Close(ctx context.Context, group string) error {
	_, err := a.ec2.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: &group, IpPermissions: ssh})
	return err
}
