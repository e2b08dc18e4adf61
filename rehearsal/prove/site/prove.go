package site

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/webphases/webphases/server"
)

// watched fails with ErrServer if the plan has a CloudWatch agent and a server's was not
// given a configuration that it takes.
func (s *Site) watched() error {
	if s.settings().Watch == nil {
		return nil
	}
	for _, m := range s.machines {
		if _, err := os.Stat(filepath.Join(m.disk.root(), "srv/fake/watching")); err != nil {
			return fmt.Errorf("%w: the CloudWatch agent of %s does not run: %w", ErrServer, m.id, err)
		}
	}
	s.Step("the CloudWatch agent of each server has its logs and metrics")
	return nil
}

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
	if err := s.watched(); err != nil {
		return "", err
	}
	err = wait(ctx, "the proof that the program waits for", 30*time.Second, func() bool {
		for name, value := range s.Cloud.Parameters() {
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
