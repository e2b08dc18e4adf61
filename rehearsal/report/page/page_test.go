package page_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/rehearsal/report/cost"
	"github.com/webphases/webphases/rehearsal/report/graph"
	"github.com/webphases/webphases/rehearsal/report/graphtest"
	"github.com/webphases/webphases/rehearsal/report/page"
	"github.com/webphases/webphases/rehearsal/report/reach"
)

func drawn(context.Context, *graph.Graph, *reach.Model) ([]byte, error) {
	return []byte(`<svg id="drawn" viewBox="0 0 1 1"></svg>`), nil
}

func write(t *testing.T, g *graph.Graph) (report *page.Report, text string) {
	t.Helper()
	r, err := page.New(t.Context(), g, cost.Defaults(), drawn)
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, r.WriteHTML(&b))
	return r, b.String()
}

// elements calls visit for every element of the page.
func elements(t *testing.T, text string, visit func(name string, attributes map[string]string)) {
	t.Helper()
	for z := html.NewTokenizer(strings.NewReader(text)); ; {
		switch z.Next() {
		case html.ErrorToken:
			require.ErrorIs(t, z.Err(), io.EOF)
			return
		case html.StartTagToken, html.SelfClosingTagToken:
			token := z.Token()
			attributes := map[string]string{}
			for _, a := range token.Attr {
				attributes[a.Key] = a.Val
			}
			visit(token.Data, attributes)
		default:
		}
	}
}

func TestPageHoldsEverything(t *testing.T) {
	t.Parallel()
	g := graphtest.Stack(t, "prod")
	r, text := write(t, g)
	ids, links, rows := map[string]bool{}, []string{}, 0
	elements(t, text, func(name string, a map[string]string) {
		ids[a["id"]] = true
		if name == "a" && strings.HasPrefix(a["href"], "#") {
			links = append(links, a["href"][1:])
		}
		if name == "tr" {
			rows++
		}
	})
	assert.Len(t, links, 8)
	for _, link := range links {
		assert.True(t, ids[link], "the link to #%s leads somewhere", link)
	}
	assert.True(t, ids["drawn"])
	assert.Greater(t, rows, len(r.Resources()))
	for _, want := range []string{r.Bill.Total().Whole(), r.Bill.Fixed().String(), "about 17m", "CloudFront on tcp 443", `class="gantt"`, `class="reach"`, "EC2.21"} {
		assert.Contains(t, text, want, want)
	}
	for _, one := range r.Resources() {
		assert.Contains(t, text, ">"+one.Name)
	}
}

// A page that is opened from a disk or an attachment makes no request.
func TestPageMakesNoRequests(t *testing.T) {
	t.Parallel()
	_, text := write(t, graphtest.Stack(t, "prod"))
	elements(t, text, func(name string, a map[string]string) {
		assert.NotContains(t, []string{"link", "iframe", "img", "base", "object", "embed", "audio", "video", "form"}, name)
		assert.Empty(t, a["src"], name)
		assert.Empty(t, a["xlink:href"], name)
		if name != "a" {
			assert.Empty(t, a["href"], name)
		}
	})
	assert.NotRegexp(t, `@import|url\((?:'|")?https?:`, text)
}

func TestNamesAreEscaped(t *testing.T) {
	t.Parallel()
	g := graphtest.Stack(t, "dev")
	const bad = `<script>alert("x")</script>`
	for _, r := range g.Resources {
		r.Name = bad
	}
	g.Stack = bad
	_, text := write(t, g)
	assert.NotContains(t, text, bad)
	assert.Contains(t, text, "&lt;script&gt;alert")
}

func TestWithoutReachability(t *testing.T) {
	t.Parallel()
	g := graphtest.Stack(t, "dev")
	for _, r := range g.OfType(catalog.EC2VPC) {
		r.Type = "aws:ec2/none:None"
	}
	r, text := write(t, g)
	assert.Nil(t, r.Reach)
	require.NotEmpty(t, r.Unreachable)
	assert.Contains(t, text, "reachability cannot be computed")
	assert.NotContains(t, text, `href="#topology"`)
	var summary bytes.Buffer
	require.NoError(t, r.WriteText(&summary))
	assert.Contains(t, summary.String(), r.Unreachable)
	assert.Contains(t, summary.String(), "not priced: aws:ec2:None network: the type aws:ec2/none:None is unknown")
}

func TestSummary(t *testing.T) {
	t.Parallel()
	r, _ := write(t, graphtest.Stack(t, "staging"))
	var summary bytes.Buffer
	require.NoError(t, r.WriteText(&summary))
	for _, want := range []string{
		"staging in ap-northeast-1: ", "cost      about " + r.Bill.Total().Whole() + " a month", "; in us-east-1 $",
		"time      about 11m to create, of which the program's own order costs 0.4%", " passed, 8 excepted for a reason, 0 failed, ", "from \\ to",
	} {
		assert.Contains(t, summary.String(), want)
	}
	assert.NotContains(t, summary.String(), "not priced")
}

func TestFailures(t *testing.T) {
	t.Parallel()
	broken := errors.New("no ink")
	_, err := page.New(t.Context(), graphtest.Stack(t, "dev"), cost.Defaults(), func(context.Context, *graph.Graph, *reach.Model) ([]byte, error) { return nil, broken })
	assert.ErrorIs(t, err, broken)
}
