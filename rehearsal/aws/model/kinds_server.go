package model

import (
	"regexp"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/aws/cloud"
)

var profileRef = Ref{Path: "iamInstanceProfile", To: catalog.IAMInstanceProfile, By: "name"}

var serverKinds = []Kind{
	{
		Token: catalog.EC2KeyPair, ID: "{.keyName}",
		Outputs: []string{"arn", ec2Arn + "key-pair/{id}", "keyPairId", "key-{hex17}"},
		Name:    &Naming{Property: "keyName", Max: 255, Prefix: "keyNamePrefix"},
		Rules:   []Rule{matches("publicKey", `^(ssh-rsa|ssh-ed25519) [A-Za-z0-9+/=]{40,}( .*)?$`, "an OpenSSH public key (ssh-rsa or ssh-ed25519)")},
		Fill: func(c *change) {
			c.set("keyType", strings.TrimPrefix(strings.Fields(str(c.out, "publicKey"))[0], "ssh-"))
			c.setIfAbsent("fingerprint", c.hex("fingerprint", 40))
		},
	},
	{
		Token: catalog.EC2Instance, ID: "i-{hex17}",
		Outputs: []string{
			"arn", ec2Arn + "instance/{id}", "primaryNetworkInterfaceId", "eni-{hex17}", "instanceState", "running", "tenancy", "default",
			"instanceInitiatedShutdownBehavior", "stop",
		},
		Defaults: map[string]any{"getPasswordData": false, "sourceDestCheck": true, "userDataReplaceOnChange": false},
		Refs: []Ref{
			{Path: "subnetId", To: catalog.EC2Subnet}, {Path: "vpcSecurityGroupIds[*]", To: catalog.EC2SecurityGroup}, profileRef,
			{Path: "keyName", To: catalog.EC2KeyPair, Loose: true}, {Path: "ami", To: catalog.EC2AMIFromInstance, Loose: true, Outside: outsideImage},
			{Path: "launchTemplate.id", To: catalog.EC2LaunchTemplate, Loose: true},
		},
		Sets: []string{"vpcSecurityGroupIds", "securityGroups", "ebsBlockDevices"},
		Rules: []Rule{
			atLeastOne("ami", "launchTemplate"), atLeastOne("instanceType", "launchTemplate"), instanceType("instanceType"), userDataSize("userData"),
			oneOf("metadataOptions.httpTokens", "optional", "required"), oneOf("metadataOptions.httpEndpoint", "enabled", "disabled"),
			between("metadataOptions.httpPutResponseHopLimit", 1, 64),
			oneOf("rootBlockDevice.volumeType", "standard", "gp2", "gp3", "io1", "io2", "sc1", "st1"), between("rootBlockDevice.volumeSize", 1, 65536),
		},
		Apply: launch,
		Fill:  describeServer,
		Delete: func(c *change) error {
			if yes(c.old.Outputs, "disableApiTermination") {
				return refuse("OperationNotPermitted", "The instance '%s' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.", c.id)
			}
			return dropDisk(c)
		},
		ReplaceIf: func(old, in resource.PropertyMap) string {
			if yes(in, "userDataReplaceOnChange") && str(old, "userData") != str(in, "userData") {
				return "userData"
			}
			return ""
		},
	},
	{
		Token: catalog.EC2InstanceState, ID: "{.instanceId}",
		Refs:     []Ref{{Path: "instanceId", To: catalog.EC2Instance}},
		Defaults: map[string]any{"force": false},
		Rules:    []Rule{oneOf("state", "running", "stopped")},
	},
	{
		Token: catalog.EC2AMIFromInstance, ID: "ami-{hex17}",
		Outputs: []string{
			"arn", "arn:{partition}:ec2:{region}::image/{id}", "ownerId", "{account}", "rootDeviceName", "/dev/xvda", "rootSnapshotId", "snap-{hex17}",
			"virtualizationType", "hvm", "imageType", "machine", "hypervisor", "xen", "platformDetails", "Linux/UNIX", "usageOperation", "RunInstances",
			"imageLocation", "{account}/{.name}",
		},
		Refs:   []Ref{{Path: "sourceInstanceId", To: catalog.EC2Instance, Loose: true}},
		Unique: []Unique{{Paths: []string{"name"}, Code: "InvalidAMIName.Duplicate", What: "the image name"}},
		After:  copyScripts,
		Delete: dropDisk,
		Fill: func(c *change) {
			if server := c.cloud.Get(catalog.EC2Instance, str(c.out, "sourceInstanceId")); server != nil {
				c.set("architecture", architectureOf(str(server.Outputs, "instanceType")))
			}
			c.set("public", false)
			c.set("enaSupport", true)
			c.set("manageEbsSnapshots", true)
		},
	},
	{
		Token: catalog.EC2LaunchTemplate, ID: "lt-{hex17}",
		Outputs: []string{"arn", ec2Arn + "launch-template/{id}"},
		Name:    &Naming{Property: "name", Max: 128, Prefix: "namePrefix"},
		Refs: []Ref{
			{Path: "imageId", To: catalog.EC2AMIFromInstance, Loose: true, Outside: outsideImage}, {Path: "vpcSecurityGroupIds[*]", To: catalog.EC2SecurityGroup, Loose: true},
			{Path: "networkInterfaces[*].securityGroups[*]", To: catalog.EC2SecurityGroup, Loose: true}, {Path: "keyName", To: catalog.EC2KeyPair, Loose: true},
			{Path: "iamInstanceProfile.name", To: catalog.IAMInstanceProfile, By: "name", Loose: true},
			{Path: "iamInstanceProfile.arn", To: catalog.IAMInstanceProfile, By: "arn", Loose: true},
		},
		Sets: []string{"vpcSecurityGroupIds"},
		Rules: []Rule{
			instanceType("instanceType"), userDataSize("userData"), oneOf("metadataOptions.httpTokens", "optional", "required"),
			oneOf("metadataOptions.httpEndpoint", "enabled", "disabled"), between("metadataOptions.httpPutResponseHopLimit", 1, 64),
		},
		Apply:   func(c *change) error { return fitsImage(c, str(c.in, "instanceType"), str(c.in, "imageId")) },
		Fill:    numberVersion,
		Renewed: map[string][]string{"latestVersion": {"*"}, "defaultVersion": {"updateDefaultVersion"}},
	},
}

