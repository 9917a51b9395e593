package results

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// JournalName is the name of a trial's journal within its directory.
const JournalName = "journal"

// frame is the payload of a journal's frame: exactly one of its keys is there.
type frame struct {
	Begin    *Begin    `json:"begin,omitempty"`
	Interval *Interval `json:"interval,omitempty"`
	End      *End      `json:"end,omitempty"`
}

// intervalPrefix starts the payload of an interval as Writer makes it.
const intervalPrefix = `{"interval":`

// Writer appends to the journal of one trial. It is not safe for concurrent use.
type Writer struct {
	file journalFile
	path string
	size int64  // bytes of whole frames, the magic line included
	lost error  // set when the file's end is unknown, so that nothing more can be appended
	next []byte // the frame being written, reused
}

// journalFile is what a Writer needs of an *os.File opened for appending.
type journalFile interface {
	io.WriteCloser
	Sync() error
	Truncate(size int64) error
}

// CreateJournal creates the journal of a trial in its directory, which is made if needed
// (see TrialDirectory). A journal that exists is never overwritten.
func CreateJournal(directory string) (*Writer, error) {
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return nil, fmt.Errorf("create journal: %w", err)
	}
	path := filepath.Join(directory, JournalName)
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o644)
	if err != nil {
		return nil, fmt.Errorf("create journal: %w", err)
	}
	w := &Writer{file: file, path: path}
	err = w.append([]byte(magicLine))
	if err == nil {
		err = syncDirectory(directory)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return w, nil
}

// Begin writes the first frame. Like Interval and End it returns how long writing and syncing
// took, for the next interval's JournalDelaySeconds.
func (w *Writer) Begin(begin Begin) (time.Duration, error) {
	begin.Schema = JournalSchema
	return w.write(frame{Begin: &begin})
}

// Interval writes one interval.
func (w *Writer) Interval(interval Interval) (time.Duration, error) {
	return w.write(frame{Interval: &interval})
}

// End writes the last frame.
func (w *Writer) End(end End) (time.Duration, error) {
	return w.write(frame{End: &end})
}

// Close closes the file. Whatever was written stays.
func (w *Writer) Close() error {
	if err := w.file.Close(); err != nil {
		return fmt.Errorf("close journal %s: %w", w.path, err)
	}
	return nil
}

func (w *Writer) write(f frame) (time.Duration, error) {
	payload, err := json.Marshal(f)
	if err == nil {
		w.next, err = appendFrame(w.next[:0], payload)
	}
	if err != nil {
		return 0, fmt.Errorf("write journal %s: %w", w.path, err)
	}
	start := time.Now()
	err = w.append(w.next)
	return time.Since(start), err
}

// append writes and syncs bytes. Where that fails it cuts the file back to the last whole
// frame: the journal stays readable, and the next frame may find room again.
func (w *Writer) append(data []byte) error {
	if w.lost != nil {
		return w.lost
	}
	_, err := w.file.Write(data)
	if err == nil {
		err = w.file.Sync()
	}
	if err == nil {
		w.size += int64(len(data))
		return nil
	}
	if errors.Is(err, syscall.ENOSPC) {
		err = fmt.Errorf("write journal %s: %w: make room in its file system; what was measured until here stays readable", w.path, err)
	} else {
		err = fmt.Errorf("write journal %s: %w; what was measured until here stays readable", w.path, err)
	}
	if cutErr := w.file.Truncate(w.size); cutErr != nil {
		w.lost = fmt.Errorf("write journal %s: nothing can follow a frame that is half written: %w", w.path, cutErr)
	}
	return err
}

// ReadJournal reads a trial's journal. A journal that was cut off at any byte opens, and
// Damage says what it lacks; so does one with a damaged frame, up to that frame. An error
// means that there is nothing to read: no such file, no journal (ErrForeign), or one of a
// newer kaliper (ErrNewerSchema).
func ReadJournal(path string) (Trial, error) { return readJournalFile(path, allHistograms) }

// histograms says which histograms of a journal are wanted.
type histograms int

const (
	allHistograms    histograms = iota
	mergedHistograms            // those of the end frame alone
)

func readJournalFile(path string, wanted histograms) (Trial, error) {
	file, err := os.Open(path)
	if err != nil {
		return Trial{}, fmt.Errorf("read journal: %w", err)
	}
	defer file.Close()
	trial, err := readJournal(file, wanted)
	if err != nil {
		return Trial{}, fmt.Errorf("read journal %s: %w", path, err)
	}
	return trial, nil
}

func readJournal(r io.Reader, wanted histograms) (Trial, error) {
	trial := Trial{State: Crashed}
	damage := &damageList{}
	frames, err := newFrameReader(r)
	if errors.Is(err, errCut) {
		trial.Damage = fmt.Sprintf("the journal is %v: nothing was measured", err)
		return trial, nil
	}
	if err != nil {
		return Trial{}, err
	}
	for {
		payload, err := frames.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			damage.addf("the journal is damaged: %v", err)
			break
		}
		if wanted == mergedHistograms && bytes.HasPrefix(payload, []byte(intervalPrefix)) {
			payload = cutHistograms(payload)
		}
		trial.add(payload, frames.frames, damage)
	}
	if trial.Begin.Schema == "" {
		damage.addf("its first frame is missing: what the trial was is not known")
	}
	if trial.End == nil {
		damage.addf("its last frame is missing: the trial was killed or still runs; %d intervals of it are there", len(trial.Intervals))
	}
	trial.Damage = damage.String()
	return trial, nil
}

// add takes one frame into the trial. Frames that do not belong where they are, or that this
// version does not know, are left out and said.
func (t *Trial) add(payload []byte, number int, damage *damageList) {
	var f frame
	if err := json.Unmarshal(payload, &f); err != nil {
		damage.addf("frame %d is left out: %v", number, err)
		return
	}
	switch {
	case t.End != nil:
		damage.addf("frame %d is left out: it follows the last one", number)
	case f.Begin != nil && number == 1:
		t.Begin = *f.Begin
		if t.Begin.Schema == "" {
			t.Begin.Schema = JournalSchema
		}
	case f.Begin != nil:
		damage.addf("frame %d is left out: the trial begins anew in it", number)
	case f.Interval != nil:
		t.Intervals = append(t.Intervals, *f.Interval)
	case f.End != nil:
		t.End = f.End
		t.State = f.End.State
		if !t.State.known() || t.State == Crashed {
			damage.addf("its last frame has the unknown state %q", t.State)
			t.State = Incomplete
		}
	default:
		damage.addf("frame %d is left out: this kaliper does not know its kind", number)
	}
}

func (s State) known() bool {
	switch s {
	case Complete, Incomplete, Interrupted, Crashed:
		return true
	}
	return false
}
