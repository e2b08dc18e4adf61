package standin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
)

// JSON puts a call of a JSON service to the server itself, in the region of this
// one. The answer goes into out; nil: it is not read.
func (c *Call) JSON(service, target string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	answer, err := c.put(service, body, http.Header{"X-Amz-Target": {target}, "Content-Type": {"application/x-amz-json-1.1"}})
	if err != nil || out == nil {
		return err
	}
	return json.Unmarshal(answer, out)
}

// Query does the same with a call of the query protocol, and returns its XML.
func (c *Call) Query(service string, form url.Values) ([]byte, error) {
	return c.put(service, []byte(form.Encode()), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}})
}

// put signs as the call was signed: the server looks at the service and the
// region, not at the signature.
func (c *Call) put(service string, body []byte, header http.Header) ([]byte, error) {
	// What servers do later outlives the call.
	r := (&http.Request{Method: http.MethodPost, URL: &url.URL{Path: "/"}, Header: header}).WithContext(context.WithoutCancel(c.request.Context()))
	r.Header.Set("Authorization", credential.ReplaceAllString(c.request.Header.Get("Authorization"), "Credential=${1}/"+service+"/"))
	_, status, answer, err := c.gateway.ask(r, body)
	if err == nil && status >= http.StatusMultipleChoices {
		err = fmt.Errorf("%w: %s: %d %s", errServer, service, status, answer)
	}
	return answer, err
}
