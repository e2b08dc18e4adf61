package model

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/webphases/webphases/internal/catalog"
)

const elbArn = "arn:{partition}:elasticloadbalancing:{region}:{account}:"

// balancerZones are the hosted zones of the load balancers' DNS names, from
// AWS's list of service endpoints.
var balancerZones = map[string]string{
	"us-east-1": "Z35SXDOTRQ7X7K", "us-east-2": "Z3AADJGX6KTTL2", "us-west-1": "Z368ELLRRE2KJ0", "us-west-2": "Z1H1FL5HABSF5",
	"ca-central-1": "ZQSVJUPU6J1EY", "sa-east-1": "Z2P70J7HTTTPLU", "eu-west-1": "Z32O12XQLNTSW2", "eu-west-2": "ZHURV8PSTC4K8",
	"eu-west-3": "Z3Q77PNBQS71R4", "eu-central-1": "Z215JYRZR1TBD5", "eu-north-1": "Z23TAZ6LKFMNIO", "ap-northeast-1": "Z14GRHDCWA56QT",
	"ap-northeast-2": "ZWKZPGTI48KDX", "ap-northeast-3": "Z5LXEXXYW11ES", "ap-southeast-1": "Z1LMS91P8CMLE5", "ap-southeast-2": "Z1GM3OXH4ZPM65",
	"ap-south-1": "ZP97RAFLXTNZK", "ap-east-1": "Z3DQVH9N71FHZ0",
}

var balancerKinds = []Kind{
	{
		Token: catalog.LBLoadBalancer, ID: elbArn + "loadbalancer/app/{.name}/{hex16}",
		Outputs: []string{"arn", "{id}", "ipAddressType", "ipv4"},
		Name:    &Naming{Property: "name", Max: 32, Prefix: "namePrefix"},
		Defaults: map[string]any{
			"clientKeepAlive": 3600, "desyncMitigationMode": "defensive", "dropInvalidHeaderFields": false, "enableDeletionProtection": false,
			"enableHttp2": true, "enableTlsVersionAndCipherSuiteHeaders": false, "enableWafFailOpen": false, "enableXffClientPort": false,
			"enableZonalShift": false, "idleTimeout": 60, "loadBalancerType": "application", "preserveHostHeader": false, "xffHeaderProcessingMode": "append",
		},
		Refs: []Ref{
			{Path: "subnets[*]", To: catalog.EC2Subnet}, {Path: "securityGroups[*]", To: catalog.EC2SecurityGroup}, {Path: "accessLogs.bucket", To: catalog.S3BucketV2},
			{Path: "connectionLogs.bucket", To: catalog.S3BucketV2},
		},
		Sets: []string{"subnets", "securityGroups", "subnetMappings"},
		Rules: []Rule{
			oneOf("loadBalancerType", "application"), oneOf("desyncMitigationMode", "monitor", "defensive", "strictest"), between("idleTimeout", 1, 4000),
			between("clientKeepAlive", 60, 604800), matches("name", `^[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?$`, "up to 32 letters, digits and hyphens"),
		},
		Apply: placeBalancer,
		Fill:  describeBalancer,
		Delete: func(c *change) error {
			if yes(c.old.Outputs, "enableDeletionProtection") {
				return refuse("OperationNotPermitted", "Load balancer '%s' cannot be deleted because deletion protection is enabled", c.id)
			}
			return nil
		},
	},
	{
		Token: catalog.LBTargetGroup, ID: elbArn + "targetgroup/{.name}/{hex16}",
		Outputs: []string{
			"arn", "{id}", "ipAddressType", "ipv4", "loadBalancingAlgorithmType", "round_robin", "loadBalancingAnomalyMitigation", "off",
			"loadBalancingCrossZoneEnabled", "use_load_balancer_configuration", "protocolVersion", "HTTP1",
		},
		Name: &Naming{Property: "name", Max: 32, Prefix: "namePrefix"},
		Defaults: map[string]any{
			"deregistrationDelay": 300, "lambdaMultiValueHeadersEnabled": false, "proxyProtocolV2": false, "slowStart": 0, "targetType": "instance",
		},
		Refs: []Ref{vpcRef},
		Rules: []Rule{
			between("port", 1, 65535), oneOf("protocol", "HTTP", "HTTPS"), oneOf("targetType", "instance", "ip", "lambda", "alb"),
			between("deregistrationDelay", 0, 3600), between("healthCheck.healthyThreshold", 2, 10), between("healthCheck.unhealthyThreshold", 2, 10),
			between("healthCheck.interval", 5, 300), between("healthCheck.timeout", 2, 120), between("stickiness.cookieDuration", 1, 604800),
			oneOf("stickiness.type", "lb_cookie", "app_cookie"), matches("healthCheck.path", `^/`, "a path that begins with /"), timeoutBelowInterval,
		},
		Fill: func(c *change) {
			c.set("arnSuffix", "targetgroup/"+str(c.out, "name")+"/"+short(c.id, "/"))
		},
	},
	{
		Token: catalog.LBListener, ID: elbArn + "listener/app/{.loadBalancerArn}/{hex16}",
		Outputs: []string{"arn", "{id}"},
		Refs: []Ref{
			{Path: "loadBalancerArn", To: catalog.LBLoadBalancer, By: "arn"}, {Path: "defaultActions[*].targetGroupArn", To: catalog.LBTargetGroup, By: "arn"},
			{Path: "defaultActions[*].forward.targetGroups[*].arn", To: catalog.LBTargetGroup, By: "arn"}, {Path: "certificateArn", To: catalog.ACMCertificate, By: "arn"},
		},
		Rules: []Rule{
			between("port", 1, 65535), oneOf("protocol", "HTTP", "HTTPS"), when("protocol", "HTTPS", required("certificateArn")),
			oneOf("defaultActions[*].type", "forward", "redirect", "fixed-response", "authenticate-cognito", "authenticate-oidc"),
			matches("sslPolicy", `^ELBSecurityPolicy-`, "the name of a predefined security policy"),
			oneOf("defaultActions[*].redirect.statusCode", "HTTP_301", "HTTP_302"),
		},
		Unique: []Unique{{Paths: []string{"loadBalancerArn", "port"}, Code: "DuplicateListener", What: "a listener on this port"}},
		Apply: func(c *change) error {
			// The id takes the balancer's name and number, not its whole ARN.
			if c.old == nil {
				lb := str(c.in, "loadBalancerArn")
				c.id = c.expand("id", elbArn+"listener/app/"+lb[strings.Index(lb, "/app/")+len("/app/"):]+"/{hex16}")
			}
			if err := oneBalancer(c); err != nil {
				return err
			}
			cert := c.cloud.Get(catalog.ACMCertificate, str(c.in, "certificateArn"))
			if cert != nil && !validated(c.cloud, cert) {
				return refuse("UnsupportedCertificate",
					"The certificate '%s' must have a fully-qualified domain name, a supported signature, and a supported key size: it is not issued yet", cert.ID)
			}
			return nil
		},
		Fill: func(c *change) {
			c.setIfAbsent("protocol", "HTTP")
			if str(c.out, "protocol") == "HTTPS" {
				c.setIfAbsent("sslPolicy", "ELBSecurityPolicy-2016-08")
			}
		},
	},
	{
		Token: catalog.WAFWebACLAssociation, ID: "{.webAclArn},{.resourceArn}",
		Refs:   []Ref{{Path: "resourceArn", To: catalog.LBLoadBalancer, By: "arn"}},
		Rules:  []Rule{matches("webAclArn", `^arn:[a-z-]+:wafv2:[a-z0-9-]+:\d{12}:regional/webacl/`, "the ARN of a regional web ACL")},
		Unique: []Unique{{Paths: []string{"resourceArn"}, Code: "WAFAssociatedItemException", What: "a web ACL association"}},
	},
}

