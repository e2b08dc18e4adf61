package calls

import (
	"strings"

	"github.com/webphases/webphases/rehearsal/prove/iam"
)

// atBirth are the actions that AWS checks besides a creating one that gives tags.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html, and each service's authorization reference
var atBirth = map[string]string{
	"acm":                  "AddTagsToCertificate",
	"autoscaling":          "CreateOrUpdateTags",
	"backup":               "TagResource",
	"budgets":              "TagResource",
	"cloudfront":           "TagResource",
	"cloudwatch":           "TagResource",
	"ec2":                  "CreateTags",
	"elasticfilesystem":    "TagResource",
	"elasticloadbalancing": "AddTags",
	"events":               "TagResource",
	"kms":                  "TagResource",
	"logs":                 "TagResource",
	"rds":                  "AddTagsToResource",
	"secretsmanager":       "TagResource",
	"sns":                  "TagResource",
	"ssm":                  "AddTagsToResource",
}

// made is what a creating action makes, as ARNs without "arn:aws:SERVICE:REGION:ACCOUNT:".
// {Name} is a parameter; new stands for what AWS names.
var made = map[string][]string{
	"acm:RequestCertificate":                  {"certificate/new"},
	"autoscaling:CreateAutoScalingGroup":      {"autoScalingGroup:new:autoScalingGroupName/{AutoScalingGroupName}"},
	"backup:CreateBackupPlan":                 {"backup-plan:new"},
	"backup:CreateBackupVault":                {"backup-vault:new"},
	"cloudfront:CreateDistribution":           {"distribution/new"},
	"cloudfront:CreateVpcOrigin":              {"vpcorigin/new"},
	"cloudwatch:PutMetricAlarm":               {"alarm:{AlarmName}"},
	"cloudwatch:PutCompositeAlarm":            {"alarm:{AlarmName}"},
	"ec2:AllocateAddress":                     {"elastic-ip/new"},
	"ec2:AuthorizeSecurityGroupEgress":        {"security-group-rule/new"},
	"ec2:AuthorizeSecurityGroupIngress":       {"security-group-rule/new"},
	"ec2:CreateCustomerGateway":               {"customer-gateway/new"},
	"ec2:CreateDhcpOptions":                   {"dhcp-options/new"},
	"ec2:CreateFlowLogs":                      {"vpc-flow-log/new"},
	"ec2:CreateInternetGateway":               {"internet-gateway/new"},
	"ec2:CreateLaunchTemplate":                {"launch-template/new"},
	"ec2:CreateNatGateway":                    {"natgateway/new"},
	"ec2:CreateNetworkAcl":                    {"network-acl/new"},
	"ec2:CreateRouteTable":                    {"route-table/new"},
	"ec2:CreateSecurityGroup":                 {"security-group/new"},
	"ec2:CreateSubnet":                        {"subnet/new"},
	"ec2:CreateVpc":                           {"vpc/new"},
	"ec2:CreateVpcEndpoint":                   {"vpc-endpoint/new"},
	"ec2:CreateVpnConnection":                 {"vpn-connection/new"},
	"ec2:CreateVpnGateway":                    {"vpn-gateway/new"},
	"ec2:ImportKeyPair":                       {"key-pair/{KeyName}"},
	"ec2:RunInstances":                        {"instance/new", "volume/new", "network-interface/new"},
	"elasticfilesystem:CreateFileSystem":      {"file-system/new"},
	"elasticloadbalancing:CreateLoadBalancer": {"loadbalancer/app/{Name}/new"},
	"elasticloadbalancing:CreateTargetGroup":  {"targetgroup/{Name}/new"},
	"events:PutRule":                          {"rule/{Name}"},
	"iam:CreateInstanceProfile":               {"instance-profile{Path}{InstanceProfileName}"},
	"iam:CreateRole":                          {"role{Path}{RoleName}"},
	"kms:CreateKey":                           {"key/new"},
	"logs:CreateDelivery":                     {"delivery:new"},
	"logs:CreateLogGroup":                     {"log-group:{logGroupName}"},
	"logs:PutDeliveryDestination":             {"delivery-destination:{name}"},
	"logs:PutDeliverySource":                  {"delivery-source:{name}"},
	"rds:CreateDBInstance":                    {"db:{DBInstanceIdentifier}"},
	"rds:CreateDBParameterGroup":              {"pg:{DBParameterGroupName}"},
	"rds:CreateDBSubnetGroup":                 {"subgrp:{DBSubnetGroupName}"},
	"rds:CreateOptionGroup":                   {"og:{OptionGroupName}"},
	"rds:CreateEventSubscription":             {"es:{SubscriptionName}"},
	"rds:RestoreDBInstanceFromDBSnapshot":     {"db:{DBInstanceIdentifier}"},
	"secretsmanager:CreateSecret":             {"secret:{Name}-new"},
	"sns:CreateTopic":                         {"{Name}"},
	"ssm:CreateAssociation":                   {"association/new"},
	"ssm:CreateDocument":                      {"document/{Name}"},
	"ssm:PutParameter":                        {"parameter/{Name}"},
}

