package config

func (k *checker) checkMonitoring() {
	m := k.cfg.Monitoring
	if m.Enabled {
		return
	}
	const why, remedy = "monitoring.enabled is false, so nobody would hear of anything", "set monitoring.enabled to true, or remove this key"
	if m.Email != "" {
		k.add(ErrConflict, "monitoring.email", m.Email, why, remedy)
	}
	if m.MonthlyBudget > 0 {
		k.add(ErrConflict, "monitoring.monthlyBudget", m.MonthlyBudget, why, remedy)
	}
}
