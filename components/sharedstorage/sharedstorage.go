// Package sharedstorage is the EFS file system that holds wp-content, so that
// all servers show the same uploads, themes and plugins.
package sharedstorage

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/efs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/policy"
	"github.com/webphases/webphases/internal/setting"
)

// Type is the component's type token.
const Type = "webphases:index:SharedStorage"

// ErrArgs says that an argument is missing or does not fit.
var ErrArgs = errors.New("invalid shared storage arguments")

// webUser is the numeric ID of Debian's www-data, user and group.
const webUser = 33

// Settings of the shared files; see docs/config.md, storage.
type Settings struct {
	// How much the file system can move: elastic (as much as is asked for, billed by the GB), bursting (50 KB/s for each GB
	// kept and at least 1 MB/s, saved up for bursts of 100 MB/s, at no charge) or provisioned. AWS lets the mode change once a day.
	ThroughputMode string `key:"throughputMode" default:"elastic" oneOf:"elastic,bursting,provisioned" example:"bursting"`
	// MiB/s that provisioned throughput gives and bills by the month, whatever is moved: 1 to 3414.
	ProvisionedThroughput int `key:"provisionedThroughput" default:"0" least:"0" most:"3414" unit:"MiB/s" example:"50"`
}

// Defaults is what a stack has whose configuration says nothing of it.
func Defaults() Settings { return setting.Defaults[Settings]() }

func (s Settings) check() error {
	if (s.ThroughputMode == "provisioned") != (s.ProvisionedThroughput > 0) {
		return errors.New("ThroughputMode provisioned and ProvisionedThroughput go together")
	}
	return setting.Check(&s)
}

// Args describes the file system.
type Args struct {
	Settings

	// Subnets holds one subnet ID per zone letter: AWS allows one mount target
	// per zone.
	Subnets         map[string]pulumi.StringInput
	SecurityGroupID pulumi.StringInput
	Protect         bool // refuse to delete the file system
}

// SharedStorage is the file system and the access point to mount.
type SharedStorage struct {
	pulumi.ResourceState

	FileSystemID  pulumi.StringOutput
	ARN           pulumi.StringOutput // of the file system
	AccessPointID pulumi.StringOutput
	// Ready is what must exist before a server can mount.
	Ready []pulumi.Resource
}

// New makes the storage. It fails with ErrArgs before anything is registered.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*SharedStorage, error) {
	if len(args.Subnets) == 0 || args.SecurityGroupID == nil {
		return nil, fmt.Errorf("%w: it needs a subnet and a security group", ErrArgs)
	}
	if err := args.check(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrArgs, err)
	}
	s := &SharedStorage{}
	if err := ctx.RegisterComponentResource(Type, name, s, opts...); err != nil {
		return nil, fmt.Errorf("registering shared storage %s: %w", name, err)
	}
	files := &efs.FileSystemArgs{
		Encrypted:       pulumi.Bool(true),
		ThroughputMode:  pulumi.String(args.ThroughputMode),
		PerformanceMode: pulumi.String("generalPurpose"),
		LifecyclePolicies: efs.FileSystemLifecyclePolicyArray{
			efs.FileSystemLifecyclePolicyArgs{TransitionToIa: pulumi.String("AFTER_30_DAYS")},
			efs.FileSystemLifecyclePolicyArgs{TransitionToPrimaryStorageClass: pulumi.String("AFTER_1_ACCESS")},
		},
	}
	if args.ProvisionedThroughput > 0 {
		files.ProvisionedThroughputInMibps = pulumi.Float64(float64(args.ProvisionedThroughput))
	}
	fs, err := efs.NewFileSystem(ctx, name, files, pulumi.Parent(s), pulumi.Protect(args.Protect))
	if err != nil {
		return nil, fmt.Errorf("creating the file system: %w", err)
	}
	s.FileSystemID, s.ARN = fs.ID().ToStringOutput(), fs.Arn
	if err := s.makeMountTargets(ctx, name, args, fs); err != nil {
		return nil, err
	}
	if err := s.makeAccess(ctx, name, fs); err != nil {
		return nil, err
	}
	if _, err := efs.NewBackupPolicy(ctx, name, &efs.BackupPolicyArgs{
		FileSystemId: fs.ID(),
		BackupPolicy: efs.BackupPolicyBackupPolicyArgs{Status: pulumi.String("ENABLED")},
	}, pulumi.Parent(s)); err != nil {
		return nil, fmt.Errorf("switching backups on: %w", err)
	}
	return s, ctx.RegisterResourceOutputs(s, pulumi.Map{"fileSystemId": s.FileSystemID, "accessPointId": s.AccessPointID})
}

func (s *SharedStorage) makeMountTargets(ctx *pulumi.Context, name string, args Args, fs *efs.FileSystem) error {
	for _, zone := range slices.Sorted(maps.Keys(args.Subnets)) {
		target, err := efs.NewMountTarget(ctx, name+"-"+zone, &efs.MountTargetArgs{
			FileSystemId:   fs.ID(),
			SubnetId:       args.Subnets[zone],
			SecurityGroups: pulumi.StringArray{args.SecurityGroupID},
		}, pulumi.Parent(s))
		if err != nil {
			return fmt.Errorf("creating the mount target in zone %s: %w", zone, err)
		}
		s.Ready = append(s.Ready, target)
	}
	return nil
}

// makeAccess makes the access point, which turns every client into the web
// user, and a policy that admits clients of the VPC through it, with TLS only.
//
// Source: https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html
func (s *SharedStorage) makeAccess(ctx *pulumi.Context, name string, fs *efs.FileSystem) error {
	point, err := efs.NewAccessPoint(ctx, name, &efs.AccessPointArgs{
		FileSystemId: fs.ID(),
		PosixUser:    efs.AccessPointPosixUserArgs{Uid: pulumi.Int(webUser), Gid: pulumi.Int(webUser)},
		RootDirectory: efs.AccessPointRootDirectoryArgs{
			Path: pulumi.String("/wp-content"),
			CreationInfo: efs.AccessPointRootDirectoryCreationInfoArgs{
				OwnerUid:    pulumi.Int(webUser),
				OwnerGid:    pulumi.Int(webUser),
				Permissions: pulumi.String("0750"),
			},
		},
	}, pulumi.Parent(s))
	if err != nil {
		return fmt.Errorf("creating the access point: %w", err)
	}
	s.AccessPointID = point.ID().ToStringOutput()
	everybody := map[string]any{"AWS": "*"}
	_, err = efs.NewFileSystemPolicy(ctx, name, &efs.FileSystemPolicyArgs{
		FileSystemId: fs.ID(),
		Policy: policy.Document(
			policy.Statement{
				"Sid":       "MountThroughTheAccessPoint",
				"Effect":    "Allow",
				"Principal": everybody,
				"Resource":  fs.Arn,
				"Action":    []string{"elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"},
				"Condition": map[string]any{
					"Bool":         map[string]any{"elasticfilesystem:AccessedViaMountTarget": "true"},
					"StringEquals": map[string]any{"elasticfilesystem:AccessPointArn": point.Arn},
				},
			},
			policy.Statement{
				"Sid":       "RefuseWithoutTLS",
				"Effect":    "Deny",
				"Principal": everybody,
				"Resource":  fs.Arn,
				"Action":    "*",
				"Condition": map[string]any{"Bool": map[string]any{"aws:SecureTransport": "false"}},
			},
		),
	}, pulumi.Parent(s))
	if err != nil {
		return fmt.Errorf("setting the file system's policy: %w", err)
	}
	s.Ready = append(s.Ready, point)
	return nil
}
