package iam_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/webphases/webphases/rehearsal/prove/iam"
)

func role(t *testing.T, boundary string, statements ...string) iam.Role {
	t.Helper()
	var r iam.Role
	for _, s := range statements {
		d, err := iam.Parse(`{"Statement":[` + s + `]}`)
		require.NoError(t, err)
		r.Policies = append(r.Policies, d)
	}
	if boundary != "" {
		d, err := iam.Parse(`{"Statement":[` + boundary + `]}`)
		require.NoError(t, err)
		r.Boundary = &d
	}
	return r
}

// One case for each rule that AWS documents.
func TestDecisions(t *testing.T) {
	t.Parallel()
	const (
		vpc     = "arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-1"
		any     = `{"Effect":"Allow","Action":"ec2:*","Resource":"*"}`
		own     = `{"Effect":"Allow","Action":"ec2:DeleteVpc","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/Stack":"prod"}}}`
		foreign = `{"Effect":"Deny","NotAction":"s3:*","Resource":"*","Condition":{"StringNotEquals":{"aws:ResourceTag/Stack":"prod"},"Null":{"aws:ResourceTag/Stack":"false"}}}`
	)
	tagged := func(stack string) map[string][]string { return map[string][]string{"aws:resourcetag/stack": {stack}} }
	condition := func(text string) string {
		return `{"Effect":"Allow","Action":"*","Resource":"*","Condition":` + text + `}`
	}
	for name, c := range map[string]struct {
		statements []string
		boundary   string
		action     string
		resource   string
		context    map[string][]string
		want       bool
	}{
		"nothing allows":                      {want: false},
		"a wildcard allows":                   {statements: []string{any}, want: true},
		"another service":                     {statements: []string{any}, action: "rds:DeleteDBInstance"},
		"case of an action does not matter":   {statements: []string{`{"Effect":"Allow","Action":"EC2:deletevpc","Resource":"*"}`}, want: true},
		"one character":                       {statements: []string{`{"Effect":"Allow","Action":"ec2:DeleteVp?","Resource":"*"}`}, want: true},
		"an explicit deny wins":               {statements: []string{any, `{"Effect":"Deny","Action":"ec2:DeleteVpc","Resource":"*"}`}},
		"a deny of something else":            {statements: []string{any, `{"Effect":"Deny","Action":"ec2:DeleteSubnet","Resource":"*"}`}, want: true},
		"the boundary allows too":             {statements: []string{any}, boundary: own, context: tagged("prod"), want: true},
		"the boundary does not":               {statements: []string{any}, boundary: own, context: tagged("dev")},
		"the boundary alone grants nothing":   {boundary: any},
		"a resource by pattern":               {statements: []string{`{"Effect":"Allow","Action":"*","Resource":["arn:aws:ec2:*:*:subnet/*","arn:aws:ec2:*:*:vpc/*"]}`}, want: true},
		"another resource":                    {statements: []string{`{"Effect":"Allow","Action":"*","Resource":"arn:aws:ec2:*:*:subnet/*"}`}},
		"case of a resource matters":          {statements: []string{`{"Effect":"Allow","Action":"*","Resource":"arn:aws:ec2:*:*:VPC/*"}`}},
		"not a resource":                      {statements: []string{`{"Effect":"Allow","Action":"*","NotResource":"arn:aws:ec2:*:*:vpc/*"}`}},
		"not an action":                       {statements: []string{any, foreign}, context: tagged("dev")},
		"not an action that is named":         {statements: []string{`{"Effect":"Allow","Action":"s3:*","Resource":"*"}`, foreign}, action: "s3:GetObject", context: tagged("dev"), want: true},
		"a tag that equals":                   {statements: []string{own}, context: tagged("prod"), want: true},
		"a tag that does not":                 {statements: []string{own}, context: tagged("dev")},
		"a tag that is not there":             {statements: []string{own}},
		"case of a value matters":             {statements: []string{own}, context: tagged("Prod")},
		"negated, of an absent key":           {statements: []string{condition(`{"StringNotEquals":{"aws:ResourceTag/Stack":"prod"}}`)}, want: true},
		"negated with Null, of an absent key": {statements: []string{any, foreign}, want: true},
		"if it exists, and it does not":       {statements: []string{condition(`{"StringEqualsIfExists":{"aws:ResourceTag/Stack":"prod"}}`)}, want: true},
		"if it exists, and differs":           {statements: []string{condition(`{"StringEqualsIfExists":{"aws:ResourceTag/Stack":"prod"}}`)}, context: tagged("dev")},
		"one of several values":               {statements: []string{condition(`{"StringEquals":{"aws:ResourceTag/Stack":["dev","prod"]}}`)}, context: tagged("dev"), want: true},
		"two keys, one met":                   {statements: []string{condition(`{"StringEquals":{"aws:ResourceTag/Stack":"prod","aws:ResourceTag/Project":"x"}}`)}, context: tagged("prod")},
		"two operators, one met":              {statements: []string{condition(`{"StringEquals":{"aws:ResourceTag/Stack":"prod"},"Null":{"aws:ResourceTag/Stack":"true"}}`)}, context: tagged("prod")},
		"like":                                {statements: []string{condition(`{"StringLike":{"aws:ResourceTag/Stack":"pr*"}}`)}, context: tagged("prod"), want: true},
		"equals knows no wildcard":            {statements: []string{condition(`{"StringEquals":{"aws:ResourceTag/Stack":"pr*"}}`)}, context: tagged("prod")},
		"not like":                            {statements: []string{condition(`{"StringNotLike":{"aws:ResourceTag/Stack":"pr*"}}`)}, context: tagged("prod")},
		"an ARN":                              {statements: []string{condition(`{"ArnEquals":{"iam:PolicyARN":"arn:aws:iam::aws:policy/*"}}`)}, context: map[string][]string{"iam:policyarn": {"arn:aws:iam::aws:policy/X"}}, want: true},
		"for all values":                      {statements: []string{condition(`{"ForAllValues:StringEquals":{"aws:TagKeys":["Name","Phase"]}}`)}, context: map[string][]string{"aws:tagkeys": {"Name", "Stack"}}},
		"for all values of none":              {statements: []string{condition(`{"ForAllValues:StringEquals":{"aws:TagKeys":"Name"}}`)}, want: true},
		"for any value":                       {statements: []string{condition(`{"ForAnyValue:StringEquals":{"aws:TagKeys":"Name"}}`)}, context: map[string][]string{"aws:tagkeys": {"Phase", "Name"}}, want: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := iam.Request{Action: "ec2:DeleteVpc", Resource: vpc, Context: c.context}
			if c.action != "" {
				q.Action = c.action
			}
			r := role(t, c.boundary, c.statements...)
			assert.Equal(t, c.want, r.Allows(q))
		})
	}
}

func TestWhatIsNotKnownIsNotIgnored(t *testing.T) {
	t.Parallel()
	r := role(t, "", `{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"NumericLessThan":{"x":"1"}}}`)
	assert.Panics(t, func() { r.Allows(iam.Request{Action: "a:B", Resource: "*", Context: map[string][]string{"x": {"0"}}}) })
	_, err := iam.Parse(`{"Statement":[{"Action":7}]}`)
	require.Error(t, err)
}
