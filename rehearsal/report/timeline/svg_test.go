package timeline_test

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/rehearsal/report/graphtest"
	"github.com/webphases/webphases/rehearsal/report/timeline"
)

func TestSVG(t *testing.T) {
	t.Parallel()
	s := timeline.Plan(graphtest.Stack(t, "prod"))
	svg := timeline.SVG(s)
	bars, long := 0, 0
	for d := xml.NewDecoder(strings.NewReader(svg)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "rect" {
			bars++
		}
	}
	assert.Equal(t, len(s.Tasks), bars, "every resource has a bar")
	for _, task := range s.Tasks {
		if task.Duration >= 10*time.Second {
			long++
			assert.Contains(t, svg, ">"+task.Name+" <tspan")
		}
	}
	assert.Contains(t, svg, fmt.Sprintf("and %d more within 10 s each", len(s.Tasks)-long))
	assert.Equal(t, len(s.Critical), strings.Count(svg, `<rect class="critical"`))
	assert.NotContains(t, svg, "http://fonts")
}

func TestNamesAreEscapedAndCut(t *testing.T) {
	t.Parallel()
	task := timeline.Task{Name: `<b> & a name that is much too long for its column`, Type: "a:b:C", Duration: time.Minute}
	svg := timeline.SVG(timeline.Schedule{Tasks: []timeline.Task{task}, Total: time.Minute})
	assert.NotContains(t, svg, "<b>")
	assert.Contains(t, svg, "&lt;b&gt; &amp; a name that is much")
	assert.Contains(t, svg, "… <tspan")
}

func TestMinutes(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "0s", 1500 * time.Millisecond: "2s", time.Minute: "1m", 927500 * time.Millisecond: "15m", 97 * time.Second: "1m 40s", 62 * time.Minute: "1h 2m",
	} {
		assert.Equal(t, want, timeline.Minutes(d))
	}
}
