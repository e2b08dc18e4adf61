package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"github.com/webphases/webphases/rehearsal/aws/model"
	"github.com/webphases/webphases/rehearsal/prove/e2e/standin"
)

// ErrNoServer says that the AWS API server is not on this machine.
var ErrNoServer = errors.New("moto_server: not found on PATH")

// FindServer returns the path of moto_server. It fails with ErrNoServer, which
// says how to get it.
func FindServer() (string, error) {
	path, err := exec.LookPath("moto_server")
	if err != nil {
		return "", fmt.Errorf("%w: install it with `pip install 'moto[server]==5.2.1'`, or put a script of that name on PATH that runs its container image", ErrNoServer)
	}
	return filepath.Abs(path)
}

// starting is held from the choice of a server's port until it answers there.
var starting sync.Mutex

// startup is how long a server may take to answer its first call.
const startup = 2 * time.Minute

// server is one AWS API server with its gateway. Each stack has its own.
type server struct {
	gateway *standin.Gateway
	servers *standin.Servers
	front   *httptest.Server
	command *exec.Cmd
	said    bytes.Buffer
	ended   chan error
}

// startServer starts a server that offers the images that the model offers. Its
// files lie in dir.
func startServer(ctx context.Context, program, dir, region string) (*server, error) {
	images := filepath.Join(dir, "images.json")
	if err := writeImages(images, region); err != nil {
		return nil, err
	}
	// A port that is free is given to the next who asks until somebody listens there: two
	// runs would share a server, and each find the other's resources.
	starting.Lock()
	defer starting.Unlock()
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	s := &server{servers: standin.NewServers(), ended: make(chan error, 1)}
	s.command = exec.CommandContext(ctx, program, "-H", "127.0.0.1", "-p", fmt.Sprint(port))
	s.command.Env = append(os.Environ(), "MOTO_AMIS_PATH="+images, "MOTO_IAM_LOAD_MANAGED_POLICIES=true")
	s.command.Stdout, s.command.Stderr = &s.said, &s.said
	if err := s.command.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", program, err)
	}
	go func() { s.ended <- s.command.Wait() }()
	address := &url.URL{Scheme: "http", Host: fmt.Sprintf("127.0.0.1:%d", port)}
	if err := s.await(ctx, address); err != nil {
		s.stop()
		return nil, err
	}
	s.gateway = standin.New(address, standin.All(s.servers)...)
	s.front = httptest.NewServer(s.gateway)
	return s, nil
}

// await waits until the server answers.
func (s *server) await(ctx context.Context, address *url.URL) error {
	ctx, cancel := context.WithTimeout(ctx, startup)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String()+"/moto-api/", nil)
		if err != nil {
			return err
		}
		if resp, err := http.DefaultClient.Do(req); err == nil {
			_ = resp.Body.Close()
			return nil
		}
		select {
		case err := <-s.ended:
			s.ended <- err
			return fmt.Errorf("moto_server ended at once: %w\n%s", err, s.said.String())
		case <-ctx.Done():
			return fmt.Errorf("moto_server does not answer: %w\n%s", ctx.Err(), s.said.String())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (s *server) stop() {
	if s.front != nil {
		s.front.CloseClientConnections()
		s.front.Close()
	}
	_ = s.command.Process.Kill() // it may have ended already
	<-s.ended
}

func freePort(ctx context.Context) (int, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	port := l.Addr().(*net.TCPAddr).Port
	return port, l.Close()
}

// writeImages writes the model's newest images in the server's form. It takes no
// creation dates, so of each image only the newest is offered.
func writeImages(path, region string) error {
	var list []map[string]any
	for _, i := range model.NewestImages(region) {
		list = append(list, map[string]any{
			"ami_id": i.ID, "name": i.Name, "architecture": i.Architecture, "owner_id": i.Owner, "description": i.Description,
			"root_device_name": i.RootDevice, "root_device_type": "ebs", "virtualization_type": "hvm", "hypervisor": "xen",
			"image_type": "machine", "image_location": i.Owner + "/" + i.Name, "public": true, "platform": nil, "state": "available",
		})
	}
	text, err := json.Marshal(list)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o644)
}
