package topology

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"html"
)

//go:embed style.css
var style string

// dress adds what the renderer leaves out: a title and a description for those
// who cannot see the picture, and the colours, light and dark.
func (s *scene) dress(drawn []byte) ([]byte, error) {
	at := bytes.IndexByte(drawn, '>')
	if at < 0 || !bytes.HasPrefix(drawn, []byte("<svg ")) {
		return nil, errors.New("the renderer wrote no SVG")
	}
	title := fmt.Sprintf("Topology of %s %s", s.g.Project, s.g.Stack)
	head := fmt.Sprintf(` class="topology" role="img" aria-labelledby="topology-title topology-desc"><title id="topology-title">%s</title><desc id="topology-desc">%s</desc><style>%s</style>`,
		html.EscapeString(title), html.EscapeString(s.describe()), style)
	return bytes.Join([][]byte{drawn[:at], []byte(head), drawn[at+1:]}, nil), nil
}

// describe says in words what the arrows show.
func (s *scene) describe() string {
	text := fmt.Sprintf("Region %s, %d zones. What is allowed:", s.g.Region, len(s.zones))
	for _, f := range s.m.Flows() {
		text += " " + f.Key() + "."
	}
	return text
}
