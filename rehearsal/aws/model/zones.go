package model

import (
	"maps"
	"slices"
	"strings"
)

// zone is an availability zone: its name and, from the region's short name and
// the zone's number, its id. Which name stands for which id differs between
// accounts on AWS; here names and numbers go in step.
type zone struct{ name, id string }

// regionZones are the zones in which an account of today may create subnets:
// the letters of the zones after the short name that zone ids begin with.
var regionZones = map[string]string{
	"us-east-1": "use1 abcdef", "us-east-2": "use2 abc", "us-west-1": "usw1 ac", "us-west-2": "usw2 abcd",
	"ca-central-1": "cac1 abd", "ca-west-1": "caw1 abc", "sa-east-1": "sae1 abc", "mx-central-1": "mxc1 abc",
	"eu-west-1": "euw1 abc", "eu-west-2": "euw2 abc", "eu-west-3": "euw3 abc", "eu-central-1": "euc1 abc", "eu-central-2": "euc2 abc",
	"eu-north-1": "eun1 abc", "eu-south-1": "eus1 abc", "eu-south-2": "eus2 abc",
	"ap-northeast-1": "apne1 acd", "ap-northeast-2": "apne2 abcd", "ap-northeast-3": "apne3 abc",
	"ap-southeast-1": "apse1 abc", "ap-southeast-2": "apse2 abc", "ap-southeast-3": "apse3 abc", "ap-southeast-4": "apse4 abc",
	"ap-south-1": "aps1 abc", "ap-south-2": "aps2 abc", "ap-east-1": "ape1 abc",
	"af-south-1": "afs1 abc", "me-south-1": "mes1 abc", "me-central-1": "mec1 abc", "il-central-1": "ilc1 abc",
	"cn-north-1": "cnn1 abd", "cn-northwest-1": "cnnw1 abc", "us-gov-east-1": "usge1 abc", "us-gov-west-1": "usgw1 abc",
}

func regions() []string { return slices.Sorted(maps.Keys(regionZones)) }

// zonesOf returns the zones of a region, or nil if there is no such region.
func zonesOf(region string) []zone {
	short, letters, ok := strings.Cut(regionZones[region], " ")
	if !ok {
		return nil
	}
	var zones []zone
	for _, letter := range letters {
		zones = append(zones, zone{region + string(letter), short + "-az" + string('1'+letter-'a')})
	}
	return zones
}

func zoneNames(region string) string {
	var names []string
	for _, z := range zonesOf(region) {
		names = append(names, z.name)
	}
	return strings.Join(names, ", ")
}

func partitionOf(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

func dnsSuffix(region string) string {
	if partitionOf(region) == "aws-cn" {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}
