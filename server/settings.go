package server

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
)

// Errors of this package; each is wrapped with the field, its value and a remedy.
var (
	ErrBoot     = errors.New("boot cannot be made into user data")
	ErrDocument = errors.New("server document is not valid")
	ErrRecord   = errors.New("not a server's record")
	ErrSettings = errors.New("server settings are not valid")
)

// Settings is what the program tells a server; no part of it is secret.
type Settings struct {
	// Region is the AWS region, such as "ap-northeast-1".
	Region string `json:"region"`
	// SecretARN names the Secrets Manager secret with the database's username and
	// password, app_password, admin_password, and WordPress' eight keys and salts.
	SecretARN string   `json:"secretArn"`
	Database  Database `json:"database"`
	// Storage is nil while wp-content is on the server's own disk.
	Storage *Storage `json:"storage,omitempty"`
	Site    Site     `json:"site"`
	// Watch is nil while the CloudWatch agent is off.
	Watch *Watch `json:"watch,omitempty"`
}

// Watch is where the CloudWatch agent puts the server's logs and metrics.
type Watch struct {
	LogGroup         string `json:"logGroup"`
	MetricsNamespace string `json:"metricsNamespace"`
}

// Database is where the data is: Local, or else a managed server, always over TLS.
type Database struct {
	Local bool   `json:"local,omitempty"`
	Host  string `json:"host,omitempty"`
	Port  int    `json:"port,omitempty"`
	Name  string `json:"name,omitempty"`
}

// Storage is the EFS file system and the access point (user 33) for wp-content.
type Storage struct {
	FileSystemID  string `json:"fileSystemId"`
	AccessPointID string `json:"accessPointId"`
}

// Site is how visitors reach WordPress.
type Site struct {
	// Domain may be empty: then visitors use Address.
	Domain string `json:"domain"`
	// Address is the Elastic IP or the load balancer's DNS name.
	Address string `json:"address"`
	Admin   Admin  `json:"admin"`
	// BehindLoadBalancer makes the server believe X-Forwarded-For and -Proto from
	// the addresses of Network.
	BehindLoadBalancer bool `json:"behindLoadBalancer"`
	// TLSAtLoadBalancer says that the load balancer has the domain's certificate.
	TLSAtLoadBalancer bool `json:"tlsAtLoadBalancer"`
	// Edge says that CloudFront is before the load balancer: all visitors come by HTTPS, and
	// the address before the last that X-Forwarded-For has is theirs.
	Edge bool `json:"edge,omitempty"`
	// TargetGroupARN is the load balancer's target group, where a server sees whether
	// it is healthy.
	TargetGroupARN string `json:"targetGroupArn,omitempty"`
	// Network is the VPC's range: the load balancer's addresses are in it.
	Network string `json:"network"`
	// Mail is nil while no e-mail leaves.
	Mail *Mail `json:"mail,omitempty"`
}

// Mail is the server that takes e-mail by SMTP, always with TLS. The password of
// Username is mail_password in the secret.
type Mail struct {
	Host     string `json:"host"`
	Port     int    `json:"port"`
	From     string `json:"from"`
	Username string `json:"username,omitempty"`
}

// Admin is the first administrator of WordPress. He is made when WordPress is installed;
// a site that has an administrator keeps its own.
type Admin struct {
	User  string `json:"user"`
	Email string `json:"email"`
}

var (
	parameterName    = regexp.MustCompile(`^[A-Za-z0-9._/-]{1,512}$`)
	regionName       = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-\d+$`)
	secretARN        = regexp.MustCompile(`^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@-]+$`)
	hostName         = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$`)
	databaseName     = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,63}$`)
	fileSystemID     = regexp.MustCompile(`^fs-[0-9a-f]{8,40}$`)
	networkRange     = regexp.MustCompile(`^\d{1,3}(\.\d{1,3}){3}/\d{1,2}$`)
	targetGroup      = regexp.MustCompile(`^arn:[a-z-]+:elasticloadbalancing:[a-z0-9-]+:\d{12}:targetgroup/[A-Za-z0-9-]+/[0-9a-f]+$`)
	adminUser        = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$`)
	adminEmail       = regexp.MustCompile(`^[A-Za-z0-9._%+-]+@([A-Za-z0-9-]+\.)+[A-Za-z]{2,63}$`)
	metricsNamespace = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)
	mailUser         = regexp.MustCompile(`^[!-~]{0,128}$`)
	logGroup         = regexp.MustCompile(`^[A-Za-z0-9_/.#-]{1,512}$`)
	accessPointID    = regexp.MustCompile(`^fsap-[0-9a-f]{8,40}$`)
)

