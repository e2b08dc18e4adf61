package site

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	_ "github.com/go-sql-driver/mysql" // the driver "mysql"

	"github.com/webphases/webphases/rehearsal/prove/netlab"
)

// database is a MySQL server in RDS' place: TLS only, with a certificate for its name.
type database struct {
	host *netlab.Host
	name string // in DNS
	port string
	disk disk

	process *exec.Cmd
	gone    chan struct{}
}

// install makes an empty one whose master user has the name and password.
func (d *database) install(ctx context.Context, layers []string, secret string) error {
	var login struct{ Username, Password string }
	if err := json.Unmarshal([]byte(secret), &login); err != nil {
		return fmt.Errorf("reading the secret: %w", err)
	}
	if err := d.disk.mount(); err != nil {
		return err
	}
	quote := strings.NewReplacer(`\`, `\\`, `'`, `''`).Replace
	init := "CREATE DATABASE IF NOT EXISTS wordpress CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_520_ci;\n" +
		fmt.Sprintf("CREATE USER IF NOT EXISTS '%s'@'%%' IDENTIFIED BY '%s';\n", quote(login.Username), quote(login.Password)) +
		fmt.Sprintf("GRANT ALL ON *.* TO '%s'@'%%' WITH GRANT OPTION;\n", quote(login.Username))
	if err := d.disk.put("srv/init.sql", init); err != nil {
		return err
	}
	key, certificate := authority(layers)
	script := `root=$1
		chroot "$root" adduser --quiet --system --group --no-create-home mysql >/dev/null 2>&1
		install -d -m 0700 "$root/srv/data"
		chroot "$root" chown mysql:mysql /srv /srv/data
		openssl req -newkey rsa:2048 -nodes -subj /CN=database -keyout "$root/srv/db.key" -out "$root/srv/db.csr" 2>/dev/null
		openssl x509 -req -in "$root/srv/db.csr" -CA "$3" -CAkey "$2" -CAcreateserial -days 2 \
			-extfile <(echo "subjectAltName=DNS:$4") -out "$root/srv/db.crt" 2>/dev/null
		chmod 0644 "$root/srv/db.key"
		chroot "$root" /usr/sbin/mysqld --no-defaults --initialize-insecure --user=mysql --datadir=/srv/data`
	said, err := exec.CommandContext(ctx, "bash", "-euc", script, "install", d.disk.root(), key, certificate, d.name).CombinedOutput()
	if err != nil {
		return fmt.Errorf("installing the database: %w: %s", err, tail(string(said), 10))
	}
	return nil
}

// start returns when it takes connections.
func (d *database) start(ctx context.Context, lab *netlab.Lab) error {
	log, err := os.OpenFile(filepath.Join(d.disk.folder, "mysqld.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	d.process = exec.Command("ip", "netns", "exec", lab.Namespace(d.host), "chroot", d.disk.root(), "/usr/sbin/mysqld", "--no-defaults",
		"--user=mysql", "--datadir=/srv/data", "--socket=/srv/s", "--pid-file=/srv/pid", "--bind-address="+d.host.Address.String(), "--port="+d.port, "--mysqlx=OFF",
		"--skip-log-bin", "--skip-name-resolve", "--secure-file-priv=NULL", "--init-file=/srv/init.sql", "--ssl-cert=/srv/db.crt",
		"--ssl-key=/srv/db.key", "--require-secure-transport=ON")
	d.process.Stdout, d.process.Stderr = log, log
	d.process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := d.process.Start(); err != nil {
		return err
	}
	gone := make(chan struct{})
	d.gone = gone
	go func() {
		_ = d.process.Wait()
		close(gone)
	}()
	for range 120 {
		select {
		case <-gone:
			return fmt.Errorf("%w: the database ended: see %s", ErrServer, log.Name())
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(250 * time.Millisecond):
		}
		if _, err := d.sql(ctx, "SELECT 1"); err == nil {
			return nil
		}
	}
	return fmt.Errorf("%w: the database was not up in 30 seconds: see %s", ErrServer, log.Name())
}

// sql asks it from beside it, by its socket, and returns the first column of the rows.
func (d *database) sql(ctx context.Context, statement string) ([]string, error) {
	db, err := sql.Open("mysql", "root@unix("+filepath.Join(d.disk.root(), "srv/s")+")/wordpress")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	rows, err := db.QueryContext(ctx, statement)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", statement, err)
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var value string
		if err := rows.Scan(&value); err != nil {
			return nil, err
		}
		found = append(found, value)
	}
	return found, rows.Err()
}

// kill ends it without a word, and its open transactions with it.
func (d *database) kill() {
	if d.process == nil {
		return
	}
	_ = syscall.Kill(-d.process.Process.Pid, syscall.SIGKILL)
	<-d.gone
}
