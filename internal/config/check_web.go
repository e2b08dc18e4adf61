package config

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

var (
	amiForm      = regexp.MustCompile(`^ami-([0-9a-f]{8}|[0-9a-f]{17})$`)
	instanceForm = regexp.MustCompile(`^([a-z]+)(\d+)([a-z]*)(-[a-z0-9]+)?\.(nano|micro|small|medium|large|\d*xlarge|metal(-\d+xl)?)$`)
	adminForm    = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$`)
	keyForm      = regexp.MustCompile(`^(ssh-ed25519|ssh-rsa) [A-Za-z0-9+/]+=*( .*)?$`)
)

// Arm says whether an instance type or database class runs on AWS Graviton:
// the letter g follows the generation (t4g, m7gd), or the family is a1.
//
// Source: https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
func Arm(instanceType string) bool {
	m := instanceForm.FindStringSubmatch(instanceType)
	return m != nil && (strings.HasPrefix(m[3], "g") || m[1]+m[2] == "a1")
}

func (k *checker) checkServers() {
	w := k.cfg.Web
	if w.Image != ImageDebian && w.Image != ImageMarketplace {
		k.matches("web.image", w.Image, amiForm, "debian, marketplace or an AMI ID", "ami-0123456789abcdef0")
	}
	if w.Image == ImageMarketplace && k.cfg.Phase != 1 {
		k.add(ErrConflict, "web.image", w.Image, "the Marketplace image keeps its own WordPress, database and settings on the server, so it serves phase 1 only",
			"choose debian for phase "+fmt.Sprint(k.cfg.Phase))
	}
	k.between("web.imageGeneration", w.ImageGeneration, 1, 9999, "")
	k.checkInstanceType()
	k.checkAdmin()
	if w.SSHPublicKey != "" {
		k.matches("web.sshPublicKey", w.SSHPublicKey, keyForm, "an OpenSSH public key of type ed25519 or rsa", "ssh-ed25519 AAAAC3Nza… you@example.com")
	}
	k.checkSSH()
	k.between("web.rootVolumeSize", w.RootVolumeSize, 8, 16384, " GiB")
}

func (k *checker) checkAdmin() {
	w := k.cfg.Web
	k.matches("web.adminUser", w.AdminUser, adminForm, "1 to 60 letters, digits, ., _ or -", "webmaster")
	if slices.Contains([]string{"admin", "administrator", "root", "wordpress"}, strings.ToLower(w.AdminUser)) {
		k.add(ErrValue, "web.adminUser", w.AdminUser, "one of the first names that an attacker tries", "choose a name of your own, such as webmaster")
	}
	if w.AdminEmail != "" {
		k.matches("web.adminEmail", w.AdminEmail, emailForm, "an e-mail address", "you@example.com")
	}
}

func (k *checker) checkInstanceType() {
	w := k.cfg.Web
	if !k.matches("web.instanceType", w.InstanceType, instanceForm, "an instance type", "t3.small or t4g.small") {
		return
	}
	family := instanceForm.FindStringSubmatch(w.InstanceType)
	if k.cfg.Network.Tenancy == "dedicated" && (family[1]+family[2] == "t2" || family[1]+family[2] == "t1") {
		k.add(ErrConflict, "web.instanceType", w.InstanceType, "T2 servers cannot run on dedicated hardware", "choose t3.small, or network.tenancy default")
	}
	if w.Image == ImageMarketplace && Arm(w.InstanceType) {
		k.add(ErrConflict, "web.instanceType", w.InstanceType, "the Marketplace image is for x86 only", "choose t3.small, or web.image debian")
	}
}

func (k *checker) checkSSH() {
	w := k.cfg.Web
	k.ranges("web.sshCidrs", w.SSHCIDRs)
	for _, cidr := range w.SSHCIDRs {
		if p, err := netip.ParsePrefix(cidr); err == nil && p.Bits() < 8 {
			k.add(ErrValue, "web.sshCidrs", cidr, "that is SSH from (nearly) the whole internet",
				"name your own addresses, such as 192.0.2.7/32, or use Session Manager, which needs no open port")
		}
	}
	if len(w.SSHCIDRs) > 0 && w.SSHPublicKey == "" {
		k.add(ErrConflict, "web.sshCidrs", w.SSHCIDRs, "port 22 would be open but nobody has a key", "set web.sshPublicKey too")
	}
}

func (k *checker) checkGroup() {
	w := k.cfg.Web
	k.between("web.minSize", w.MinSize, 1, 500, " servers")
	k.between("web.maxSize", w.MaxSize, 1, 500, " servers")
	if w.MaxSize < w.MinSize {
		k.add(ErrConflict, "web.maxSize", w.MaxSize, fmt.Sprintf("less than web.minSize (%d)", w.MinSize), "raise web.maxSize or lower web.minSize")
	}
	if w.DesiredSize != 0 && (w.DesiredSize < w.MinSize || w.DesiredSize > w.MaxSize) {
		k.add(ErrConflict, "web.desiredSize", w.DesiredSize, fmt.Sprintf("outside web.minSize (%d) to web.maxSize (%d)", w.MinSize, w.MaxSize),
			"choose a value between them, or 0 to leave it to the scaling policy")
	}
	k.between("web.targetCpuPercent", w.TargetCPUPercent, 0, 100, " percent")
	k.between("web.healthCheckGraceSeconds", w.HealthCheckGraceSeconds, 0, 7200, " seconds")
}