// oneBalancer refuses a second load balancer for a target group.
//
// Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html
func oneBalancer(c *change) error {
	for _, group := range strs(c.in, "defaultActions[*].targetGroupArn") {
		for _, other := range c.cloud.OfType(catalog.LBListener) {
			if other.Str("loadBalancerArn") != str(c.in, "loadBalancerArn") && slices.Contains(strs(other.Inputs, "defaultActions[*].targetGroupArn"), group) {
				return refuse("TargetGroupAssociationLimit", "The following target groups cannot be associated with more than one load balancer: %s", group)
			}
		}
	}
	return nil
}

func timeoutBelowInterval(in resource.PropertyMap) []failure {
	if t, i := num(in, "healthCheck.timeout"), num(in, "healthCheck.interval"); t > 0 && i > 0 && t >= i {
		return fail("healthCheck.timeout", "Health check timeout '%d' must be smaller than the interval '%d'", t, i)
	}
	return nil
}

// placeBalancer wants two zones of one VPC, and a way in if it faces the internet.
func placeBalancer(c *change) error {
	subnets := strs(c.in, "subnets[*]")
	zones, vpc := map[string]bool{}, ""
	for _, id := range subnets {
		s := c.subnet(id)
		if s == nil {
			continue
		}
		if zones[s.Str("availabilityZone")] {
			return refuse("InvalidConfigurationRequest", "A load balancer cannot be attached to multiple subnets in the same Availability Zone")
		}
		zones[s.Str("availabilityZone")] = true
		if vpc != "" && s.Str("vpcId") != vpc {
			return refuse("InvalidConfigurationRequest", "All subnets must belong to the same VPC")
		}
		vpc = s.Str("vpcId")
	}
	if len(zones) < 2 {
		return refuse("ValidationError", "At least two subnets in two different Availability Zones must be specified")
	}
	if err := groupsInVpc(c.cloud, vpc, strs(c.in, "securityGroups[*]")); err != nil {
		return err
	}
	if yes(c.in, "internal") {
		return nil
	}
	if needInternetGateway(c.cloud, vpc) != nil {
		return refuse("InvalidSubnet", "VPC %s has no internet gateway (depend on it)", vpc)
	}
	return nil
}

func describeBalancer(c *change) {
	c.setIfAbsent("internal", false)
	c.set("arnSuffix", "app/"+str(c.out, "name")+"/"+short(c.id, "/"))
	host := str(c.out, "name") + "-" + c.digits("dnsName", 10) + "." + c.region + ".elb." + dnsSuffix(c.region)
	if yes(c.out, "internal") {
		host = "internal-" + host
	}
	c.setIfAbsent("dnsName", host)
	zoneID := balancerZones[c.region]
	if zoneID == "" {
		zoneID = "Z" + strings.ToUpper(c.letters("zoneId", 13))
	}
	c.setIfAbsent("zoneId", zoneID)
	if s := c.subnet(strs(c.in, "subnets[*]")[0]); s != nil {
		c.set("vpcId", s.Str("vpcId"))
	}
}
