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
	var backup, maintenance window
	okBackup, okMaintenance := false, false
	if m := setting.BackupWindow.FindStringSubmatch(d.BackupWindow); m != nil {
		backup = span(minutes(m[1], m[2]), minutes(m[3], m[4]), minuteOfDay)
		okBackup = k.longEnough("database.backupWindow", d.BackupWindow, backup)
	}
	if m := setting.MaintenanceWindow.FindStringSubmatch(d.MaintenanceWindow); m != nil {
		from := slices.Index(weekdays, m[1])*minuteOfDay + minutes(m[2], m[3])
		to := slices.Index(weekdays, m[4])*minuteOfDay + minutes(m[5], m[6])
		maintenance = span(from, to, minuteOfWeek)
		okMaintenance = k.longEnough("database.maintenanceWindow", d.MaintenanceWindow, maintenance)
	}
	if okBackup && okMaintenance && overlap(backup, maintenance) {
		k.add(ErrConflict, "database.maintenanceWindow", d.MaintenanceWindow, "overlaps database.backupWindow "+d.BackupWindow, "move one of the two")
	}
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
		from := day*minuteOfDay + daily.from
		if from < weekly.from+weekly.length && weekly.from < from+daily.length {
			return true
		}
	}
	return false
}
