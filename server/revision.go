package server

import "regexp"

var revisionLine = regexp.MustCompile(`echo ([0-9a-f]{12}) >"\$new/revision"`)

// RevisionOf returns the revision of the scripts that a rendered document brings;
// "" if it brings none.
func RevisionOf(rendered string) string {
	if found := revisionLine.FindStringSubmatch(rendered); found != nil {
		return found[1]
	}
	return ""
}
