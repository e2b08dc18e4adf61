// Command breakages breaks the program on purpose, one mistake at a time, and
// checks that the named test fails. The tree is not touched: each broken file
// reaches the compiler as an overlay.
//
//	go run ./tests/breakages         try all; exit 1 if one is not caught
//	go run ./tests/breakages -docs   write docs/breakages.md and try nothing
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

const document = "docs/breakages.md"

func main() {
	docs := flag.Bool("docs", false, "write "+document)
	flag.Parse()
	if err := run(*docs); err != nil {
		fmt.Fprintln(os.Stderr, "breakages:", err)
		os.Exit(1)
	}
}

func run(docs bool) error {
	if docs {
		return os.WriteFile(document, []byte(markdown()), 0o644)
	}
	if written, err := os.ReadFile(document); err != nil || string(written) != markdown() {
		return fmt.Errorf("%s is out of date: run `make docs`", document)
	}
	dir, err := os.MkdirTemp("", "breakages")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	tried := make([]chan error, len(breakages))
	for i := range tried {
		tried[i] = make(chan error, 1)
	}
	running := make(chan struct{}, runtime.NumCPU())
	go func() {
		for i, b := range breakages {
			running <- struct{}{}
			go func() {
				tried[i] <- b.try(filepath.Join(dir, strconv.Itoa(i)))
				<-running
			}()
		}
	}()
	caught := 0
	for i, b := range breakages {
		verdict := "caught by " + b.test
		if err := <-tried[i]; err != nil {
			verdict = "NOT CAUGHT: " + err.Error()
		} else {
			caught++
		}
		fmt.Printf("%-55s %s\n", b.what, verdict)
	}
	fmt.Printf("caught %d of %d\n", caught, len(breakages))
	if caught < len(breakages) {
		return fmt.Errorf("%d mistakes would go unnoticed", len(breakages)-caught)
	}
	return nil
}

// try returns nil if the test fails with the broken file, and not for another
// reason such as code that does not compile.
func (b breakage) try(dir string) error {
	content, err := os.ReadFile(b.file)
	if err != nil {
		return err
	}
	if n := strings.Count(string(content), b.old); n != 1 {
		return fmt.Errorf("%s holds the text to break %d times: mend tests/breakages/list.go", b.file, n)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	broken, overlay := filepath.Join(dir, "broken.go"), filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(broken, []byte(strings.Replace(string(content), b.old, b.broken, 1)), 0o600); err != nil {
		return err
	}
	absolute, err := filepath.Abs(b.file)
	if err != nil {
		return err
	}
	table, err := json.Marshal(map[string]any{"Replace": map[string]string{absolute: broken}})
	if err != nil {
		return err
	}
	if err := os.WriteFile(overlay, table, 0o600); err != nil {
		return err
	}
	args := []string{"test", "-v", "-vet=off", "-overlay", overlay, "-run", "^" + b.test + "$", b.pkg}
	if inside, ok := strings.CutPrefix(b.pkg, "./rehearsal/"); ok { // a module of its own
		args = append([]string{"test", "-C", "rehearsal"}, append(args[1:len(args)-1], "./"+inside)...)
	}
	out, err := exec.Command("go", args...).CombinedOutput()
	switch {
	case err == nil && !strings.Contains(string(out), "=== RUN   "+b.test+"\n"):
		return fmt.Errorf("there is no test %s: mend tests/breakages/list.go", b.test)
	case err == nil:
		return fmt.Errorf("%s passes", b.test)
	case !strings.Contains(string(out), "--- FAIL: "+b.test):
		return fmt.Errorf("%s did not run:\n%s", b.test, out)
	}
	return nil
}

func markdown() string {
	var s strings.Builder
	s.WriteString("# Mistakes that the tests catch\n\nEach of these is applied on purpose, one at a time, by `make breakages`; the named test must fail.\n\n" +
		"| mistake | in | caught by |\n| --- | --- | --- |\n")
	for _, b := range breakages {
		fmt.Fprintf(&s, "| %s | `%s` | `%s` in `%s` |\n", b.what, b.file, b.test, b.pkg)
	}
	return s.String()
}
