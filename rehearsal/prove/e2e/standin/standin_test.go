package standin

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// lab is a gateway in front of a server that gives one answer and remembers what
// it was asked.
type lab struct {
	*Gateway
	asked []string
}

func newLab(t *testing.T, status int, answer string) *lab {
	t.Helper()
	l := &lab{}
	l.start(t, NewServers(), func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		l.asked = append(l.asked, string(body))
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	})
	return l
}

func (l *lab) start(t *testing.T, servers *Servers, answer http.HandlerFunc) {
	t.Helper()
	upstream := httptest.NewServer(answer)
	t.Cleanup(upstream.Close)
	address, err := url.Parse(upstream.URL)
	require.NoError(t, err)
	l.Gateway = New(address, All(servers)...)
}

func (l *lab) call(service, method, path string, header map[string]string, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=k/20260101/ap-northeast-1/"+service+"/aws4_request, SignedHeaders=host")
	for k, v := range header {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	l.ServeHTTP(w, r)
	return w
}

func (l *lab) json(action, body string) *httptest.ResponseRecorder {
	return l.call("ssm", http.MethodPost, "/", map[string]string{"X-Amz-Target": "AmazonSSM." + action}, body)
}

func (l *lab) query(service, form string) string {
	return l.call(service, http.MethodPost, "/", map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, form).Body.String()
}

func TestAssociations(t *testing.T) {
	t.Parallel()
	l := newLab(t, http.StatusOK, document(t))
	var made struct {
		AssociationDescription struct {
			AssociationId string //nolint:revive // AWS's name
			Overview      struct{ Status string }
			Targets       []target
		}
	}
	require.NoError(t, json.Unmarshal(l.json("CreateAssociation", bakeOf("i-1")).Body.Bytes(), &made))
	id := `{"AssociationId":"` + made.AssociationDescription.AssociationId + `"}`
	assert.Equal(t, "Pending", made.AssociationDescription.Overview.Status)
	assert.Contains(t, l.json("DescribeAssociation", id).Body.String(), `"Status":"Pending"`, "the provider has to wait")
	assert.Contains(t, l.json("DescribeAssociation", id).Body.String(), `"Status":"Success"`)
	changed := l.json("UpdateAssociation", strings.TrimSuffix(id, "}")+`,"Targets":[{"Key":"InstanceIds","Values":["i-2"]}]}`).Body.String()
	assert.Contains(t, changed, "i-2")
	assert.Contains(t, changed, `"AssociationVersion":"2"`)
	assert.Contains(t, l.json("ListAssociations", "{}").Body.String(), made.AssociationDescription.AssociationId)
	resource := `{"ResourceType":"Association","ResourceId":"` + made.AssociationDescription.AssociationId + `"`
	l.json("AddTagsToResource", resource+`,"Tags":[{"Key":"Phase","Value":"2"},{"Key":"Old","Value":"x"}]}`)
	l.json("AddTagsToResource", resource+`,"Tags":[{"Key":"Phase","Value":"3"}]}`)
	l.json("RemoveTagsFromResource", resource+`,"TagKeys":["Old"]}`)
	assert.JSONEq(t, `{"TagList":[{"Key":"Phase","Value":"3"}]}`, l.json("ListTagsForResource", resource+"}").Body.String())
	assert.Equal(t, http.StatusOK, l.json("DeleteAssociation", id).Code)
	assert.Contains(t, l.json("ListTagsForResource", resource+"}").Body.String(), "InvalidResourceId")
	for _, action := range []string{"DescribeAssociation", "UpdateAssociation", "DeleteAssociation"} {
		gone := l.json(action, id)
		assert.Equal(t, http.StatusBadRequest, gone.Code, action)
		assert.Contains(t, gone.Body.String(), "AssociationDoesNotExist", action)
	}
	asked := len(l.asked)
	assert.Equal(t, 3, asked, "the document, the record, the new record: the server has no associations")
	l.json("PutParameter", "{}")
	l.json("ListTagsForResource", `{"ResourceType":"Parameter","ResourceId":"settings"}`)
	assert.Len(t, l.asked, asked+2, "the rest of the service is the server's")
}

func TestBackupPolicies(t *testing.T) {
	t.Parallel()
	l := newLab(t, http.StatusNoContent, "")
	const path = "/2015-02-01/file-systems/fs-1"
	do := func(method, path, body string) *httptest.ResponseRecorder {
		return l.call("elasticfilesystem", method, path, nil, body)
	}
	assert.Contains(t, do(http.MethodGet, path+"/backup-policy", "").Body.String(), "PolicyNotFound")
	do(http.MethodPut, path+"/backup-policy", `{"BackupPolicy":{"Status":"ENABLED"}}`)
	assert.JSONEq(t, `{"BackupPolicy":{"Status":"ENABLED"}}`, do(http.MethodGet, path+"/backup-policy", "").Body.String())
	assert.Contains(t, do(http.MethodGet, "/2015-02-01/file-systems/fs-2/backup-policy", "").Body.String(), "PolicyNotFound")
	assert.Empty(t, l.asked)
	do(http.MethodDelete, path, "")
	assert.Len(t, l.asked, 1, "the file system itself is the server's")
	assert.Contains(t, do(http.MethodGet, path+"/backup-policy", "").Body.String(), "PolicyNotFound", "the policy has gone with it")
}

func TestDeletedFilePolicies(t *testing.T) {
	t.Parallel()
	l := newLab(t, http.StatusOK, "the policy")
	const path = "/2015-02-01/file-systems/fs-1/policy"
	do := func(method string) string { return l.call("elasticfilesystem", method, path, nil, "{}").Body.String() }
	assert.Equal(t, "the policy", do(http.MethodGet))
	do(http.MethodDelete)
	assert.Len(t, l.asked, 1)
	assert.Contains(t, do(http.MethodGet), "PolicyNotFound")
	do(http.MethodPut)
	assert.Equal(t, "the policy", do(http.MethodGet), "set again")
}

func TestDeletedEndpoints(t *testing.T) {
	t.Parallel()
	l := newLab(t, http.StatusOK, "<item/>")
	assert.Equal(t, "<item/>", l.query("ec2", "Action=DescribeVpcEndpoints&VpcEndpointId.1=vpce-1"))
	assert.Equal(t, "<item/>", l.query("ec2", "Action=DeleteVpcEndpoints&VpcEndpointId.1=vpce-1"), "the server deletes")
	assert.Contains(t, l.query("ec2", "Action=DescribeVpcEndpoints&VpcEndpointId.1=vpce-1"), "InvalidVpcEndpointId.NotFound")
	assert.Equal(t, "<item/>", l.query("ec2", "Action=DescribeVpcEndpoints&VpcEndpointId.1=vpce-2"))
}

func TestEndpointRoutes(t *testing.T) {
	t.Parallel()
	l := newLab(t, http.StatusOK, `<R><vpcEndpointSet><item><serviceName>s3</serviceName></item></vpcEndpointSet><prefixListSet>`+
		`<item><prefixListId>pl-1</prefixListId><prefixListName>dynamodb</prefixListName></item>`+
		`<item><prefixListId>pl-2</prefixListId><prefixListName>s3</prefixListName></item></prefixListSet></R>`)
	l.query("ec2", "Action=ModifyVpcEndpoint&Version=2016-11-15&VpcEndpointId=vpce-1&RemoveRouteTableId.1=rtb-0")
	require.Len(t, l.asked, 1)
	l.query("ec2", "Action=ModifyVpcEndpoint&Version=2016-11-15&VpcEndpointId=vpce-1&AddRouteTableId.1=rtb-1")
	form, err := url.ParseQuery(l.asked[len(l.asked)-1])
	require.NoError(t, err)
	assert.Equal(t, url.Values{
		"Action": {"CreateRoute"}, "Version": {"2016-11-15"}, "RouteTableId": {"rtb-1"}, "GatewayId": {"vpce-1"}, "DestinationPrefixListId": {"pl-2"},
	}, form)
}

func TestTerminationProtection(t *testing.T) {
	t.Parallel()
	l := newLab(t, http.StatusOK, "<instanceId>i-0a1</instanceId><instanceId>i-0b2</instanceId>")
	l.query("ec2", "Action=RunInstances&Version=2016-11-15")
	require.Len(t, l.asked, 1)
	l.query("ec2", "Action=RunInstances&Version=2016-11-15&DisableApiTermination=true")
	require.Len(t, l.asked, 4)
	form, err := url.ParseQuery(l.asked[3])
	require.NoError(t, err)
	assert.Equal(t, url.Values{
		"Action": {"ModifyInstanceAttribute"}, "Version": {"2016-11-15"}, "InstanceId": {"i-0b2"}, "DisableApiTermination.Value": {"true"},
	}, form)
}

func TestInterfaceGroups(t *testing.T) {
	t.Parallel()
	l := newLab(t, http.StatusOK, "<instanceId>i-0a1</instanceId>")
	l.query("ec2", "Action=RunInstances&Version=2016-11-15&SecurityGroupId.1=sg-1")
	require.Len(t, l.asked, 1)
	l.query("ec2", "Action=RunInstances&Version=2016-11-15&NetworkInterface.1.SecurityGroupId.1=sg-1&NetworkInterface.1.SecurityGroupId.2=sg-2")
	require.Len(t, l.asked, 3)
	form, err := url.ParseQuery(l.asked[2])
	require.NoError(t, err)
	assert.Equal(t, url.Values{
		"Action": {"ModifyInstanceAttribute"}, "Version": {"2016-11-15"}, "InstanceId": {"i-0a1"}, "GroupId.1": {"sg-1"}, "GroupId.2": {"sg-2"},
	}, form)
}

func TestMends(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ service, action, answer, want string }{
		{
			"ec2", "DescribeLaunchTemplateVersions",
			"<s><item><resourceType>volume</resourceType><tagSet>v</tagSet></item><item><resourceType>launch-template</resourceType><tagSet>t</tagSet></item></s>",
			"<s><item><resourceType>volume</resourceType><tagSet>v</tagSet></item></s>",
		},
		{"autoscaling", "DescribePolicies", "<PolicyARN>a</PolicyARN>", "<PolicyARN>a</PolicyARN><Enabled>true</Enabled>"},
		{"autoscaling", "DescribePolicies", "<PolicyARN>a</PolicyARN><Enabled>false</Enabled>", "<PolicyARN>a</PolicyARN><Enabled>false</Enabled>"},
		{"rds", "DescribeDBParameters", "<Parameter>p</Parameter>", "<Parameter>p<Source>user</Source></Parameter>"},
		{
			"elasticloadbalancing", "DescribeLoadBalancers", "<LoadBalancerArn>a</LoadBalancerArn>",
			"<LoadBalancerArn>a</LoadBalancerArn><Scheme>internet-facing</Scheme>",
		},
		{"elasticloadbalancing", "DescribeLoadBalancers", "<LoadBalancerArn>a</LoadBalancerArn><Scheme>internal</Scheme>",
			"<LoadBalancerArn>a</LoadBalancerArn><Scheme>internal</Scheme>"},
		{"rds", "DescribeDBInstances", "<Parameter>p</Parameter>", "<Parameter>p</Parameter>"},
	} {
		l := newLab(t, http.StatusOK, c.answer)
		assert.Equal(t, c.want, l.query(c.service, "Action="+c.action), c.action)
	}
}

