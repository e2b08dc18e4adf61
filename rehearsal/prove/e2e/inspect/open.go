//go:build e2e

package inspect

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// ssh is a rule that no stack makes by itself.
var ssh = []types.IpPermission{{
	IpProtocol: aws.String("tcp"),
	FromPort:   aws.Int32(22),
	ToPort:     aws.Int32(22),
	IpRanges:   []types.IpRange{{CidrIp: aws.String("0.0.0.0/0")}},
}}

// Open opens port 22 of a security group to everybody, as somebody in a hurry would.
// Close closes it again.
func (a *API) Open(ctx context.Context, group string) error {
	_, err := a.ec2.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &group, IpPermissions: ssh})
	return err
}

// Close undoes Open.
func (a *API) Close(ctx context.Context, group string) error {
	_, err := a.ec2.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: &group, IpPermissions: ssh})
	return err
}
