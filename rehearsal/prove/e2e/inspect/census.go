//go:build e2e

package inspect

import (
	"context"
	"errors"
	"fmt"
)

// Census asks for everything of the kinds that the program can make, and of those
// that AWS makes along with them, such as network interfaces.
func (a *API) Census(ctx context.Context) (Census, error) {
	all := Census{}
	var errs []error
	for _, group := range []func(context.Context) ([]Thing, error){
		a.network, a.gateways, a.firewalls, a.servers, a.images, a.databases, a.files, a.balancers, a.groups, a.identities, a.management, a.secretsAndLogs,
	} {
		things, err := group(ctx)
		if err != nil {
			errs = append(errs, err)
		}
		for _, t := range things {
			all[t.key()] = t
		}
	}
	if len(errs) > 0 {
		return nil, fmt.Errorf("asking the API what it holds: %w", errors.Join(errs...))
	}
	return all, nil
}
