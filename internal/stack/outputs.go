package stack

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// export shows what a person needs of the stack. None of it is secret.
func (s *site) export() {
	address := s.web.Address
	if s.balancer != nil {
		address = s.balancer.DNSName
	}
	url := pulumi.Sprintf("http://%s", address)
	if s.edge != nil {
		s.ctx.Export("distributionId", s.edge.DistributionID)
		address = s.edge.DomainName
		url = pulumi.Sprintf("https://%s", address)
	}
	if s.cfg.Domain.Name != "" {
		url = pulumi.Sprintf("https://%s", s.cfg.Domain.Name)
	}
	// The next update believes that this phase was reached: not before the servers
	// have proven it and are watched. All outputs are stored together or not at all.
	phase := s.web.Once(s.cfg.Phase)
	if s.monitoring != nil {
		phase = pulumi.All(phase, s.monitoring.Watching).ApplyT(func(v []any) int { return v[0].(int) }).(pulumi.IntOutput)
	}
	s.ctx.Export("phase", phase)
	s.ctx.Export("url", url)
	s.ctx.Export("address", address)
	s.ctx.Export("shell", s.web.Shell)
	s.ctx.Export("image", s.web.ImageID)
	s.ctx.Export("secretArn", s.secret.ARN)
	s.ctx.Export("kmsKeyArn", pulumi.String(s.cfg.Encryption.KMSKeyARN)) // growth.go reads it in the next update
	s.ctx.Export("vpcId", s.network.VPCID)
	s.ctx.Export("zones", s.used()) // zones.go reads it in the next update
	if s.cfg.Phase < 3 {
		s.ctx.Export("server", s.web.ServerID) // growth.go reads it in the next update
	} else {
		s.ctx.Export("images", imagesOutput(s.web.Images))
		s.ctx.Export("balancer", pulumi.Map{ // growth.go reads it in the next update
			"internal":  pulumi.Bool(s.cfg.InternalBalancer()),
			"edge":      pulumi.Bool(s.cfg.Edged()),
			"protected": pulumi.Bool(s.cfg.LoadBalancer.DeletionProtection),
		})
	}
	if s.monitoring != nil {
		s.ctx.Export("wakeTopicArn", s.monitoring.WakeTopicARN)
		s.ctx.Export("tellTopicArn", s.monitoring.TellTopicARN)
	}
	if s.backups != nil {
		s.ctx.Export("backupVault", s.backups.Vault)
	}
	if s.database != nil {
		s.ctx.Export("databaseEndpoint", s.database.Endpoint)
		s.ctx.Export("databaseLogs", pulumi.Bool(!s.last.namesDatabase())) // growth.go reads it in the next update
		if made := s.cfg.Database.SnapshotIdentifier; made != "" {
			s.ctx.Export("snapshot", pulumi.String(made)) // snapshot.go reads it in the next update
		}
		s.ctx.Export("fileSystemId", s.storage.FileSystemID)
	}
}
