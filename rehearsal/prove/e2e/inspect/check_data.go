//go:build e2e

package inspect

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/efs"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
)

// checkDatabase: it lies in the database subnets under the database group alone,
// closed to the internet, with the settings asked for.
func (a *API) checkDatabase(ctx context.Context, w Want, n *survey) ([]string, error) {
	out, err := a.rds.DescribeDBInstances(ctx, &rds.DescribeDBInstancesInput{})
	if err != nil {
		return nil, err
	}
	wrong := value("number of databases", 1, len(out.DBInstances))
	for _, d := range out.DBInstances {
		wrong = append(wrong, database(w, d)...)
		var groups, subnets []string
		for _, g := range d.VpcSecurityGroups {
			groups = append(groups, n.groups[aws.ToString(g.VpcSecurityGroupId)])
		}
		wrong = append(wrong, unequal("database: security groups", []string{"database"}, groups)...)
		if d.DBSubnetGroup != nil {
			for _, s := range d.DBSubnetGroup.Subnets {
				subnets = append(subnets, n.subnets[aws.ToString(s.SubnetIdentifier)])
			}
		}
		wrong = append(wrong, unequal("database: subnets", n.tier("database"), subnets)...)
		more, err := a.checkParameters(ctx, d)
		if err != nil {
			return nil, err
		}
		wrong = append(wrong, more...)
	}
	return wrong, nil
}

func database(w Want, d types.DBInstance) []string {
	want := w.Database
	var wrong []string
	for _, v := range [][]string{
		value("database: class", want.Class, aws.ToString(d.DBInstanceClass)),
		value("database: engine", "mysql", aws.ToString(d.Engine)),
		value("database: version", true, strings.HasPrefix(aws.ToString(d.EngineVersion), want.Version)),
		value("database: storage type", want.Storage, aws.ToString(d.StorageType)),
		value("database: storage", want.Allocated, int(aws.ToInt32(d.AllocatedStorage))),
		value("database: largest storage", want.MaxAllocated, int(aws.ToInt32(d.MaxAllocatedStorage))),
		value("database: encrypted", true, aws.ToBool(d.StorageEncrypted)),
		value("database: public", false, aws.ToBool(d.PubliclyAccessible)),
		value("database: Multi-AZ", w.Phase == 3, aws.ToBool(d.MultiAZ)),
		value("database: backup days", want.BackupDays, int(aws.ToInt32(d.BackupRetentionPeriod))),
		value("database: backup window", want.BackupWindow, aws.ToString(d.PreferredBackupWindow)),
		value("database: maintenance window", want.Maintenance, aws.ToString(d.PreferredMaintenanceWindow)),
		value("database: name", want.Name, aws.ToString(d.DBName)),
		value("database: master user", want.User, aws.ToString(d.MasterUsername)),
		value("database: deletion protection", w.Protect, aws.ToBool(d.DeletionProtection)),
		value("database: tags to snapshots", true, aws.ToBool(d.CopyTagsToSnapshot)),
		value("database: monitoring interval", want.MonitoringInterval, int(aws.ToInt32(d.MonitoringInterval))),
		unequal("database: log exports", want.Logs, d.EnabledCloudwatchLogsExports),
	} {
		wrong = append(wrong, v...)
	}
	return wrong
}

// checkParameters: connections without TLS are refused.
func (a *API) checkParameters(ctx context.Context, d types.DBInstance) ([]string, error) {
	wrong := value("database: number of parameter groups", 1, len(d.DBParameterGroups))
	for _, g := range d.DBParameterGroups {
		out, err := a.rds.DescribeDBParameters(ctx, &rds.DescribeDBParametersInput{DBParameterGroupName: g.DBParameterGroupName, Source: aws.String("user")})
		if err != nil {
			return nil, err
		}
		set := map[string]string{}
		for _, p := range out.Parameters {
			set[aws.ToString(p.ParameterName)] = aws.ToString(p.ParameterValue)
		}
		wrong = append(wrong, value("database: require_secure_transport", "1", set["require_secure_transport"])...)
		wrong = append(wrong, value("database: slow_query_log", "1", set["slow_query_log"])...)
	}
	return wrong, nil
}

// checkFiles: encrypted, backed up, and mounted in the database subnets under
// the storage group alone.
func (a *API) checkFiles(ctx context.Context, _ Want, n *survey) ([]string, error) {
	out, err := a.efs.DescribeFileSystems(ctx, &efs.DescribeFileSystemsInput{})
	if err != nil {
		return nil, err
	}
	wrong := value("number of file systems", 1, len(out.FileSystems))
	for _, f := range out.FileSystems {
		wrong = append(wrong, value("file system: encrypted", true, aws.ToBool(f.Encrypted))...)
		backup, err := a.efs.DescribeBackupPolicy(ctx, &efs.DescribeBackupPolicyInput{FileSystemId: f.FileSystemId})
		if err != nil {
			return nil, err
		}
		wrong = append(wrong, value("file system: backups", "ENABLED", string(backup.BackupPolicy.Status))...)
		targets, err := a.efs.DescribeMountTargets(ctx, &efs.DescribeMountTargetsInput{FileSystemId: f.FileSystemId})
		if err != nil {
			return nil, err
		}
		var subnets []string
		for _, t := range targets.MountTargets {
			subnets = append(subnets, n.subnets[aws.ToString(t.SubnetId)])
			out, err := a.efs.DescribeMountTargetSecurityGroups(ctx, &efs.DescribeMountTargetSecurityGroupsInput{MountTargetId: t.MountTargetId})
			if err != nil {
				return nil, err
			}
			var groups []string
			for _, id := range out.SecurityGroups {
				groups = append(groups, n.groups[id])
			}
			wrong = append(wrong, unequal("mount target: security groups", []string{"storage"}, groups)...)
		}
		wrong = append(wrong, unequal("file system: mount targets", n.tier("database"), subnets)...)
		policy, err := a.efs.DescribeFileSystemPolicy(ctx, &efs.DescribeFileSystemPolicyInput{FileSystemId: f.FileSystemId})
		if err != nil {
			return nil, err
		}
		wrong = append(wrong, value("file system: policy demands TLS", true, strings.Contains(aws.ToString(policy.Policy), "aws:SecureTransport"))...)
	}
	return wrong, nil
}
