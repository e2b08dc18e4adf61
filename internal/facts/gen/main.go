// Command gen writes the table of facts about the AWS provider.
//
//	pulumi package get-schema aws@6.83.2 > schema.json
//	go run ./internal/facts/gen -schema schema.json
//
// It keeps only the types of the catalog and what they refer to, and adds
// the hand-kept entries of extra.json: types that the schema at hand lacks.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"

	"github.com/webphases/webphases/internal/catalog"
)

// entry is one resource or function of the table; a property is described by a
// string such as "[]string required replace" (see the package facts).
type entry struct {
	Inputs  map[string]string `json:"inputs"`
	Outputs map[string]string `json:"outputs"`
}

type table struct {
	Version   string                       `json:"version"`
	Resources map[string]entry             `json:"resources"`
	Functions map[string]entry             `json:"functions"`
	Types     map[string]map[string]string `json:"types"`
}

// handKept is what extra.json holds: types that the schema lacks, and properties
// that the published provider describes otherwise than the schema at hand.
type handKept struct {
	Resources   map[string]entry `json:"resources"`
	Corrections map[string]entry `json:"corrections"`
}

func (h handKept) correct(t *table) error {
	for token, e := range h.Corrections {
		known, ok := t.Resources[token]
		if !ok {
			return fmt.Errorf("there is no type %s", token)
		}
		for name, description := range e.Inputs {
			if _, ok := known.Inputs[name]; !ok {
				return fmt.Errorf("%s has no input %s", token, name)
			}
			known.Inputs[name] = description
		}
		for name, description := range e.Outputs {
			known.Outputs[name] = description
		}
	}
	return nil
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("gen: ")
	dir := filepath.Join("internal", "facts")
	schemaFile := flag.String("schema", "", "provider schema, as `pulumi package get-schema` prints it")
	extraFile := flag.String("extra", filepath.Join(dir, "extra.json"), "hand-kept entries to add")
	out := flag.String("out", filepath.Join(dir, "aws.json"), "file to write")
	flag.Parse()
	if err := run(*schemaFile, *extraFile, *out); err != nil {
		log.Fatal(err)
	}
}

func run(schemaFile, extraFile, out string) error {
	var s schema
	if err := readJSON(schemaFile, &s); err != nil {
		return fmt.Errorf("reading the schema: %w", err)
	}
	var extra handKept
	if err := readJSON(extraFile, &extra); err != nil {
		return fmt.Errorf("reading the hand-kept entries: %w", err)
	}
	tokens := slices.Clone(catalog.Lookups)
	for _, t := range catalog.Types {
		if _, ok := extra.Resources[t.Token]; !ok {
			tokens = append(tokens, t.Token)
		}
	}
	t, err := s.table(tokens)
	if err != nil {
		return err
	}
	for token, e := range extra.Resources {
		if _, ok := t.Resources[token]; ok {
			return fmt.Errorf("%s is in the schema: remove it from %s", token, extraFile)
		}
		t.Resources[token] = e
	}
	if err := extra.correct(t); err != nil {
		return fmt.Errorf("correcting by %s: %w", extraFile, err)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(t); err != nil {
		return err
	}
	return os.WriteFile(out, b.Bytes(), 0o644)
}

func readJSON(name string, v any) error {
	b, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, v)
}