func TestRuleDescriptions(t *testing.T) {
	t.Parallel()
	const rule = "<securityGroupRuleId>sgr-0a</securityGroupRuleId>"
	l := newLab(t, http.StatusOK, rule)
	l.query("ec2", "Action=AuthorizeSecurityGroupIngress&IpPermissions.1.IpRanges.1.CidrIp=10.0.0.0/16&IpPermissions.1.IpRanges.1.Description=x")
	assert.Equal(t, rule, l.query("ec2", "Action=DescribeSecurityGroupRules"), "the server keeps these")
	l.query("ec2", "Action=AuthorizeSecurityGroupIngress&IpPermissions.1.Groups.1.GroupId=sg-1&IpPermissions.1.Groups.1.Description=a%26b")
	assert.Equal(t, rule+"<description>a&amp;b</description>", l.query("ec2", "Action=DescribeSecurityGroupRules"))
	l.query("ec2", "Action=ModifySecurityGroupRules&SecurityGroupRule.1.SecurityGroupRuleId=sgr-0a"+
		"&SecurityGroupRule.1.SecurityGroupRule.ReferencedGroupId=sg-1&SecurityGroupRule.1.SecurityGroupRule.Description=c")
	assert.Equal(t, rule+"<description>c</description>", l.query("ec2", "Action=DescribeSecurityGroupRules"))
}

