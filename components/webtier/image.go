package webtier

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/config"
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

type image struct {
	id         string
	rootDevice string // such as /dev/xvda
	pinned     bool   // found by name: a newer release must change nothing
}

// findImage looks the image up. What it finds is used once, when a server or
// builder is created; later releases are ignored until Generation is raised.
func findImage(ctx *pulumi.Context, name, instanceType string) (image, error) {
	arch, debianArch := "x86_64", "amd64"
	if config.Arm(instanceType) {
		arch, debianArch = "arm64", "arm64"
	}
	search := &ec2.LookupAmiArgs{MostRecent: pulumi.BoolRef(true)}
	pinned := true
	switch name {
	case config.ImageDebian:
		search.Owners = []string{debianOwner}
		search.Filters = []ec2.GetAmiFilter{filter("name", "debian-13-"+debianArch+"-*"), filter("architecture", arch), filter("virtualization-type", "hvm")}
	case config.ImageMarketplace:
		search.Owners = []string{marketplaceOwner}
		search.Filters = []ec2.GetAmiFilter{filter("name", "bitnami-wordpress-*"), filter("architecture", arch), filter("virtualization-type", "hvm")}
	default:
		pinned = false
		search.Filters = []ec2.GetAmiFilter{filter("image-id", name)}
	}
	found, err := ec2.LookupAmi(ctx, search)
	if err != nil {
		return image{}, fmt.Errorf("finding image %s for %s: %w", name, instanceType, err)
	}
	if found.Architecture != arch {
		return image{}, fmt.Errorf("%w: image %s is for %s, but %s needs %s: choose another image or instance type",
			ErrArgs, name, found.Architecture, instanceType, arch)
	}
	return image{id: found.Id, rootDevice: found.RootDeviceName, pinned: pinned}, nil
}

func filter(name, value string) ec2.GetAmiFilter {
	return ec2.GetAmiFilter{Name: name, Values: []string{value}}
}

// ignored lists the inputs of a server that must not change it: a newer release
// of the image, and the first boot's script, which never runs twice.
func (w *WebTier) ignored() pulumi.ResourceOption {
	if w.image.pinned {
		return pulumi.IgnoreChanges([]string{"ami", "userData"})
	}
	return pulumi.IgnoreChanges([]string{"userData"})
}
