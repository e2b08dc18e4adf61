package standin

import (
	"encoding/json"
	"net/http"
	"strings"
)

// DeniesOfBuckets keeps what the policies of buckets deny: the server would refuse it
// whatever the conditions, such as a request without TLS.
//
// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
func DeniesOfBuckets() StandIn {
	kept := map[string][]byte{} // by path
	return StandIn{Name: "S3 conditions of what bucket policies deny", Answer: func(c *Call) *Answer {
		method, path, _ := strings.Cut(c.Action, " ")
		if c.Service != "s3" || !c.Words.Has("policy") {
			return nil
		}
		path = strings.Trim(path, "/")
		switch method {
		case http.MethodPut:
			allowed, err := allows(c.Body)
			if err != nil {
				return nil // the server says what is wrong with it
			}
			kept[path] = c.Body
			_, status, body, err := c.gateway.ask(c.request, allowed)
			if err != nil {
				return &Answer{Status: http.StatusBadGateway, Type: "text/plain", Body: []byte(err.Error())}
			}
			return &Answer{Status: status, Type: "application/xml", Body: body}
		case http.MethodGet:
			if kept[path] != nil {
				return &Answer{Status: http.StatusOK, Type: "application/json", Body: kept[path]}
			}
		case http.MethodDelete:
			delete(kept, path)
		}
		return nil
	}}
}

// allows is a policy without what it denies.
func allows(policy []byte) ([]byte, error) {
	var document struct {
		Version   string
		Statement []map[string]any
	}
	if err := json.Unmarshal(policy, &document); err != nil {
		return nil, err
	}
	var rest []map[string]any
	for _, s := range document.Statement {
		if s["Effect"] != "Deny" {
			rest = append(rest, s)
		}
	}
	document.Statement = rest
	return json.Marshal(document)
}
