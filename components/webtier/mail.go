package webtier

import (
	"github.com/webphases/webphases/internal/setting"
	"github.com/webphases/webphases/server"
)

// Mail is how the site's e-mail leaves; see docs/config.md, mail.
//
// Source: https://docs.aws.amazon.com/ses/latest/dg/smtp-connect.html
type Mail struct {
	// Server that takes the site's e-mail by SMTP, always with TLS. Empty: no e-mail leaves.
	Host string `key:"host" default:"" form:"domainName" example:"email-smtp.ap-northeast-1.amazonaws.com"`
	// Port of that server: 587 or 2587 turn to TLS by STARTTLS, 465 or 2465 begin with it.
	Port int `key:"port" default:"587" oneOf:"587,2587,465,2465"`
	// Sender of the site's e-mail; the server has to accept it.
	From string `key:"from" default:"" form:"email" example:"site@example.org"`
	// Login at that server. Empty: it asks for none.
	Username string `key:"username" default:"" form:"mailUser" example:"AKIAIOSFODNN7EXAMPLE"`
	// Password of the login: set it with `pulumi config set --path --secret mail.password`. Servers read
	// it from the stack's secret.
	Password string `key:"password" default:"" example:"not-a-real-one"`
}

// DefaultMail is what a stack has whose configuration says nothing of it.
func DefaultMail() Mail { return setting.Defaults[Mail]() }

// TCPPort is the port that the servers need to reach; 0 if no e-mail leaves.
func (m Mail) TCPPort() int {
	if m.Host == "" {
		return 0
	}
	return m.Port
}

func (m Mail) settings() *server.Mail {
	if m.Host == "" {
		return nil
	}
	return &server.Mail{
		Host:     m.Host,
		Port:     m.Port,
		From:     m.From,
		Username: m.Username,
	}
}
