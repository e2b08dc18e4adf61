package standin

import (
	"bytes"
	"fmt"
	"net/http"
	"regexp"
	"strings"
)

// edgeKind is a kind of CloudFront's things: the gateway keeps its configuration as it
// was sent, and gives it back.
type edgeKind struct {
	path, root, config, missing string
	id, arn                     string // forms of the ID, and of the ARN where there is one
	more                        string // elements that AWS adds
}

const (
	edgeAPI  = "/2020-05-31/"
	edgeTime = "<LastModifiedTime>2026-01-31T12:00:00Z</LastModifiedTime>"
)

var edgeKinds = []edgeKind{
	{
		path: "distribution", root: "Distribution", config: "DistributionConfig", missing: "NoSuchDistribution", id: "EDFDVBD%06d", arn: "distribution",
		more: edgeTime + "<Status>Deployed</Status><InProgressInvalidationBatches>0</InProgressInvalidationBatches>" +
			"<ActiveTrustedSigners><Enabled>false</Enabled><Quantity>0</Quantity></ActiveTrustedSigners>" +
			"<ActiveTrustedKeyGroups><Enabled>false</Enabled><Quantity>0</Quantity></ActiveTrustedKeyGroups>",
	},
	{
		path: "vpc-origin", root: "VpcOrigin", config: "VpcOriginEndpointConfig", missing: "EntityNotFound", id: "vo_%022d", arn: "vpcorigin",
		more: edgeTime + "<CreatedTime>2026-01-31T12:00:00Z</CreatedTime><Status>Deployed</Status>",
	},
	{path: "cache-policy", root: "CachePolicy", config: "CachePolicyConfig", missing: "NoSuchCachePolicy", id: "00000000-0000-4000-a000-%012d", more: edgeTime},
	{path: "origin-request-policy", root: "OriginRequestPolicy", config: "OriginRequestPolicyConfig", missing: "NoSuchOriginRequestPolicy", id: "00000000-0000-4000-b000-%012d", more: edgeTime},
}

// kept is one thing of CloudFront's.
type kept struct {
	kind   edgeKind
	number int
	config []byte // its element, as it was sent
	tags   []byte // its element, or nothing
	times  int    // that it was written
}

func (k *kept) id() string { return fmt.Sprintf(k.kind.id, k.number) }

func (k *kept) arn() string {
	if k.kind.arn == "" {
		return ""
	}
	return "arn:aws:cloudfront::" + serverAccount + ":" + k.kind.arn + "/" + k.id()
}

func (k *kept) etag() string { return fmt.Sprintf("E%d%d", k.number, k.times) }

// whole is the configuration with what AWS says of what was not sent.
func (k *kept) whole() []byte {
	if k.kind.path != "distribution" || bytes.Contains(k.config, []byte("<OriginGroups>")) {
		return k.config
	}
	return bytes.Replace(k.config, []byte("</DistributionConfig>"), []byte("<OriginGroups><Quantity>0</Quantity></OriginGroups></DistributionConfig>"), 1)
}

func (k *kept) answer(status int) *Answer {
	more := k.kind.more
	if arn := k.arn(); arn != "" {
		more += "<ARN>" + arn + "</ARN><Arn>" + arn + "</Arn>"
	}
	if k.kind.path == "distribution" {
		more += fmt.Sprintf("<DomainName>d%013d.cloudfront.net</DomainName>", k.number)
	}
	body := fmt.Sprintf("<%[1]s><Id>%[2]s</Id>%[3]s%[4]s</%[1]s>", k.kind.root, k.id(), more, k.whole())
	return &Answer{Status: status, Type: "text/xml", ETag: k.etag(), Body: []byte(body)}
}

// edgeOf is CloudFront as far as the stack uses it and the server does not know it.
type edgeOf struct {
	things []*kept
	made   int
}

// Distributions keeps CloudFront's distributions, VPC origins and policies.
//
// Source: https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_Operations.html
func Distributions() StandIn {
	e := &edgeOf{}
	return StandIn{Name: "CloudFront distributions, VPC origins and policies", Answer: func(c *Call) *Answer {
		method, path, _ := strings.Cut(c.Action, " ")
		path, found := strings.CutPrefix(path, edgeAPI)
		if c.Service != "cloudfront" || !found {
			return nil
		}
		if path == "tagging" {
			return e.tagging(c)
		}
		for _, kind := range edgeKinds {
			if rest, ok := strings.CutPrefix(path, kind.path); ok && (rest == "" || rest[0] == '/') {
				return e.of(kind, method, strings.Split(strings.TrimPrefix(rest, "/"), "/"), c.Body)
			}
		}
		return nil
	}}
}

func (e *edgeOf) of(kind edgeKind, method string, at []string, body []byte) *Answer {
	if method == http.MethodPost {
		e.made++
		k := &kept{kind: kind, number: e.made, config: element(body, kind.config), tags: element(body, "Tags")}
		e.things = append(e.things, k)
		return k.answer(http.StatusCreated)
	}
	for i, k := range e.things {
		switch {
		case k.kind.path != kind.path || k.id() != at[0]:
			continue
		case method == http.MethodDelete:
			e.things = append(e.things[:i], e.things[i+1:]...)
			return &Answer{Status: http.StatusNoContent}
		case method == http.MethodPut:
			k.config, k.times = element(body, kind.config), k.times+1
		case len(at) > 1: // its configuration alone
			return &Answer{Status: http.StatusOK, Type: "text/xml", ETag: k.etag(), Body: k.whole()}
		}
		return k.answer(http.StatusOK)
	}
	return edgeError(kind.missing, "There is no "+kind.path+" "+at[0])
}

var edgeTag = regexp.MustCompile(`<Tag><Key>([^<]*)</Key><Value>([^<]*)</Value></Tag>`)

func (e *edgeOf) tagging(c *Call) *Answer {
	for _, k := range e.things {
		if k.arn() == "" || k.arn() != c.Words.Get("Resource") {
			continue
		}
		switch c.Words.Get("Operation") {
		case "Tag":
			for _, tag := range edgeTag.FindAll(c.Body, -1) {
				key := edgeTag.FindSubmatch(tag)[1]
				k.tags = append(without(k.tags, key), tag...)
			}
		case "Untag":
			for _, key := range regexp.MustCompile(`<Key>([^<]*)</Key>`).FindAllSubmatch(c.Body, -1) {
				k.tags = without(k.tags, key[1])
			}
		default:
			all := bytes.Join(edgeTag.FindAll(k.tags, -1), nil)
			return &Answer{Status: http.StatusOK, Type: "text/xml", Body: fmt.Appendf(nil, "<Tags><Items>%s</Items></Tags>", all)}
		}
		return &Answer{Status: http.StatusNoContent}
	}
	return edgeError("NoSuchResource", "There is no "+c.Words.Get("Resource"))
}

func without(tags, key []byte) []byte {
	return edgeTag.ReplaceAllFunc(tags, func(tag []byte) []byte {
		if bytes.Equal(edgeTag.FindSubmatch(tag)[1], key) {
			return nil
		}
		return tag
	})
}

// element is the first one of the name, with its tags.
func element(body []byte, name string) []byte {
	found := regexp.MustCompile(`(?s)<` + name + `[ >].*</` + name + `>`).Find(body)
	return bytes.Replace(found, []byte(` xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"`), nil, 1)
}

func edgeError(code, message string) *Answer {
	body := fmt.Sprintf("<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>", code, message)
	return &Answer{Status: http.StatusNotFound, Type: "text/xml", Body: []byte(body)}
}
