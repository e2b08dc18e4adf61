package config

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	minuteOfDay  = 24 * 60
	minuteOfWeek = 7 * minuteOfDay
	leastWindow  = 30 // minutes
)

var (
	backupForm      = regexp.MustCompile(`^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$`)
	maintenanceForm = regexp.MustCompile(`^(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):([0-5]\d)-(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):([0-5]\d)$`)
	weekdays        = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
)

// window is a span of minutes, from the start of the day or week; it may wrap.
type window struct{ from, length int }

// checkWindows checks the two windows of RDS. Both are in UTC, at least 30
// minutes long, and must not overlap.
//
// Source: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
func (k *checker) checkWindows() {
	d := k.cfg.Database
	okBackup := k.matches("database.backupWindow", d.BackupWindow, backupForm, "a daily window in UTC", "17:00-18:00")
	okMaintenance := k.matches("database.maintenanceWindow", d.MaintenanceWindow, maintenanceForm, "a weekly window in UTC", "sun:18:30-sun:19:30")
	var backup, maintenance window
	if okBackup {
		m := backupForm.FindStringSubmatch(d.BackupWindow)
		backup = span(minutes(m[1], m[2]), minutes(m[3], m[4]), minuteOfDay)
		okBackup = k.longEnough("database.backupWindow", d.BackupWindow, backup)
	}
	if okMaintenance {
		m := maintenanceForm.FindStringSubmatch(d.MaintenanceWindow)
		from := slices.Index(weekdays, m[1])*minuteOfDay + minutes(m[2], m[3])
		to := slices.Index(weekdays, m[4])*minuteOfDay + minutes(m[5], m[6])
		maintenance = span(from, to, minuteOfWeek)
		okMaintenance = k.longEnough("database.maintenanceWindow", d.MaintenanceWindow, maintenance)
	}
	if okBackup && okMaintenance && overlap(backup, maintenance) {
		k.add(ErrConflict, "database.maintenanceWindow", d.MaintenanceWindow, "overlaps database.backupWindow "+strings.TrimSpace(d.BackupWindow), "move one of the two")
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
