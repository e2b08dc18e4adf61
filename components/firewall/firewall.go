// Package firewall is the security groups of all tiers, and the whole list of
// what may talk to what. The groups refer to each other, so they live in one
// place; and an auditor reads one file.
package firewall

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/addressplan"
)

// Type is the component's type token.
const Type = "webphases:index:Firewall"

// ErrArgs says that arguments do not fit together.
var ErrArgs = errors.New("invalid firewall arguments")

// Args says which tiers exist and who the clients are.
type Args struct {
	VPCID pulumi.StringInput

	LoadBalanced bool // a load balancer in front; else clients reach the servers
	TLS          bool // the load balancer listens on 443 too
	Database     bool // RDS and EFS beside the servers
	DatabasePort int  // 0: 3306
	Endpoints    bool // interface endpoints of AWS's services

	ClientCIDRs []string // who may reach the site
	// CloudFrontList is the prefix list of CloudFront's addresses, which alone may reach the
	// load balancer then, by a VPC origin; "": ClientCIDRs.
	CloudFrontList string
	SSHCIDRs       []string // who may reach port 22 of the servers; none by default
	Resolver       string   // address of the VPC's DNS resolver
	DNSServers     []string // DNS servers that the servers use instead
	MailPort       int      // by which the servers' e-mail leaves; 0: none does
}

// Firewall holds the security groups. Groups of tiers that do not exist are nil.
type Firewall struct {
	pulumi.ResourceState

	Web, LoadBalancer, Database, Storage, Endpoints *ec2.SecurityGroup
	// Rules are all of them; WebEgress those by which servers reach others.
	Rules, WebEgress []pulumi.Resource

	name string
	args Args
}

// New makes the groups and their rules. It fails with ErrArgs before anything
// is registered.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Firewall, error) {
	if err := args.check(); err != nil {
		return nil, err
	}
	f := &Firewall{name: name, args: args}
	if err := ctx.RegisterComponentResource(Type, name, f, opts...); err != nil {
		return nil, fmt.Errorf("registering firewall %s: %w", name, err)
	}
	groups := map[string]*ec2.SecurityGroup{}
	outputs := pulumi.Map{}
	for _, g := range args.groups() {
		group, err := ec2.NewSecurityGroup(ctx, name+"-"+g.name, &ec2.SecurityGroupArgs{
			VpcId:       args.VPCID,
			Description: pulumi.String(g.description),
		}, pulumi.Parent(f))
		if err != nil {
			return nil, fmt.Errorf("creating security group %s: %w", g.name, err)
		}
		groups[g.name] = group
		outputs[g.name+"SecurityGroupId"] = group.ID()
	}
	f.Web, f.LoadBalancer, f.Database, f.Storage = groups[web], groups[loadBalancer], groups[database], groups[storage]
	f.Endpoints = groups[endpoints]
	for _, r := range args.rules() {
		if err := f.allow(ctx, groups, r); err != nil {
			return nil, fmt.Errorf("allowing %s: %w", r.key(), err)
		}
	}
	return f, ctx.RegisterResourceOutputs(f, outputs)
}

func (a Args) check() error {
	var errs []error
	if a.VPCID == nil {
		errs = append(errs, errors.New("VPCID is missing"))
	}
	if len(a.ClientCIDRs) == 0 {
		errs = append(errs, errors.New("ClientCIDRs is empty: nobody could reach the site"))
	}
	if a.Resolver == "" {
		errs = append(errs, errors.New("resolver is missing"))
	}
	if a.CloudFrontList != "" && (!a.LoadBalanced || a.TLS) {
		errs = append(errs, errors.New("CloudFront reaches a load balancer only, and ends TLS itself"))
	}
	if a.TLS && !a.LoadBalanced {
		errs = append(errs, errors.New("TLS is the load balancer's, and LoadBalanced is false"))
	}
	if len(errs) > 0 {
		return fmt.Errorf("%w: %w", ErrArgs, errors.Join(errs...))
	}
	return nil
}

func (f *Firewall) allow(ctx *pulumi.Context, groups map[string]*ec2.SecurityGroup, r rule) error {
	var peer, cidr, list pulumi.StringPtrInput
	if group, ok := groups[r.peer]; ok {
		peer = group.ID()
	} else if r.peer == cloudFront {
		list = pulumi.String(f.args.CloudFrontList)
	} else {
		cidr = pulumi.String(r.peer)
	}
	name := f.name + "-" + r.key()
	if r.egress {
		made, err := vpc.NewSecurityGroupEgressRule(ctx, name, &vpc.SecurityGroupEgressRuleArgs{
			SecurityGroupId:           groups[r.group].ID(),
			IpProtocol:                pulumi.String(r.protocol),
			FromPort:                  pulumi.Int(r.port),
			ToPort:                    pulumi.Int(r.port),
			ReferencedSecurityGroupId: peer,
			CidrIpv4:                  cidr,
			Description:               pulumi.String(r.why),
		}, pulumi.Parent(f))
		f.Rules = append(f.Rules, made)
		if r.group == web {
			f.WebEgress = append(f.WebEgress, made)
		}
		return err
	}
	made, err := vpc.NewSecurityGroupIngressRule(ctx, name, &vpc.SecurityGroupIngressRuleArgs{
		SecurityGroupId:           groups[r.group].ID(),
		IpProtocol:                pulumi.String(r.protocol),
		FromPort:                  pulumi.Int(r.port),
		ToPort:                    pulumi.Int(r.port),
		ReferencedSecurityGroupId: peer,
		CidrIpv4:                  cidr,
		PrefixListId:              list,
		Description:               pulumi.String(r.why),
	}, pulumi.Parent(f))
	f.Rules = append(f.Rules, made)
	return err
}

// key names a rule by what it allows, so that no rule's name depends on its
// place in a list: web-in-tcp-80-from-load-balancer.
func (r rule) key() string {
	direction, word := "in", "from"
	if r.egress {
		direction, word = "out", "to"
	}
	return fmt.Sprintf("%s-%s-%s-%d-%s-%s", r.group, direction, r.protocol, r.port, word, addressplan.Slug(r.peer))
}
