package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/webphases/webphases/internal/capacity"
	"github.com/webphases/webphases/internal/setting"
)

// Limits of RDS for MySQL.
//
// Sources:
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Support.html
const (
	maxStorage       = 65536  // GiB
	minGP3           = 20     // GiB
	gp3IOPSFrom      = 400    // GiB: below it gp3 has 3,000 IOPS and takes no other value
	minGP3IOPS       = 12000  //
	maxGP3IOPS       = 64000  //
	minIO2           = 100    // GiB
	minIO2IOPS       = 1000   //
	maxIO2IOPS       = 256000 //
	maxIO2PerGiB     = 1000   // IOPS
	autoscalePercent = 10     // how far the limit must lie above the storage, at least
)

func (k *checker) checkDatabase() {
	d := k.cfg.Database
	if strings.Count(d.EngineVersion, ".") == 2 && d.AutoMinorVersionUpgrade {
		k.add(ErrConflict, "database.engineVersion", d.EngineVersion,
			"database.autoMinorVersionUpgrade lets AWS install later minor versions, and AWS refuses to go back to this one",
			"write "+MajorVersion(d.EngineVersion)+", which stands for whichever is installed, or set database.autoMinorVersionUpgrade to false")
	}
	k.checkClass()
	if slices.Contains([]string{"admin", "root", "rdsadmin", "mysql"}, strings.ToLower(d.MasterUsername)) {
		k.add(ErrValue, "database.masterUsername", d.MasterUsername, "a reserved name, or the first that an attacker tries", "choose a name of your own, such as wpadmin")
	} else if d.MasterUsername == "wp_app" {
		k.add(ErrValue, "database.masterUsername", d.MasterUsername, "the user that WordPress itself logs in as", "choose another name, such as wpadmin")
	}
}

// between checks an inclusive range that depends on another key.
func (k *checker) between(key string, value, least, most int, unit string) {
	for _, p := range setting.OutOfBounds(value, least, most, unit) {
		k.add(ErrValue, key, p.Value, p.Why, p.Remedy)
	}
}

// MajorVersion is the 8.4 of 8.4.6: what AWS does not upgrade by itself.
func MajorVersion(version string) string {
	parts := strings.SplitN(version, ".", 3)
	return strings.Join(parts[:min(2, len(parts))], ".")
}

// LeastLimit is the lowest limit that AWS takes for storage of this size, in GiB.
//
// Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html
func LeastLimit(allocated int) int { return allocated + (allocated*autoscalePercent+99)/100 }

func (k *checker) checkClass() {
	d := k.cfg.Database
	m := setting.InstanceClass.FindStringSubmatch(d.InstanceClass)
	if m == nil {
		return // reported with its form
	}
	family, generation, size := m[1], int(m[2][0]-'0'), m[4]
	old := family == "t" && generation < 3 || (family == "m" || family == "r") && generation < 5
	if old {
		k.add(ErrValue, "database.instanceClass", d.InstanceClass, "RDS does not run MySQL "+d.EngineVersion+" on this generation", "choose db.t4g, db.m7g, db.r7g or newer")
	}
	if d.StorageType == "io2" && (size == "micro" || size == "small") {
		k.add(ErrConflict, "database.instanceClass", d.InstanceClass, "too small to drive io2 storage", "choose a class of size large or above, or database.storageType gp3")
	}
}

func (k *checker) checkStorage() {
	s := k.cfg.Storage
	if s.ThroughputMode == "provisioned" && s.ProvisionedThroughput == 0 {
		k.add(ErrConflict, "storage.provisionedThroughput", 0, "storage.throughputMode is provisioned, and nothing is", "set it to the MiB/s that are wanted, such as 50")
	}
	if s.ThroughputMode != "provisioned" && s.ProvisionedThroughput > 0 {
		k.add(ErrConflict, "storage.provisionedThroughput", s.ProvisionedThroughput, "storage.throughputMode is "+s.ThroughputMode, "set that to provisioned, or remove this key")
	}
	d := k.cfg.Database
	switch d.StorageType {
	case "gp3":
		k.between("database.allocatedStorage", d.AllocatedStorage, minGP3, maxStorage, "GiB for gp3")
		if d.IOPS != 0 && d.AllocatedStorage < gp3IOPSFrom {
			k.add(ErrConflict, "database.iops", d.IOPS, fmt.Sprintf("gp3 below %d GiB has 3,000 IOPS and takes no other value", gp3IOPSFrom),
				"set 0, or raise database.allocatedStorage")
		} else if d.IOPS != 0 {
			k.between("database.iops", d.IOPS, minGP3IOPS, maxGP3IOPS, "for gp3")
		}
	case "io2":
		k.between("database.allocatedStorage", d.AllocatedStorage, minIO2, maxStorage, "GiB for io2")
		k.between("database.iops", d.IOPS, minIO2IOPS, maxIO2IOPS, "for io2")
		if d.IOPS > maxIO2PerGiB*d.AllocatedStorage {
			k.add(ErrConflict, "database.iops", d.IOPS, fmt.Sprintf("io2 gives at most %d IOPS per GiB", maxIO2PerGiB), "raise database.allocatedStorage")
		}
	}
	least := LeastLimit(d.AllocatedStorage)
	if d.MaxAllocatedStorage != 0 && d.MaxAllocatedStorage < least {
		k.add(ErrConflict, "database.maxAllocatedStorage", d.MaxAllocatedStorage,
			fmt.Sprintf("AWS wants the limit at least %d%% above database.allocatedStorage (%d)", autoscalePercent, d.AllocatedStorage),
			fmt.Sprintf("set %d or more, or 0 to switch storage autoscaling off", least))
	}
	if d.MaxAllocatedStorage > maxStorage {
		k.add(ErrValue, "database.maxAllocatedStorage", d.MaxAllocatedStorage, fmt.Sprintf("AWS takes at most %d GiB", maxStorage), "lower it")
	}
}

// checkConnections refuses servers that could open more connections than the database
// allows: pages would fail just when many people come. A tenth is left to AWS and to
// people.
func (k *checker) checkConnections() {
	if k.cfg.Phase < 2 || !setting.InstanceType.Matches(k.cfg.Web.InstanceType) || !setting.InstanceClass.Matches(k.cfg.Database.InstanceClass) {
		return
	}
	servers, key, value := 2, "web.instanceType", any(k.cfg.Web.InstanceType) // a server and its successor
	if k.cfg.Phase == 3 {
		servers, key, value = k.cfg.Web.MaxSize, "web.maxSize", k.cfg.Web.MaxSize
	}
	each := capacity.PHPProcesses(k.cfg.Web.InstanceType)
	if allowed := int(0.9 * capacity.Connections(k.cfg.Database.InstanceClass)); servers*each > allowed {
		k.add(ErrConflict, key, value, fmt.Sprintf("%d servers of %s with %d PHP processes each can open %d connections, and %s leaves them %d",
			servers, k.cfg.Web.InstanceType, each, servers*each, k.cfg.Database.InstanceClass, allowed), "choose a larger database.instanceClass, or fewer or smaller servers")
	}
}
