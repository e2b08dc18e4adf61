package site

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/webphases/webphases/rehearsal/prove/netlab"
	"github.com/webphases/webphases/server"
)

// mailbox is the mail server that the settings name, on the internet: STARTTLS or TLS,
// and nothing is taken before the login.
type mailbox struct {
	server.Mail

	password string
	mu       sync.Mutex
	taken    []string
}

// settings is what the plan's servers read.
func (s *Site) settings() (settings server.Settings) {
	for _, value := range s.Cloud.Parameters() {
		if strings.Contains(value, `"site"`) {
			_ = json.Unmarshal([]byte(value), &settings)
		}
	}
	return settings
}

// raiseMail starts the mail server, if the plan has one.
func (s *Site) raiseMail(ctx context.Context) error {
	mail := s.settings().Site.Mail
	if mail == nil || s.mail != nil {
		return nil
	}
	var secret struct {
		Password string `json:"mail_password"`
	}
	if err := json.Unmarshal([]byte(s.Cloud.Secret), &secret); err != nil {
		return err
	}
	s.mail = &mailbox{Mail: *mail, password: secret.Password}
	key, certificate := authority(s.layers)
	script := `cd "$1"
		openssl req -newkey rsa:2048 -nodes -subj "/CN=mail" -keyout mail.key -out mail.csr 2>/dev/null
		openssl x509 -req -in mail.csr -CA "$3" -CAkey "$2" -CAcreateserial -days 2 -extfile <(echo "subjectAltName=DNS:$4") -out mail.crt 2>/dev/null`
	if said, err := exec.CommandContext(ctx, "bash", "-euc", script, "mail", s.folder, key, certificate, mail.Host).CombinedOutput(); err != nil {
		return fmt.Errorf("a certificate for %s: %w: %s", mail.Host, err, said)
	}
	pair, err := tls.LoadX509KeyPair(filepath.Join(s.folder, "mail.crt"), filepath.Join(s.folder, "mail.key"))
	if err != nil {
		return err
	}
	at := smtp.NewServer(s.mail)
	at.TLSConfig = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	s.closers = append(s.closers, at)
	return netlab.In(s.Lab.Namespace(s.internet()), func() error {
		listener, err := net.Listen("tcp4", fmt.Sprintf("%s:%d", s.internet().Address, mail.Port))
		if err != nil {
			return err
		}
		if mail.Port == 465 || mail.Port == 2465 {
			listener = tls.NewListener(listener, at.TLSConfig)
		}
		go func() { _ = at.Serve(listener) }()
		return nil
	})
}

// NewSession begins a conversation.
func (m *mailbox) NewSession(*smtp.Conn) (smtp.Session, error) { return &letter{box: m}, nil }

// letter is one conversation.
type letter struct {
	box    *mailbox
	logged bool
	from   string
}

var errLogin = errors.New("log in first")

func (l *letter) AuthMechanisms() []string { return []string{sasl.Plain} }

func (l *letter) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, username, password string) error {
		l.logged = username == l.box.Username && password == l.box.password
		if !l.logged {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

func (l *letter) Mail(from string, _ *smtp.MailOptions) error {
	l.from = from
	if !l.logged && l.box.Username != "" {
		return errLogin
	}
	return nil
}

func (l *letter) Rcpt(string, *smtp.RcptOptions) error { return nil }

func (l *letter) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	l.box.mu.Lock()
	defer l.box.mu.Unlock()
	l.box.taken = append(l.box.taken, "sender "+l.from+"\r\n"+string(text))
	return err
}

func (l *letter) Reset()        {}
func (l *letter) Logout() error { return nil }

// mails lets WordPress send the administrator a link for a new password, and fails with
// ErrPages unless it comes from the known sender with the site's own address in it.
func (s *Site) mails(ctx context.Context) error {
	if s.mail == nil {
		return nil
	}
	asked := url.Values{"user_login": {"webmaster"}}
	at := s.url("/wp-login.php?action=lostpassword")
	status, text, _, err := ask(ctx, s.browser(30*time.Second), http.MethodPost, at, form, strings.NewReader(asked.Encode()))
	if err != nil {
		return err
	}
	if status != http.StatusFound {
		return fmt.Errorf("%w: asking for a new password gave %d: %.400s", ErrPages, status, text)
	}
	s.mail.mu.Lock()
	defer s.mail.mu.Unlock()
	for _, one := range s.mail.taken {
		if strings.HasPrefix(one, "sender "+s.mail.From+"\r\n") && strings.Contains(one, "http://"+s.address()+"/wp-login.php") {
			s.Step("e-mail leaves by %s:%d, with TLS and login, from %s", s.mail.Host, s.mail.Port, s.mail.From)
			return nil
		}
	}
	return fmt.Errorf("%w: the e-mail with the link for a new password did not come: %q", ErrPages, s.mail.taken)
}
