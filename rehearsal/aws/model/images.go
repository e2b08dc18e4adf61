package model

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
)

// image is a public machine image that the lookups find.
type image struct {
	id, name, architecture, owner, alias, description, created, rootDevice, platform, productCode string
}

const (
	debianOwner      = "136693071363"
	marketplaceOwner = "679593333241"
)

// releases are the images of every region: their newest, one before, and
// neighbours that a loose filter would catch by mistake.
var releases = func() []image {
	var all []image
	for _, r := range []struct{ version, build, date string }{
		{"12", "20250814-2204", "2025-08-14T22:04:11.000Z"}, {"13", "20250814-2204", "2025-08-14T22:11:52.000Z"}, {"13", "20250924-2245", "2025-09-24T22:45:30.000Z"},
	} {
		for name, arch := range map[string]string{"amd64": "x86_64", "arm64": "arm64"} {
			all = append(all, image{
				name: "debian-" + r.version + "-" + name + "-" + r.build, architecture: arch, owner: debianOwner, created: r.date,
				description: "Debian " + r.version + " (" + r.build + ")", rootDevice: "/dev/xvda", platform: "Linux/UNIX",
			})
		}
	}
	for version, date := range map[string]string{"6.8.1-0-r03": "2025-05-20T09:12:44.000Z", "6.8.3-0-r00": "2025-10-02T11:40:05.000Z"} {
		all = append(all, image{
			name: "bitnami-wordpress-" + version + "-linux-debian-12-x86_64-hvm-ebs-7d426cb7-9522-4dd7-a56b-55dd8cc1c8d0", architecture: "x86_64",
			owner: marketplaceOwner, alias: "aws-marketplace", created: date, rootDevice: "/dev/xvda", platform: "Linux/UNIX",
			description: "This image may not be the latest version available and might include security vulnerabilities. WordPress " + version,
			productCode: "7g0w7cn4pdnjmhv4p0ze5ylq7",
		})
	}
	return all
}()

// imagesIn returns the images under the ids that they have in one region.
func imagesIn(region string) []image {
	all := make([]image, len(releases))
	for i, r := range releases {
		sum := sha256.Sum256([]byte(region + "\x00" + r.name))
		r.id = "ami-" + hex.EncodeToString(sum[:])[:17]
		all[i] = r
	}
	return all
}

// Image is a public machine image that the model offers.
type Image struct{ ID, Name, Architecture, Owner, Description, RootDevice string }

// NewestImages lists the images that lookups find in a region: of each system
// and processor the newest.
func NewestImages(region string) []Image {
	newest := map[string]image{}
	for _, i := range imagesIn(region) {
		kind := i.architecture + i.name[:len("debian-13")]
		if newest[kind].created < i.created {
			newest[kind] = i
		}
	}
	var all []Image
	for _, kind := range slices.Sorted(maps.Keys(newest)) {
		i := newest[kind]
		all = append(all, Image{i.id, i.name, i.architecture, i.owner, i.description, i.rootDevice})
	}
	return all
}
