package standin

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// DeletedEndpoints denies VPC endpoints that were deleted, as AWS does before
// long: the server shows them as deleted for ever.
//
// Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpcEndpoints.html
func DeletedEndpoints() StandIn {
	deleted := map[string]bool{}
	return StandIn{Name: "EC2 deleted VPC endpoints", Answer: func(c *Call) *Answer {
		if c.Service != "ec2" || !strings.HasSuffix(c.Action, "VpcEndpoints") {
			return nil
		}
		for key, ids := range c.Form {
			switch {
			case !strings.HasPrefix(key, "VpcEndpointId."):
			case c.Action == "DeleteVpcEndpoints":
				deleted[ids[0]] = true
			case deleted[ids[0]]:
				return &Answer{Status: http.StatusBadRequest, Type: "text/xml", Body: []byte(
					"<Response><Errors><Error><Code>InvalidVpcEndpointId.NotFound</Code><Message>The Vpc Endpoint Id '" + ids[0] +
						"' does not exist</Message></Error></Errors><RequestID>gateway</RequestID></Response>")}
			}
		}
		return nil
	}}
}

// EndpointRoutes makes the routes of route tables that join a gateway endpoint
// later: the server makes only those of a new endpoint, and cannot delete the
// endpoint without them.
//
// Source: https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
func EndpointRoutes() StandIn {
	const joins = "AddRouteTableId."
	return StandIn{Name: "EC2 routes of changed VPC endpoints", After: func(c *Call, _ []byte) []url.Values {
		if c.Service != "ec2" || c.Action != "ModifyVpcEndpoint" || !c.Form.Has(joins+"1") {
			return nil
		}
		id, version := c.Form.Get("VpcEndpointId"), c.Form.Get("Version")
		list := prefixListOf(c, id, version)
		var calls []url.Values
		for key, table := range c.Form {
			if strings.HasPrefix(key, joins) {
				calls = append(calls, url.Values{
					"Action": {"CreateRoute"}, "Version": {version}, "RouteTableId": table, "GatewayId": {id}, "DestinationPrefixListId": {list},
				})
			}
		}
		return calls
	}}
}

// prefixListOf is the prefix list of an endpoint's service; "" if the server has
// none, which makes it refuse the route.
func prefixListOf(c *Call, endpoint, version string) string {
	var ends struct {
		Service string `xml:"vpcEndpointSet>item>serviceName"`
	}
	var lists struct {
		Items []struct {
			ID   string `xml:"prefixListId"`
			Name string `xml:"prefixListName"`
		} `xml:"prefixListSet>item"`
	}
	ask := func(into any, form url.Values) bool {
		form.Set("Version", version)
		body, err := c.Query("ec2", form)
		return err == nil && xml.Unmarshal(body, into) == nil
	}
	if !ask(&ends, url.Values{"Action": {"DescribeVpcEndpoints"}, "VpcEndpointId.1": {endpoint}}) ||
		!ask(&lists, url.Values{"Action": {"DescribeManagedPrefixLists"}}) {
		return ""
	}
	for _, list := range lists.Items {
		if list.Name == ends.Service {
			return list.ID
		}
	}
	return ""
}

var instanceID = regexp.MustCompile(`<instanceId>(i-[0-9a-f]+)</instanceId>`)

// TerminationProtection sets what RunInstances asked for: the server takes
// DisableApiTermination from ModifyInstanceAttribute only.
//
// Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html
func TerminationProtection() StandIn {
	return StandIn{Name: "EC2 termination protection at launch", After: func(c *Call, body []byte) []url.Values {
		if c.Service != "ec2" || c.Action != "RunInstances" || c.Form.Get("DisableApiTermination") != "true" {
			return nil
		}
		var calls []url.Values
		for _, m := range instanceID.FindAllSubmatch(body, -1) {
			calls = append(calls, url.Values{
				"Action": {"ModifyInstanceAttribute"}, "Version": {c.Form.Get("Version")}, "InstanceId": {string(m[1])}, "DisableApiTermination.Value": {"true"},
			})
		}
		return calls
	}}
}

// InterfaceGroups gives servers the security groups that they were asked for with
// their network interface, as servers with a public address are: the server
// forgets them.
//
// Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceNetworkInterfaceSpecification.html
func InterfaceGroups() StandIn {
	const asked = "NetworkInterface.1.SecurityGroupId."
	return StandIn{Name: "EC2 security groups of network interfaces", After: func(c *Call, body []byte) []url.Values {
		if c.Service != "ec2" || c.Action != "RunInstances" || !c.Form.Has(asked+"1") {
			return nil
		}
		var calls []url.Values
		for _, m := range instanceID.FindAllSubmatch(body, -1) {
			call := url.Values{"Action": {"ModifyInstanceAttribute"}, "Version": {c.Form.Get("Version")}, "InstanceId": {string(m[1])}}
			for key, groups := range c.Form {
				if n, ours := strings.CutPrefix(key, asked); ours {
					call["GroupId."+n] = groups
				}
			}
			calls = append(calls, call)
		}
		return calls
	}}
}

var templateTags = regexp.MustCompile(`<item><resourceType>launch-template</resourceType><tagSet>.*?</tagSet></item>`)

// TemplateTags takes the tags of a launch template itself out of what it gives
// to instances: the server mixes the two.
//
// Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplate.html
func TemplateTags() StandIn {
	return StandIn{Name: "EC2 launch template tags", Mend: func(c *Call, body []byte) []byte {
		if c.Service != "ec2" || c.Action != "DescribeLaunchTemplateVersions" {
			return body
		}
		return templateTags.ReplaceAll(body, nil)
	}}
}
