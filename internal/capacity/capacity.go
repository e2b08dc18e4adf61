// Package capacity says what instance types carry, from their names: memory, database
// connections, PHP processes.
package capacity

import (
	"strconv"
	"strings"
)

// Memory of an instance type or class in GiB: t4g.micro and db.t4g.micro have 1. Types
// with more than their name's rule says are taken for those with less.
//
// Sources:
// https://docs.aws.amazon.com/ec2/latest/instancetypes/gp.html
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Summary.html
func Memory(name string) float64 {
	parts := strings.Split(strings.TrimPrefix(name, "db."), ".")
	if len(parts) < 2 {
		return 1
	}
	family, size := parts[0], parts[1]
	small := map[string]float64{"nano": 0.5, "micro": 1, "small": 2, "medium": 4}
	if gib, ok := small[size]; ok {
		return gib
	}
	perXlarge := 32.0 // memory-optimized, as most others are
	switch family[:1] {
	case "t", "m", "a": // burstable and general purpose
		perXlarge = 16
	case "c":
		perXlarge = 8
	}
	if size == "large" {
		return perXlarge / 2
	}
	times, err := strconv.Atoi(strings.TrimSuffix(size, "xlarge"))
	if err != nil {
		times = 1
	}
	return perXlarge * float64(times)
}

// Connections is how many RDS for MySQL allows a database of the class.
//
// Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html#RDS_Limits.MaxConnections
func Connections(class string) float64 {
	const gibibyte = 1 << 30
	return Memory(class) * gibibyte / 12582880
}

// PHPProcesses is how many a server of the type runs, the one for its health included:
// server/files/lib/web.sh decides. Each has one connection while it makes a page.
func PHPProcesses(instanceType string) int {
	return max(4, int(Memory(instanceType)*1024/2/80)) + 1
}