// JSON returns the text for the SSM parameter, or every error of [Settings.Validate].
func (s Settings) JSON() (string, error) {
	if err := s.Validate(); err != nil {
		return "", err
	}
	text, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("encoding settings: %w", err)
	}
	return string(text), nil
}

// Validate reports every mistake at once; each wraps [ErrSettings]. The scripts put
// these values into files and commands, so the checks are also what keeps a value
// from being read as anything but a name.
func (s Settings) Validate() error {
	var errs []error
	match := func(field, value string, want *regexp.Regexp, remedy string) {
		if !want.MatchString(value) {
			errs = append(errs, fmt.Errorf("%w: %s %q: %s", ErrSettings, field, value, remedy))
		}
	}
	match("region", s.Region, regionName, "give a region's code, such as ap-northeast-1")
	match("secretArn", s.SecretARN, secretARN, "give the ARN of a Secrets Manager secret")
	if s.Storage != nil {
		match("storage.fileSystemId", s.Storage.FileSystemID, fileSystemID, "give an EFS file system's ID")
		match("storage.accessPointId", s.Storage.AccessPointID, accessPointID, "give an EFS access point's ID")
	}
	if s.Watch != nil {
		match("watch.logGroup", s.Watch.LogGroup, logGroup, "give a CloudWatch log group's name")
		match("watch.metricsNamespace", s.Watch.MetricsNamespace, metricsNamespace, "give a CloudWatch namespace of letters, digits and -")
	}
	if s.Site.Domain != "" {
		match("site.domain", s.Site.Domain, hostName, "give a domain name in lower case, or leave it empty")
	}
	if s.Database.Local {
		if s.Database != (Database{Local: true}) {
			errs = append(errs, fmt.Errorf("%w: database.host %q: a local database has no host, port or name", ErrSettings, s.Database.Host))
		}
	} else {
		match("database.host", s.Database.Host, hostName, "give the endpoint's address without the port")
		match("database.name", s.Database.Name, databaseName, "give a database name of letters, digits and _")
		if s.Database.Port < 1 || s.Database.Port > 65535 {
			errs = append(errs, fmt.Errorf("%w: database.port %d: give a port from 1 to 65535", ErrSettings, s.Database.Port))
		}
	}
	match("site.address", s.Site.Address, hostName, "give the Elastic IP or the load balancer's DNS name in lower case")
	match("site.admin.user", s.Site.Admin.User, adminUser, "give 1 to 60 letters, digits, ., _ or -")
	match("site.admin.email", s.Site.Admin.Email, adminEmail, "give an e-mail address")
	match("site.network", s.Site.Network, networkRange, "give the VPC's range, such as 10.0.0.0/16")
	if s.Site.BehindLoadBalancer {
		match("site.targetGroupArn", s.Site.TargetGroupARN, targetGroup, "give the ARN of the load balancer's target group")
	}
	return errors.Join(append(errs, s.validateSite()...)...)
}

func (s Settings) validateSite() []error {
	var errs []error
	if m := s.Site.Mail; m != nil && (!hostName.MatchString(m.Host) || m.Port < 1 || !adminEmail.MatchString(m.From) || !mailUser.MatchString(m.Username)) {
		errs = append(errs, fmt.Errorf("%w: site.mail %+v: give a server's name, its port, a sender's address and a login without spaces", ErrSettings, *m))
	}
	if s.Site.TLSAtLoadBalancer && (!s.Site.BehindLoadBalancer || s.Site.Domain == "") {
		errs = append(errs, fmt.Errorf("%w: site.tlsAtLoadBalancer true: it needs a load balancer and a domain", ErrSettings))
	}
	if s.Site.Edge && (!s.Site.BehindLoadBalancer || s.Site.TLSAtLoadBalancer) {
		errs = append(errs, fmt.Errorf("%w: site.edge true: it needs a load balancer, which does not end TLS", ErrSettings))
	}
	if s.Site.BehindLoadBalancer && (s.Database.Local || s.Storage == nil) {
		errs = append(errs, fmt.Errorf("%w: site.behindLoadBalancer true: several servers need a managed database and shared storage", ErrSettings))
	}
	return errs
}
