package model

import (
	"errors"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/internal/catalog"
)

// getAmi finds an image by owner, name and filters, as the provider does: none
// and more than one are errors.
func getAmi(p *Provider, in resource.PropertyMap) (map[string]any, error) {
	var name *regexp.Regexp
	if pattern := str(in, "nameRegex"); pattern != "" {
		re, err := regexp.Compile(pattern)
		if err != nil {
			return nil, refuse("InvalidParameterValue", "nameRegex: %v", err)
		}
		name = re
	}
	var found []image
	for _, i := range append(imagesIn(p.region), p.ownImages()...) {
		ok, err := passes(in, i.attributes())
		if err != nil {
			return nil, err
		}
		if ok && i.ownedBy(strs(in, "owners[*]")) && (name == nil || name.MatchString(i.name)) {
			found = append(found, i)
		}
	}
	if i, ok := p.yourImage(in); ok && len(found) == 0 {
		found = append(found, i)
	}
	slices.SortFunc(found, func(a, b image) int { return strings.Compare(b.created+b.id, a.created+a.id) })
	switch {
	case len(found) == 0:
		return nil, errors.New("Your query returned no results. Please change your search criteria and try again.")
	case len(found) > 1 && !yes(in, "mostRecent"):
		return nil, errors.New("Your query returned more than one result. Please try a more specific search criteria, or set `most_recent` attribute to true.")
	}
	return found[0].result(p.region), nil
}

// ownImages are the images that the stack itself has made.
func (p *Provider) ownImages() []image {
	var own []image
	for _, r := range p.cloud.OfType(catalog.EC2AMIFromInstance) {
		own = append(own, image{
			id: r.ID, name: r.Str("name"), architecture: r.Str("architecture"), owner: Account, alias: "self", rootDevice: r.Str("rootDeviceName"),
			platform: "Linux/UNIX", created: "2025-10-10T00:00:00.000Z", description: r.Str("description"),
		})
	}
	return own
}

// yourImage is an image that the model does not know, asked for by its id and
// architecture: it is taken to exist and to be for that architecture.
func (p *Provider) yourImage(in resource.PropertyMap) (image, bool) {
	id, architecture := filterValue(in, "image-id"), filterValue(in, "architecture")
	known := slices.ContainsFunc(append(imagesIn(p.region), p.ownImages()...), func(i image) bool { return i.id == id })
	if known || architecture == "" || !imageID.MatchString(id) {
		return image{}, false
	}
	return image{
		id: id, name: id, architecture: architecture, owner: Account, alias: "self", rootDevice: "/dev/xvda", platform: "Linux/UNIX",
		created: "2025-10-10T00:00:00.000Z",
	}, true
}

// filterValue is the one value that a filter asks for, or "".
func filterValue(in resource.PropertyMap, name string) string {
	filters := at(in, "filters")
	if !filters.IsArray() {
		return ""
	}
	for _, f := range filters.ArrayValue() {
		if values := strs(f.ObjectValue(), "values[*]"); str(f.ObjectValue(), "name") == name && len(values) == 1 {
			return values[0]
		}
	}
	return ""
}

func (i image) ownedBy(owners []string) bool {
	return len(owners) == 0 || slices.ContainsFunc(owners, func(o string) bool { return o == i.owner || o == i.alias })
}

// attributes are what filters can ask for.
func (i image) attributes() map[string]string {
	return map[string]string{
		"name": i.name, "image-id": i.id, "architecture": i.architecture, "owner-id": i.owner, "owner-alias": i.alias, "description": i.description,
		"state": "available", "image-type": "machine", "virtualization-type": "hvm", "root-device-type": "ebs", "hypervisor": "xen",
		"is-public": "true", "ena-support": "true", "platform-details": i.platform, "root-device-name": i.rootDevice, "product-code": i.productCode,
		"creation-date": i.created, "block-device-mapping.volume-type": "gp3",
	}
}

func (i image) result(region string) map[string]any {
	return map[string]any{
		"id": i.id, "imageId": i.id, "name": i.name, "architecture": i.architecture, "ownerId": i.owner, "imageOwnerAlias": i.alias,
		"arn": "arn:" + partitionOf(region) + ":ec2:" + region + "::image/" + i.id, "creationDate": i.created, "description": i.description,
		"state": "available", "imageType": "machine", "virtualizationType": "hvm", "rootDeviceType": "ebs", "rootDeviceName": i.rootDevice,
		"hypervisor": "xen", "public": true, "enaSupport": true, "platformDetails": i.platform, "usageOperation": "RunInstances",
		"imageLocation": i.owner + "/" + i.name, "rootSnapshotId": "snap-" + i.id[len("ami-"):], "bootMode": "uefi-preferred",
		"blockDeviceMappings": []any{}, "productCodes": []any{}, "tags": map[string]any{}, "stateReason": map[string]any{},
		"kernelId": "", "ramdiskId": "", "platform": "", "sriovNetSupport": "simple", "imdsSupport": "v2.0", "tpmSupport": "", "deprecationTime": "",
	}
}

// passes evaluates the filters of a lookup: all of them must hold, each for one
// of its values. A filter that the model cannot evaluate is refused.
func passes(in resource.PropertyMap, attributes map[string]string) (bool, error) {
	filters := at(in, "filters")
	if !filters.IsArray() {
		return true, nil
	}
	for _, f := range filters.ArrayValue() {
		m := f.ObjectValue()
		value, ok := attributes[str(m, "name")]
		if !ok {
			return false, refuse("InvalidParameterValue", "The filter '%s' is invalid, or the rehearsal does not model it", str(m, "name"))
		}
		if !slices.ContainsFunc(strs(m, "values[*]"), func(pattern string) bool { return wildcard(pattern, value) }) {
			return false, nil
		}
	}
	return true, nil
}

// wildcard matches with AWS's * and ?.
func wildcard(pattern, value string) bool {
	// path.Match keeps * from crossing slashes, which names do not have here.
	ok, err := path.Match(pattern, value)
	return err == nil && ok
}
