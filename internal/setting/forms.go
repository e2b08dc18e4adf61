package setting

import (
	"net/netip"
	"regexp"
)

// A Form is what a text has to look like.
type Form struct {
	*regexp.Regexp        // nil: valid decides
	What           string // the noun for what has the form
	Example        string

	valid func(string) bool
}

// Matches tells whether the text has the form.
func (f Form) Matches(text string) bool {
	if f.valid != nil {
		return f.valid(text)
	}
	return f.MatchString(text)
}

func form(expression, what, example string) Form {
	return Form{Regexp: regexp.MustCompile(expression), What: what, Example: example}
}

// Forms whose parts others read.
var (
	Region = form(`^[a-z]{2}(-[a-z]+)+-\d$`, "a region's name", "ap-northeast-1")

	// Source: https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
	InstanceType = form(`^([a-z]+)(\d+)([a-z]*)(-[a-z0-9]+)?\.(nano|micro|small|medium|large|\d*xlarge|metal(-\d+xl)?)$`,
		"an instance type", "t3.small or t4g.small")

	// Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Types.html
	InstanceClass = form(`^db\.([a-z]+)(\d+)([a-z]*)\.(micro|small|medium|large|\d*xlarge)$`,
		"a provisioned instance class", "db.t4g.micro or db.m7g.large")

	Time              = form(`^([01]\d|2[0-3]):([0-5]\d)$`, "a time of day in UTC", "20:30")
	BackupWindow      = form(`^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$`, "a daily window in UTC", "17:00-18:00")
	MaintenanceWindow = form(`^(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):([0-5]\d)-(mon|tue|wed|thu|fri|sat|sun):([01]\d|2[0-3]):([0-5]\d)$`,
		"a weekly window in UTC", "sun:18:30-sun:19:30")

	KMSKey = form(`^arn:aws[a-z-]*:kms:([a-z0-9-]+):\d{12}:key/[a-zA-Z0-9-]+$`, "the ARN of a KMS key", "arn:aws:kms:REGION:ACCOUNT:key/ID")

	GlobalWebACL = form(`^arn:aws[a-z-]*:wafv2:us-east-1:\d{12}:global/webacl/[^/]+/[^/]+$`,
		"the ARN of a web ACL for CloudFront", "arn:aws:wafv2:us-east-1:ACCOUNT:global/webacl/NAME/ID")

	WebACL = form(`^arn:aws[a-z-]*:wafv2:([a-z0-9-]+):\d{12}:regional/webacl/[^/]+/[^/]+$`,
		"the ARN of a regional web ACL", "arn:aws:wafv2:REGION:ACCOUNT:regional/webacl/NAME/ID")
)

// Forms are the forms that a tag can name.
var Forms = map[string]Form{
	"adminUser":         form(`^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$`, "1 to 60 letters, digits, ., _ or -", "webmaster"),
	"backupWindow":      BackupWindow,
	"databaseName":      form(`^[a-zA-Z][a-zA-Z0-9_]{0,63}$`, "a database name", "wordpress"),
	"databaseUser":      form(`^[a-zA-Z][a-zA-Z0-9_]{0,15}$`, "a MySQL user name of at most 16 letters, digits and _", "wpadmin"),
	"domainName":        form(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$`, "a domain name in lower case", "www.example.com"),
	"email":             form(`^[A-Za-z0-9._%+-]+@([A-Za-z0-9-]+\.)+[A-Za-z]{2,63}$`, "an e-mail address", "you@example.com"),
	"globalWebAcl":      GlobalWebACL,
	"hostedZone":        form(`^(/hostedzone/)?Z[A-Z0-9]{1,31}$`, "a Route 53 hosted zone's ID", "Z0123456789ABCDEFGHIJ"),
	"image":             form(`^(debian|marketplace|ami-([0-9a-f]{8}|[0-9a-f]{17}))$`, "debian, marketplace or an AMI ID", "ami-0123456789abcdef0"),
	"instanceClass":     InstanceClass,
	"instanceType":      InstanceType,
	"ipv4":              {What: "an IPv4 address", Example: "10.0.0.53", valid: isIPv4},
	"ipv4Range":         {What: "an IPv4 range in CIDR notation without host bits", Example: "192.0.2.0/24, or 192.0.2.7/32 for one address", valid: isRange},
	"maintenanceWindow": MaintenanceWindow,
	"kmsKey":            KMSKey,
	"mailUser":          form(`^[!-~]{1,128}$`, "a login without spaces", "AKIAIOSFODNN7EXAMPLE"),
	"mysqlVersion":      form(`^8\.(0|4)(\.\d+)?$`, "a version of MySQL 8.0 or 8.4", "8.4 (newest minor version) or 8.4.6"),
	"path":              form(`^/[!-~]{0,999}$`, "a path", "/healthz"),
	"permissionsPolicy": form(`^arn:aws[a-z-]*:iam::\d{12}:policy/.+$`, "the ARN of a policy of your own", "arn:aws:iam::ACCOUNT:policy/NAME"),
	"publicIPv4":        {What: "a public IPv4 address", Example: "198.51.100.7", valid: isPublic},
	"region":            Region,
	"rolePath":          form(`^/([!-.0-~]+/){0,8}$`, "a path that begins and ends with /", "/webphases/"),
	"snapshot":          form(`^(arn:aws[a-z-]*:rds:[a-z0-9-]+:\d{12}:snapshot:)?(rds:|awsbackup:)?[a-zA-Z][a-zA-Z0-9-]{0,254}$`, "a snapshot's identifier or ARN", "my-snapshot"),
	"sshPublicKey":      form(`^(ssh-ed25519|ssh-rsa) [A-Za-z0-9+/]+=*( .*)?$`, "an OpenSSH public key of type ed25519 or rsa", "ssh-ed25519 AAAAC3Nza… you@example.com"),
	"time":              Time,
	"tlsPolicy":         form(`^ELBSecurityPolicy-TLS13-1-[23]-[A-Za-z0-9-]+$`, "a policy with TLS 1.2 or 1.3 as its least version", "ELBSecurityPolicy-TLS13-1-2-2021-06"),
	"webAcl":            WebACL,
	"zone":              form(`^[a-z]{2}(-[a-z]+)+-\d[a-z]$`, "an availability zone's name", "ap-northeast-1a"),
}

func isIPv4(text string) bool {
	address, err := netip.ParseAddr(text)
	return err == nil && address.Is4()
}

func isPublic(text string) bool {
	address, err := netip.ParseAddr(text)
	return err == nil && address.Is4() && !address.IsPrivate() && !address.IsLoopback() && !address.IsUnspecified()
}

func isRange(text string) bool {
	prefix, err := netip.ParsePrefix(text)
	return err == nil && prefix.Addr().Is4() && prefix == prefix.Masked()
}