func TestEnhancedMonitoring(t *testing.T) {
	t.Parallel()
	const one, two = "<DBInstanceIdentifier>one</DBInstanceIdentifier>", "<DBInstanceIdentifier>two</DBInstanceIdentifier>"
	l := newLab(t, http.StatusOK, one+two)
	assert.Equal(t, one+two, l.query("rds", "Action=DescribeDBInstances"), "not set")
	l.query("rds", "Action=CreateDBInstance&DBInstanceIdentifier=one&MonitoringInterval=60&MonitoringRoleArn=r")
	const on = "<MonitoringInterval>60</MonitoringInterval><MonitoringRoleArn>r</MonitoringRoleArn>"
	assert.Equal(t, one+on+two, l.query("rds", "Action=DescribeDBInstances"))
	l.query("rds", "Action=ModifyDBInstance&DBInstanceIdentifier=one&AllocatedStorage=30")
	assert.Equal(t, one+on+two, l.query("rds", "Action=DescribeDBInstances"), "another change leaves it")
	l.query("rds", "Action=ModifyDBInstance&DBInstanceIdentifier=one&MonitoringInterval=0")
	assert.Equal(t, one+"<MonitoringInterval>0</MonitoringInterval>"+two, l.query("rds", "Action=DescribeDBInstances"))
}

