package standin

import (
	"encoding/xml"
	"regexp"
	"slices"
	"strings"
)

var ruleID = regexp.MustCompile(`<securityGroupRuleId>(sgr-[0-9a-f]+)</securityGroupRuleId>`)

// RuleDescriptions keeps the descriptions of rules between security groups and with
// prefix lists: the server keeps those of rules with ranges only.
//
// Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroupRule.html
func RuleDescriptions() StandIn {
	why := map[string]string{} // by rule, escaped for XML
	return StandIn{Name: "EC2 descriptions of rules between groups", Mend: func(c *Call, body []byte) []byte {
		if c.Service != "ec2" {
			return body
		}
		const change = "SecurityGroupRule.1."
		switch c.Action {
		case "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress":
			// The provider makes one rule at a time.
			m := ruleID.FindSubmatch(body)
			for peer, of := range map[string]string{"Groups.1.GroupId": "Groups.1", "PrefixListIds.1.PrefixListId": "PrefixListIds.1"} {
				if m != nil && c.Form.Has("IpPermissions.1."+peer) {
					why[string(m[1])] = escape(c.Form.Get("IpPermissions.1." + of + ".Description"))
				}
			}
		case "ModifySecurityGroupRules":
			if id := c.Form.Get(change + "SecurityGroupRuleId"); c.Form.Has(change+"SecurityGroupRule.ReferencedGroupId") || c.Form.Has(change+"SecurityGroupRule.PrefixListId") {
				why[id] = escape(c.Form.Get(change + "SecurityGroupRule.Description"))
			}
		case "DescribeSecurityGroupRules":
			return ruleID.ReplaceAllFunc(body, func(found []byte) []byte {
				text := why[string(ruleID.FindSubmatch(found)[1])]
				if text == "" {
					return found
				}
				return slices.Concat(found, []byte("<description>"+text+"</description>"))
			})
		}
		return body
	}}
}

func escape(text string) string {
	var out strings.Builder
	_ = xml.EscapeText(&out, []byte(text)) // a builder never fails
	return out.String()
}
