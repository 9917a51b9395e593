package results

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestNewRunID(t *testing.T) {
	now := time.Date(2026, 11, 23, 17, 12, 0, 0, time.FixedZone("CET", 3600))
	tests := []struct{ name, scenario, want string }{
		{"time is UTC", "demo", "20261123T161200Z-demo-7f3a"},
		{"what is no part of a name becomes a dash", "My Codec/Choice!", "20261123T161200Z-my-codec-choice-7f3a"},
		{"an empty name is a run", "", "20261123T161200Z-run-7f3a"},
		{"a long name is cut", strings.Repeat("a", 300), "20261123T161200Z-" + strings.Repeat("a", 60) + "-7f3a"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := NewRunID(now, test.scenario, 0xabcd7f3a); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestCreateRunNeverTakesAnotherRunsDirectory(t *testing.T) {
	root := filepath.Join(t.TempDir(), "results")
	if _, err := CreateRun(root, "a"); err != nil {
		t.Fatal(err)
	}
	if _, err := CreateRun(root, "a"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("error %v, want %v", err, fs.ErrExist)
	}
}

func TestParseReference(t *testing.T) {
	tests := []struct {
		text string
		want Reference
		fail bool
	}{
		{"latest", Reference{Run: "latest"}, false},
		{"results/20261123T161200Z-demo-7f3a#c0ffee00", Reference{"results/20261123T161200Z-demo-7f3a", "c0ffee00"}, false},
		{"odd#dir#c0", Reference{"odd#dir", "c0"}, false},
		{"", Reference{}, true},
		{"#c0ffee00", Reference{}, true},
		{"latest#", Reference{}, true},
	}
	for _, test := range tests {
		got, err := ParseReference(test.text)
		if got != test.want || (err != nil) != test.fail {
			t.Errorf("%q: %+v, %v; want %+v, failing %v", test.text, got, err, test.want, test.fail)
		}
	}
}

func TestFind(t *testing.T) {
	root := t.TempDir()
	ids := []string{"20261122T090000Z-demo-0001", "20261123T161200Z-codec-choice-7f3a", "20261123T161300Z-codec-choice-8888"}
	for _, id := range ids {
		if _, err := CreateRun(root, id); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(root, "20990101T000000Z-not-a-run"), 0o755); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, reference, want, err string }{
		{"latest is the youngest run, not the youngest directory", "latest", ids[2], ""},
		{"a whole id", ids[0], ids[0], ""},
		{"the beginning of one id", "20261122", ids[0], ""},
		{"the beginning of two ids is ambiguous", "20261123T161", "", "fits 2 runs"},
		{"a path is itself", filepath.Join(root, ids[1]), ids[1], ""},
		{"nothing fits", "20270101", "", "neither the directory of a run nor"},
		{"an empty reference names nothing", "", "", "neither the directory of a run nor"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := Find(root, test.reference)
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Fatalf("error %v, want one with %q", err, test.err)
				}
				return
			}
			if err != nil || got != filepath.Join(root, test.want) {
				t.Errorf("got %s, %v; want %s", got, err, test.want)
			}
		})
	}
	if _, err := Find(filepath.Join(root, "none"), "latest"); err == nil || !strings.Contains(err.Error(), "there are no runs") {
		t.Errorf("in a folder that does not exist: %v", err)
	}
}

func TestFindCase(t *testing.T) {
	m := Manifest{ID: "run", Cases: []CaseInfo{{ID: "c0ffee00"}, {ID: "c0ffee11"}, {ID: "deadbeef"}}}
	tests := []struct{ text, want, err string }{
		{"deadbeef", "deadbeef", ""},
		{"de", "deadbeef", ""},
		{"c0ffee", "", "fits 2 cases"},
		{"77", "", "it has c0ffee00, c0ffee11, deadbeef"},
		{"", "", "no case"},
	}
	for _, test := range tests {
		got, err := m.FindCase(test.text)
		if got.ID != test.want || (err != nil) != (test.err != "") || err != nil && !strings.Contains(err.Error(), test.err) {
			t.Errorf("%q: %q, %v; want %q, %q", test.text, got.ID, err, test.want, test.err)
		}
	}
}
