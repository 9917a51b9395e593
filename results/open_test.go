package results

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// writeRun writes a run of two cases and two rounds, all complete.
func writeRun(t *testing.T) (directory string, manifest Manifest) {
	t.Helper()
	directory, err := CreateRun(t.TempDir(), "20261123T161200Z-demo-7f3a")
	if err != nil {
		t.Fatal(err)
	}
	manifest = Manifest{
		ID: filepath.Base(directory), State: Complete, Started: started, Ended: started.Add(time.Hour), Name: "demo",
		Expect: []string{"ack.p99 < 50ms"},
		Cases:  []CaseInfo{{ID: "aaaaaaaa"}, {ID: "bbbbbbbb"}},
		Order:  []TrialRef{{Case: "bbbbbbbb", Trial: 1, Round: 1}, {Case: "aaaaaaaa", Trial: 1, Round: 1}, {Case: "aaaaaaaa", Trial: 2, Round: 2}, {Case: "bbbbbbbb", Trial: 2, Round: 2}},
	}
	if err := WriteManifest(directory, manifest); err != nil {
		t.Fatal(err)
	}
	for _, ref := range manifest.Order {
		writeJournal(t, directory, ref, true)
	}
	return directory, manifest
}

func names(trials []Trial) string {
	var names []string
	for _, trial := range trials {
		names = append(names, TrialRef{Case: trial.Begin.Case, Trial: trial.Begin.Trial, Round: trial.Begin.Round}.String())
	}
	return strings.Join(names, " ")
}

