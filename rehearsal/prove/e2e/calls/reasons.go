package calls

import "strings"

// Reasons say why a role is granted what no run of `make e2e` calls.
var Reasons = reasons(map[string]string{
	"a stack with domain.name has a certificate, records and a health check; the runs preview it": `
		acm:RequestCertificate acm:AddTagsToCertificate acm:DescribeCertificate acm:ListTagsForCertificate acm:DeleteCertificate
		acm:RemoveTagsFromCertificate route53:ChangeResourceRecordSets route53:GetChange route53:GetHostedZone
		route53:ListResourceRecordSets route53:ListTagsForResource route53:CreateHealthCheck route53:GetHealthCheck
		route53:UpdateHealthCheck route53:DeleteHealthCheck route53:ChangeTagsForResource elasticloadbalancing:ModifyListener`,
	"a bucket of access logs that has logs in it when its stack goes": `
		s3:ListBucketVersions s3:DeleteObject s3:DeleteObjectVersion`,
	"AWS asks for it itself when a vault is made": `
		backup-storage:MountCapsule`,
	"a vault outlives its stack unless backup.keepVault is false; the runs preview it": `
		backup:DeleteBackupVault backup:DeleteBackupVaultAccessPolicy`,
	"an edit in place of a living CloudFront: the runs preview it": `
		cloudfront:UpdateCachePolicy cloudfront:UpdateOriginRequestPolicy cloudfront:UpdateOriginAccessControl cloudfront:UpdateVpcOrigin
		cloudfront:UntagResource s3:PutObjectTagging s3:DeleteObjectTagging`,
	"edge.accessLogs delivers CloudFront's logs; a provider that is built from its modules has no such type": `
		logs:PutDeliverySource logs:DeleteDeliverySource logs:GetDeliverySource logs:PutDeliveryDestination logs:DeleteDeliveryDestination
		logs:GetDeliveryDestination logs:CreateDelivery logs:UpdateDeliveryConfiguration logs:DeleteDelivery logs:GetDelivery
		cloudfront:AllowVendedLogDeliveryForResource`,
	"loadBalancer.webAclArn puts a web ACL before the balancer; the runs preview it": `
		wafv2:AssociateWebACL wafv2:DisassociateWebACL wafv2:GetWebACL wafv2:GetWebACLForResource elasticloadbalancing:SetWebAcl`,
	"monitoring.email subscribes, monitoring.monthlyBudget makes a budget; the runs preview it": `
		sns:Subscribe sns:Unsubscribe sns:GetSubscriptionAttributes budgets:ViewBudget budgets:ModifyBudget budgets:ListTagsForResource
		budgets:TagResource budgets:UntagResource`,
	"network.vpnCustomerGatewayIp makes a VPN connection; the runs preview it": `
		ec2:CreateCustomerGateway ec2:DeleteCustomerGateway ec2:CreateVpnGateway ec2:AttachVpnGateway ec2:DetachVpnGateway ec2:DeleteVpnGateway
		ec2:CreateVpnConnection ec2:DeleteVpnConnection ec2:CreateVpnConnectionRoute ec2:DeleteVpnConnectionRoute
		ec2:EnableVgwRoutePropagation ec2:DisableVgwRoutePropagation`,
	"network.dnsServers and network.domainName make DHCP options; the runs preview it": `
		ec2:CreateDhcpOptions ec2:AssociateDhcpOptions ec2:DeleteDhcpOptions`,
	"web.sshPublicKey makes a key pair; the runs preview it": `
		ec2:ImportKeyPair ec2:DeleteKeyPair`,
	"database.snapshotIdentifier restores, and a final snapshot is made by AWS in the role's name": `
		rds:RestoreDBInstanceFromDBSnapshot rds:CreateDBSnapshot`,
	"credentials.rotation moves the stages of the secret's versions": `
		secretsmanager:UpdateSecretVersionStage`,
	"an edit in place of a stack that lives: the runs preview edits and carry few of them out": `
		ec2:CreateLaunchTemplateVersion ec2:ModifyLaunchTemplate ec2:StartInstances ec2:ModifyVolume ec2:ModifySecurityGroupRules ec2:ReplaceRoute
		ec2:ReplaceRouteTableAssociation ec2:AssociateIamInstanceProfile ec2:DisassociateIamInstanceProfile
		ec2:ReplaceIamInstanceProfileAssociation backup:UpdateBackupPlan backup:UntagResource elasticloadbalancing:ModifyTargetGroup elasticloadbalancing:SetSubnets
		elasticloadbalancing:SetSecurityGroups elasticfilesystem:ModifyMountTargetSecurityGroups rds:ModifyDBSubnetGroup
		rds:ModifyEventSubscription rds:ResetDBParameterGroup kms:PutKeyPolicy secretsmanager:UpdateSecret
		autoscaling:AttachLoadBalancerTargetGroups autoscaling:DetachLoadBalancerTargetGroups`,
	"a new golden image rolls through the group; the API server has no instance refresh": `
		autoscaling:StartInstanceRefresh autoscaling:CancelInstanceRefresh`,
	"`pulumi up --refresh` undoes what somebody has changed by hand": `
		ec2:ModifyInstanceMetadataOptions`,
	"a release that drops a tag takes it away": `
		autoscaling:DeleteTags cloudwatch:UntagResource ec2:DeleteTags elasticfilesystem:UntagResource elasticloadbalancing:RemoveTags
		events:UntagResource iam:UntagInstanceProfile iam:UntagRole kms:UntagResource logs:UntagResource rds:RemoveTagsFromResource
		secretsmanager:UntagResource sns:UntagResource ssm:RemoveTagsFromResource`,
	"AWS does it in the role's name when a mount target, a flow log or a first load balancer comes or goes": `
		ec2:DeleteNetworkInterface ec2:ModifyNetworkInterfaceAttribute logs:DeleteLogDelivery iam:CreateServiceLinkedRole
		ec2:GetSecurityGroupsForVpc`,
	"the provider reads it in answers that another server may leave out": `
		elasticfilesystem:ListTagsForResource iam:ListInstanceProfilesForRole`,
})

func reasons(groups map[string]string) map[string]string {
	all := map[string]string{}
	for why, actions := range groups {
		for _, action := range strings.Fields(actions) {
			all[action] = why
		}
	}
	return all
}
