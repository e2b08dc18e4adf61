package monitoring

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/capacity"
)

// Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html
func (d Database) alarms() []alarm {
	on := pulumi.StringMap{"DBInstanceIdentifier": d.Identifier}
	const (
		namespace = "AWS/RDS"
		mebibyte  = 1 << 20
		gibibyte  = 1 << 30
	)
	memory := capacity.Memory(d.InstanceClass)
	row := func(name, metric string, threshold float64, below bool, why string) alarm {
		return alarm{
			name:       name,
			namespace:  namespace,
			metric:     metric,
			dimensions: on,
			statistic:  "Average",
			below:      below,
			threshold:  threshold,
			seconds:    5 * minute,
			periods:    3, // longer than a failover or a backup's beginning
			missing:    missingIsFine,
			why:        why,
		}
	}
	all := []alarm{
		row("database-cpu", "CPUUtilization", 90, false, "The database has been at its limit for 15 minutes."),
		// MySQL's buffers take most of the memory on purpose; this is what is left for the rest.
		row("database-memory", "FreeableMemory", memory*gibibyte/20, true, "The database has less than a twentieth of its memory left."),
		row("database-swap", "SwapUsage", 256*mebibyte, false, "The database uses its disk in the place of memory."),
		// It grows by itself at a tenth. Half of that left means that it did not.
		row("database-storage", "FreeStorageSpace", float64(d.AllocatedStorage)*gibibyte/20, true, "The database's storage is nearly full and did not grow."),
		// RDS allows so many that each has 12 MiB of the memory.
		row("database-connections", "DatabaseConnections", 0.8*capacity.Connections(d.InstanceClass), false, "The database has four fifths of the connections that it allows."),
		row("database-read-latency", "ReadLatency", 0.05, false, "Reads from the database's storage take more than 50 ms."),
		row("database-write-latency", "WriteLatency", 0.05, false, "Writes to the database's storage take more than 50 ms."),
	}
	if strings.HasPrefix(d.InstanceClass, "db.t") {
		all = append(all, credits("database-credits", namespace, on))
	}
	return all
}

// Source: https://docs.aws.amazon.com/efs/latest/ug/efs-metrics.html
func (s Storage) alarms() []alarm {
	on := pulumi.StringMap{"FileSystemId": s.FileSystemID}
	return []alarm{
		{
			name:       "files-limit",
			namespace:  "AWS/EFS",
			metric:     "PercentIOLimit",
			dimensions: on,
			statistic:  "Average",
			threshold:  90,
			seconds:    5 * minute,
			periods:    3,
			missing:    missingIsFine,
			why:        "The file system is near the operations per second that it can do.",
		},
		s.throughput(on),
		{
			name:       "files-not-mounted",
			namespace:  "AWS/EFS",
			metric:     "ClientConnections",
			dimensions: on,
			statistic:  "Sum",
			below:      true,
			threshold:  1,
			seconds:    5 * minute,
			periods:    3, // longer than a server takes to reboot
			missing:    missingIsWrong,
			why:        "No server has the file system mounted.",
		},
	}
}

// throughput rings before what the file system moves costs too much, or is all that it may.
//
// Source: https://docs.aws.amazon.com/efs/latest/ug/performance.html#throughput-modes
func (s Storage) throughput(on pulumi.StringMap) alarm {
	a := alarm{
		name:       "files-throughput",
		namespace:  "AWS/EFS",
		metric:     "MeteredIOBytes",
		dimensions: on,
		statistic:  "Sum",
		threshold:  15e9, // 50 MB/s: at $0.04 to $0.07 a GB some $10 an hour, and no site of this size
		seconds:    5 * minute,
		periods:    3,
		missing:    missingIsFine,
		why:        "The file system moves more than 50 MB/s, which elastic throughput bills by the GB.",
	}
	switch s.ThroughputMode {
	case "provisioned":
		a.threshold = 0.9 * float64(s.Provisioned) * (1 << 20) * float64(a.seconds)
		a.why = fmt.Sprintf("The file system moves nearly all of the %d MiB/s that storage.provisionedThroughput gives it.", s.Provisioned)
	case "bursting":
		a.metric, a.statistic, a.below = "BurstCreditBalance", "Minimum", true
		a.threshold = 0.1 * 2.1 * (1 << 40) // a tenth of the 2.1 TiB that a new file system has
		a.why = "The file system's burst credits are nearly used up: it slows down to 50 KB/s for each GB that it keeps, or to 1 MB/s."
	}
	return a
}
