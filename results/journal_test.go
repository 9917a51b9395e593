package results

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"kaliper/internal/measure"
)

var started = time.Date(2026, 11, 23, 16, 12, 0, 0, time.UTC)

// encoded returns a histogram of n latencies of one millisecond.
func encoded(t testing.TB, n int) measure.Encoded {
	t.Helper()
	recorder, histogram := new(measure.Recorder), measure.NewHistogram()
	for range n {
		recorder.Record(time.Millisecond.Nanoseconds())
	}
	recorder.DrainInto(histogram)
	e, err := histogram.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// writeJournal writes the journal of a trial of three intervals and returns its path.
func writeJournal(t testing.TB, run string, ref TrialRef, end bool) string {
	t.Helper()
	w, err := CreateJournal(TrialDirectory(run, ref))
	if err != nil {
		t.Fatal(err)
	}
	check := func(_ time.Duration, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(w.Begin(Begin{Run: filepath.Base(run), Case: ref.Case, Trial: ref.Trial, Round: ref.Round,
		Started: started.Add(time.Duration(ref.Round) * time.Minute), DurationSeconds: 3, Simulated: true}))
	for second := range 3 {
		check(w.Interval(Interval{
			Start: float64(second), End: float64(second + 1),
			Producers: map[string]ProducerInterval{"checkout": {Offered: 10, Acked: 10, Ack: Latency{Window: encoded(t, 10)}}},
			Consumers: map[string]ConsumerInterval{"analytics": {Consumed: 10, EndToEnd: Latency{Outside: encoded(t, 10)}}},
		}))
	}
	if end {
		check(w.End(End{State: Complete, Seconds: 3, WindowEnd: 3,
			Producers: map[string]ProducerTotals{"checkout": {Window: Books{Intended: 30, Acked: 30}, Ack: encoded(t, 30)}}}))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(TrialDirectory(run, ref), JournalName)
}

func TestJournalReadsAsItWasWritten(t *testing.T) {
	path := writeJournal(t, t.TempDir(), TrialRef{Case: "c0ffee00", Trial: 2, Round: 1}, true)
	trial, err := ReadJournal(path)
	if err != nil {
		t.Fatal(err)
	}
	if trial.State != Complete || trial.Damage != "" {
		t.Errorf("state %s, damage %q; want complete and none", trial.State, trial.Damage)
	}
	if b := trial.Begin; b.Schema != JournalSchema || b.Case != "c0ffee00" || b.Trial != 2 || !b.Started.Equal(started.Add(time.Minute)) {
		t.Errorf("begin is %+v", b)
	}
	if len(trial.Intervals) != 3 || trial.Intervals[2].Producers["checkout"].Ack.Window != encoded(t, 10) {
		t.Errorf("intervals are %+v", trial.Intervals)
	}
	if trial.End == nil || trial.End.Producers["checkout"].Ack != encoded(t, 30) {
		t.Errorf("end is %+v", trial.End)
	}
}

// A run cut off at any byte opens and says what it lacks.
func TestJournalCutAtEveryByteOpensAndSaysSo(t *testing.T) {
	whole, err := os.ReadFile(writeJournal(t, t.TempDir(), TrialRef{Case: "c0ffee00", Trial: 1, Round: 1}, true))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), JournalName)
	intervals := 0
	for n := range len(whole) {
		if err := os.WriteFile(path, whole[:n], 0o644); err != nil {
			t.Fatal(err)
		}
		trial, err := ReadJournal(path)
		if err != nil {
			t.Fatalf("cut at byte %d: %v", n, err)
		}
		if trial.State != Crashed || trial.Damage == "" {
			t.Fatalf("cut at byte %d: state %s, damage %q", n, trial.State, trial.Damage)
		}
		if len(trial.Intervals) < intervals {
			t.Fatalf("cut at byte %d: %d intervals, where %d were readable before", n, len(trial.Intervals), intervals)
		}
		intervals = len(trial.Intervals)
	}
	if intervals != 3 {
		t.Errorf("%d intervals are readable without the last byte, want 3", intervals)
	}
}

func TestJournalDamage(t *testing.T) {
	whole, err := os.ReadFile(writeJournal(t, t.TempDir(), TrialRef{Case: "c0ffee00", Trial: 1, Round: 1}, true))
	if err != nil {
		t.Fatal(err)
	}
	framed := func(payloads ...string) []byte {
		data := []byte(magicLine)
		for _, payload := range payloads {
			if data, err = appendFrame(data, []byte(payload)); err != nil {
				t.Fatal(err)
			}
		}
		return data
	}
	flipped := []byte(string(whole))
	flipped[len(flipped)/2] ^= 1
	tests := []struct {
		name   string
		data   []byte
		state  State
		damage string // a part of it
		err    error
	}{
		{"an empty file was cut off", nil, Crashed, "nothing was measured", nil},
		{"a journal without frames lacks the first and the last", []byte(magicLine), Crashed, "its first frame is missing", nil},
		{"a flipped bit ends the journal there", flipped, Crashed, "its checksum does not match", nil},
		{"a length that cannot be is not believed", append([]byte(magicLine), 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0), Crashed, "claims 4294967295 bytes", nil},
		{"bytes after the last frame are said", append([]byte(string(whole)), 1, 2, 3), Complete, "cut off in the header of frame 6", nil},
		{"a frame after the last one is left out", framed(`{"begin":{}}`, `{"end":{"state":"complete"}}`, `{"interval":{}}`), Complete, "frame 3 is left out: it follows the last one", nil},
		{"a second beginning is left out", framed(`{"begin":{}}`, `{"begin":{}}`), Crashed, "frame 2 is left out: the trial begins anew", nil},
		{"an unknown kind of frame is left out", framed(`{"begin":{}}`, `{"note":{}}`), Crashed, "does not know its kind", nil},
		{"a frame that is no JSON is left out", framed(`{"begin":{}}`, `{"interval":`, `{"end":{"state":"interrupted"}}`), Interrupted, "frame 2 is left out", nil},
		{"an unknown state is incomplete", framed(`{"begin":{}}`, `{"end":{"state":"splendid"}}`), Incomplete, `unknown state "splendid"`, nil},
		{"another file is foreign", []byte("PK\x03\x04 something else altogether\n and more of it"), "", "", ErrForeign},
		{"a long line without an end is foreign", []byte(strings.Repeat("x", 1000)), "", "", ErrForeign},
		{"another kind of file of kaliper's is foreign", []byte("kaliper.summary/1\n"), "", "", ErrForeign},
		{"a newer journal asks for a newer kaliper", []byte("kaliper.journal/2\n"), "", "", ErrNewerSchema},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), JournalName)
			if err := os.WriteFile(path, test.data, 0o644); err != nil {
				t.Fatal(err)
			}
			trial, err := ReadJournal(path)
			if !errors.Is(err, test.err) || err != nil && !strings.Contains(err.Error(), path) {
				t.Fatalf("error %v, want %v with the path", err, test.err)
			}
			if trial.State != test.state || !strings.Contains(trial.Damage, test.damage) {
				t.Errorf("state %q, damage %q; want %q, %q", trial.State, trial.Damage, test.state, test.damage)
			}
		})
	}
}

