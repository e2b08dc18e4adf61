package standin

import (
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// serverAccount is the account that the server plays.
const serverAccount = "123456789012"

// composite is an alarm on other alarms, as CloudWatch shows it.
type composite struct {
	ActionsEnabled   string
	AlarmActions     []string `xml:"AlarmActions>member"`
	AlarmArn         string
	AlarmDescription string
	AlarmName        string
	AlarmRule        string
	OKActions        []string `xml:"OKActions>member"`
	StateValue       string

	tags map[string]string
}

type composites struct {
	All []*composite `xml:"CompositeAlarms>member"`
}

type tags struct {
	All []tag `xml:"Tags>member"`
}

// CompositeAlarms keeps alarms on other alarms.
//
// Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
func CompositeAlarms() StandIn {
	kept := map[string]*composite{} // by name
	of := func(arn string) *composite {
		_, name, _ := strings.Cut(arn, ":alarm:")
		return kept[name]
	}
	return StandIn{Name: "CloudWatch composite alarms", Answer: func(c *Call) *Answer {
		if c.Service != "monitoring" {
			return nil
		}
		name, alarm := c.Form.Get("AlarmName"), of(c.Form.Get("ResourceARN"))
		switch {
		case c.Action == "PutCompositeAlarm":
			given := tagsIn(c.Form)
			if old := kept[name]; old != nil {
				given = old.tags // AWS takes tags with a new alarm only
			}
			kept[name] = &composite{
				ActionsEnabled:   c.Form.Get("ActionsEnabled"),
				AlarmActions:     members(c.Form, "AlarmActions"),
				AlarmArn:         "arn:aws:cloudwatch:" + c.region() + ":" + serverAccount + ":alarm:" + name,
				AlarmDescription: c.Form.Get("AlarmDescription"),
				AlarmName:        name,
				AlarmRule:        c.Form.Get("AlarmRule"),
				OKActions:        members(c.Form, "OKActions"),
				StateValue:       "OK",
				tags:             given,
			}
			return answerQuery(c, nil)
		case c.Action == "DescribeAlarms" && slices.Contains(members(c.Form, "AlarmTypes"), "CompositeAlarm"):
			var found []*composite
			names := members(c.Form, "AlarmNames")
			for _, key := range slices.Sorted(maps.Keys(kept)) {
				if len(names) == 0 || slices.Contains(names, key) {
					found = append(found, kept[key])
				}
			}
			return answerQuery(c, composites{found})
		case c.Action == "DeleteAlarms":
			names := members(c.Form, "AlarmNames")
			if len(names) != 1 || kept[names[0]] == nil { // the provider deletes one at a time
				return nil
			}
			delete(kept, names[0])
			return answerQuery(c, nil)
		case c.Action == "ListTagsForResource" && alarm != nil:
			var all []tag
			for _, key := range slices.Sorted(maps.Keys(alarm.tags)) {
				all = append(all, tag{key, alarm.tags[key]})
			}
			return answerQuery(c, tags{all})
		case c.Action == "TagResource" && alarm != nil:
			maps.Copy(alarm.tags, tagsIn(c.Form))
			return answerQuery(c, nil)
		case c.Action == "UntagResource" && alarm != nil:
			for _, key := range members(c.Form, "TagKeys") {
				delete(alarm.tags, key)
			}
			return answerQuery(c, nil)
		}
		return nil
	}}
}

// region is the one that the call was signed for.
func (c *Call) region() string {
	scope := strings.Split(c.request.Header.Get("Authorization"), "/") // key, date, region, service
	if len(scope) < 4 {
		return ""
	}
	return scope[2]
}

// members are the values of a list in the query protocol.
func members(form url.Values, list string) (all []string) {
	for i := 1; form.Has(fmt.Sprintf("%s.member.%d", list, i)); i++ {
		all = append(all, form.Get(fmt.Sprintf("%s.member.%d", list, i)))
	}
	return all
}

func tagsIn(form url.Values) map[string]string {
	tags := map[string]string{}
	for i := 1; form.Has(fmt.Sprintf("Tags.member.%d.Key", i)); i++ {
		tags[form.Get(fmt.Sprintf("Tags.member.%d.Key", i))] = form.Get(fmt.Sprintf("Tags.member.%d.Value", i))
	}
	return tags
}

// answerQuery is an answer of the query protocol with a result; nil: an empty one.
func answerQuery(c *Call, result any) *Answer {
	var body []byte
	if result != nil {
		var err error
		if body, err = xml.Marshal(result); err != nil {
			return &Answer{Status: http.StatusInternalServerError, Type: "text/plain", Body: []byte(err.Error())}
		}
		// The type of the result is this program's own.
		body = body[strings.IndexByte(string(body), '>')+1 : strings.LastIndexByte(string(body), '<')]
	}
	text := fmt.Sprintf("<%[1]sResponse><%[1]sResult>%[2]s</%[1]sResult></%[1]sResponse>", c.Action, body)
	return &Answer{Status: http.StatusOK, Type: "text/xml", Body: []byte(text)}
}
