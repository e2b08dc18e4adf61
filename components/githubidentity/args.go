package githubidentity

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/internal/policy"
)

// ErrArgs says that an argument cannot be used.
var ErrArgs = errors.New("invalid identity arguments")

// Who signs the jobs' tokens, and whom they are for.
const (
	issuer   = "token.actions.githubusercontent.com"
	audience = "sts.amazonaws.com"
)

// The forms of GitHub's subject claims. Repositories that were made, renamed or
// transferred since July 2026 send the first; older ones until they opt in the second.
//
// Source: https://github.blog/changelog/2026-04-23-immutable-subject-claims-for-github-actions-oidc-tokens/
const (
	SubjectImmutable = "immutable" // repo:OWNER@OWNER_ID/NAME@REPOSITORY_ID:…
	SubjectNames     = "names"     // repo:OWNER/NAME:…
)

// hour is the shortest longest session of a role, in seconds.
const hour = 3600

// deploySession is how long a deployment may take, in seconds: RDS takes up to an
// hour for a database, and the data may take two to move.
const deploySession = 4 * hour

// Args says whom to trust and what for.
type Args struct {
	// Repository on GitHub, as owner/name; case matters.
	Repository string
	// OwnerID and RepositoryID are the numbers that GitHub gives the owner and the
	// repository for ever. They are required unless Subject is [SubjectNames].
	OwnerID, RepositoryID string
	// Subject is the form of GitHub's subject claims: [SubjectImmutable], which is the
	// default, or [SubjectNames].
	Subject string
	// Branch is the main branch.
	Branch string
	// Environments of the repository that deploy; each has the name of its stack.
	Environments []string
	// Project is the Pulumi project that the roles deploy.
	Project string
	// HostedZoneIDs are the Route 53 zones whose records the stacks write.
	HostedZoneIDs []string
	// AccountID is the AWS account's.
	AccountID string
	// ProviderARN is GitHub's provider in IAM, if the account has it already.
	ProviderARN string
	// StateBucket is the S3 bucket that keeps Pulumi's state, and StateKeyARN the
	// KMS key that its secrets are encrypted with. Both may be empty: another
	// backend then gives its own access.
	StateBucket, StateKeyARN string
}

// The forms of the arguments.
//
// Source: https://docs.github.com/en/rest/repos, https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
var (
	repositoryForm = regexp.MustCompile(`^[A-Za-z0-9](-?[A-Za-z0-9]){0,38}/[A-Za-z0-9._-]{1,100}$`)
	numberForm     = regexp.MustCompile(`^[1-9][0-9]{0,18}$`)
	branchForm     = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/-]{0,200}$`)
	nameForm       = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,62}$`)
	zoneForm       = regexp.MustCompile(`^Z[A-Z0-9]{5,31}$`)
	accountForm    = regexp.MustCompile(`^[0-9]{12}$`)
	providerForm   = regexp.MustCompile(`^arn:aws:iam::[0-9]{12}:oidc-provider/token\.actions\.githubusercontent\.com$`)
	bucketForm     = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	keyForm        = regexp.MustCompile(`^arn:aws:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$`)
)

// check returns every mistake, joined. A wildcard in a name would open a role to
// others, so the forms are narrow.
func (a Args) check() error {
	var errs []error
	form := func(name, value string, form *regexp.Regexp, example string) {
		if !form.MatchString(value) {
			errs = append(errs, fmt.Errorf("%w: %s = %q: write it like %s", ErrArgs, name, value, example))
		}
	}
	form("Repository", a.Repository, repositoryForm, "owner/name")
	switch a.Subject {
	case "", SubjectImmutable:
		form("OwnerID", a.OwnerID, numberForm, "123456: `gh api repos/OWNER/NAME --jq .owner.id` says it")
		form("RepositoryID", a.RepositoryID, numberForm, "456789: `gh api repos/OWNER/NAME --jq .id` says it")
	case SubjectNames:
		if a.RepositoryID != "" {
			form("RepositoryID", a.RepositoryID, numberForm, "456789: `gh api repos/OWNER/NAME --jq .id` says it")
		}
	default:
		errs = append(errs, fmt.Errorf("%w: Subject = %q: write %s or %s", ErrArgs, a.Subject, SubjectImmutable, SubjectNames))
	}
	form("Branch", a.Branch, branchForm, "main")
	form("Project", a.Project, nameForm, "webphases")
	form("AccountID", a.AccountID, accountForm, "123456789012")
	if len(a.Environments) == 0 {
		errs = append(errs, fmt.Errorf("%w: Environments is empty: name one for each stack that is deployed", ErrArgs))
	}
	for i, environment := range a.Environments {
		form("Environments", environment, nameForm, "prod")
		if slices.Contains(a.Environments[:i], environment) {
			errs = append(errs, fmt.Errorf("%w: Environments names %q twice", ErrArgs, environment))
		}
	}
	for _, zone := range a.HostedZoneIDs {
		form("HostedZoneIDs", zone, zoneForm, "Z0123456789ABCDEFGHIJ")
	}
	if a.ProviderARN != "" {
		form("ProviderARN", a.ProviderARN, providerForm, "arn:aws:iam::123456789012:oidc-provider/"+issuer)
	}
	if a.StateBucket != "" {
		form("StateBucket", a.StateBucket, bucketForm, "my-pulumi-state")
	}
	if a.StateKeyARN != "" {
		form("StateKeyARN", a.StateKeyARN, keyForm, "arn:aws:kms:eu-west-1:123456789012:key/ID")
	}
	return errors.Join(errs...)
}

// rolePath is where a stack makes its roles.
func (a Args) rolePath(stack string) string { return "/" + a.Project + "/" + stack + "/" }

// subject is who a job is, as GitHub signs it.
//
// Source: https://docs.github.com/en/actions/concepts/security/openid-connect
func (a Args) subject(context string) string {
	if a.Subject == SubjectNames {
		return "repo:" + a.Repository + ":" + context
	}
	owner, name, _ := strings.Cut(a.Repository, "/")
	return "repo:" + owner + "@" + a.OwnerID + "/" + name + "@" + a.RepositoryID + ":" + context
}

// job is whom a role trusts.
type job struct {
	context     string // the end of the subject
	workflow    string // its file, on the main branch; empty: any
	environment string // empty: any
}

// claims are what AWS compares with a job's token. There is no wildcard in any: with
// one, any branch or any repository of the owner might do. What the subject says
// already is said again by claims of their own, so that a customized subject does not
// open a role.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
func (a Args) claims(j job) map[string]any {
	claims := map[string]any{
		issuer + ":aud": audience,
		issuer + ":sub": a.subject(j.context),
	}
	if a.RepositoryID != "" {
		claims[issuer+":repository_id"] = a.RepositoryID
	}
	if j.workflow != "" {
		branch := "refs/heads/" + a.Branch
		claims[issuer+":ref"] = branch
		claims[issuer+":job_workflow_ref"] = a.Repository + "/.github/workflows/" + j.workflow + "@" + branch
	}
	if j.environment != "" {
		claims[issuer+":environment"] = j.environment
	}
	return claims
}

func trust(provider pulumi.StringInput, claims map[string]any) pulumi.StringOutput {
	return policy.Document(policy.Statement{
		"Effect":    "Allow",
		"Action":    "sts:AssumeRoleWithWebIdentity",
		"Principal": map[string]any{"Federated": provider},
		"Condition": map[string]any{"StringEquals": claims},
	})
}
