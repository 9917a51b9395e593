package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kaliper/internal/analysis"
)

func TestDirectoriesThatAreNoRunsOfThisKaliperAreRefused(t *testing.T) {
	tests := []struct{ name, manifest, says string }{
		{"a directory without anything of kaliper's", "", "neither the directory of a run"},
		{"a manifest of another program", `{"schema": "other.manifest/1"}`, "not a file of this kind"},
		{"a manifest without a schema", `{"name": "orders"}`, "not a file of this kind"},
		{"a manifest of a newer kaliper", `{"schema": "kaliper.manifest/9"}`, "update kaliper to read it"},
		{"a manifest that was cut off, and no journals", `{"schema": "kaliper.manifest/1", "id": "2026`, "manifest.json"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			directory := t.TempDir()
			if test.manifest != "" {
				if err := os.WriteFile(filepath.Join(directory, "manifest.json"), []byte(test.manifest), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			for _, arguments := range [][]string{{"report", directory}, {"compare", directory, directory}, {"run", "demo", "--resume", directory}} {
				got := call(t, append(arguments, "--results", t.TempDir())...)
				if got.code != analysis.ExitBadInput || !strings.Contains(got.stderr, test.says) || got.stdout != "" {
					t.Errorf("%s: exit %d, want 64 and %q: %s%s", arguments[0], got.code, test.says, got.stderr, got.stdout)
				}
			}
		})
	}
}
