// Package calls says what IAM decides about the calls that the provider makes: which
// actions on which resources with which tags they are, by what was made before.
package calls

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Call is one request to the API.
type Call struct {
	Service string     // as in the signature: ec2, ssm, elasticfilesystem
	Action  string     // such as DescribeVpcs; of REST services the method and path
	Query   url.Values // of REST services
	Form    url.Values // of the services that speak the query protocol
	Body    []byte
}

// parameters are what a call says, flattened: name to value.
type parameters map[string]string

// parameters reads the form or the JSON body. Names in lists have their place's number,
// such as SubnetIds.0.
func (c Call) parameters() parameters {
	p := parameters{}
	for key, values := range c.Form {
		if key != "Action" && key != "Version" {
			p[key] = values[0]
		}
	}
	if c.Service == "cloudfront" {
		for i, tag := range xmlTag.FindAllSubmatch(c.Body, -1) {
			p["Tags."+strconv.Itoa(i)+".Key"], p["Tags."+strconv.Itoa(i)+".Value"] = string(tag[1]), string(tag[2])
		}
		p["Resource"] = c.Query.Get("Resource")
	}
	var body any
	if c.Form == nil && json.Unmarshal(c.Body, &body) == nil {
		p.flatten("", body)
	}
	return p
}

func (p parameters) flatten(name string, value any) {
	at := func(part string) string { return strings.TrimPrefix(name+"."+part, ".") }
	switch v := value.(type) {
	case map[string]any:
		for key, each := range v {
			p.flatten(at(key), each)
		}
	case []any:
		for i, each := range v {
			p.flatten(at(strconv.Itoa(i)), each)
		}
	case string:
		p[name] = v
	}
}

// first is the value of the first of the names that is given.
func (p parameters) first(names ...string) string {
	for _, name := range names {
		if p[name] != "" {
			return p[name]
		}
	}
	return ""
}

var xmlTag = regexp.MustCompile(`<Tag><Key>([^<]*)</Key><Value>([^<]*)</Value></Tag>`)

var tagName = regexp.MustCompile(`^(?i:(.*tag.*)\.)(tag)?key$`)

// tags are those that the call gives: pairs Key and Value, or, as logs and SQS have it,
// an object, whose name may begin with what is made: BackupVaultTags.
func (p parameters) tags() map[string]string {
	tags := map[string]string{}
	for name, value := range p {
		lower := strings.ToLower(name)
		if m := tagName.FindStringSubmatch(lower); m != nil {
			for other, its := range p {
				if o := strings.ToLower(other); o == m[1]+".value" || o == m[1]+".tagvalue" {
					tags[value] = its
				}
			}
		} else if list, key, ok := strings.Cut(name, "."); ok && strings.HasSuffix(strings.ToLower(list), "tags") && !strings.Contains(key, ".") {
			tags[key] = value
		}
	}
	return tags
}

