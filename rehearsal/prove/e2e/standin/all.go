package standin

// All returns every stand-in, each with a memory of its own.
func All(servers *Servers) []StandIn {
	return []StandIn{
		Associations(servers),
		BackupPolicies(),
		VaultPolicies(),
		BackupSelections(),
		BackupTags(),
		OptionGroups(),
		DeletedFilePolicies(),
		EnabledPolicies(),
		Distributions(),
		CompositeAlarms(),
		DeniesOfBuckets(),
		BalancerScheme(),
		EnhancedMonitoring(),
		ParameterSources(),
		DeletedEndpoints(),
		EndpointRoutes(),
		RuleDescriptions(),
		TemplateTags(),
		InterfaceGroups(),
		TerminationProtection(),
	}
}

// Names lists the stand-ins, as docs/e2e.md names them.
func Names() []string {
	var names []string
	for _, s := range All(NewServers()) {
		names = append(names, s.Name)
	}
	return names
}