// images have no account in their ARN; CreateImage makes both.
var images = []string{"image/new", "snapshot/new"}

// makes are the ARNs of what a call would make, unless it is there: to put a parameter
// once more is to change it.
func (r *Recorder) makes(action string, p parameters) (arns []string) {
	service, _, _ := strings.Cut(action, ":")
	if action == "ec2:CreateImage" {
		for _, kind := range images {
			arns = append(arns, "arn:aws:ec2:"+r.Region+"::"+kind)
		}
	}
	for _, form := range made[action] {
		arn := "arn:aws:" + service + ":" + r.Region + ":" + r.Account + ":" + form
		if service == "iam" || service == "cloudfront" { // of no region
			arn = "arn:aws:" + service + "::" + r.Account + ":" + form
		}
		for name, value := range p {
			arn = strings.ReplaceAll(arn, "{"+name+"}", value)
		}
		arn = strings.ReplaceAll(arn, "{Path}", "/")
		if service == "ssm" {
			arn = strings.ReplaceAll(arn, "parameter//", "parameter/")
		}
		if r.things[service+" "+arn] == nil {
			arns = append(arns, arn)
		}
	}
	return arns
}

// conditions are the keys that AWS fills for a call besides tags.
func conditions(action string, p parameters) map[string]string {
	all := map[string]string{}
	switch action {
	case "iam:CreateRole":
		all["iam:PermissionsBoundary"] = p["PermissionsBoundary"]
	case "iam:PutRolePolicy", "iam:DeleteRolePolicy", "iam:AttachRolePolicy", "iam:DetachRolePolicy":
		all["iam:PermissionsBoundary"] = Boundary // of each role that the runs make
		all["iam:PolicyARN"] = p["PolicyArn"]
	case "iam:CreateServiceLinkedRole":
		all["iam:AWSServiceName"] = p["AWSServiceName"]
	}
	return all
}

// Boundary is the ARN of the policy that bounds the roles which the runs make.
const Boundary = "arn:aws:iam::123456789012:policy/github-boundary"

// besides is what AWS checks in addition to a call's own action, and the API server does
// not. docs/pull-requests.md lists it.
//
// Source: https://docs.aws.amazon.com/efs/latest/ug/API_CreateMountTarget.html (network interfaces),
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html,
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-launch-template-permissions.html,
// https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/load-balancer-authentication-access-control.html
func (r *Recorder) besides(action string, p parameters) (list []iam.Request) {
	pass := func(service, arn string) {
		if arn == "" {
			return
		}
		for _, name := range []string{"iam profile " + arn, "iam " + arn} {
			if t := r.things[name]; t != nil {
				arn = t.arn
				break
			}
		}
		list = append(list, iam.Request{Action: "iam:PassRole", Resource: arn, Context: map[string][]string{"iam:passedtoservice": {service}}})
	}
	switch action {
	case "elasticfilesystem:CreateMountTarget":
		for _, of := range []string{p["SubnetId"], p["SecurityGroups.0"]} {
			if t := r.things["ec2 "+of]; t != nil {
				q := iam.Request{Action: "ec2:CreateNetworkInterface", Resource: t.arn, Context: map[string][]string{}}
				for key, value := range t.tags {
					q.Context["aws:resourcetag/"+strings.ToLower(key)] = []string{value}
				}
				list = append(list, q)
			}
		}
		list = append(list, iam.Request{Action: "ec2:CreateNetworkInterface", Resource: r.ec2ARN("network-interface", "new")})
	case "elasticloadbalancing:CreateLoadBalancer", "elasticloadbalancing:SetSecurityGroups":
		list = append(list, iam.Request{Action: "ec2:GetSecurityGroupsForVpc", Resource: "*"})
	case "ec2:CreateFlowLogs":
		pass("vpc-flow-logs.amazonaws.com", p["DeliverLogsPermissionArn"])
		list = append(list, iam.Request{Action: "logs:CreateLogDelivery", Resource: "*"})
	case "logs:PutDeliverySource":
		if t := r.things["cloudfront "+p["resourceArn"]]; t != nil {
			q := iam.Request{Action: "cloudfront:AllowVendedLogDeliveryForResource", Resource: t.arn, Context: map[string][]string{}}
			for key, value := range t.tags {
				q.Context["aws:resourcetag/"+strings.ToLower(key)] = []string{value}
			}
			list = append(list, q)
		}
	case "rds:CreateDBInstance", "rds:ModifyDBInstance", "rds:RestoreDBInstanceFromDBSnapshot":
		pass("monitoring.rds.amazonaws.com", p["MonitoringRoleArn"])
	case "ec2:RunInstances", "ec2:CreateLaunchTemplate", "ec2:CreateLaunchTemplateVersion":
		pass("ec2.amazonaws.com", p.first("IamInstanceProfile.Name", "LaunchTemplateData.IamInstanceProfile.Name"))
	case "iam:AddRoleToInstanceProfile":
		pass("ec2.amazonaws.com", p["RoleName"])
	}
	return list
}
