package loadbalancer

import (
	"fmt"
	"reflect"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/catalog"
)

// webACLAssociation is aws.wafv2.WebAclAssociation. The SDK's wafv2 package
// takes gigabytes to compile, for its types nest without end, so the one
// resource that is needed of it is declared here.
type webACLAssociation struct {
	pulumi.CustomResourceState
}

type webACLAssociationInputs struct {
	ResourceArn string `pulumi:"resourceArn"`
	WebACLArn   string `pulumi:"webAclArn"`
}

type webACLAssociationArgs struct {
	ResourceArn pulumi.StringInput
	WebACLArn   pulumi.StringInput
}

func (webACLAssociationArgs) ElementType() reflect.Type {
	return reflect.TypeFor[webACLAssociationInputs]()
}

// associateWebACL puts an existing web ACL in front of the balancer.
//
// Source: https://docs.aws.amazon.com/waf/latest/developerguide/web-acl-associating-aws-resource.html
func (l *LoadBalancer) associateWebACL(ctx *pulumi.Context) error {
	if l.args.WebACLARN == "" {
		return nil
	}
	var association webACLAssociation
	// The old association is taken away before the new one is made: afterwards that would
	// take away the new one, for the provider names only the balancer.
	err := ctx.RegisterResource(catalog.WAFWebACLAssociation, l.name+l.scheme()+"-acl", &webACLAssociationArgs{
		ResourceArn: l.lb.Arn,
		WebACLArn:   pulumi.String(l.args.WebACLARN),
	}, &association, pulumi.Parent(l), pulumi.DeleteBeforeReplace(true))
	if err != nil {
		return fmt.Errorf("associating the web ACL: %w", err)
	}
	return nil
}
