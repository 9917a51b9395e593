package results

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Pruned is what Prune did.
type Pruned struct {
	Trials     int   // journals that were made smaller
	FreedBytes int64 // in all
	// Kept says in words which journals were left as they are, and why.
	Kept []string
}

// Prune makes a run's journals smaller: the histograms of single intervals go, most of what
// a journal holds; the figures of the series, all counts, and the trial's merged histograms
// stay, so that every table and plot but those of single seconds can still be made. Each
// journal is replaced as a whole. One that has no end frame or is damaged keeps everything:
// there the intervals are all there is.
func Prune(directory string) (Pruned, error) {
	var pruned Pruned
	refs, err := findTrials(directory)
	if err != nil {
		return pruned, fmt.Errorf("prune %s: %w", directory, err)
	}
	for _, ref := range refs {
		path := filepath.Join(TrialDirectory(directory, ref), JournalName)
		freed, err := pruneJournal(path)
		switch {
		case errors.Is(err, errNotWhole), errors.Is(err, ErrForeign), errors.Is(err, ErrNewerSchema):
			pruned.Kept = append(pruned.Kept, fmt.Sprintf("%s is kept: %v", path, err))
		case err != nil:
			return pruned, fmt.Errorf("prune %s: %w", path, err)
		case freed > 0:
			pruned.Trials++
			pruned.FreedBytes += freed
		}
	}
	return pruned, nil
}

// errNotWhole says that a journal lacks something.
var errNotWhole = errors.New("it is not whole")

func pruneJournal(path string) (freed int64, err error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	before, err := file.Stat()
	if err != nil {
		return 0, err
	}
	small, err := withoutHistograms(file)
	if err != nil {
		return 0, err
	}
	freed = before.Size() - int64(len(small))
	if freed <= 0 {
		return 0, nil // was pruned before
	}
	if err := file.Close(); err != nil { // Windows replaces no open file
		return 0, err
	}
	return freed, ReplaceFile(path, small)
}

// withoutHistograms returns the journal without the histograms of its intervals. All other
// frames are copied as they are.
func withoutHistograms(r io.Reader) ([]byte, error) {
	frames, err := newFrameReader(r)
	if errors.Is(err, errCut) {
		return nil, fmt.Errorf("%w: %w", errNotWhole, err)
	}
	if err != nil {
		return nil, err
	}
	small := []byte(magicLine)
	ended := false
	for {
		payload, err := frames.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errNotWhole, err)
		}
		if bytes.HasPrefix(payload, []byte(intervalPrefix)) {
			payload = cutHistograms(payload)
		}
		var f frame
		if err := json.Unmarshal(payload, &f); err != nil {
			return nil, fmt.Errorf("%w: frame %d: %w", errNotWhole, frames.frames, err)
		}
		if small, err = appendFrame(small, payload); err != nil {
			return nil, err
		}
		ended = ended || f.End != nil
	}
	if !ended {
		return nil, fmt.Errorf("%w: its last frame is missing", errNotWhole)
	}
	return small, nil
}
