package standin

import (
	"bytes"
	"net/http"
	"regexp"
)

var (
	optionGroupName = regexp.MustCompile(`<OptionGroupName>([^<]*)</OptionGroupName>`)
	anyMajor        = regexp.MustCompile(`<MajorEngineVersion>[^<]*</MajorEngineVersion>`)
)

// OptionGroups takes option groups for MySQL 8.4, which the server knows up to 8.0.
//
// Source: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateOptionGroup.html
func OptionGroups() StandIn {
	const known, wanted = "8.0", "8.4"
	newer := map[string]bool{} // by name
	major := []byte("<MajorEngineVersion>" + wanted + "</MajorEngineVersion>")
	return StandIn{
		Name: "RDS option groups of MySQL 8.4",
		Answer: func(c *Call) *Answer {
			if c.Service != "rds" || c.Action != "CreateOptionGroup" || c.Form.Get("MajorEngineVersion") != wanted {
				return nil
			}
			c.Form.Set("MajorEngineVersion", known)
			body, err := c.Query("rds", c.Form)
			c.Form.Set("MajorEngineVersion", wanted)
			if err != nil {
				return &Answer{Status: http.StatusInternalServerError, Type: "text/plain", Body: []byte(err.Error())}
			}
			newer[c.Form.Get("OptionGroupName")] = true
			return &Answer{Status: http.StatusOK, Type: "text/xml", Body: anyMajor.ReplaceAll(body, major)}
		},
		Mend: func(c *Call, body []byte) []byte {
			if name := optionGroupName.FindSubmatch(body); c.Service == "rds" && name != nil && newer[string(name[1])] && bytes.Contains(body, []byte("<MajorEngineVersion>")) {
				return anyMajor.ReplaceAll(body, major)
			}
			return body
		},
	}
}