func TestJournalIsNeverOverwritten(t *testing.T) {
	directory := t.TempDir()
	w, err := CreateJournal(directory)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if _, err := CreateJournal(directory); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second journal in the same place: %v, want %v", err, fs.ErrExist)
	}
}

// fullDisk is a file in a file system with room for so many more bytes.
type fullDisk struct {
	*os.File
	room     int
	truncate error
}

func (f *fullDisk) Write(data []byte) (int, error) {
	n, err := f.File.Write(data[:min(len(data), f.room)])
	f.room -= n
	if err == nil && n < len(data) {
		err = &fs.PathError{Op: "write", Path: f.Name(), Err: syscall.ENOSPC}
	}
	return n, err
}

func (f *fullDisk) Truncate(size int64) error {
	if f.truncate != nil {
		return f.truncate
	}
	return f.File.Truncate(size)
}

func TestJournalOnAFullDisk(t *testing.T) {
	open := func(t *testing.T, room int) (*Writer, *fullDisk) {
		w, err := CreateJournal(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { w.Close() })
		if _, err := w.Begin(Begin{Case: "c0ffee00"}); err != nil {
			t.Fatal(err)
		}
		disk := &fullDisk{File: w.file.(*os.File), room: room}
		w.file = disk
		return w, disk
	}

	t.Run("what was written stays readable and the next frame may find room", func(t *testing.T) {
		w, disk := open(t, 20)
		_, err := w.Interval(Interval{Start: 1})
		if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "make room") {
			t.Fatalf("error %v, want %v and what to do", err, syscall.ENOSPC)
		}
		disk.room = 1 << 20
		if _, err := w.End(End{State: Incomplete, Error: err.Error()}); err != nil {
			t.Fatal(err)
		}
		trial, err := ReadJournal(w.path)
		if err != nil || trial.State != Incomplete || trial.Damage != "" || len(trial.Intervals) != 0 {
			t.Errorf("trial %+v, error %v; want an undamaged one without the interval", trial, err)
		}
	})

	t.Run("nothing follows half a frame that cannot be cut away", func(t *testing.T) {
		w, disk := open(t, 20)
		disk.truncate = errors.New("no")
		if _, err := w.Interval(Interval{Start: 1}); err == nil {
			t.Fatal("no error")
		}
		disk.room = 1 << 20
		if _, err := w.End(End{State: Complete}); err == nil {
			t.Error("a frame was written behind half a frame")
		}
		trial, err := ReadJournal(w.path)
		if err != nil || trial.State != Crashed || trial.Begin.Case != "c0ffee00" {
			t.Errorf("trial %+v, error %v; want what was written before", trial, err)
		}
	})
}

