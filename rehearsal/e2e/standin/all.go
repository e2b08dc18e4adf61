package standin

// All returns every stand-in, each with a memory of its own.
func All() []StandIn {
	return []StandIn{
		Associations(), BackupPolicies(), DeletedFilePolicies(), EnabledPolicies(), BalancerScheme(), EnhancedMonitoring(), ParameterSources(), DeletedEndpoints(), RuleDescriptions(), TemplateTags(), TerminationProtection(),
	}
}

// Names lists the stand-ins, as docs/e2e.md names them.
func Names() []string {
	var names []string
	for _, s := range All() {
		names = append(names, s.Name)
	}
	return names
}
