package config

import "regexp"

var emailForm = regexp.MustCompile(`^[A-Za-z0-9._%+-]+@([A-Za-z0-9-]+\.)+[A-Za-z]{2,63}$`)

func (k *checker) checkMonitoring() {
	m := k.cfg.Monitoring
	if m.Email != "" {
		k.matches("monitoring.email", m.Email, emailForm, "an e-mail address", "operators@example.com")
	}
	if m.MonthlyBudget < 0 {
		k.add(ErrValue, "monitoring.monthlyBudget", m.MonthlyBudget, "less than nothing", "give US dollars a month, or 0 for no budget")
	}
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