func TestCompositeAlarms(t *testing.T) {
	t.Parallel()
	l := newLab(t, http.StatusOK, "<server/>")
	const (
		put  = "Action=PutCompositeAlarm&AlarmName=down&AlarmRule=ALARM(%22a%22)&AlarmActions.member.1=topic&Tags.member.1.Key=Stack&Tags.member.1.Value=dev"
		ask  = "Action=DescribeAlarms&AlarmTypes.member.1=CompositeAlarm&AlarmNames.member.1=down"
		arn  = "&ResourceARN=arn:aws:cloudwatch:ap-northeast-1:123456789012:alarm:down"
		tags = "Action=ListTagsForResource" + arn
	)
	assert.NotContains(t, l.query("monitoring", ask), "<AlarmName>")
	l.query("monitoring", put)
	found := l.query("monitoring", ask)
	for _, want := range []string{
		"<DescribeAlarmsResult><CompositeAlarms><member>", "<AlarmRule>ALARM(&#34;a&#34;)</AlarmRule>", "<AlarmActions><member>topic</member></AlarmActions>",
		"<AlarmArn>arn:aws:cloudwatch:ap-northeast-1:123456789012:alarm:down</AlarmArn>",
	} {
		assert.Contains(t, found, want)
	}
	l.query("monitoring", "Action=TagResource&Tags.member.1.Key=Phase&Tags.member.1.Value=2"+arn)
	assert.Contains(t, l.query("monitoring", tags), "<Key>Phase</Key><Value>2</Value></member><member><Key>Stack</Key><Value>dev</Value>")
	l.query("monitoring", "Action=UntagResource&TagKeys.member.1=Stack"+arn)
	assert.NotContains(t, l.query("monitoring", tags), "Stack")
	assert.Equal(t, "<server/>", l.query("monitoring", "Action=DescribeAlarms&AlarmNames.member.1=other"), "the server has the others")
	assert.Equal(t, "<server/>", l.query("monitoring", "Action=DeleteAlarms&AlarmNames.member.1=other"))
	l.query("monitoring", "Action=DeleteAlarms&AlarmNames.member.1=down")
	assert.NotContains(t, l.query("monitoring", ask), "<AlarmName>")
}

func TestGatewayCounts(t *testing.T) {
	t.Parallel()
	l := newLab(t, http.StatusInternalServerError, "not implemented")
	l.query("ec2", "Action=DescribeVpcs")
	l.json("GetParameter", "{}")
	l.call("elasticfilesystem", http.MethodGet, "/2015-02-01/file-systems", nil, "")
	assert.Zero(t, l.Writes(), "these change nothing")
	l.query("ec2", "Action=CreateVpc")
	l.json("PutParameter", "{}")
	l.call("s3", http.MethodPut, "/bucket", nil, "")
	assert.Equal(t, int64(3), l.Writes())
	assert.Contains(t, l.Failures(), "ec2:CreateVpc: not implemented")
	assert.Zero(t, l.Uses()["SSM associations"])
	l.json("ListAssociations", "{}")
	assert.Equal(t, int64(1), l.Uses()["SSM associations"])
}
