package main

// A breakage is a mistake that somebody could make, and the test that must
// catch it.
type breakage struct {
	what   string // for the reader of docs/breakages.md
	file   string
	old    string // must stand in the file exactly once
	broken string
	pkg    string
	test   string // the test
}

var breakages = []breakage{
	{
		"Port 8080 instead of 80 from the load balancer", "components/firewall/rules.go",
		`rule{web, false, "tcp", 80, loadBalancer,`, `rule{web, false, "tcp", 8080, loadBalancer,`,
		"./tests", "TestWhoMayTalkToWhom",
	},
	{
		"MySQL open to every address", "components/firewall/rules.go",
		`rule{database, false, "tcp", 3306, web,`, `rule{database, false, "tcp", 3306, everywhere,`,
		"./tests", "TestWhoMayTalkToWhom",
	},
	{
		"The network ACLs dropped", "components/network/network.go",
		`n.makeACLs, n.makeS3Endpoint`, `n.makeS3Endpoint`,
		"./tests", "TestTheDatabaseTierTakesTheServersSubnetsOnly",
	},
	{
		"No way back through the database tier's ACL", "components/network/acl.go",
		"in(\"nfs\", 4000+offset, 2049, 2049, cidr),\n\t\t\tout(\"answers\", 30000+offset, ephemeralFrom, ephemeralTo, cidr))",
		"in(\"nfs\", 4000+offset, 2049, 2049, cidr))",
		"./tests", "TestTheDatabaseTierTakesTheServersSubnetsOnly",
	},
	{
		"A resource without its parent", "components/sharedstorage/sharedstorage.go",
		"Status: pulumi.String(\"ENABLED\")},\n\t}, pulumi.Parent(s))", "Status: pulumi.String(\"ENABLED\")},\n\t})",
		"./components/sharedstorage", "TestCensus",
	},
	{
		"A secret in plain text", "components/credentials/credentials.go",
		`pulumi.String("Database login and WordPress keys of " + ctx.Project() + " " + ctx.Stack()),`, `pulumi.Unsecret(c.Password).(pulumi.StringOutput),`,
		"./components/credentials", "TestTheSecretHoldsEverythingAndIsSecret",
	},
	{
		"A secret among the outputs", "internal/stack/outputs.go",
		`s.ctx.Export("secretArn", s.credentials.SecretARN)`, `s.ctx.Export("secretArn", s.credentials.Password)`,
		"./tests", "TestOutputs",
	},
	{
		"A misspelt input", "components/loadbalancer/webacl.go",
		"`pulumi:\"webAclArn\"`", "`pulumi:\"webACLArn\"`",
		"./components/loadbalancer", "TestOptions",
	},
	{
		"The database not protected", "components/database/database.go",
		`pulumi.Parent(d), pulumi.Protect(args.Protect), `, `pulumi.Parent(d), `,
		"./tests", "TestProtectionFollowsTheData",
	},
	{
		"RDS without TLS", "components/database/database.go",
		`set("require_secure_transport", "1")`, `set("require_secure_transport", "0")`,
		"./components/database", "TestSecureByDefault",
	},
	{
		"Version 1 of the metadata service", "components/webtier/server.go",
		`HttpTokens:              pulumi.String("required")`, `HttpTokens:              pulumi.String("optional")`,
		"./components/webtier", "TestServersAreClosed",
	},
	{
		"A new release of the image replaces the server", "components/webtier/image.go",
		`ignored = append(ignored, "ami")`, `ignored = append(ignored, "tags")`,
		"./components/webtier", "TestPinning",
	},
	{
		"The golden image made before the builder is baked", "components/webtier/golden.go",
		`golden, err := w.makeImage(ctx, w.Images.Slot, builder, pulumi.DependsOnInputs(once(proof, baked)))`,
		"_ = proof\n\tgolden, err := w.makeImage(ctx, w.Images.Slot, builder, pulumi.DependsOn([]pulumi.Resource{baked}))",
		"./components/webtier", "TestNothingReliesOnWhatIsNotProven",
	},
	{
		"The golden image waits for the whole firewall", "internal/stack/compose.go",
		`rules[addressplan.Public], s.firewall.WebEgress)`, `rules[addressplan.Public], s.firewall.Rules)`,
		"./tests", "TestTheBuilderWaitsForWhatItNeeds",
	},
	{
		"Another builder is not waited for", "components/webtier/run.go",
		`[]string{"name", "targets", "parameters", initError}`, `[]string{"name", "parameters", initError}`,
		"./components/webtier", "TestRuns",
	},
	{
		"A run that failed is only waited for", "components/webtier/run.go",
		`[]string{"name", "targets", "parameters", initError}`, `[]string{"name", "targets", "parameters"}`,
		"./components/webtier", "TestRuns",
	},
	{
		"A script's document that changes in place", "components/webtier/run.go",
		`pulumi.ReplaceOnChanges([]string{"content"})`, `pulumi.ReplaceOnChanges(nil)`,
		"./components/webtier", "TestDocumentsAreFixedByTheirContent",
	},
	{
		"Protection lifted before the data have moved", "components/webtier/server.go",
		`opts = append(opts, pulumi.DependsOnInputs(w.Serving))`, `opts = append(opts, pulumi.DependsOn(nil))`,
		"./components/webtier", "TestNothingReliesOnWhatIsNotProven",
	},
	{
		"A migration that counted nothing is believed", "components/webtier/server.go",
		`moved:    w.args.Server.Holder != "",`, `moved:    false,`,
		"./components/webtier", "TestAHolderHasToCountWhatItMoved",
	},
	{
		"The address moves before the server serves", "components/webtier/server.go",
		`}, pulumi.Parent(w), pulumi.DependsOnInputs(w.Serving))`, `}, pulumi.Parent(w))`,
		"./components/webtier", "TestNothingReliesOnWhatIsNotProven",
	},
	{
		"The role may read every secret", "components/webtier/role.go",
		`"Resource": w.args.Settings.SecretARN,`, `"Resource": "*",`,
		"./components/webtier", "TestTheRole",
	},
	{
		"Subnets move when a tier is added", "internal/addressplan/addressplan.go",
		`slot = 2*zone + 1`, `slot = zone + MaxZones`,
		"./internal/addressplan", "TestTheLabsAddresses",
	},
	{
		"Subnets move when a zone is impaired", "internal/stack/zones.go",
		`found := slices.Clone(last.zones)`, `found := slices.Clone(last.zones[:0])`,
		"./tests", "TestZonesStayInTheirPlaces",
	},
	{
		"A component without tags", "internal/stack/compose.go",
		`}, s.tagged("SharedStorage"))`, `})`,
		"./tests", "TestTagsOnEverything",
	},
	{
		"More servers wanted than allowed, unnoticed", "internal/config/check_web.go",
		`if w.MaxSize < w.MinSize {`, `if false {`,
		"./internal/config", "TestRefusals",
	},
	{
		"A secret that promises a password before the database has it", "internal/stack/compose.go",
		`s.credentials.Publish(s.ctx, s.database.Instance)`, `s.credentials.Publish(s.ctx)`,
		"./tests", "TestTheSecretFollowsTheDatabase",
	},
	{
		"A name that moves before the new server is configured", "internal/stack/compose.go",
		`domain.New(s.ctx, "domain", args, s.web.Serving,`, `domain.New(s.ctx, "domain", args, nil,`,
		"./tests", "TestTheNameFollowsTheServers",
	},
	{
		"Rules that stay in the default security group", "components/network/vpc.go",
		`Ingress: ec2.DefaultSecurityGroupIngressArray{}, `, ``,
		"./components/network", "TestTheDefaultSecurityGroupIsEmptied",
	},
}
