// Package policy writes IAM policy documents.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
package policy

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// Statement is one statement of a document, by its JSON keys. Values may hold
// outputs of resources.
type Statement = map[string]any

// Document is the JSON text of a policy with the statements.
func Document(statements ...Statement) pulumi.StringOutput {
	list := make([]any, len(statements))
	for i, s := range statements {
		list[i] = s
	}
	return pulumi.JSONMarshal(map[string]any{"Version": "2012-10-17", "Statement": list})
}

// AssumableBy is the trust policy of a role for an AWS service, such as
// "ec2.amazonaws.com".
func AssumableBy(service string) pulumi.StringOutput {
	return Document(Statement{
		"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": map[string]any{"Service": service},
	})
}
