package config

func (k *checker) checkMail() {
	m := k.cfg.Mail
	if m.Host == "" {
		const why, remedy = "mail.host is empty, so no e-mail leaves", "set mail.host, or remove this key"
		if m.From != "" {
			k.add(ErrConflict, "mail.from", m.From, why, remedy)
		}
		if m.Username != "" {
			k.add(ErrConflict, "mail.username", m.Username, why, remedy)
		}
		if m.Password != "" {
			k.add(ErrConflict, "mail.password", "[secret]", why, remedy)
		}
		return
	}
	if m.From == "" {
		k.add(ErrConflict, "mail.host", m.Host, "without a sender's address the server refuses the site's e-mail", "set mail.from, such as site@example.org")
	}
	if m.Username != "" && m.Password == "" {
		k.add(ErrConflict, "mail.username", m.Username, "a login without a password", "run `pulumi config set --path --secret mail.password`")
	}
	if m.Username == "" && m.Password != "" {
		k.add(ErrConflict, "mail.password", "[secret]", "a password without a login", "set mail.username too")
	}
}