// launch checks what AWS checks when it starts a server.
func launch(c *change) error {
	if c.old != nil && c.old.Str("ami") == str(c.in, "ami") && c.old.Str("subnetId") == str(c.in, "subnetId") {
		return nil
	}
	if err := fitsImage(c, str(c.in, "instanceType"), str(c.in, "ami")); err != nil {
		return err
	}
	if s := c.subnet(str(c.in, "subnetId")); s != nil {
		return groupsInVpc(c.cloud, s.Str("vpcId"), strs(c.in, "vpcSecurityGroupIds[*]"))
	}
	return nil
}

func describeServer(c *change) {
	subnet := c.subnet(str(c.out, "subnetId"))
	if subnet != nil {
		c.set("availabilityZone", subnet.Str("availabilityZone"))
		c.setIfAbsent("privateIp", freePrivateIP(c, "privateIp", subnet.ID))
		public := yes(c.in, "associatePublicIpAddress") || !given(c.in, "associatePublicIpAddress") && yes(subnet.Outputs, "mapPublicIpOnLaunch")
		c.set("associatePublicIpAddress", public)
		if public {
			c.setIfAbsent("publicIp", freePublicIP(c))
			c.set("publicDns", publicDNS(c.region, str(c.out, "publicIp")))
		} else {
			c.setIfAbsent("publicIp", "")
			c.setIfAbsent("publicDns", "")
		}
		c.set("privateDns", privateDNS(c.region, str(c.out, "privateIp")))
	}
	c.setIfAbsent("monitoring", false)
	c.setIfAbsent("disableApiTermination", false)
	c.setIfAbsent("ebsOptimized", false)
}

// numberVersion gives a launch template a new version with each change of what
// it launches; a change of its tags alone makes none.
func numberVersion(c *change) {
	if c.old == nil {
		c.set("latestVersion", 1)
		c.setIfAbsent("defaultVersion", 1)
		return
	}
	version := num(c.old.Outputs, "latestVersion")
	for path := range compare(c.kind, c.facts, c.old.Inputs, c.old.Outputs, c.in).changes {
		if !isTagProperty(path) {
			version++
			break
		}
	}
	c.set("latestVersion", version)
	if yes(c.in, "updateDefaultVersion") {
		c.set("defaultVersion", version)
	}
}

var (
	imageID    = regexp.MustCompile(`^ami-[0-9a-f]{8}([0-9a-f]{9})?$`)
	typeFormat = regexp.MustCompile(`^[a-z]+[0-9]+[a-z-]*\.([0-9]+xlarge|x?large|medium|small|micro|nano|metal(-[0-9]+xl)?)$`)
	armFamily  = regexp.MustCompile(`^(a1|[a-z]+[0-9]+g[a-z]*)\.`)
)

// outsideImage takes any well-formed id for an image of somebody else.
func outsideImage(id string) bool { return imageID.MatchString(id) }

func instanceType(path string) Rule {
	return matches(path, typeFormat.String(), "an instance type such as t4g.small")
}

// userDataSize refuses what exceeds the 16 KiB that AWS takes before encoding.
func userDataSize(path string) Rule {
	return func(in resource.PropertyMap) []failure {
		if n := len(str(in, path)); n > 16384*4/3 || path == "userData" && given(in, "ami") && n > 16384 {
			return fail(path, "User data is limited to 16384 bytes, got %d", n)
		}
		return nil
	}
}

func architectureOf(instanceType string) string {
	if armFamily.MatchString(instanceType) {
		return "arm64"
	}
	return "x86_64"
}

// fitsImage refuses an instance type that cannot run the image.
func fitsImage(c *change, instanceType, image string) error {
	if instanceType == "" || image == "" {
		return nil
	}
	arch := imageArchitecture(c.cloud, c.region, image)
	if want := architectureOf(instanceType); arch != "" && arch != want {
		return refuse("InvalidParameterValue",
			"The architecture '%s' of the specified instance type does not match the architecture '%s' of the specified AMI. "+
				"Specify an instance type and an AMI that have matching architectures, and try again.", want, arch)
	}
	return nil
}

// imageArchitecture returns "" for images that the model does not know.
func imageArchitecture(c *cloud.Cloud, region, image string) string {
	if r := c.Get(catalog.EC2AMIFromInstance, image); r != nil {
		return r.Str("architecture")
	}
	for _, i := range imagesIn(region) {
		if i.id == image {
			return i.architecture
		}
	}
	return ""
}
