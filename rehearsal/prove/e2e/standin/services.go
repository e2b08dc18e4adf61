package standin

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
)

var policyARN = regexp.MustCompile(`<PolicyARN>[^<]*</PolicyARN>`)

// EnabledPolicies says of scaling policies that they are enabled, as they are
// unless they are made otherwise, and does not say of each that it predicts.
//
// Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_ScalingPolicy.html
func EnabledPolicies() StandIn {
	return StandIn{Name: "Auto Scaling policies enabled", Mend: func(c *Call, body []byte) []byte {
		if c.Service != "autoscaling" || c.Action != "DescribePolicies" || bytes.Contains(body, []byte("<Enabled>")) {
			return body
		}
		body = bytes.ReplaceAll(body, []byte("<PredictiveScalingConfiguration/>"), nil)
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

var databaseID = regexp.MustCompile(`<DBInstanceIdentifier>([^<]*)</DBInstanceIdentifier>`)

// EnhancedMonitoring keeps the settings of enhanced monitoring of databases.
//
// Source: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html
func EnhancedMonitoring() StandIn {
	type setting struct{ interval, role string }
	set := map[string]setting{} // by database
	return StandIn{Name: "RDS enhanced monitoring", Mend: func(c *Call, body []byte) []byte {
		if c.Service != "rds" || !strings.Contains(c.Action, "DBInstance") {
			return body
		}
		if id := c.Form.Get("DBInstanceIdentifier"); c.Form.Has("MonitoringInterval") {
			set[id] = setting{c.Form.Get("MonitoringInterval"), c.Form.Get("MonitoringRoleArn")}
		}
		return databaseID.ReplaceAllFunc(body, func(found []byte) []byte {
			s, ok := set[string(databaseID.FindSubmatch(found)[1])]
			if !ok {
				return found
			}
			more := "<MonitoringInterval>" + s.interval + "</MonitoringInterval>"
			if s.role != "" {
				more += "<MonitoringRoleArn>" + s.role + "</MonitoringRoleArn>"
			}
			return slices.Concat(found, []byte(more))
		})
	}}
}

var balancerARN = regexp.MustCompile(`<LoadBalancerArn>[^<]*</LoadBalancerArn>`)

// BalancerScheme says of load balancers that were made without a scheme that
// they face the internet, AWS's default.
//
// Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
func BalancerScheme() StandIn {
	return StandIn{Name: "ELB default scheme", Mend: func(c *Call, body []byte) []byte {
		if c.Service != "elasticloadbalancing" || c.Action != "DescribeLoadBalancers" || bytes.Contains(body, []byte("<Scheme>")) {
			return body
		}
		return balancerARN.ReplaceAll(body, []byte("$0<Scheme>internet-facing</Scheme>"))
	}}
}
