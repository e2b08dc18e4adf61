package webtier

import (
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/webphases/webphases/server"
)

// run has SSM State Manager run one of the scripts on the instances that the key
// and value target, with the scripts of this version of the program, and waits until it has succeeded. The
// provider waits for a new association only, not for one that got another target,
// so another instance makes a new one.
//
// Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-state.html
func (w *WebTier) run(ctx *pulumi.Context, script, name, key string, on pulumi.StringInput, timeout int, after ...pulumi.Resource) (*ssm.Association, error) {
	content, err := document(script, timeout)
	if err != nil {
		return nil, fmt.Errorf("writing the SSM document for %s: %w", script, err)
	}
	doc, err := ssm.NewDocument(ctx, name, &ssm.DocumentArgs{
		DocumentType: pulumi.String("Command"), DocumentFormat: pulumi.String("JSON"), Content: pulumi.String(content),
		TargetType: pulumi.String("/AWS::EC2::Instance"),
	}, pulumi.Parent(w))
	if err != nil {
		return nil, fmt.Errorf("creating the SSM document for %s: %w", script, err)
	}
	association, err := ssm.NewAssociation(ctx, name, &ssm.AssociationArgs{
		Name:                         doc.Name,
		Targets:                      ssm.AssociationTargetArray{ssm.AssociationTargetArgs{Key: pulumi.String(key), Values: pulumi.StringArray{on}}},
		WaitForSuccessTimeoutSeconds: pulumi.Int(timeout),
	}, pulumi.Parent(w), pulumi.DependsOn(after), pulumi.ReplaceOnChanges([]string{"targets"}))
	if err != nil {
		return nil, fmt.Errorf("running %s: %w", script, err)
	}
	return association, nil
}

// configureTimeout is how long a server may take to read its settings again, in
// seconds.
const configureTimeout = 900

// reconfigure has running servers read their settings and secret again, once per
// revision of them: they read them at boot by themselves. The new association has
// a document of its own, so it never meets the one that it follows.
func (w *WebTier) reconfigure(ctx *pulumi.Context, key string, on pulumi.StringInput) error {
	if w.args.Revision == "" {
		return nil
	}
	done, err := w.run(ctx, "configure", w.revised("configure"), key, on, configureTimeout, w.backing(w.Serving...)...)
	if err != nil {
		return err
	}
	w.Serving = append(w.Serving, done)
	return nil
}

// document is an SSM command document of one shell step.
//
// Source: https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-command-ssm-plugin-reference.html
func document(script string, timeout int) (string, error) {
	command, err := server.Command(script)
	if err != nil {
		return "", err
	}
	content, err := json.Marshal(map[string]any{
		"schemaVersion": "2.2",
		"description":   "Run " + script,
		"mainSteps": []any{map[string]any{
			"action": "aws:runShellScript", "name": script,
			"inputs": map[string]any{"timeoutSeconds": fmt.Sprint(timeout), "runCommand": []string{command}},
		}},
	})
	return string(content), err
}
