package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A mistake in a file or a test of one system is found there, and on no other.
func TestAMistakeIsFoundOnItsSystemAlone(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":               "module example\n\ngo 1.26\n",
		"all.go":               "package example\n\nimport \"net/http\"\n\nfunc fetch(url string) error { _, err := http.Get(url); return err }\n",
		"only_windows.go":      "package example\n\nfunc wrong() int { return fetch(\"\") }\n",
		"only_darwin_test.go":  "package example\n\nimport \"testing\"\n\nfunc TestIt(t *testing.T) { t.NoSuchMethod() }\n",
		"sub/sound_windows.go": "package sub\n",
		"sub/sound.go":         "package sub\n",
	} {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for system, want := range map[string]string{"windows": "only_windows.go:3:27", "darwin": "only_darwin_test.go:5:31", "linux": ""} {
		findings, err := check(folder, system)
		if err != nil {
			t.Fatal(err)
		}
		if want == "" && len(findings) > 0 || want != "" && (len(findings) != 1 || !strings.Contains(findings[0], want)) {
			t.Errorf("%s: findings %q, want one at %q", system, findings, want)
		}
	}
}

func TestAFolderWithoutAModuleIsNotSound(t *testing.T) {
	if findings, err := check(t.TempDir(), "linux"); err == nil && len(findings) == 0 {
		t.Error("nothing was looked at, and nothing is said")
	}
}
