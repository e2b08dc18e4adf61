package catalog

// Who may talk to whom and who may do what.
const (
	EC2NetworkACL               = "aws:ec2/networkAcl:NetworkAcl"
	EC2NetworkACLRule           = "aws:ec2/networkAclRule:NetworkAclRule"
	EC2SecurityGroup            = "aws:ec2/securityGroup:SecurityGroup"
	EC2DefaultSecurityGroup     = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
	VPCSecurityGroupIngressRule = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	VPCSecurityGroupEgressRule  = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
	IAMRole                     = "aws:iam/role:Role"
	IAMRolePolicy               = "aws:iam/rolePolicy:RolePolicy"
	IAMRolePolicyAttachment     = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
	IAMPolicy                   = "aws:iam/policy:Policy"
	IAMInstanceProfile          = "aws:iam/instanceProfile:InstanceProfile"
	IAMOIDCProvider             = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
	KMSKey                      = "aws:kms/key:Key"
	SecretsManagerSecret        = "aws:secretsmanager/secret:Secret"
	SecretsManagerSecretVersion = "aws:secretsmanager/secretVersion:SecretVersion"
)

// CredentialSecrets are the secrets of the component credentials, as ARNs.
const CredentialSecrets = "arn:aws:secretsmanager:*:*:secret:credentials-*"

var securityTypes = []Type{
	{
		Token:    EC2NetworkACL,
		Label:    "EC2 Network ACL",
		IDPrefix: "acl-",
		Free:     "network ACLs are free",
		Reached:  true,
		Actions: Actions{
			Create:   "ec2: CreateNetworkAcl",
			Makes:    []string{"arn:aws:ec2:*:*:network-acl/*"},
			Together: "tier",
			Write:    "ec2: CreateNetworkAcl DeleteNetworkAcl ReplaceNetworkAclAssociation",
		},
	},
	{
		Token:   EC2NetworkACLRule,
		Label:   "EC2 Network ACL Rule",
		Free:    "network ACLs are free",
		Reached: true,
		Actions: Actions{
			Write: "ec2: CreateNetworkAclEntry DeleteNetworkAclEntry",
		},
	},
	{
		Token:    EC2SecurityGroup,
		Label:    "EC2 Security Group",
		IDPrefix: "sg-",
		Free:     "security groups are free",
		Reached:  true,
		Times: []Time{
			{Seconds: 3, Source: Logs, Observed: "3s"},
		},
		Actions: Actions{
			Create:   "ec2: CreateSecurityGroup",
			Makes:    []string{"arn:aws:ec2:*:*:security-group/*"},
			Together: "tier",
			Write:    "ec2: CreateSecurityGroup DeleteSecurityGroup RevokeSecurityGroupEgress",
		},
	},
	{
		Token:   EC2DefaultSecurityGroup,
		Label:   "EC2 Default Security Group",
		Free:    "security groups are free",
		Reached: true,
	},
	{
		Token:   VPCSecurityGroupIngressRule,
		Label:   "VPC Security Group Ingress Rule",
		Free:    "security groups are free",
		Reached: true,
		Actions: Actions{
			Create:   "ec2: AuthorizeSecurityGroupIngress",
			Makes:    []string{"arn:aws:ec2:*:*:security-group-rule/*"},
			Together: "attached",
			Write:    "ec2: AuthorizeSecurityGroupIngress RevokeSecurityGroupIngress ModifySecurityGroupRules",
			Untagged: []Grant{
				{
					Actions: "ec2: GetManagedPrefixListEntries ModifySecurityGroupRules",
					On:      []string{"arn:aws:ec2:*:*:prefix-list/*"},
					Why:     "the list of CloudFront's addresses is AWS's own; the group and the rule that name it have to be the stack's",
				},
			},
		},
	},
	{
		Token:   VPCSecurityGroupEgressRule,
		Label:   "VPC Security Group Egress Rule",
		Free:    "security groups are free",
		Reached: true,
		Actions: Actions{
			Create:   "ec2: AuthorizeSecurityGroupEgress",
			Makes:    []string{"arn:aws:ec2:*:*:security-group-rule/*"},
			Together: "attached",
			Write:    "ec2: AuthorizeSecurityGroupEgress RevokeSecurityGroupEgress ModifySecurityGroupRules",
		},
	},
	{
		Token: IAMRole,
		Label: "IAM Role",
		Free:  "IAM is free",
		Actions: Actions{
			Read: "iam: GetRole ListRolePolicies ListAttachedRolePolicies",
		},
	},
	{
		Token: IAMRolePolicy,
		Label: "IAM Role Policy",
		Free:  "IAM is free",
		Actions: Actions{
			Read: "iam: GetRolePolicy",
		},
	},
	{
		Token: IAMRolePolicyAttachment,
		Label: "IAM Role Policy Attachment",
		Free:  "IAM is free",
	},
	{
		Token: IAMPolicy,
		Label: "IAM Policy",
		Free:  "IAM is free",
	},
	{
		Token: IAMInstanceProfile,
		Label: "IAM Instance Profile",
		Free:  "IAM is free",
		Times: []Time{
			{Seconds: 7, Source: Estimate, Note: "IAM is eventually consistent"},
		},
		Actions: Actions{
			Read: "iam: GetInstanceProfile ListInstanceProfilesForRole",
		},
	},
	{
		Token: IAMOIDCProvider,
		Label: "IAM OIDC Provider",
		Free:  "IAM is free",
	},
	{
		Token: KMSKey,
		Label: "KMS Key",
		Actions: Actions{
			Read:   "kms: DescribeKey GetKeyPolicy GetKeyRotationStatus ListResourceTags",
			Create: "kms: CreateKey TagResource",
			Makes:  []string{"*"},
			Write:  "kms: EnableKeyRotation PutKeyPolicy ScheduleKeyDeletion TagResource UntagResource",
		},
	},
	{
		Token: SecretsManagerSecret,
		Label: "Secrets Manager Secret",
		Holds: Always,
		Actions: Actions{
			Read:   "secretsmanager: DescribeSecret GetResourcePolicy",
			Create: "secretsmanager: CreateSecret TagResource",
			Makes:  []string{CredentialSecrets},
			Write:  "secretsmanager: UpdateSecret DeleteSecret TagResource UntagResource",
		},
	},
	{
		Token: SecretsManagerSecretVersion,
		Label: "Secrets Manager Secret Version",
		Holds: Always,
		Free:  "the secret is charged",
		Actions: Actions{
			Write: "secretsmanager: GetSecretValue PutSecretValue UpdateSecretVersionStage",
		},
	},
}
