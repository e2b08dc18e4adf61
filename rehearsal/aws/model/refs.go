package model

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/aws/cloud"
)

// implied are the resources that come with others, such as a VPC's default
// security group: type, owner's type, owner's property.
var implied = map[string][2]string{
	catalog.EC2SecurityGroup: {catalog.EC2VPC, "defaultSecurityGroupId"},
	catalog.EC2RouteTable:    {catalog.EC2VPC, "defaultRouteTableId"},
	catalog.EC2NetworkACL:    {catalog.EC2VPC, "defaultNetworkAclId"},
}

// notFound are AWS's codes for a reference to what does not exist.
var notFound = map[string]string{
	catalog.EC2VPC: "InvalidVpcID.NotFound", catalog.EC2Subnet: "InvalidSubnetID.NotFound", catalog.EC2SecurityGroup: "InvalidGroup.NotFound",
	catalog.EC2RouteTable: "InvalidRouteTableID.NotFound", catalog.EC2InternetGateway: "InvalidInternetGatewayID.NotFound",
	catalog.EC2NATGateway: "InvalidNatGatewayID.NotFound", catalog.EC2EIP: "InvalidAllocationID.NotFound", catalog.EC2Instance: "InvalidInstanceID.NotFound",
	catalog.EC2NetworkACL: "InvalidNetworkAclID.NotFound", catalog.EC2LaunchTemplate: "InvalidLaunchTemplateId.NotFound",
	catalog.EC2KeyPair: "InvalidKeyPair.NotFound", catalog.IAMRole: "NoSuchEntity", catalog.IAMInstanceProfile: "InvalidParameterValue",
	catalog.LBTargetGroup: "TargetGroupNotFound", catalog.LBLoadBalancer: "LoadBalancerNotFound", catalog.ACMCertificate: "CertificateNotFound",
	catalog.RDSSubnetGroup: "DBSubnetGroupNotFoundFault", catalog.RDSParameterGroup: "DBParameterGroupNotFound", catalog.RDSSnapshot: "DBSnapshotNotFound", catalog.RDSOptionGroup: "OptionGroupNotFoundFault",
	catalog.EFSFileSystem: "FileSystemNotFound", catalog.SecretsManagerSecret: "ResourceNotFoundException", catalog.S3BucketV2: "NoSuchBucket",
	catalog.SSMDocument: "InvalidDocument", catalog.AutoScalingGroup: "ValidationError",
}

// resolve finds the record that a reference names; ok is false if there is none.
func resolve(c *cloud.Cloud, ref Ref, value string) (r *cloud.Record, ok bool) {
	if ref.By == "" || ref.By == "id" {
		if r = c.Get(ref.To, value); r != nil {
			return r, true
		}
	}
	for _, r := range c.OfType(ref.To) {
		if ref.By != "" && r.Str(ref.By) == value {
			return r, true
		}
	}
	if owner, has := implied[ref.To]; has {
		for _, r := range c.OfType(owner[0]) {
			if r.Str(owner[1]) == value {
				return r, true
			}
		}
	}
	return nil, false
}

// checkRefs refuses references to what does not exist.
func (c *change) checkRefs() error {
	for _, ref := range c.kind.Refs {
		for _, value := range strs(c.in, ref.Path) {
			if _, ok := resolve(c.cloud, ref, value); ok || ref.Outside != nil && ref.Outside(value) {
				continue
			}
			code := notFound[ref.To]
			if code == "" {
				code = "ResourceNotFoundException"
			}
			return refuse(code, "%s names the %s %q, which does not exist", ref.Path, catalog.Label(ref.To), value)
		}
	}
	return nil
}

// dependents lists what stands in the way of the record's deletion.
func dependents(c *cloud.Cloud, target *cloud.Record) []string {
	var found []string
	for _, r := range c.All() {
		k := kinds[r.Type]
		if k == nil || r == target {
			continue
		}
		for _, ref := range k.Refs {
			if ref.Loose || ref.To != target.Type || !slices.Contains(strs(r.Inputs, ref.Path), keyOf(target, ref.By)) {
				continue
			}
			found = append(found, fmt.Sprintf("%s %s", k.label(), r.ID))
			break
		}
	}
	return found
}

func keyOf(r *cloud.Record, by string) string {
	if by == "" || by == "id" {
		return r.ID
	}
	return r.Str(by)
}

// checkUnused refuses to delete what others refer to.
func (c *change) checkUnused() error {
	if users := dependents(c.cloud, c.old); len(users) > 0 {
		return refuse("DependencyViolation", "%s %s cannot be deleted: in use by %s", c.kind.label(), c.id, strings.Join(users, ", "))
	}
	return nil
}

// checkUnique refuses a second resource with the same values.
func (c *change) checkUnique() error {
	for _, u := range c.kind.Unique {
		mine := signature(c.in, u.Paths)
		if mine == "" {
			continue // AWS draws the name, and draws no name twice
		}
		for _, r := range c.cloud.OfType(c.kind.Token) {
			if r.ID != c.id && signature(r.Inputs, u.Paths) == mine {
				return refuse(u.Code, "%s (%s) already exists as %s", u.What, strings.Trim(mine, " "), r.ID)
			}
		}
	}
	return nil
}

func signature(in resource.PropertyMap, paths []string) string {
	var parts []string
	for _, p := range paths {
		if v := at(in, p); !v.IsNull() {
			parts = append(parts, p+"="+text(v))
		}
	}
	return strings.Join(parts, " ")
}
