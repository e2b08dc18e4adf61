// Package stack composes the components for a phase.
package stack

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/components/backups"
	"github.com/webphases/webphases/components/credentials"
	"github.com/webphases/webphases/components/database"
	"github.com/webphases/webphases/components/edge"
	"github.com/webphases/webphases/components/firewall"
	"github.com/webphases/webphases/components/loadbalancer"
	"github.com/webphases/webphases/components/monitoring"
	"github.com/webphases/webphases/components/network"
	"github.com/webphases/webphases/components/sharedstorage"
	"github.com/webphases/webphases/components/webtier"
	"github.com/webphases/webphases/internal/config"
)

// site is a stack while it is being composed.
type site struct {
	ctx   *pulumi.Context
	cfg   config.Config
	zones []string
	image webtier.Image
	last  lastUpdate
	// regions are the providers of other regions.
	regions map[string]*aws.Provider

	network     *network.Network
	firewall    *firewall.Firewall
	endpoints   []pulumi.Resource // interface endpoints of AWS's services
	credentials *credentials.Credentials
	secret      *credentials.Secret
	database    *database.Database           // from phase 2 on
	storage     *sharedstorage.SharedStorage // from phase 2 on
	balancer    *loadbalancer.LoadBalancer   // phase 3
	edge        *edge.Edge                   // phase 3; nil: visitors reach the balancer itself
	web         *webtier.WebTier
	backups     *backups.Backups       // nil: AWS Backup keeps nothing
	monitoring  *monitoring.Monitoring // nil: nobody watches
}

// Deploy is the Pulumi program. It reads and checks the whole configuration, and
// looks up the zones, the image and the stack's own past, before it registers
// anything.
func Deploy(ctx *pulumi.Context) error {
	cfg, err := config.Load(ctx)
	if err != nil {
		return err
	}
	last, err := readLastUpdate(ctx)
	if err != nil {
		return err
	}
	if err := last.check(ctx.Project(), cfg); err != nil {
		return err
	}
	if err := checkSnapshot(ctx, cfg, last.snapshot); err != nil {
		return err
	}
	zones, err := findZones(ctx, cfg, last)
	if err != nil {
		return err
	}
	image, err := webtier.FindImage(ctx, cfg.Web.Image, cfg.Web.InstanceType)
	if err != nil {
		return err
	}
	s := &site{ctx: ctx, cfg: cfg, zones: zones, image: image, last: last, regions: map[string]*aws.Provider{}}

	steps := []func() error{s.makeNetwork, s.makeFirewall, s.makeCredentials}
	if cfg.Phase >= 2 {
		steps = append(steps, s.makeDatabase, s.makeStorage)
	}
	steps = append(steps, s.publishCredentials)
	if cfg.Phase == 3 {
		steps = append(steps, s.makeLoadBalancer, s.makeEdge)
	}
	for _, step := range append(steps, s.makeWebTier, s.makeDomain, s.makeBackups, s.makeMonitoring) {
		if err := step(); err != nil {
			return err
		}
	}
	s.export()
	return nil
}

// Rehearse is Deploy for who runs the program itself, on servers that do what they
// do at once: it knows all keys of the configuration, so that unknown ones can be
// refused, and does not wait for proofs.
func Rehearse(ctx *pulumi.Context, keys []string) error {
	return Deploy(webtier.WithPatience(config.WithKeys(ctx, keys), webtier.Patience{Tries: 1}))
}
