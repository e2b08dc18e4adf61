package webtier

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/setting"
)

// Who publishes the images.
//
// Sources:
// https://wiki.debian.org/Cloud/AmazonEC2Image/Trixie
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/finding-an-ami.html
const (
	debianOwner      = "136693071363"
	marketplaceOwner = "aws-marketplace"
)

// The images that FindImage knows by name. Anything else is an AMI ID.
const (
	ImageDebian      = "debian"      // Debian 13, published by the Debian project
	ImageMarketplace = "marketplace" // the lab's WordPress of AWS Marketplace
)

// Image is what servers are built from.
type Image struct {
	ID         string
	RootDevice string // such as /dev/xvda
	Pinned     bool   // found by name: a newer release must change nothing
}

// FindImage looks up debian, marketplace or an AMI ID, for the processor of the
// instance type; it fails with ErrArgs if there is none. What it
// finds is used once, when a server or builder is created; later releases are
// ignored until ImageGeneration is raised.
func FindImage(ctx *pulumi.Context, name, instanceType string) (Image, error) {
	arch, debianArch := "x86_64", "amd64"
	if Arm(instanceType) {
		arch, debianArch = "arm64", "arm64"
	}
	search := &ec2.LookupAmiArgs{MostRecent: pulumi.BoolRef(true)}
	pinned := true
	switch name {
	case ImageDebian:
		search.Owners = []string{debianOwner}
		search.Filters = []ec2.GetAmiFilter{filter("name", "debian-13-"+debianArch+"-*"), filter("architecture", arch), filter("virtualization-type", "hvm")}
	case ImageMarketplace:
		search.Owners = []string{marketplaceOwner}
		search.Filters = []ec2.GetAmiFilter{filter("name", "bitnami-wordpress-*"), filter("architecture", arch), filter("virtualization-type", "hvm")}
	default:
		pinned = false
		search.Filters = []ec2.GetAmiFilter{filter("image-id", name), filter("architecture", arch)}
	}
	found, err := ec2.LookupAmi(ctx, search)
	if err != nil {
		return Image{}, fmt.Errorf("%w: there is no image %s for the processor of %s (%s) in this region: choose another image or instance type: %w",
			ErrArgs, name, instanceType, arch, err)
	}
	return Image{ID: found.Id, RootDevice: found.RootDeviceName, Pinned: pinned}, nil
}

// Arm tells whether an instance type runs on AWS Graviton: the letter g follows the
// generation (t4g, m7gd), or the family is a1.
//
// Source: https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
func Arm(instanceType string) bool {
	m := setting.InstanceType.FindStringSubmatch(instanceType)
	return m != nil && (strings.HasPrefix(m[3], "g") || m[1]+m[2] == "a1")
}

// Burstable tells whether the servers' type has CPU credits.
//
// Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-performance-instances.html
func (s Settings) Burstable() bool {
	m := setting.InstanceType.FindStringSubmatch(s.InstanceType)
	return m != nil && m[1] == "t"
}

// Grows tells whether the group adds servers by itself.
func (s Settings) Grows() bool {
	return (s.TargetCPUPercent > 0 || s.TargetRequestsPerMinute > 0) && s.MinSize < s.MaxSize
}

func filter(name, value string) ec2.GetAmiFilter {
	return ec2.GetAmiFilter{Name: name, Values: []string{value}}
}

// ignored lists the inputs of a server that must not change it: a newer release
// of the image, the first boot's script, which never runs twice, and whether it
// was started with an address of its own.
func (w *WebTier) ignored() pulumi.ResourceOption {
	ignored := []string{"userData", "associatePublicIpAddress"}
	if w.args.Image.Pinned {
		ignored = append(ignored, "ami")
	}
	return pulumi.IgnoreChanges(ignored)
}
