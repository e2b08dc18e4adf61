package config

import (
	"slices"
	"strconv"

	"github.com/webphases/webphases/internal/setting"
)

const (
	minuteOfDay  = 24 * 60
	minuteOfWeek = 7 * minuteOfDay
	leastWindow  = 30 // minutes
)

var weekdays = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// window is a span of minutes, from the start of the day or week; it may wrap.
type window struct{ from, length int }

// checkWindows checks the two windows of RDS. Both are in UTC, at least 30
// minutes long, and must not overlap.
//
// Source: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
func (k *checker) checkWindows() {
	d := k.cfg.Database
	backup, maintenance, okBackup, okMaintenance := k.windows()
	okBackup = okBackup && k.longEnough("database.backupWindow", d.BackupWindow, backup)
	okMaintenance = okMaintenance && k.longEnough("database.maintenanceWindow", d.MaintenanceWindow, maintenance)
	if okBackup && okMaintenance && overlap(backup, maintenance) {
		k.add(ErrConflict, "database.maintenanceWindow", d.MaintenanceWindow, "overlaps database.backupWindow "+d.BackupWindow, "move one of the two")
	}
}

// windows reads the daily and the weekly window; those that have no such form are not ok.
func (k *checker) windows() (backup, maintenance window, okBackup, okMaintenance bool) {
	if m := setting.BackupWindow.FindStringSubmatch(k.cfg.Database.BackupWindow); m != nil {
		backup, okBackup = span(minutes(m[1], m[2]), minutes(m[3], m[4]), minuteOfDay), true
	}
	if m := setting.MaintenanceWindow.FindStringSubmatch(k.cfg.Database.MaintenanceWindow); m != nil {
		from := slices.Index(weekdays, m[1])*minuteOfDay + minutes(m[2], m[3])
		to := slices.Index(weekdays, m[4])*minuteOfDay + minutes(m[5], m[6])
		maintenance, okMaintenance = span(from, to, minuteOfWeek), true
	}
	return backup, maintenance, okBackup, okMaintenance
}

func (k *checker) longEnough(key, value string, w window) bool {
	if w.length >= leastWindow {
		return true
	}
	k.add(ErrValue, key, value, "shorter than 30 minutes", "make it 30 minutes or longer")
	return false
}

func minutes(hour, minute string) int {
	h, _ := strconv.Atoi(hour) // the form allows digits only
	m, _ := strconv.Atoi(minute)
	return h*60 + m
}

func span(from, to, period int) window {
	return window{from: from, length: (to - from + period) % period}
}

// overlap says whether a daily window meets a weekly one on any day.
func overlap(daily, weekly window) bool {
	for day := -1; day <= 8; day++ { // a day to each side, for windows that wrap
		if meet(window{day*minuteOfDay + daily.from, daily.length}, weekly) {
			return true
		}
	}
	return false
}

func meet(a, b window) bool { return a.from < b.from+b.length && b.from < a.from+a.length }