// A figure that JSON cannot hold is an error of that frame alone.
func TestJournalRefusesWhatJSONCannotHold(t *testing.T) {
	w, err := CreateJournal(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	zero := 0.0
	if _, err := w.Interval(Interval{Start: 1 / zero}); err == nil {
		t.Error("an infinite start was written")
	}
	if _, err := w.Begin(Begin{Case: "c0ffee00"}); err != nil {
		t.Errorf("the next frame: %v", err)
	}
}

func TestCutHistogramsLeavesEverythingElse(t *testing.T) {
	tests := []struct{ name, payload, want string }{
		{"every histogram goes", `{"a":{"max":1,"hdr":"QUJD"},"b":{"max":2,"hdr":"QQ=="},"c":3}`, `{"a":{"max":1},"b":{"max":2},"c":3}`},
		{"a payload without any stays", `{"a":{"max":1}}`, `{"a":{"max":1}}`},
		{"text that looks like one stays", `{"text":"x,\"hdr\":\"y\""}`, `{"text":"x,\"hdr\":\"y\""}`},
		{"half a histogram stays, for the parser to refuse", `{"a":{"max":1,"hdr":"QUJD`, `{"a":{"max":1,"hdr":"QUJD`},
		{"nothing stays nothing", ``, ``},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := string(cutHistograms([]byte(test.payload))); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func FuzzReadJournal(f *testing.F) {
	whole, err := os.ReadFile(writeJournal(f, f.TempDir(), TrialRef{Case: "c0ffee00", Trial: 1, Round: 1}, true))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add([]byte(magicLine))
	f.Add([]byte("kaliper.journal/2\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		trial, err := readJournal(bytes.NewReader(data), allHistograms)
		if err != nil {
			if !errors.Is(err, ErrForeign) && !errors.Is(err, ErrNewerSchema) {
				t.Errorf("error %v is of no known kind", err)
			}
			return
		}
		if (trial.End == nil) != (trial.State == Crashed) || trial.End == nil && trial.Damage == "" {
			t.Errorf("state %s, damage %q, end %v", trial.State, trial.Damage, trial.End)
		}
		// What prune makes of a whole journal must read as the same trial.
		small, err := withoutHistograms(bytes.NewReader(data))
		if err != nil {
			return
		}
		pruned, err := readJournal(bytes.NewReader(small), allHistograms)
		if err != nil || pruned.State != trial.State || len(pruned.Intervals) != len(trial.Intervals) {
			t.Errorf("pruned: state %s with %d intervals, %v; was %s with %d", pruned.State, len(pruned.Intervals), err, trial.State, len(trial.Intervals))
		}
	})
}
