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
		`rule{group: web, protocol: "tcp", port: 80, peer: loadBalancer,`, `rule{group: web, protocol: "tcp", port: 8080, peer: loadBalancer,`,
		"./tests", "TestWhoMayTalkToWhom",
	},
	{
		"MySQL open to every address", "components/firewall/rules.go",
		`rule{group: database, protocol: "tcp", port: port, peer: web,`, `rule{group: database, protocol: "tcp", port: port, peer: everywhere,`,
		"./tests", "TestWhoMayTalkToWhom",
	},
	{
		"The balancer behind CloudFront open to everybody", "components/firewall/rules.go",
		`clients = []string{cloudFront}`, `clients = []string{everywhere}`,
		"./tests", "TestWhoMayTalkToWhom",
	},
	{
		"Who has commented shares a stranger's page", "components/edge/policies.go",
		`"comment_author_*", `, ``,
		"./rehearsal/prove/cloudfront", "TestWhatIsKept",
	},
	{
		"The log-in kept if a plugin says so", "components/edge/distribution.go",
		`never("*.php"),`, ``,
		"./rehearsal/prove/cloudfront", "TestWhatIsKept",
	},
	{
		"A campaign's link asks the servers", "components/edge/policies.go",
		`"utm_source", `, ``,
		"./rehearsal/prove/cloudfront", "TestWhatIsKept",
	},
	{
		"A VPC origin changed while it is in use", "components/edge/distribution.go",
		`pulumi.ReplaceOnChanges([]string{"vpcOriginEndpointConfig"})`, `pulumi.ReplaceOnChanges(nil)`,
		"./components/edge", "TestWithoutADomain",
	},
	{
		"CloudFront's certificate asked for in the stack's region", "internal/certificate/certificate.go",
		`if args.Provider != nil {`, `if false {`,
		"./components/edge", "TestADomain",
	},
	{
		"Servers taken from the old balancer before the name has moved", "components/webtier/group.go",
		`HealthCheckType:        pulumi.String("ELB"),`, "HealthCheckType:        pulumi.String(\"ELB\"),\n\t\tTargetGroupArns:        pulumi.StringArray{g.TargetGroupARN},",
		"./components/webtier", "TestGroup",
	},
	{
		"Requests counted at another target group", "internal/stack/compose.go",
		`s.balancer.ARNSuffix, s.balancer.TargetGroupARNSuffix),`, `s.balancer.TargetGroupARNSuffix, s.balancer.ARNSuffix),`,
		"./rehearsal/prove/refusals", "TestCloudFrontComesAndGoes",
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
		`pulumi.String("Database logins, WordPress keys and first administrator's password of " + ctx.Project() + " " + ctx.Stack()),`, `pulumi.Unsecret(c.Password).(pulumi.StringOutput),`,
		"./components/credentials", "TestTheSecretHoldsEverythingAndIsSecret",
	},
	{
		"A secret among the outputs", "internal/stack/outputs.go",
		`s.ctx.Export("secretArn", s.secret.ARN)`, `s.ctx.Export("secretArn", s.credentials.Password)`,
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
		`n.PublicRules, s.firewall.WebEgress, s.endpoints)`, `n.PublicRules, s.firewall.Rules, s.endpoints)`,
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
		`"Resource": w.args.Site.SecretARN,`, `"Resource": "*",`,
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
		`s.credentials.Publish(s.ctx, after...)`, `s.credentials.Publish(s.ctx, after[:0]...)`,
		"./tests", "TestTheSecretFollowsTheDatabase",
	},
	{
		"A name that moves before the new server is configured", "internal/stack/compose.go",
		`domain.New(s.ctx, "domain", args, s.web.Serving,`, `domain.New(s.ctx, "domain", args, nil,`,
		"./tests", "TestTheNameFollowsTheServers",
	},
	{
		"Rules that stay in the default security group", "components/network/vpc.go",
		`Ingress: ec2.DefaultSecurityGroupIngressArray{},`, ``,
		"./components/network", "TestTheDefaultSecurityGroupIsEmptied",
	},
	{
		"The tenancy not taken from the configuration", "components/network/vpc.go",
		`pulumi.String(n.args.Tenancy)`, `pulumi.String("default")`,
		"./tests", "TestEveryKeyChangesAnInput/network.tenancy_of_dev",
	},
	{
		"DNS host names not taken from the configuration", "components/network/vpc.go",
		`pulumi.Bool(n.args.DNSHostnames)`, `pulumi.Bool(true)`,
		"./tests", "TestEveryKeyChangesAnInput/network.dnsHostnames_of_dev",
	},
	{
		"The S3 endpoint not taken from the configuration", "components/network/routes.go",
		`if !n.args.S3Endpoint {`, `if false {`,
		"./tests", "TestEveryKeyChangesAnInput/network.s3Endpoint_of_dev",
	},
	{
		"The rotation not taken from the configuration", "internal/stack/compose.go",
		`Settings: s.cfg.Credentials,`, ``,
		"./tests", "TestEveryKeyChangesAnInput/credentials.rotation_of_dev",
	},
	{
		"The storage type not taken from the configuration", "components/database/database.go",
		`pulumi.String(a.StorageType)`, `pulumi.String("gp3")`,
		"./tests", "TestEveryKeyChangesAnInput/database.storageType_of_prod",
	},
	{
		"The storage's limit not taken from the configuration", "components/database/database.go",
		`pulumi.Int(a.MaxAllocatedStorage)`, `pulumi.Int(100)`,
		"./tests", "TestEveryKeyChangesAnInput/database.maxAllocatedStorage_of_prod",
	},
	{
		"The backup window not taken from the configuration", "components/database/database.go",
		`BackupWindow:            pulumi.String(a.BackupWindow),`, ``,
		"./tests", "TestEveryKeyChangesAnInput/database.backupWindow_of_prod",
	},
	{
		"The maintenance window not taken from the configuration", "components/database/database.go",
		`MaintenanceWindow:       pulumi.String(a.MaintenanceWindow),`, ``,
		"./tests", "TestEveryKeyChangesAnInput/database.maintenanceWindow_of_prod",
	},
	{
		"Minor version upgrades not taken from the configuration", "components/database/database.go",
		`AutoMinorVersionUpgrade: pulumi.Bool(a.AutoMinorVersionUpgrade),`, ``,
		"./tests", "TestEveryKeyChangesAnInput/database.autoMinorVersionUpgrade_of_prod",
	},
	{
		"Applying at once not taken from the configuration", "components/database/database.go",
		`pulumi.Bool(a.ApplyImmediately)`, `pulumi.Bool(true)`,
		"./tests", "TestEveryKeyChangesAnInput/database.applyImmediately_of_prod",
	},
	{
		"The final snapshot not taken from the configuration", "components/database/database.go",
		`pulumi.Bool(!a.FinalSnapshot)`, `pulumi.Bool(false)`,
		"./components/database", "TestOptions",
	},
	{
		"The log exports not taken from the configuration", "components/database/database.go",
		`pulumi.ToStringArray(a.LogExports)`, `pulumi.ToStringArray([]string{"error", "slowquery"})`,
		"./components/database", "TestAuditLog",
	},
	{
		"Enhanced monitoring not taken from the configuration", "components/database/database.go",
		`pulumi.Int(args.MonitoringIntervalSeconds)`, `pulumi.Int(60)`,
		"./tests", "TestEveryKeyChangesAnInput/database.monitoringIntervalSeconds_of_prod",
	},
	{
		"The TLS policy not taken from the configuration", "components/loadbalancer/loadbalancer.go",
		`SslPolicy:       pulumi.String(l.args.SSLPolicy),`, ``,
		"./tests", "TestEveryKeyChangesAnInput/loadBalancer.sslPolicy_of_prod-without-edge",
	},
	{
		"Draining not taken from the configuration", "components/loadbalancer/loadbalancer.go",
		`pulumi.Int(l.args.DrainSeconds)`, `pulumi.Int(300)`,
		"./tests", "TestEveryKeyChangesAnInput/loadBalancer.drainSeconds_of_prod-without-edge",
	},
	{
		"The web ACL not taken from the configuration", "components/loadbalancer/loadbalancer.go",
		`l.makeListeners, l.associateWebACL}`, `l.makeListeners}`,
		"./tests", "TestEveryKeyChangesAnInput/loadBalancer.webAclArn_of_prod-without-edge",
	},
	{
		"The root volume's size not taken from the configuration", "components/webtier/server.go",
		`pulumi.Int(w.args.RootVolumeSize)`, `pulumi.Int(20)`,
		"./tests", "TestEveryKeyChangesAnInput/web.rootVolumeSize_of_dev",
	},
	{
		"The SSH key not taken from the configuration", "components/webtier/server.go",
		`KeyName:             w.key,`, ``,
		"./components/webtier", "TestKeyPair",
	},
	{
		"The wanted number of servers not taken from the configuration", "components/webtier/group.go",
		`if w.args.DesiredSize > 0 {`, `if false {`,
		"./tests", "TestEveryKeyChangesAnInput/web.desiredSize_of_prod",
	},
	{
		"The scaling target not taken from the configuration", "components/webtier/group.go",
		`policies["cpu"] = tracking(target,`, `policies["cpu"] = tracking(50,`,
		"./tests", "TestEveryKeyChangesAnInput/web.targetCpuPercent_of_prod",
	},
	{
		"The forecast's target not taken from the configuration", "components/webtier/group.go",
		`float64(w.args.TargetCPUPercent)`, `50.0`,
		"./components/webtier", "TestScaling",
	},
	{
		"Requests counted before the group is behind the balancer", "components/webtier/group.go",
		`pulumi.DependsOn([]pulumi.Resource{attached})`, `pulumi.DependsOn([]pulumi.Resource{group})`,
		"./tests", "TestTheGroupCountsItsOwnRequests",
	},
	{
		"AWS counts requests that no listener sends", "rehearsal/aws/model/kinds_group.go",
		`if !slices.ContainsFunc(c.cloud.OfType(catalog.LBListener),`, `if false && !slices.ContainsFunc(c.cloud.OfType(catalog.LBListener),`,
		"./rehearsal/aws/model", "TestCountedRequests",
	},
	{
		"A forecast without a load to keep", "internal/config/check_web.go",
		`if w.PredictiveScaling != "off" && w.TargetCPUPercent == 0 {`, `if false {`,
		"./internal/config", "TestRefusals",
	},
	{
		"A group that grows on requests alone, and is full unseen", "components/webtier/image.go",
		`(s.TargetCPUPercent > 0 || s.TargetRequestsPerMinute > 0)`, `s.TargetCPUPercent > 0`,
		"./tests", "TestAlarmsFollowTheSettings",
	},
	{
		"Burst credits that run out unseen", "components/monitoring/alarms_data.go",
		`case "bursting":`, `case "burst":`,
		"./components/monitoring", "TestTheFilesThroughput",
	},
	{
		"Provisioned throughput measured in MB", "components/monitoring/alarms_data.go",
		`float64(s.Provisioned) * (1 << 20)`, `float64(s.Provisioned) * 1e6`,
		"./components/monitoring", "TestTheFilesThroughput",
	},
	{
		"The grace period not taken from the configuration", "components/webtier/group.go",
		`pulumi.Int(w.args.HealthCheckGraceSeconds)`, `pulumi.Int(300)`,
		"./tests", "TestEveryKeyChangesAnInput/web.healthCheckGraceSeconds_of_prod",
	},
	{
		"The builder's restart not taken from the configuration", "components/webtier/golden.go",
		`pulumi.Bool(!w.args.GoldenImageReboot)`, `pulumi.Bool(false)`,
		"./tests", "TestEveryKeyChangesAnInput/web.goldenImageReboot_of_prod",
	},
	{
		"The failover address not taken from the configuration", "components/domain/domain.go",
		`if args.FailoverAddress != "" {`, `if false {`,
		"./tests", "TestEveryKeyChangesAnInput/domain.failoverAddress_of_prod",
	},
	{
		"Who hears of alarms not taken from the configuration", "components/monitoring/monitoring.go",
		`if m.args.Email != "" {`, `if false {`,
		"./tests", "TestEveryKeyChangesAnInput/monitoring.email_of_dev",
	},
	{
		"The budget not taken from the configuration", "internal/stack/compose.go",
		`Settings: s.cfg.Monitoring.Settings,`, ``,
		"./tests", "TestEveryKeyChangesAnInput/monitoring.monthlyBudget_of_dev",
	},
	{
		"WordPress logs in as anybody says", "components/webtier/settings.go",
		`Admin:              server.Admin{User: a.AdminUser, Email: a.AdminEmail},`, `Admin:              server.Admin{User: "admin", Email: a.AdminEmail},`,
		"./components/webtier", "TestSettings",
	},
	{
		"The administrator's password rotated, though WordPress keeps the old", "components/credentials/credentials.go",
		`length: 24, once: true}`, `length: 24}`,
		"./components/credentials", "TestRotation",
	},
	{
		"A role that trusts any workflow of the repository", "components/githubidentity/args.go",
		`claims[issuer+":job_workflow_ref"] =`, `claims[issuer+":workflow"] =`,
		"./components/githubidentity", "TestEachRoleTrustsOneSubject",
	},
	{
		"Names instead of numbers in the subject", "components/githubidentity/args.go",
		`if a.Subject == SubjectNames {`, `if a.Subject != "" || a.OwnerID != "" {`,
		"./components/githubidentity", "TestEachRoleTrustsOneSubject",
	},
	{
		"A deploy role that may rewrite who takes a role", "components/githubidentity/roles.go",
		`DeleteRole TagRole`, `DeleteRole UpdateAssumeRolePolicy TagRole`,
		"./components/githubidentity", "TestADeployRoleCannotRaiseItself",
	},
	{
		"A stack's roles beside another stack's", "components/githubidentity/args.go",
		`return "/" + a.Project + "/" + stack + "/"`, `return "/" + a.Project + "/"`,
		"./components/githubidentity", "TestADeployRoleCannotRaiseItself",
	},
	{
		"The servers' role reads everybody's parameters", "components/webtier/role.go",
		`statements = append(statements, w.othersParameters()...)`, ``,
		"./components/webtier", "TestTheRole",
	},
	{
		"Tags on a group that AWS made", "components/transform/transform.go",
		`!ok || args.Type == untagged`, `!ok`,
		"./tests", "TestTagsOnEverything",
	},
	{
		"Outputs of credentials not registered", "components/credentials/credentials.go",
		`return secret, ctx.RegisterResourceOutputs(c, pulumi.Map{"secretArn": secret.ARN})`, `return secret, nil`,
		"./components/credentials", "TestTheSecretHoldsEverythingAndIsSecret",
	},
	{
		"Outputs of database not registered", "components/database/database.go",
		`return d, ctx.RegisterResourceOutputs(d, pulumi.Map{"endpoint": d.Endpoint, "identifier": d.Identifier})`, `return d, nil`,
		"./components/database", "TestCensus",
	},
	{
		"Outputs of domain not registered", "components/domain/domain.go",
		`return d, ctx.RegisterResourceOutputs(d, pulumi.Map{"name": pulumi.String(args.Name)})`, `return d, nil`,
		"./components/domain", "TestFailover",
	},
	{
		"Outputs of firewall not registered", "components/firewall/firewall.go",
		`return f, ctx.RegisterResourceOutputs(f, outputs)`, `return f, nil`,
		"./components/firewall", "TestTwoSideBySide",
	},
	{
		"Outputs of loadbalancer not registered", "components/loadbalancer/loadbalancer.go",
		`return l, ctx.RegisterResourceOutputs(l, pulumi.Map{"dnsName": l.DNSName, "targetGroupArn": l.TargetGroupARN})`, `return l, nil`,
		"./components/loadbalancer", "TestHTTP",
	},
	{
		"Outputs of sharedstorage not registered", "components/sharedstorage/sharedstorage.go",
		`return s, ctx.RegisterResourceOutputs(s, pulumi.Map{"fileSystemId": s.FileSystemID, "accessPointId": s.AccessPointID})`, `return s, nil`,
		"./components/sharedstorage", "TestCensus",
	},
	{
		"Outputs of webtier not registered", "components/webtier/webtier.go",
		`return w, ctx.RegisterResourceOutputs(w, pulumi.Map{"imageId": w.ImageID, "shell": w.Shell})`, `return w, nil`,
		"./components/webtier", "TestCensus",
	},
	{
		"An arrow drawn from one point to another", "rehearsal/report/topology/flows.go",
		`s.add(&arrow{from: a.id, to: b.id, label: label})`, `s.add(&arrow{from: a.id, to: from[0].id, label: label})`,
		"./rehearsal/report/topology", "TestArrowsJoinTheEndsOfFlows",
	},
	{
		"The web tier's subnets moved", "internal/addressplan/addressplan.go",
		`slot = slots/2 + zone`, `slot = slots/2 + zone + 1`,
		"./internal/addressplan", "TestTheLabsAddresses",
	},
	{
		"A resolver outside the VPC", "internal/addressplan/addressplan.go",
		`return p.vpc.Addr().Next().Next()`, `return p.vpc.Addr().Next()`,
		"./tests", "TestWhoMayTalkToWhom",
	},
	{
		"A refusal about another key", "internal/config/check_web.go",
		`k.add(ErrConflict, "web.maxSize", w.MaxSize,`, `k.add(ErrConflict, "web.minSize", w.MaxSize,`,
		"./internal/config", "TestRefusals",
	},
	{
		"A bound that holds nothing", "internal/setting/setting.go",
		`n >= least && n <= most {`, `n >= least {`,
		"./internal/config", "TestRefusals",
	},
	{
		"The plan's steps counted as done", "rehearsal/run/events/step.go",
		`done.Planning == planning`, `(done.Planning == planning || planning == false)`,
		"./rehearsal/run/events", "TestReadStep",
	},
	{
		"A lost database that nobody calls lost", "internal/catalog/data.go",
		`Token:   RDSInstance,
		Label:   "RDS DB Instance",
		Holds:   Always,`, `Token:   RDSInstance,
		Label:   "RDS DB Instance",`,
		"./rehearsal/prove/growth", "TestLost",
	},
	{
		"Reachability that does not read routes", "internal/catalog/network.go",
		`Token:   EC2Route,
		Label:   "EC2 Route",
		Free:    "routes are free",
		Reached: true,`, `Token:   EC2Route,
		Label:   "EC2 Route",
		Free:    "routes are free",`,
		"./rehearsal/report/reach", "TestTheCatalogSaysWhatIsRead",
	},
	{
		"A deploy role without its fences", "components/githubidentity/githubidentity.go",
		`slices.Concat(a.writeState(environment), a.scope(environment).fences())`, `slices.Concat(a.writeState(environment))`,
		"./rehearsal/prove/iam", "TestADeployRoleTouchesItsStackAlone",
	},
	{
		"A stack that may skip a phase", "internal/stack/growth.go",
		`case l.phase == 1 && cfg.Phase == 3:`, `case false:`,
		"./tests", "TestStepsThatWouldLoseData",
	},
	{
		"Data that may go back to a server", "internal/stack/growth.go",
		`case l.phase > 1 && cfg.Phase == 1:`, `case false:`,
		"./tests", "TestStepsThatWouldLoseData",
	},
	{
		"A refusal that names no phase", "internal/stack/growth.go",
		`Key:    project + ":" + key,`, `Key:    project,`,
		"./tests", "TestStepsThatWouldLoseData",
	},
	{
		"A graph of another metric than the alarm's", "components/monitoring/dashboard.go",
		`metric := []any{a.namespace, a.metric}`, `metric := []any{a.namespace, a.name}`,
		"./components/monitoring", "TestTheDashboardShowsWhatTheAlarmsWatch",
	},
	{
		"A database that phase 3 replaces", "components/database/database.go",
		`pulumi.String(a.Name),`, `pulumi.String(a.Name + map[bool]string{true: "3"}[a.MultiAZ]),`,
		"./tests", "TestAnyConfiguration",
	},
	{
		"E-mail that leaves by no port", "components/firewall/rules.go",
		`if a.MailPort > 0 {`, `if a.MailPort < 0 {`,
		"./rehearsal/report/reach", "TestWhatMayTalkToWhat",
	},
	{
		"The servers' e-mail shut in by the network ACL of the NAT gateway", "components/network/acl.go",
		`a.MailPort, a.VPCCIDR)`, `25, a.VPCCIDR)`,
		"./rehearsal/report/reach", "TestWhatMayTalkToWhat",
	},
	{
		"An alarm on a metric that nobody reports", "components/monitoring/alarms.go",
		`metric:    "mem_used_percent",`, `metric:    "mem_percent",`,
		"./components/monitoring", "TestMetricsExist",
	},
	{
		"A step of migrate that is never killed", "rehearsal/prove/site/growth.go",
		"`(?m)^\\t?([a-z_]+)(?: #.*)?$`", "`(?m)^([a-z_]+)(?: #.*)?$`",
		"./rehearsal/prove/site", "TestDeaths",
	},
	{
		"Phase 1 without a backup", "internal/stack/compose.go",
		`map[string]pulumi.StringInput{"server": s.web.ServerARN}`, `map[string]pulumi.StringInput{"server": s.web.ServerID}`,
		"./rehearsal/report/cost", "TestBillsByHand",
	},
	{
		"A vault that a deploy role can empty", "components/backups/backups.go",
		`"backup:DeleteRecoveryPoint", "backup:DisassociateRecoveryPoint",`, `"backup:DisassociateRecoveryPoint",`,
		"./components/backups", "TestTheVaultKeepsWhatItHas",
	},
	{
		"Recovery points that go with their stack", "components/backups/backups.go",
		`pulumi.RetainOnDelete(b.args.KeepVault)`, `pulumi.RetainOnDelete(false)`,
		"./tests", "TestEveryKeyChangesAnInput/backup.keepVault_of_prod-without-edge",
	},
	{
		"A copy beside the original", "components/backups/backups.go",
		`b.makeVault(ctx, b.name+"-copy", pulumi.Provider(b.args.Copies))`, `b.makeVault(ctx, b.name+"-copy")`,
		"./components/backups", "TestCopies",
	},
	{
		"A backup in the database's own window", "internal/config/check_backup.go",
		`window{from: w.from - 60, length: w.length + 60}`, `window{from: w.from, length: 1}`,
		"./internal/config", "TestRefusals",
	},
	{
		"A protected balancer that has to go", "internal/stack/growth.go",
		`case l.protected && cfg.Phase == 2:`, `case !l.protected && cfg.Phase == 2:`,
		"./tests", "TestAProtectedBalancerStays",
	},
	{
		"Another key for what is encrypted", "internal/stack/growth.go",
		`l.phase > 0 && l.key != key`, `l.phase > 3 && l.key != key`,
		"./tests", "TestTheKeyStays",
	},
	{
		"Port 3389 open to the internet", "components/network/acl.go",
		`ephemeralFrom, remoteDesktop-1, everywhere)`, `ephemeralFrom, remoteDesktop, everywhere)`,
		"./rehearsal/report/controls", "TestWhatTheStacksFail",
	},
	{
		"Endpoints that the VPC may use", "components/firewall/rules.go",
		`rule{group: endpoints, protocol: "tcp", port: 443, peer: web,`, `rule{group: endpoints, protocol: "tcp", port: 443, peer: "10.0.0.0/8",`,
		"./rehearsal/report/reach", "TestWhatMayTalkToWhat",
	},
	{
		"Log groups that RDS keeps for ever", "components/database/database.go",
		`pulumi.Sprintf("/aws/rds/instance/%s/%s", instance.Identifier, log)`, `pulumi.Sprintf("/aws/rds/%s/%s", instance.Identifier, log)`,
		"./components/database", "TestLogGroups",
	},
}
