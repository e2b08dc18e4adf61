package server

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"
)

//go:embed files
var files embed.FS

// packed is the scripts as base64 text in lines, and the revision that names them.
type packed struct{ text, revision string }

// payload packs the scripts once per process.
var payload = sync.OnceValues(func() (packed, error) {
	text, err := pack(files, "files")
	sum := sha256.Sum256([]byte(text))
	return packed{text: text, revision: fmt.Sprintf("%x", sum[:6])}, err
})

// Revision names the scripts by their content, in 12 hexadecimal digits.
func Revision() (string, error) {
	p, err := payload()
	if err != nil {
		return "", fmt.Errorf("packing the server's scripts: %w", err)
	}
	return p.revision, nil
}

// pack writes a tar whose bytes depend on the files' names and contents alone:
// sorted names, no times, no owners. The same scripts must give the same
// document, or every deployment would run it again on every server.
func pack(source fs.FS, root string) (string, error) {
	var buf bytes.Buffer
	gz, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	if err != nil {
		return "", err
	}
	tw := tar.NewWriter(gz)
	// WalkDir visits names in lexical order.
	err = fs.WalkDir(source, root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(source, name)
		if err != nil {
			return err
		}
		return addFile(tw, strings.TrimPrefix(name, root+"/"), withoutComments(content))
	})
	if err != nil {
		return "", err
	}
	if err := tw.Close(); err != nil {
		return "", err
	}
	if err := gz.Close(); err != nil {
		return "", err
	}
	return lines(base64.StdEncoding.EncodeToString(buf.Bytes())), nil
}

func addFile(tw *tar.Writer, name string, content []byte) error {
	mode := int64(0o644)
	if path.Dir(name) == "bin" {
		mode = 0o755
	}
	header := &tar.Header{Name: name, Mode: mode, Size: int64(len(content)), Format: tar.FormatUSTAR}
	if err := tw.WriteHeader(header); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if _, err := tw.Write(content); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// withoutComments drops the lines that hold only a comment, which are a quarter of
// the scripts: documents are small. The files in the repository explain themselves,
// the copies on a server need not.
func withoutComments(content []byte) []byte {
	var out []byte
	for line := range bytes.Lines(content) {
		text := bytes.TrimLeft(line, " \t")
		if bytes.HasPrefix(text, []byte("#")) && !bytes.HasPrefix(line, []byte("#!")) {
			continue
		}
		out = append(out, line...)
	}
	return out
}

// lines breaks text after every 128 characters and ends it with a newline.
func lines(text string) string {
	var b strings.Builder
	for len(text) > 128 {
		b.WriteString(text[:128] + "\n")
		text = text[128:]
	}
	b.WriteString(text + "\n")
	return b.String()
}
