package config

import (
	"slices"

	"github.com/webphases/webphases/components/backups"
	"github.com/webphases/webphases/internal/setting"
)

func (k *checker) checkBackup() {
	b := k.cfg.Backup
	if !b.Enabled {
		if b.CopyRegion != "" {
			k.add(ErrConflict, "backup.copyRegion", b.CopyRegion, "backup.enabled is false, so there is nothing to copy", "set backup.enabled to true, or remove this key")
		}
		return
	}
	if b.CopyRegion != "" && b.CopyRegion == k.cfg.Region {
		k.add(ErrValue, "backup.copyRegion", b.CopyRegion, "the stack's own region", "choose another region, or remove the key")
	}
	if partition := partitionOf(b.CopyRegion); partition != "" {
		k.add(ErrValue, "backup.copyRegion", b.CopyRegion, "the region is of the partition "+partition+", and AWS copies within one", "choose a region of the partition aws")
	}
	if k.cfg.Phase >= 2 {
		k.checkBackupTime()
	}
}

// checkBackupTime refuses a start in the hour before one of the database's windows or
// in the window: RDS takes no backup then.
//
// Source: https://docs.aws.amazon.com/aws-backup/latest/devguide/plan-options-and-configuration.html
func (k *checker) checkBackupTime() {
	m := setting.Time.FindStringSubmatch(k.cfg.Backup.Time)
	if m == nil {
		return
	}
	start := window{from: minutes(m[1], m[2]), length: backups.StartWindow}
	daily, weekly, okDaily, okWeekly := k.windows()
	before := func(w window) window { return window{from: w.from - 60, length: w.length + 60} }
	const remedy = "move the backup's time, or the window"
	if okDaily && slices.ContainsFunc([]int{-minuteOfDay, 0, minuteOfDay}, func(shift int) bool {
		return meet(window{start.from + shift, start.length}, before(daily))
	}) {
		k.add(ErrConflict, "backup.time", k.cfg.Backup.Time, "a start within the hour after it would meet database.backupWindow "+k.cfg.Database.BackupWindow+" or the hour before it", remedy)
	}
	if okWeekly && overlap(start, before(weekly)) {
		k.add(ErrConflict, "backup.time", k.cfg.Backup.Time, "a start within the hour after it would meet database.maintenanceWindow "+k.cfg.Database.MaintenanceWindow+" or the hour before it", remedy)
	}
}
