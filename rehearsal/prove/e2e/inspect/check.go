//go:build e2e

package inspect

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// Verdict is what one check found.
type Verdict struct {
	Check string
	Wrong []string // empty: all as it should be
}

// Check compares what the API holds with what was asked for. The census from
// before the stack was made tells what is not the stack's.
func (a *API) Check(ctx context.Context, w Want, before Census) ([]Verdict, error) {
	n, err := a.survey(ctx, w)
	if err != nil {
		return nil, err
	}
	var all []Verdict
	for _, check := range []struct {
		name string
		run  func(context.Context, Want, *survey) ([]string, error)
		from int // phase
	}{
		{"addresses", a.checkSubnets, 1}, {"security group rules", a.checkRules, 1}, {"routes", a.checkRoutes, 1}, {"network ACL entries", a.checkACLs, 1},
		{"servers", a.checkServers, 1}, {"database", a.checkDatabase, 2}, {"file system", a.checkFiles, 2}, {"load balancer and group", a.checkGroup, 3},
	} {
		if w.Phase < check.from {
			continue
		}
		wrong, err := check.run(ctx, w, n)
		if err != nil {
			return nil, fmt.Errorf("checking the %s: %w", check.name, err)
		}
		all = append(all, Verdict{check.name, wrong})
	}
	now, err := a.Census(ctx)
	if err != nil {
		return nil, err
	}
	things := slices.DeleteFunc(now.Since(before), func(t Thing) bool { return t.Tags == nil })
	wrong := Untagged(things, w.tags())
	if len(things) == 0 {
		wrong = append(wrong, "the API holds nothing of the stack")
	}
	return append(all, Verdict{fmt.Sprintf("tags of %d resources", len(things)), wrong}), nil
}

// survey is how the API's IDs translate to the design's names.
type survey struct {
	vpc     string
	subnets map[string]string // ID -> name, such as public-a
	groups  map[string]string // ID -> name, such as web
}

// survey finds the stack's VPC by its tags and names what lies in it.
func (a *API) survey(ctx context.Context, w Want) (*survey, error) {
	mine := filters("tag:Project", w.Project, "tag:Stack", w.Stack)
	vpcs, err := a.ec2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{Filters: mine})
	if err != nil {
		return nil, err
	}
	if len(vpcs.Vpcs) != 1 {
		return nil, fmt.Errorf("%d VPCs have the tags Project=%s and Stack=%s, want 1", len(vpcs.Vpcs), w.Project, w.Stack)
	}
	n := &survey{vpc: aws.ToString(vpcs.Vpcs[0].VpcId), subnets: map[string]string{}, groups: map[string]string{}}
	subnets, err := a.ec2.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{Filters: n.inside()})
	if err != nil {
		return nil, err
	}
	for _, s := range subnets.Subnets {
		n.subnets[aws.ToString(s.SubnetId)] = w.short("network", tagsOf(s.Tags)["Name"])
	}
	groups, err := a.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{Filters: n.inside()})
	if err != nil {
		return nil, err
	}
	for _, g := range groups.SecurityGroups {
		name := w.short("firewall", tagsOf(g.Tags)["Name"])
		if aws.ToString(g.GroupName) == "default" {
			name = "default"
		}
		n.groups[aws.ToString(g.GroupId)] = name
	}
	return n, nil
}

func (s *survey) inside() []ec2Filter { return filters("vpc-id", s.vpc) }
