// Package transform is what applies to every child of a component: tags, and bounds of
// IAM roles. Give it to a component as pulumi.Transformations; its children inherit it.
//
// Source: https://www.pulumi.com/docs/iac/concepts/options/transformations/
package transform

import (
	"maps"
	"reflect"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/efs"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/catalog"
)

// Tags tags every child that AWS can tag, and names it for the console: prefix and the
// resource's own name. An Auto Scaling group's tags have another form; webtier.Args has
// them.
func Tags(prefix string, tags map[string]string) pulumi.ResourceTransformation {
	return func(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
		field, ok := tagField(args.Props)
		if !ok || args.Type == untagged {
			return nil
		}
		all := maps.Clone(tags)
		all["Name"] = prefix + args.Name
		field.Set(reflect.ValueOf(pulumi.ToStringMap(all)))
		return &pulumi.ResourceTransformationResult{Props: args.Props, Opts: args.Opts}
	}
}

// untagged is a VPC's own security group: AWS makes it, without tags. A role that might
// tag it might tag anybody's, and by that make it its own.
const untagged = catalog.EC2DefaultSecurityGroup

func tagField(props pulumi.Input) (reflect.Value, bool) {
	v := reflect.ValueOf(props)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return reflect.Value{}, false
	}
	field := v.Elem().FieldByName("Tags")
	return field, field.IsValid() && field.Type() == reflect.TypeFor[pulumi.StringMapInput]()
}

// RoleBounds puts roles under a path and a permissions boundary: whoever may only make
// such roles cannot make itself an administrator. "/" and "" leave AWS's defaults.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
func RoleBounds(rolePath, permissionsBoundary string) pulumi.ResourceTransformation {
	var path, boundary pulumi.StringPtrInput
	if rolePath != "/" {
		path = pulumi.String(rolePath)
	}
	if permissionsBoundary != "" {
		boundary = pulumi.String(permissionsBoundary)
	}
	return func(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
		switch props := args.Props.(type) {
		case *iam.RoleArgs:
			props.Path, props.PermissionsBoundary = path, boundary
		case *iam.InstanceProfileArgs:
			props.Path = path
		default:
			return nil
		}
		return &pulumi.ResourceTransformationResult{Props: args.Props, Opts: args.Opts}
	}
}

// Encryption has a KMS key of the user's own encrypt databases, files, disks, secrets and
// logs; "" leaves them AWS's keys. Backups keep those in any case: who deletes a key
// deletes what is encrypted with it.
func Encryption(key string) pulumi.ResourceTransformation {
	return func(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
		if key == "" {
			return nil
		}
		own := pulumi.String(key)
		switch props := args.Props.(type) {
		case *rds.InstanceArgs:
			props.KmsKeyId = own
		case *efs.FileSystemArgs:
			props.KmsKeyId = own
		case *secretsmanager.SecretArgs:
			props.KmsKeyId = own
		case *cloudwatch.LogGroupArgs:
			props.KmsKeyId = own
		case *ec2.InstanceArgs:
			if disk, ok := props.RootBlockDevice.(ec2.InstanceRootBlockDeviceArgs); ok {
				disk.KmsKeyId = own
				props.RootBlockDevice = disk
			}
		case *ec2.LaunchTemplateArgs:
			props.BlockDeviceMappings = encrypted(props.BlockDeviceMappings, own)
		default:
			return nil
		}
		return &pulumi.ResourceTransformationResult{Props: args.Props, Opts: args.Opts}
	}
}

func encrypted(given ec2.LaunchTemplateBlockDeviceMappingArrayInput, key pulumi.String) ec2.LaunchTemplateBlockDeviceMappingArrayInput {
	mappings, ok := given.(ec2.LaunchTemplateBlockDeviceMappingArray)
	if !ok {
		return given
	}
	all := slices.Clone(mappings)
	for i, one := range all {
		if mapping, ok := one.(ec2.LaunchTemplateBlockDeviceMappingArgs); ok {
			if disk, ok := mapping.Ebs.(ec2.LaunchTemplateBlockDeviceMappingEbsArgs); ok {
				disk.KmsKeyId = key
				mapping.Ebs = disk
			}
			all[i] = mapping
		}
	}
	return all
}
