package calls

import (
	"net/url"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/rehearsal/prove/iam"
)

func TestActions(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]Call{
		"ec2:DescribeVpcs":                       {Service: "ec2", Action: "DescribeVpcs"},
		"cloudwatch:PutMetricAlarm":              {Service: "monitoring", Action: "PutMetricAlarm"},
		"budgets:ModifyBudget":                   {Service: "budgets", Action: "CreateNotification"},
		"budgets:ViewBudget":                     {Service: "budgets", Action: "DescribeBudget"},
		"elasticfilesystem:CreateMountTarget":    {Service: "elasticfilesystem", Action: "POST /2015-02-01/mount-targets"},
		"elasticfilesystem:PutFileSystemPolicy":  {Service: "elasticfilesystem", Action: "PUT /2015-02-01/file-systems/fs-1/policy"},
		"route53:ChangeResourceRecordSets":       {Service: "route53", Action: "POST /2013-04-01/hostedzone/Z1/rrset/"},
		"s3:CreateBucket":                        {Service: "s3", Action: "PUT /logs"},
		"s3:PutEncryptionConfiguration":          {Service: "s3", Action: "PUT /logs", Query: url.Values{"encryption": {""}}},
		"s3:GetBucketPolicy":                     {Service: "s3", Action: "GET /logs", Query: url.Values{"policy": {""}}},
		"elasticfilesystem:DescribeAccessPoints": {Service: "elasticfilesystem", Action: "GET /2015-02-01/access-points"},
		"":                                       {Service: "elasticfilesystem", Action: "PATCH /2015-02-01/file-systems"},
	} {
		assert.Equal(t, want, c.action())
	}
}

func TestTags(t *testing.T) {
	t.Parallel()
	want := map[string]string{"Project": "p", "Stack": "s"}
	form := func(pairs ...string) Call {
		f := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			f.Set(pairs[i], pairs[i+1])
		}
		return Call{Form: f}
	}
	for name, c := range map[string]Call{
		"EC2":  form("TagSpecification.1.Tag.1.Key", "Project", "TagSpecification.1.Tag.1.Value", "p", "TagSpecification.1.Tag.2.Key", "Stack", "TagSpecification.1.Tag.2.Value", "s"),
		"RDS":  form("Tags.Tag.1.Key", "Project", "Tags.Tag.1.Value", "p", "Tags.Tag.2.Key", "Stack", "Tags.Tag.2.Value", "s"),
		"SSM":  {Body: []byte(`{"Name":"x","Tags":[{"Key":"Project","Value":"p"},{"Key":"Stack","Value":"s"}]}`)},
		"KMS":  {Body: []byte(`{"Tags":[{"TagKey":"Project","TagValue":"p"},{"TagKey":"Stack","TagValue":"s"}]}`)},
		"logs": {Body: []byte(`{"logGroupName":"x","tags":{"Project":"p","Stack":"s"}}`)},
	} {
		assert.Equal(t, want, c.parameters().tags(), name)
	}
}

const own = `{"Statement":[
	{"Effect":"Allow","Action":"ec2:CreateVpc","Resource":"arn:aws:ec2:*:*:vpc/*","Condition":{"StringEquals":{"aws:RequestTag/Stack":"prod"}}},
	{"Effect":"Allow","Action":"ec2:CreateSubnet","Resource":"arn:aws:ec2:*:*:subnet/*","Condition":{"StringEquals":{"aws:RequestTag/Stack":"prod"}}},
	{"Effect":"Allow","Action":["ec2:CreateSubnet","ec2:DeleteVpc"],"Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/Stack":"prod"}}},
	{"Effect":"Allow","Action":"ec2:CreateTags","Resource":"*","Condition":{"StringEquals":{"ec2:CreateAction":["CreateVpc","CreateSubnet"]}}}]}`

func recorder(t *testing.T) *Recorder {
	t.Helper()
	d, err := iam.Parse(own)
	require.NoError(t, err)
	return New("123456789012", "eu-west-1", map[string]iam.Role{"deploy": {Policies: []iam.Document{d}}})
}

func tagged(action string, pairs ...string) Call {
	f := url.Values{"Action": {action}, "TagSpecification.1.Tag.1.Key": {"Stack"}, "TagSpecification.1.Tag.1.Value": {"prod"}}
	for i := 0; i < len(pairs); i += 2 {
		f.Set(pairs[i], pairs[i+1])
	}
	return Call{Service: "ec2", Action: action, Form: f}
}

