package catalog

// Servers, their image and their scripts.
const (
	EC2Instance        = "aws:ec2/instance:Instance"
	EC2EIPAssociation  = "aws:ec2/eipAssociation:EipAssociation"
	EC2KeyPair         = "aws:ec2/keyPair:KeyPair"
	EC2AMIFromInstance = "aws:ec2/amiFromInstance:AmiFromInstance"
	EC2InstanceState   = "aws:ec2transitgateway/instanceState:InstanceState"
	EC2LaunchTemplate  = "aws:ec2/launchTemplate:LaunchTemplate"
	AutoScalingGroup   = "aws:autoscaling/group:Group"
	AutoScalingPolicy  = "aws:autoscaling/policy:Policy"
	// AutoScalingAttachment puts a group behind a load balancer.
	AutoScalingAttachment = "aws:autoscaling/attachment:Attachment"
	SSMParameter          = "aws:ssm/parameter:Parameter"
	SSMDocument           = "aws:ssm/document:Document"
	SSMAssociation        = "aws:ssm/association:Association"
)

// MixedTemplate is where an Auto Scaling group with a choice of types names its launch
// template.
const MixedTemplate = "mixedInstancesPolicy.launchTemplate.launchTemplateSpecification"

var serverTypes = []Type{
	{
		Token:    EC2Instance,
		Label:    "EC2 Instance",
		IDPrefix: "i-",
		Holds:    WithServer,
		Reached:  true,
		Times: []Time{
			{Seconds: 14, Source: Logs, Observed: "12s, 13s, 15s, 16s", Note: "until it is running, not until it has booted"},
		},
		Actions: Actions{
			Create:   "ec2: RunInstances",
			Makes:    []string{"arn:aws:ec2:*:*:instance/*", "arn:aws:ec2:*:*:volume/*", "arn:aws:ec2:*:*:network-interface/*"},
			Together: "server",
			Write:    "ec2: RunInstances StartInstances StopInstances TerminateInstances ModifyInstanceAttribute ModifyInstanceMetadataOptions AssociateIamInstanceProfile DisassociateIamInstanceProfile ReplaceIamInstanceProfileAssociation ModifyVolume",
			Untagged: []Grant{
				{
					Actions: "ec2: RunInstances",
					On:      []string{"arn:aws:ec2:*::image/*", "arn:aws:ec2:*::snapshot/*"},
					Why:     "images that others publish, Debian's among them",
				},
				{
					Actions: "ec2: CreateNetworkInterface DeleteNetworkInterface ModifyNetworkInterfaceAttribute",
					On:      []string{"arn:aws:ec2:*:*:network-interface/*"},
					Why:     "AWS makes them for mount targets and servers, without tags; subnet and security groups have to be the stack's",
				},
			},
		},
	},
	{
		Token:   EC2EIPAssociation,
		Label:   "EC2 EIP Association",
		Free:    "the address is charged",
		Reached: true,
		Times: []Time{
			{Seconds: 2, Source: Estimate},
		},
		Actions: Actions{
			Write: "ec2: AssociateAddress DisassociateAddress",
		},
	},
	{
		Token: EC2KeyPair,
		Label: "EC2 Key Pair",
		Holds: Always,
		Free:  "key pairs are free",
		Actions: Actions{
			Create: "ec2: ImportKeyPair",
			Makes:  []string{"arn:aws:ec2:*:*:key-pair/*"},
			Write:  "ec2: DeleteKeyPair",
		},
	},
	{
		Token:    EC2AMIFromInstance,
		Label:    "EC2 AMI",
		IDPrefix: "ami-",
		Times: []Time{
			{Seconds: 240, Source: Estimate, Note: "the builder stops, then a snapshot of some 3 GB", Page: "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/creating-an-ami-ebs.html"},
		},
		Actions: Actions{
			Create:   "ec2: CreateImage",
			Makes:    []string{"arn:aws:ec2:*::image/*", "arn:aws:ec2:*::snapshot/*"},
			Together: "image",
			Write:    "ec2: CreateImage DeregisterImage DeleteSnapshot",
		},
	},
	{
		Token:   EC2InstanceState,
		Label:   "EC2 Instance State",
		Reached: true,
		Free:    "only an action",
		Times: []Time{
			{Seconds: 40, Source: Estimate},
		},
		Actions: Actions{
			Write: "ec2: StartInstances StopInstances",
		},
	},
	{
		Token:    EC2LaunchTemplate,
		Label:    "EC2 Launch Template",
		IDPrefix: "lt-",
		Free:     "the servers are charged",
		Reached:  true,
		Times: []Time{
			{Seconds: 5, Source: Logs, Observed: "1s, 5s"},
		},
		Actions: Actions{
			Create: "ec2: CreateLaunchTemplate",
			Makes:  []string{"arn:aws:ec2:*:*:launch-template/*"},
			Write:  "ec2: CreateLaunchTemplateVersion ModifyLaunchTemplate DeleteLaunchTemplate",
		},
	},
	{
		Token:   AutoScalingGroup,
		Label:   "Auto Scaling Group",
		Reached: true,
		Times: []Time{
			{Seconds: 100, Source: Logs, Observed: "1m11s, 1m16s, 1m21s, 2m15s", Note: "start and set-up of a server"},
		},
		Actions: Actions{
			Read:   "autoscaling: Describe*",
			Create: "autoscaling: CreateAutoScalingGroup CreateOrUpdateTags",
			Makes:  []string{"arn:aws:autoscaling:*:*:autoScalingGroup:*"},
			Write:  "autoscaling: UpdateAutoScalingGroup DeleteAutoScalingGroup CreateOrUpdateTags DeleteTags StartInstanceRefresh CancelInstanceRefresh EnableMetricsCollection",
		},
	},
	{
		Token: AutoScalingAttachment,
		Label: "Auto Scaling Attachment",
		Free:  "the group's servers are charged",
		Times: []Time{
			{Seconds: 2, Source: Estimate, Note: "one interval of the health check is added", Page: "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html"},
		},
		Actions: Actions{
			Write: "autoscaling: AttachLoadBalancerTargetGroups DetachLoadBalancerTargetGroups",
		},
	},
	{
		Token: AutoScalingPolicy,
		Label: "Auto Scaling Policy",
		Actions: Actions{
			Write: "autoscaling: PutScalingPolicy DeletePolicy",
		},
	},
	{
		Token: SSMParameter,
		Label: "SSM Parameter",
		Actions: Actions{
			Read:   "ssm: DescribeParameters ListTagsForResource",
			Create: "ssm: PutParameter AddTagsToResource",
			Makes:  []string{"arn:aws:ssm:*:*:parameter/*"},
			Write:  "ssm: PutParameter DeleteParameter AddTagsToResource RemoveTagsFromResource",
		},
	},
	{
		Token: SSMDocument,
		Label: "SSM Document",
		Free:  "documents are free",
		Actions: Actions{
			Read:   "ssm: DescribeDocument DescribeDocumentPermission GetDocument",
			Create: "ssm: CreateDocument",
			Makes:  []string{"arn:aws:ssm:*:*:document/*"},
			Write:  "ssm: DeleteDocument",
		},
	},
	{
		Token: SSMAssociation,
		Label: "SSM Association",
		Free:  "State Manager is free on EC2",
		Times: []Time{
			{When: "bake", Seconds: 300, Source: Program, Note: "packages, mount helper, seal; the agent reports when it is done", Page: "https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-state.html"},
			{When: "migrate", Seconds: 330, Source: Program, Note: "on a new server: packages, then configure; it finds nothing to move"},
			{When: "boot", Seconds: 330, Source: Program, Note: "packages, then configure"},
			{Seconds: 60, Source: Estimate, Note: "the servers of a group, one after the other"},
		},
		Actions: Actions{
			Read:   "ssm: DescribeAssociation",
			Create: "ssm: CreateAssociation",
			Makes:  []string{"arn:aws:ssm:*:*:association/*"},
			Write:  "ssm: CreateAssociation DeleteAssociation",
		},
	},
}