// rest are the actions of services that name them by method and path.
var rest = []struct{ service, request, action string }{
	{"backup", `PUT /backup-vaults/[^/]+`, "CreateBackupVault"},
	{"backup", `GET /backup-vaults/[^/]+`, "DescribeBackupVault"},
	{"backup", `DELETE /backup-vaults/[^/]+`, "DeleteBackupVault"},
	{"backup", `PUT /backup-vaults/[^/]+/access-policy`, "PutBackupVaultAccessPolicy"},
	{"backup", `GET /backup-vaults/[^/]+/access-policy`, "GetBackupVaultAccessPolicy"},
	{"backup", `DELETE /backup-vaults/[^/]+/access-policy`, "DeleteBackupVaultAccessPolicy"},
	{"backup", `PUT /backup/plans`, "CreateBackupPlan"},
	{"backup", `GET /backup/plans/[^/]+`, "GetBackupPlan"},
	{"backup", `POST /backup/plans/[^/]+`, "UpdateBackupPlan"},
	{"backup", `DELETE /backup/plans/[^/]+`, "DeleteBackupPlan"},
	{"backup", `PUT /backup/plans/[^/]+/selections`, "CreateBackupSelection"},
	{"backup", `GET /backup/plans/[^/]+/selections/[^/]+`, "GetBackupSelection"},
	{"backup", `DELETE /backup/plans/[^/]+/selections/[^/]+`, "DeleteBackupSelection"},
	{"backup", `GET /tags/[^/]+`, "ListTags"},
	{"backup", `POST /tags/[^/]+`, "TagResource"},
	{"backup", `POST /untag/[^/]+`, "UntagResource"},
	{"cloudfront", `POST /2020-05-31/distribution`, "CreateDistribution"},
	{"cloudfront", `GET /2020-05-31/distribution/[^/]+`, "GetDistribution"},
	{"cloudfront", `PUT /2020-05-31/distribution/[^/]+/config`, "UpdateDistribution"},
	{"cloudfront", `DELETE /2020-05-31/distribution/[^/]+`, "DeleteDistribution"},
	{"cloudfront", `POST /2020-05-31/vpc-origin`, "CreateVpcOrigin"},
	{"cloudfront", `GET /2020-05-31/vpc-origin/[^/]+`, "GetVpcOrigin"},
	{"cloudfront", `PUT /2020-05-31/vpc-origin/[^/]+`, "UpdateVpcOrigin"},
	{"cloudfront", `DELETE /2020-05-31/vpc-origin/[^/]+`, "DeleteVpcOrigin"},
	{"cloudfront", `POST /2020-05-31/cache-policy`, "CreateCachePolicy"},
	{"cloudfront", `GET /2020-05-31/cache-policy/[^/]+`, "GetCachePolicy"},
	{"cloudfront", `PUT /2020-05-31/cache-policy/[^/]+`, "UpdateCachePolicy"},
	{"cloudfront", `DELETE /2020-05-31/cache-policy/[^/]+`, "DeleteCachePolicy"},
	{"cloudfront", `POST /2020-05-31/origin-request-policy`, "CreateOriginRequestPolicy"},
	{"cloudfront", `GET /2020-05-31/origin-request-policy/[^/]+`, "GetOriginRequestPolicy"},
	{"cloudfront", `PUT /2020-05-31/origin-request-policy/[^/]+`, "UpdateOriginRequestPolicy"},
	{"cloudfront", `DELETE /2020-05-31/origin-request-policy/[^/]+`, "DeleteOriginRequestPolicy"},
	{"cloudfront", `POST /2020-05-31/origin-access-control`, "CreateOriginAccessControl"},
	{"cloudfront", `GET /2020-05-31/origin-access-control/[^/]+`, "GetOriginAccessControl"},
	{"cloudfront", `PUT /2020-05-31/origin-access-control/[^/]+/config`, "UpdateOriginAccessControl"},
	{"cloudfront", `DELETE /2020-05-31/origin-access-control/[^/]+`, "DeleteOriginAccessControl"},
	{"cloudfront", `GET /2020-05-31/tagging`, "ListTagsForResource"},
	{"cloudfront", `POST /2020-05-31/tagging`, "TagResource"},
	{"elasticfilesystem", `POST /2015-02-01/file-systems`, "CreateFileSystem"},
	{"elasticfilesystem", `GET /2015-02-01/file-systems`, "DescribeFileSystems"},
	{"elasticfilesystem", `PUT /2015-02-01/file-systems/[^/]+`, "UpdateFileSystem"},
	{"elasticfilesystem", `DELETE /2015-02-01/file-systems/[^/]+`, "DeleteFileSystem"},
	{"elasticfilesystem", `PUT /2015-02-01/file-systems/[^/]+/protection`, "UpdateFileSystemProtection"},
	{"elasticfilesystem", `GET /2015-02-01/file-systems/[^/]+/lifecycle-configuration`, "DescribeLifecycleConfiguration"},
	{"elasticfilesystem", `PUT /2015-02-01/file-systems/[^/]+/lifecycle-configuration`, "PutLifecycleConfiguration"},
	{"elasticfilesystem", `GET /2015-02-01/file-systems/[^/]+/policy`, "DescribeFileSystemPolicy"},
	{"elasticfilesystem", `PUT /2015-02-01/file-systems/[^/]+/policy`, "PutFileSystemPolicy"},
	{"elasticfilesystem", `DELETE /2015-02-01/file-systems/[^/]+/policy`, "DeleteFileSystemPolicy"},
	{"elasticfilesystem", `GET /2015-02-01/file-systems/[^/]+/backup-policy`, "DescribeBackupPolicy"},
	{"elasticfilesystem", `PUT /2015-02-01/file-systems/[^/]+/backup-policy`, "PutBackupPolicy"},
	{"elasticfilesystem", `POST /2015-02-01/mount-targets`, "CreateMountTarget"},
	{"elasticfilesystem", `GET /2015-02-01/mount-targets`, "DescribeMountTargets"},
	{"elasticfilesystem", `DELETE /2015-02-01/mount-targets/[^/]+`, "DeleteMountTarget"},
	{"elasticfilesystem", `GET /2015-02-01/mount-targets/[^/]+/security-groups`, "DescribeMountTargetSecurityGroups"},
	{"elasticfilesystem", `PUT /2015-02-01/mount-targets/[^/]+/security-groups`, "ModifyMountTargetSecurityGroups"},
	{"elasticfilesystem", `POST /2015-02-01/access-points`, "CreateAccessPoint"},
	{"elasticfilesystem", `GET /2015-02-01/access-points`, "DescribeAccessPoints"},
	{"elasticfilesystem", `DELETE /2015-02-01/access-points/[^/]+`, "DeleteAccessPoint"},
	{"elasticfilesystem", `GET /2015-02-01/resource-tags/[^/]+`, "ListTagsForResource"},
	{"elasticfilesystem", `POST /2015-02-01/resource-tags/[^/]+`, "TagResource"},
	{"elasticfilesystem", `DELETE /2015-02-01/resource-tags/[^/]+`, "UntagResource"},
	{"route53", `GET /2013-04-01/hostedzone/[^/]+`, "GetHostedZone"},
	{"route53", `GET /2013-04-01/hostedzone/[^/]+/rrset`, "ListResourceRecordSets"},
	{"route53", `POST /2013-04-01/hostedzone/[^/]+/rrset`, "ChangeResourceRecordSets"},
	{"route53", `GET /2013-04-01/change/[^/]+`, "GetChange"},
	{"route53", `POST /2013-04-01/healthcheck`, "CreateHealthCheck"},
	{"route53", `GET /2013-04-01/healthcheck/[^/]+`, "GetHealthCheck"},
	{"route53", `POST /2013-04-01/healthcheck/[^/]+`, "UpdateHealthCheck"},
	{"route53", `DELETE /2013-04-01/healthcheck/[^/]+`, "DeleteHealthCheck"},
	{"route53", `GET /2013-04-01/tags/[^/]+/[^/]+`, "ListTagsForResource"},
	{"route53", `POST /2013-04-01/tags/[^/]+/[^/]+`, "ChangeTagsForResource"},
}

