package githubidentity

import "github.com/webphases/webphases/internal/policy"

// stateFolders are where Pulumi keeps a project's stacks in a bucket.
//
// Source: https://www.pulumi.com/docs/iac/concepts/state-and-backends/
var stateFolders = []string{"stacks", "history", "backups", "locks/organization"}

// readState lets a role read the state of every stack of the project, and so what
// their secrets are encrypted as; the key opens them.
func (a Args) readState() []policy.Statement {
	keys := a.useKey("kms:Decrypt")
	if a.StateBucket == "" {
		return keys
	}
	objects := []any{a.bucket() + "/.pulumi/meta.yaml"}
	for _, folder := range stateFolders {
		objects = append(objects, a.bucket()+"/.pulumi/"+folder+"/"+a.Project+"/*")
	}
	return append([]policy.Statement{
		allow([]string{"s3:ListBucket", "s3:GetBucketLocation"}, a.bucket()),
		allow([]string{"s3:GetObject"}, objects...),
	}, keys...)
}

// writeState lets a role write the state of one stack, besides what readState does.
func (a Args) writeState(stack string) []policy.Statement {
	keys := a.useKey("kms:Encrypt", "kms:GenerateDataKey")
	if a.StateBucket == "" {
		return append(a.readState(), keys...)
	}
	var own []any
	for _, folder := range stateFolders {
		path := a.bucket() + "/.pulumi/" + folder + "/" + a.Project + "/" + stack
		own = append(own, path+".json*", path+"/*")
	}
	return append(append(a.readState(), allow([]string{"s3:PutObject", "s3:DeleteObject"}, own...)), keys...)
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
