//go:build e2e

package inspect

import (
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	efstypes "github.com/aws/aws-sdk-go-v2/service/efs/types"
	lbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
	secrettypes "github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// Every service has a tag type of its own; they differ in nothing.

func rdsTags(list []rdstypes.Tag) map[string]string {
	return pairs(list, func(t rdstypes.Tag) (*string, *string) { return t.Key, t.Value })
}

func efsTags(list []efstypes.Tag) map[string]string {
	return pairs(list, func(t efstypes.Tag) (*string, *string) { return t.Key, t.Value })
}

func lbTags(list []lbtypes.Tag) map[string]string {
	return pairs(list, func(t lbtypes.Tag) (*string, *string) { return t.Key, t.Value })
}

func scalingTags(list []scalingtypes.TagDescription) map[string]string {
	return pairs(list, func(t scalingtypes.TagDescription) (*string, *string) { return t.Key, t.Value })
}

func iamTags(list []iamtypes.Tag) map[string]string {
	return pairs(list, func(t iamtypes.Tag) (*string, *string) { return t.Key, t.Value })
}

func ssmTags(list []ssmtypes.Tag) map[string]string {
	return pairs(list, func(t ssmtypes.Tag) (*string, *string) { return t.Key, t.Value })
}

func secretTags(list []secrettypes.Tag) map[string]string {
	return pairs(list, func(t secrettypes.Tag) (*string, *string) { return t.Key, t.Value })
}
