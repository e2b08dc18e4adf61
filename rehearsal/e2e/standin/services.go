package standin

import (
	"bytes"
	"regexp"
)

var policyARN = regexp.MustCompile(`<PolicyARN>[^<]*</PolicyARN>`)

// EnabledPolicies says of scaling policies that they are enabled, as they are
// unless they are made otherwise.
//
// Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_ScalingPolicy.html
func EnabledPolicies() StandIn {
	return StandIn{Name: "Auto Scaling policies enabled", Mend: func(c *Call, body []byte) []byte {
		if c.Service != "autoscaling" || c.Action != "DescribePolicies" || bytes.Contains(body, []byte("<Enabled>")) {
			return body
		}
		return policyARN.ReplaceAll(body, []byte("$0<Enabled>true</Enabled>"))
	}}
}

// ParameterSources says of database parameters that the user has set them. The
// server keeps no others.
//
// Source: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_Parameter.html
func ParameterSources() StandIn {
	return StandIn{Name: "RDS parameter sources", Mend: func(c *Call, body []byte) []byte {
		if c.Service != "rds" || c.Action != "DescribeDBParameters" || bytes.Contains(body, []byte("<Source>")) {
			return body
		}
		return bytes.ReplaceAll(body, []byte("</Parameter>"), []byte("<Source>user</Source></Parameter>"))
	}}
}