func TestOpenRun(t *testing.T) {
	remove := func(t *testing.T, elements ...string) {
		t.Helper()
		if err := os.RemoveAll(filepath.Join(elements...)); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name    string
		change  func(t *testing.T, directory string, manifest Manifest)
		state   State
		trials  string
		missing int
		damage  string // a part of it; empty for none at all
	}{
		{"a whole run is complete, in the order of execution", nil,
			Complete, "bbbbbbbb/1 aaaaaaaa/1 aaaaaaaa/2 bbbbbbbb/2", 0, ""},
		{"a missing trial makes it incomplete", func(t *testing.T, directory string, _ Manifest) {
			remove(t, directory, "trials", "aaaaaaaa", "1")
		}, Incomplete, "bbbbbbbb/1 aaaaaaaa/2 bbbbbbbb/2", 1, ""},
		{"a trial that crashed makes it incomplete", func(t *testing.T, directory string, _ Manifest) {
			remove(t, directory, "trials", "aaaaaaaa", "1")
			writeJournal(t, directory, TrialRef{Case: "aaaaaaaa", Trial: 1, Round: 1}, false)
		}, Incomplete, "bbbbbbbb/1 aaaaaaaa/1 aaaaaaaa/2 bbbbbbbb/2", 0, ""},
		{"a run that was not ended has crashed", func(t *testing.T, directory string, manifest Manifest) {
			manifest.State, manifest.Ended = Incomplete, time.Time{}
			if err := WriteManifest(directory, manifest); err != nil {
				t.Fatal(err)
			}
		}, Crashed, "bbbbbbbb/1 aaaaaaaa/1 aaaaaaaa/2 bbbbbbbb/2", 0, "killed or still runs"},
		{"an interrupted run stays interrupted", func(t *testing.T, directory string, manifest Manifest) {
			manifest.State = Interrupted
			if err := WriteManifest(directory, manifest); err != nil {
				t.Fatal(err)
			}
			remove(t, directory, "trials", "bbbbbbbb", "2")
		}, Interrupted, "bbbbbbbb/1 aaaaaaaa/1 aaaaaaaa/2", 1, ""},
		{"without a manifest the journals tell, oldest first", func(t *testing.T, directory string, _ Manifest) {
			remove(t, directory, "manifest.json")
		}, Incomplete, "aaaaaaaa/1 bbbbbbbb/1 aaaaaaaa/2 bbbbbbbb/2", 0, "manifest.json is missing"},
		{"half a manifest is none", func(t *testing.T, directory string, _ Manifest) {
			if err := os.WriteFile(filepath.Join(directory, "manifest.json"), []byte(`{"schema":"kaliper.man`), 0o644); err != nil {
				t.Fatal(err)
			}
		}, Incomplete, "aaaaaaaa/1 bbbbbbbb/1 aaaaaaaa/2 bbbbbbbb/2", 0, "unexpected end of JSON input"},
		{"a foreign journal is a missing trial", func(t *testing.T, directory string, _ Manifest) {
			if err := os.WriteFile(filepath.Join(directory, "trials", "aaaaaaaa", "1", "journal"), []byte("hello\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}, Incomplete, "bbbbbbbb/1 aaaaaaaa/2 bbbbbbbb/2", 1, "not a file of this kind"},
		{"a trial that was not planned is read and said", func(t *testing.T, directory string, _ Manifest) {
			writeJournal(t, directory, TrialRef{Case: "aaaaaaaa", Trial: 3, Round: 3}, true)
		}, Incomplete, "bbbbbbbb/1 aaaaaaaa/1 aaaaaaaa/2 bbbbbbbb/2 aaaaaaaa/3", 0, "trial aaaaaaaa/3 is there and was not planned"},
		{"a journal in another trial's place is not taken for it", func(t *testing.T, directory string, _ Manifest) {
			remove(t, directory, "trials", "aaaaaaaa", "1")
			if err := os.Rename(filepath.Join(directory, "trials", "bbbbbbbb", "1"), filepath.Join(directory, "trials", "aaaaaaaa", "1")); err != nil {
				t.Fatal(err)
			}
		}, Incomplete, "aaaaaaaa/2 bbbbbbbb/2", 2, "it is that of trial bbbbbbbb/1"},
		{"a case does not lead out of the run", func(t *testing.T, directory string, manifest Manifest) {
			manifest.Order = append(manifest.Order, TrialRef{Case: "../../elsewhere", Trial: 1, Round: 3})
			if err := WriteManifest(directory, manifest); err != nil {
				t.Fatal(err)
			}
		}, Incomplete, "bbbbbbbb/1 aaaaaaaa/1 aaaaaaaa/2 bbbbbbbb/2", 1, "no name of a case"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			directory, manifest := writeRun(t)
			if test.change != nil {
				test.change(t, directory, manifest)
			}
			run, err := OpenRun(directory)
			if err != nil {
				t.Fatal(err)
			}
			if run.Manifest.State != test.state || names(run.Trials) != test.trials || len(run.Missing) != test.missing {
				t.Errorf("state %s, trials %s, missing %v; want %s, %s, %d", run.Manifest.State, names(run.Trials), run.Missing, test.state, test.trials, test.missing)
			}
			damage := strings.Join(run.Damage, "; ")
			if !strings.Contains(damage, test.damage) || test.damage == "" && damage != "" {
				t.Errorf("damage %q, want %q", damage, test.damage)
			}
		})
	}
}

func TestOpenRunKeepsHistogramsOnlyWhereThereAreNoMergedOnes(t *testing.T) {
	directory := t.TempDir()
	writeJournal(t, directory, TrialRef{Case: "ended000", Trial: 1, Round: 1}, true)
	writeJournal(t, directory, TrialRef{Case: "killed00", Trial: 1, Round: 2}, false)
	run, err := OpenRun(directory)
	if err != nil {
		t.Fatal(err)
	}
	ended, killed := run.Trials[0], run.Trials[1]
	if h := ended.Intervals[0].Producers["checkout"].Ack.Window; h.Data != "" || h.Count != 10 || h.P99Seconds == 0 {
		t.Errorf("the ended trial's interval has %+v, want the figures alone", h)
	}
	if ended.End.Producers["checkout"].Ack.Data == "" || killed.Intervals[0].Producers["checkout"].Ack.Window.Data == "" {
		t.Error("the only histograms of a trial are dropped")
	}
}

func TestOpenRunRefuses(t *testing.T) {
	t.Run("an empty directory", func(t *testing.T) {
		if _, err := OpenRun(t.TempDir()); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("error %v, want %v", err, os.ErrNotExist)
		}
	})
	t.Run("a newer manifest", func(t *testing.T) {
		directory, _ := writeRun(t)
		if err := os.WriteFile(filepath.Join(directory, "manifest.json"), []byte(`{"schema":"kaliper.manifest/9"}`), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenRun(directory); !errors.Is(err, ErrNewerSchema) {
			t.Errorf("error %v, want %v", err, ErrNewerSchema)
		}
	})
	t.Run("a newer journal", func(t *testing.T) {
		directory, _ := writeRun(t)
		if err := os.WriteFile(filepath.Join(directory, "trials", "aaaaaaaa", "1", "journal"), []byte("kaliper.journal/2\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenRun(directory); !errors.Is(err, ErrNewerSchema) {
			t.Errorf("error %v, want %v", err, ErrNewerSchema)
		}
	})
}

func TestPruneKeepsEverythingButTheHistogramsOfIntervals(t *testing.T) {
	directory, manifest := writeRun(t)
	killed := writeJournal(t, directory, TrialRef{Case: "killed00", Trial: 1, Round: 3}, false)
	whole := filepath.Join(TrialDirectory(directory, manifest.Order[0]), JournalName)
	before, err := ReadJournal(whole)
	if err != nil {
		t.Fatal(err)
	}
	size := func(path string) int64 {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	sizeBefore, killedBefore := size(whole), size(killed)

	pruned, err := Prune(directory)
	if err != nil {
		t.Fatal(err)
	}
	if pruned.Trials != 4 || pruned.FreedBytes != 4*(sizeBefore-size(whole)) || pruned.FreedBytes <= 0 {
		t.Errorf("pruned %+v; a journal went from %d to %d bytes", pruned, sizeBefore, size(whole))
	}
	if len(pruned.Kept) != 1 || !strings.Contains(pruned.Kept[0], "its last frame is missing") || size(killed) != killedBefore {
		t.Errorf("kept %q, want the killed trial's journal as it was", pruned.Kept)
	}
	after, err := ReadJournal(whole)
	if err != nil {
		t.Fatal(err)
	}
	interval := after.Intervals[1]
	if after.State != Complete || after.Damage != "" || interval.Producers["checkout"].Ack.Window.Data != "" ||
		interval.Producers["checkout"].Ack.Window.P99Seconds == 0 || interval.Producers["checkout"].Acked != 10 ||
		after.End.Producers["checkout"].Ack != before.End.Producers["checkout"].Ack {
		t.Errorf("the pruned journal reads as %+v", after)
	}
	if again, err := Prune(directory); err != nil || again.Trials != 0 || again.FreedBytes != 0 {
		t.Errorf("pruning again: %+v, %v; want nothing to do", again, err)
	}
}
