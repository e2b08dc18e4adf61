package calls

// Reasons say why a role is granted what no run of `make e2e` calls.
var Reasons = map[string]string{}
