package tests

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/webphases/webphases/internal/catalog"
	"github.com/webphases/webphases/internal/testutil"
)

// deploy already checks that no secret value lies in plain sight (CheckSecrets).
// Here: that the secrets are there at all, and that text which AWS shows to many
// (user data, documents, settings) does not even hold them encrypted.
func TestSecretsReachOnlyTheSecretAndTheDatabase(t *testing.T) {
	t.Parallel()
	for _, stack := range []string{"dev", "staging", "prod"} {
		var holders []string
		for _, r := range deploy(t, stackFile(t, stack)).All("") {
			for input, value := range r.Inputs {
				if value.ContainsSecrets() {
					holders = append(holders, r.Key()+" "+string(input))
				}
			}
		}
		want := []string{"aws:secretsmanager/secretVersion:SecretVersion::credentials secretString"}
		if stack != "dev" {
			want = append(want, "aws:rds/instance:Instance::database password")
		}
		assert.ElementsMatch(t, want, holders, stack)
	}
}

func TestUserDataHoldsNoSecret(t *testing.T) {
	t.Parallel()
	for _, stack := range []string{"dev", "staging", "prod"} {
		run := deploy(t, stackFile(t, stack))
		var texts []string
		for _, r := range run.All(catalog.EC2Instance) {
			texts = append(texts, r.String("userData"))
		}
		for _, r := range run.All(catalog.EC2LaunchTemplate) {
			decoded, err := base64.StdEncoding.DecodeString(r.String("userData"))
			assert.NoError(t, err)
			texts = append(texts, string(decoded))
		}
		assert.NotEmpty(t, texts)
		for _, text := range texts {
			assert.NotEmpty(t, text)
			assert.NotContains(t, text, testutil.Marker)
			assert.NotContains(t, strings.ToLower(text), "arn:aws:secretsmanager", "not even where the secret is")
		}
	}
}

func TestOutputs(t *testing.T) {
	t.Parallel()
	always := []string{"phase", "url", "address", "shell", "image", "secretArn", "kmsKeyArn", "vpcId", "zones", "wakeTopicArn", "tellTopicArn", "backupVault"}
	for stack, more := range map[string][]string{"dev": {"server"}, "staging": {"server", "databaseEndpoint", "databaseLogs", "fileSystemId"}, "prod": {"distributionId", "images", "balancer", "databaseEndpoint", "databaseLogs", "fileSystemId"}} {
		var names []string
		for name := range deploy(t, stackFile(t, stack)).Exports() {
			names = append(names, name)
		}
		assert.ElementsMatch(t, append(more, always...), names, stack)
	}
}