// What a call has made is the stack's, what it has not is a stranger's.
func TestWhatWasMadeIsKnown(t *testing.T) {
	t.Parallel()
	r := recorder(t)
	const mine, theirs = "vpc-0123456789abcdef0", "vpc-0123456789abcdef1"
	vpc := tagged("CreateVpc")
	r.Ask("deploy", vpc)
	r.Made(vpc, []byte("<vpcId>"+mine+"</vpcId>"))
	r.Ask("deploy", tagged("CreateSubnet", "VpcId", mine))
	r.Ask("deploy", Call{Service: "ec2", Action: "DeleteVpc", Form: url.Values{"VpcId": {mine}}})
	made, denied := r.Calls()
	assert.Empty(t, denied)
	assert.Equal(t, 1, made["deploy"]["ec2:CreateSubnet"])
	assert.Contains(t, made["deploy"], "ec2:CreateTags", "AWS checks it besides")

	r.Ask("deploy", tagged("CreateSubnet", "VpcId", theirs))
	r.Ask("deploy", Call{Service: "ec2", Action: "DeleteVpc", Form: url.Values{"VpcId": {theirs}}})
	r.Ask("deploy", Call{Service: "elasticfilesystem", Action: "PATCH /2015-02-01/file-systems"})
	r.Ask("somebody else", Call{Service: "ec2", Action: "DeleteVpc", Form: url.Values{"VpcId": {theirs}}})
	_, denied = r.Calls()
	assert.Len(t, denied, 3, "a subnet in another's VPC, another's VPC, and what is not known")
}

// AWS's own prefix lists have an ARN where they are read, and do not count where a rule
// or a route names one.
func TestPrefixListsAreOfAWS(t *testing.T) {
	t.Parallel()
	r := recorder(t)
	arns := func(action string) (list []string) {
		c := Call{Service: "ec2", Action: action, Form: url.Values{"PrefixListId": {"pl-0123456789abcdef0"}, "GroupId": {"sg-0123456789abcdef0"}}}
		for _, q := range r.requests("ec2:"+action, c) {
			list = append(list, q.Resource)
		}
		return list
	}
	const group, list = "arn:aws:ec2:eu-west-1:123456789012:security-group/sg-0123456789abcdef0", "arn:aws:ec2:eu-west-1:aws:prefix-list/pl-0123456789abcdef0"
	assert.ElementsMatch(t, []string{group, "arn:aws:ec2:eu-west-1:123456789012:security-group-rule/new"}, arns("AuthorizeSecurityGroupIngress"))
	assert.ElementsMatch(t, []string{group, list}, arns("ModifySecurityGroupRules"))
	assert.Contains(t, arns("GetManagedPrefixListEntries"), list)
}

// A log group is known by its whole name, slashes and all.
func TestALogGroupHasSlashes(t *testing.T) {
	t.Parallel()
	d, err := iam.Parse(`{"Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "arn:aws:logs:*:*:log-group:*",
		"Condition": {"StringEquals": {"aws:ResourceTag/Stack": "prod"}}}, {"Effect": "Allow", "Action": ["logs:CreateLogGroup", "logs:TagResource"], "Resource": "*"}]}`)
	require.NoError(t, err)
	r := New("123456789012", "eu-west-1", map[string]iam.Role{"deploy": {Policies: []iam.Document{d}}})
	const name = `"logGroupName": "/aws/rds/instance/site/audit"`
	made := Call{Service: "logs", Action: "CreateLogGroup", Body: []byte(`{` + name + `, "tags": {"Stack": "prod"}}`)}
	r.Ask("deploy", made)
	r.Made(made, []byte(`{}`))
	r.Ask("deploy", Call{Service: "logs", Action: "DeleteLogGroup", Body: []byte(`{` + name + `}`)})
	_, denied := r.Calls()
	assert.Empty(t, denied)
}

func TestGrantsThatNothingMeets(t *testing.T) {
	t.Parallel()
	grants := recorder(t).Grants()["deploy"]
	assert.Equal(t, []string{"ec2:CreateSubnet", "ec2:CreateTags", "ec2:CreateVpc", "ec2:DeleteVpc"}, grants)
	called := map[string]int{"ec2:CreateVpc": 1, "rds:DescribeDBInstances": 1}
	assert.Equal(t, []string{"ec2:CreateVpc"}, slices.DeleteFunc(grants, func(g string) bool { return !Met(g, called) }))
	assert.True(t, Met("rds:Describe*", called))
	for grant, why := range Reasons {
		assert.Greater(t, len(why), 15, grant)
	}
}
