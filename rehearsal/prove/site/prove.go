package site

import (
	"context"
	"time"

	"github.com/webphases/webphases/server"
)

// Serves tries the site as its owner and its visitors do: the first login, a post with
// a picture, its page. It returns the picture's path.
func (s *Site) Serves(ctx context.Context, screenshot string) (picture string, err error) {
	a, err := s.logIn(ctx)
	if err != nil {
		return "", err
	}
	p, err := a.publish(ctx, "Hello from "+s.Plan.Graph.Stack)
	if err != nil {
		return "", err
	}
	if err := s.shows(ctx, p); err != nil {
		return "", err
	}
	s.Step("the secret's password opens the site; a post with a picture is on its page, byte for byte")
	if err := s.mails(ctx); err != nil {
		return "", err
	}
	err = wait(ctx, "the proof that the program waits for", 30*time.Second, func() bool {
		for name, value := range s.Cloud.parameters {
			record, err := server.ParseRecord(value)
			if err == nil && record.OK != nil && record.OK.Script == server.Configure {
				s.Step("%s is proven by %s", name, record.OK.Instance)
				return true
			}
		}
		return false
	})
	if err != nil {
		return "", err
	}
	return p.picture, s.screenshot(ctx, screenshot)
}
