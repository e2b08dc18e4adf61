package controls

import (
	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/graph"
)

// tags are the controls of AWS' Resource Tagging Standard: who owns a resource stands
// on it. What AWS makes by itself together with a VPC (its main route table, default
// network ACL and default security group) is no resource of the plan.
//
// Source: https://docs.aws.amazon.com/securityhub/latest/userguide/standards-tagging.html
var tags = []control{
	tagged("ACM.3", "ACM certificates should be tagged", catalog.ACMCertificate),
	tagged("AutoScaling.10", "EC2 Auto Scaling groups should be tagged", catalog.AutoScalingGroup),
	tagged("Backup.3", "AWS Backup vaults should be tagged", catalog.BackupVault),
	tagged("Backup.5", "AWS Backup backup plans should be tagged", catalog.BackupPlan),
	tagged("CloudFront.14", "CloudFront distributions should be tagged", catalog.CloudFrontDistribution),
	tagged("EC2.36", "EC2 customer gateways should be tagged", catalog.EC2CustomerGateway),
	tagged("EC2.37", "EC2 Elastic IP addresses should be tagged", catalog.EC2EIP),
	tagged("EC2.38", "EC2 instances should be tagged", catalog.EC2Instance),
	tagged("EC2.39", "EC2 internet gateways should be tagged", catalog.EC2InternetGateway),
	tagged("EC2.40", "EC2 NAT gateways should be tagged", catalog.EC2NATGateway),
	tagged("EC2.41", "EC2 network ACLs should be tagged", catalog.EC2NetworkACL),
	tagged("EC2.42", "EC2 route tables should be tagged", catalog.EC2RouteTable),
	tagged("EC2.43", "EC2 security groups should be tagged", catalog.EC2SecurityGroup),
	tagged("EC2.44", "EC2 subnets should be tagged", catalog.EC2Subnet),
	tagged("EC2.46", "Amazon VPCs should be tagged", catalog.EC2VPC),
	tagged("EC2.48", "Amazon VPC flow logs should be tagged", catalog.EC2FlowLog),
	tagged("EC2.50", "EC2 VPN gateways should be tagged", catalog.EC2VPNGateway),
	tagged("EC2.174", "EC2 DHCP option sets should be tagged", catalog.EC2VPCDHCPOptions),
	tagged("EC2.175", "EC2 launch templates should be tagged", catalog.EC2LaunchTemplate),
	tagged("EFS.5", "EFS access points should be tagged", catalog.EFSAccessPoint),
	tagged("IAM.24", "IAM roles should be tagged", catalog.IAMRole),
	tagged("RDS.30", "RDS DB instances should be tagged", catalog.RDSInstance),
	tagged("RDS.33", "RDS DB subnet groups should be tagged", catalog.RDSSubnetGroup),
	tagged("Route53.1", "Route 53 health checks should be tagged", catalog.Route53HealthCheck),
	tagged("SecretsManager.5", "Secrets Manager secrets should be tagged", catalog.SecretsManagerSecret),
	tagged("SNS.3", "SNS topics should be tagged", catalog.SNSTopic),
	tagged("SSM.5", "SSM documents should be tagged", catalog.SSMDocument),
}

func tagged(id, title, token string) control {
	return control{id, title, []string{token}, func(_ *graph.Graph, r *graph.Resource) string {
		switch tags := r.At("tags").(type) {
		case map[string]any:
			if len(tags) > 0 {
				return ""
			}
		case []any: // those of an Auto Scaling group
			if len(tags) > 0 {
				return ""
			}
		}
		return "nothing on it says whose it is"
	}}
}
