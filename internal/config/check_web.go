package config

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/webphases/webphases/components/webtier"
	"github.com/webphases/webphases/internal/setting"
)

func (k *checker) checkServers() {
	w := k.cfg.Web
	if w.Image == webtier.ImageMarketplace && k.cfg.Phase != 1 {
		k.add(ErrConflict, "web.image", w.Image, "the Marketplace image keeps its own WordPress, database and settings on the server, so it serves phase 1 only",
			"choose debian for phase "+fmt.Sprint(k.cfg.Phase))
	}
	if w.Image == webtier.ImageMarketplace && w.CloudWatchAgent == "on" {
		k.add(ErrConflict, "web.cloudWatchAgent", w.CloudWatchAgent, "the Marketplace image is left as it is", "choose auto, or web.image debian")
	}
	k.checkInstanceType()
	k.checkAdmin()
	k.checkSSH()
}

func (k *checker) checkAdmin() {
	w := k.cfg.Web
	if slices.Contains([]string{"admin", "administrator", "root", "wordpress"}, strings.ToLower(w.AdminUser)) {
		k.add(ErrValue, "web.adminUser", w.AdminUser, "one of the first names that an attacker tries", "choose a name of your own, such as webmaster")
	}
}

func (k *checker) checkInstanceType() {
	w := k.cfg.Web
	family := setting.InstanceType.FindStringSubmatch(w.InstanceType)
	if family == nil {
		return // reported with its form
	}
	if k.cfg.Network.Tenancy == "dedicated" && (family[1]+family[2] == "t2" || family[1]+family[2] == "t1") {
		k.add(ErrConflict, "web.instanceType", w.InstanceType, "T2 servers cannot run on dedicated hardware", "choose t3.small, or network.tenancy default")
	}
	for i, other := range w.OtherInstanceTypes {
		switch {
		case !setting.InstanceType.Matches(other): // reported with its form
		case webtier.Arm(other) != webtier.Arm(w.InstanceType):
			k.add(ErrConflict, "web.otherInstanceTypes", other, "its processor is another than that of web.instanceType "+w.InstanceType+", and all servers are of one image", "name types with the same processor")
		case other == w.InstanceType || slices.Contains(w.OtherInstanceTypes[:i], other):
			k.add(ErrValue, "web.otherInstanceTypes", other, "named twice", "name each type once")
		}
	}
	if w.Image == webtier.ImageMarketplace && webtier.Arm(w.InstanceType) {
		k.add(ErrConflict, "web.instanceType", w.InstanceType, "the Marketplace image is for x86 only", "choose t3.small, or web.image debian")
	}
}

func (k *checker) checkSSH() {
	w := k.cfg.Web
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
	if w.PredictiveScaling != "off" && w.TargetCPUPercent == 0 {
		k.add(ErrConflict, "web.predictiveScaling", w.PredictiveScaling, "it forecasts the CPU load, and web.targetCpuPercent is 0", "set web.targetCpuPercent, such as 50, or this key to off")
	}
	if w.MaxSize < w.MinSize {
		k.add(ErrConflict, "web.maxSize", w.MaxSize, fmt.Sprintf("less than web.minSize (%d)", w.MinSize), "raise web.maxSize or lower web.minSize")
	}
	if w.DesiredSize != 0 && (w.DesiredSize < w.MinSize || w.DesiredSize > w.MaxSize) {
		k.add(ErrConflict, "web.desiredSize", w.DesiredSize, fmt.Sprintf("outside web.minSize (%d) to web.maxSize (%d)", w.MinSize, w.MaxSize),
			"choose a value between them, or 0 to leave it to the scaling policy")
	}
}
