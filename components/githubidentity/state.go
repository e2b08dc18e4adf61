package githubidentity

import "github.com/webphases/webphases/internal/policy"

// readState lets a role read the state of every stack of the project, and so
// what other stacks' secrets are encrypted as; the key opens them.
func (a Args) readState() []policy.Statement {
	if a.StateBucket == "" {
		return a.useKey("kms:Decrypt")
	}
	return append([]policy.Statement{
		allow([]string{"s3:ListBucket", "s3:GetBucketLocation"}, a.bucket()),
		allow([]string{"s3:GetObject"}, a.bucket()+"/.pulumi/*"),
	}, a.useKey("kms:Decrypt")...)
}

// writeState lets a role write the state of one stack.
//
// Source: https://www.pulumi.com/docs/iac/concepts/state-and-backends/
func (a Args) writeState(stack string) []policy.Statement {
	keys := a.useKey("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey")
	if a.StateBucket == "" {
		return keys
	}
	own := a.bucket() + "/.pulumi/*/" + a.Project + "/" + stack // stacks, history, backups, locks
	return append([]policy.Statement{
		allow([]string{"s3:ListBucket", "s3:GetBucketLocation"}, a.bucket()),
		allow([]string{"s3:GetObject"}, a.bucket()+"/.pulumi/*"),
		allow([]string{"s3:PutObject", "s3:DeleteObject"}, own+".json*", own+"/*"),
	}, keys...)
}

func (a Args) bucket() string { return "arn:aws:s3:::" + a.StateBucket }

func (a Args) useKey(actions ...string) []policy.Statement {
	if a.StateKeyARN == "" {
		return nil
	}
	return []policy.Statement{allow(actions, a.StateKeyARN)}
}

func allow(actions []string, resources ...any) policy.Statement {
	return policy.Statement{"Effect": "Allow", "Action": actions, "Resource": resources}
}
