package site

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
)

// Cloud is what the servers find on AWS: metadata, parameters, the secret, and what
// the load balancer thinks of them. It has no opinion on permissions; those are
// evaluated elsewhere.
type Cloud struct {
	Region string
	// Secret is the secret's content, and SecretVersion its id.
	Secret, SecretVersion string
	// Healthy tells the state of each target by its id; nil without a load balancer.
	Healthy func() map[string]string

	mu         sync.Mutex
	parameters map[string]string
	instances  map[netip.Addr]instance
}

// instance is what one server's metadata say.
type instance struct{ id, image, public string }

// Parameter returns the parameter's value.
func (c *Cloud) Parameter(name string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.parameters[name]
}

// keep replaces the secret.
func (c *Cloud) keep(secret, version string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Secret, c.SecretVersion = secret, version
}

// Parameters are all of them by name.
func (c *Cloud) Parameters() map[string]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.parameters)
}

// Put sets a parameter.
func (c *Cloud) Put(name, value string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.parameters[name] = value
}

func (c *Cloud) know(at netip.Addr, as instance) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.instances[at] = as
}

// metadata is version 2 only: no token, no answer. Who asks is known by his address.
//
// Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-categories.html
func (c *Cloud) metadata(w http.ResponseWriter, r *http.Request) {
	const token, header = "imds-token", "X-Aws-Ec2-Metadata-Token"
	if r.Method == http.MethodPut {
		fmt.Fprint(w, token)
		return
	}
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	from, _ := netip.ParseAddr(host)
	c.mu.Lock()
	one, known := c.instances[from]
	c.mu.Unlock()
	answers := map[string]string{
		"placement/region":          c.Region,
		"services/domain":           "amazonaws.com",
		"instance-id":               one.id,
		"ami-id":                    one.image,
		"public-ipv4":               one.public,
		"iam/security-credentials/": "web",
		"iam/security-credentials/web": `{"Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": "ASIATEST", "SecretAccessKey": "test",
			"Token": "test", "LastUpdated": "2026-01-01T00:00:00Z", "Expiration": "2046-01-01T00:00:00Z"}`,
	}
	answer, ok := answers[strings.TrimPrefix(r.URL.Path, "/latest/meta-data/")]
	switch {
	case r.Header.Get(header) != token:
		w.WriteHeader(http.StatusUnauthorized)
	case !known, !ok:
		w.WriteHeader(http.StatusNotFound)
	default:
		fmt.Fprint(w, answer)
	}
}

// api is Systems Manager, Secrets Manager and Elastic Load Balancing.
func (c *Cloud) api(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if strings.Contains(string(body), "Action=DescribeTargetHealth") {
		c.targetHealth(w)
		return
	}
	var asked struct{ Name, SecretId, Value string } //nolint:revive // AWS' spelling
	_ = json.Unmarshal(body, &asked)
	_, action, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	var answer any
	c.mu.Lock()
	value, known := c.parameters[asked.Name]
	switch {
	case action == "GetParameter" && known:
		answer = map[string]any{"Parameter": map[string]any{"Name": asked.Name, "Type": "String", "Value": value}}
	case action == "PutParameter" && known:
		c.parameters[asked.Name] = asked.Value
		answer = map[string]any{"Version": 2, "Tier": "Standard"}
	case action == "GetSecretValue":
		answer = map[string]any{"ARN": asked.SecretId, "Name": "credentials", "VersionId": c.SecretVersion, "SecretString": c.Secret}
	}
	c.mu.Unlock()
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	if answer == nil {
		w.WriteHeader(http.StatusBadRequest)
		answer = map[string]string{"__type": "AccessDenied", "message": action + " " + asked.Name}
	}
	_ = json.NewEncoder(w).Encode(answer)
}

func (c *Cloud) targetHealth(w http.ResponseWriter) {
	type member struct {
		ID    string `xml:"Target>Id"`
		State string `xml:"TargetHealth>State"`
	}
	answer := struct {
		XMLName xml.Name `xml:"http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/ DescribeTargetHealthResponse"`
		Members []member `xml:"DescribeTargetHealthResult>TargetHealthDescriptions>member"`
	}{}
	if c.Healthy != nil {
		for id, state := range c.Healthy() {
			answer.Members = append(answer.Members, member{id, state})
		}
	}
	w.Header().Set("Content-Type", "text/xml")
	_ = xml.NewEncoder(w).Encode(answer)
}

// mirror is enough of an HTTP proxy for apt; it fetches from outside the lab.
func mirror(w http.ResponseWriter, r *http.Request) {
	asked, err := http.NewRequestWithContext(r.Context(), http.MethodGet, r.URL.String(), http.NoBody)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	for _, header := range []string{"Range", "If-Modified-Since", "If-Range"} {
		if value := r.Header.Get(header); value != "" {
			asked.Header.Set(header, value)
		}
	}
	reply, err := http.DefaultClient.Do(asked)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer reply.Body.Close()
	for _, header := range []string{"Content-Type", "Content-Length", "Last-Modified", "Content-Range"} {
		if value := reply.Header.Get(header); value != "" {
			w.Header().Set(header, value)
		}
	}
	w.WriteHeader(reply.StatusCode)
	_, _ = io.Copy(w, reply.Body)
}