// ofBucket are S3's actions by method and the query's first word; "" is none.
var ofBucket = map[string]string{
	"PUT ": "CreateBucket", "DELETE ": "DeleteBucket", "HEAD ": "ListBucket", "GET ": "ListBucket", "GET list-type": "ListBucket",
	"GET policy": "GetBucketPolicy", "PUT policy": "PutBucketPolicy", "DELETE policy": "DeleteBucketPolicy",
	"GET acl": "GetBucketAcl", "GET cors": "GetBucketCORS", "GET website": "GetBucketWebsite", "GET versioning": "GetBucketVersioning",
	"GET accelerate": "GetAccelerateConfiguration", "GET requestPayment": "GetBucketRequestPayment", "GET logging": "GetBucketLogging",
	"GET replication": "GetReplicationConfiguration", "GET object-lock": "GetBucketObjectLockConfiguration", "GET location": "GetBucketLocation",
	"GET encryption": "GetEncryptionConfiguration", "PUT encryption": "PutEncryptionConfiguration", "DELETE encryption": "PutEncryptionConfiguration",
	"PUT logging": "PutBucketLogging", "GET lifecycle": "GetLifecycleConfiguration", "PUT lifecycle": "PutLifecycleConfiguration", "DELETE lifecycle": "PutLifecycleConfiguration",
	"GET tagging": "GetBucketTagging", "PUT tagging": "PutBucketTagging", "DELETE tagging": "PutBucketTagging",
	"GET publicAccessBlock": "GetBucketPublicAccessBlock", "PUT publicAccessBlock": "PutBucketPublicAccessBlock",
	"DELETE publicAccessBlock": "PutBucketPublicAccessBlock", "GET ownershipControls": "GetBucketOwnershipControls",
	"GET versions": "ListBucketVersions", "POST delete": "DeleteObject",
}

// ofObject are S3's actions on an object, likewise.
var ofObject = map[string]string{
	"PUT ": "PutObject", "GET ": "GetObject", "HEAD ": "GetObject", "DELETE ": "DeleteObject", "DELETE versionId": "DeleteObjectVersion",
	"GET tagging": "GetObjectTagging", "PUT tagging": "PutObjectTagging", "DELETE tagging": "DeleteObjectTagging",
}

// prefixes are services whose actions begin with another word than their signature.
var prefixes = map[string]string{"monitoring": "cloudwatch"}

// action is the call's name in IAM; "" if this package does not know it.
func (c Call) action() string {
	service := c.Service
	if other := prefixes[service]; other != "" {
		service = other
	}
	method, path, ok := strings.Cut(c.Action, " ")
	if !ok {
		if service == "budgets" { // its two actions in IAM stand for all of its API's
			return "budgets:" + ofBudget(c.Action)
		}
		return service + ":" + c.Action
	}
	if service == "s3" {
		words := make([]string, 0, len(c.Query))
		for word := range c.Query {
			words = append(words, word)
		}
		slices.Sort(words)
		actions := ofBucket
		if _, key, _ := strings.Cut(strings.Trim(path, "/"), "/"); key != "" {
			actions = ofObject
		}
		for _, word := range append(words, "") {
			if name := actions[method+" "+word]; name != "" {
				return "s3:" + name
			}
		}
		return ""
	}
	for _, r := range rest {
		if r.service == service && regexp.MustCompile("^"+r.request+"/?$").MatchString(method+" "+path) {
			return service + ":" + r.action
		}
	}
	return ""
}

func ofBudget(action string) string {
	switch {
	case strings.Contains(action, "Tag"):
		return action
	case strings.HasPrefix(action, "Describe"):
		return "ViewBudget"
	}
	return "ModifyBudget"
}
