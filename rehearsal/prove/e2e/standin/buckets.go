package standin

import (
	"net/http"
	"strings"
)

// BucketPolicies keeps the policies of buckets: the server would refuse whatever a
// statement denies, and does not look at its conditions.
//
// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
func BucketPolicies() StandIn {
	kept := map[string][]byte{} // by path
	return StandIn{Name: "S3 bucket policies", Answer: func(c *Call) *Answer {
		method, path, _ := strings.Cut(c.Action, " ")
		if c.Service != "s3" {
			return nil
		}
		path = strings.Trim(path, "/")
		if !c.Words.Has("policy") {
			if method == http.MethodDelete {
				delete(kept, path) // with its bucket
			}
			return nil
		}
		switch {
		case method == http.MethodPut:
			kept[path] = c.Body
		case method == http.MethodDelete:
			delete(kept, path)
		case kept[path] == nil:
			return &Answer{Status: http.StatusNotFound, Type: "application/xml", Body: []byte("<Error><Code>NoSuchBucketPolicy</Code><Message>The bucket policy does not exist</Message></Error>")}
		default:
			return &Answer{Status: http.StatusOK, Type: "application/json", Body: kept[path]}
		}
		return &Answer{Status: http.StatusNoContent}
	}}
}
