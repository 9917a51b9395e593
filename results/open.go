package results

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
)

// Run is all of a run's directory, as far as it can be read.
type Run struct {
	Dir string
	// Manifest is manifest.json, but for its State: that is what was found, which may be less
	// than what the file claims. Where the file is missing or damaged it holds what the
	// journals tell.
	Manifest Manifest
	// Summary is left empty: internal/analysis derives it from the journals.
	Summary Summary
	// Trials are those that have a journal, in the manifest's order. The histograms of single
	// intervals are dropped (their figures stay) where an end frame has the merged ones; a
	// reader who wants them calls ReadJournal.
	// Of several attempts at a trial it is the one that stands for it.
	Trials []Trial
	// Superseded are the other attempts.
	Superseded []Trial
	// Missing are the planned trials that have no journal.
	Missing []TrialRef
	// Pooled says of how many runs this was made, by internal/analysis; 0 for a run as it was.
	Pooled int
	// Damage says in words what else is lacking; empty when nothing is.
	Damage []string
}

// OpenRun reads a run's manifest and all of its journals. A run that was cut off anywhere
// opens, and State, Missing, Damage and each trial's Damage say what it lacks. An error means
// that there is nothing to read, or that a newer kaliper wrote it (ErrNewerSchema).
func OpenRun(directory string) (*Run, error) {
	run := &Run{Dir: directory}
	found, err := findTrials(directory)
	if err != nil {
		return nil, fmt.Errorf("open run %s: %w", directory, err)
	}
	run.Manifest, err = ReadManifest(directory)
	rebuild := err != nil
	if rebuild {
		if errors.Is(err, ErrNewerSchema) || len(found) == 0 {
			return nil, fmt.Errorf("open run %s: %w", directory, err)
		}
		reason := err.Error()
		if errors.Is(err, fs.ErrNotExist) {
			reason = "manifest.json is missing"
		}
		run.Damage = append(run.Damage, reason+": what the journals tell stands in for it; the scenario, the varied settings and the expectations are not known")
		run.Manifest.Order = found
	}
	if err := run.readTrials(found); err != nil {
		return nil, fmt.Errorf("open run %s: %w", directory, err)
	}
	if rebuild {
		run.rebuildManifest()
	}
	run.supersede()
	run.settleState(rebuild)
	return run, nil
}

// findTrials lists the trials that have a journal, by case and number.
func findTrials(directory string) ([]TrialRef, error) {
	paths, err := fs.Glob(os.DirFS(directory), path.Join(trialsName, "*", "*", JournalName))
	if err != nil {
		return nil, err
	}
	var refs []TrialRef
	for _, journal := range paths {
		trial := path.Dir(journal)
		number, attempt, ok := parseNumber(path.Base(trial))
		if !ok {
			continue // a copy that somebody laid beside
		}
		refs = append(refs, TrialRef{Case: path.Base(path.Dir(trial)), Trial: number, Attempt: attempt})
	}
	slices.SortFunc(refs, func(a, b TrialRef) int {
		return cmp.Or(cmp.Compare(a.Case, b.Case), cmp.Compare(a.Trial, b.Trial), cmp.Compare(a.Attempt, b.Attempt))
	})
	return refs, nil
}

// readTrials reads the journals of the manifest's order, and after them those that it does
// not name.
func (r *Run) readTrials(found []TrialRef) error {
	refs := slices.Clone(r.Manifest.Order)
	for _, ref := range found {
		if !slices.ContainsFunc(refs, func(planned TrialRef) bool { return sameTrial(planned, ref) && planned.Attempt == ref.Attempt }) {
			r.Damage = append(r.Damage, fmt.Sprintf("trial %s is there and was not planned", ref))
			refs = append(refs, ref)
		}
	}
	trials := make([]Trial, len(refs))
	errs := make([]error, len(refs))
	inParallel(len(refs), func(i int) {
		trials[i], errs[i] = readTrial(r.Dir, refs[i])
	})
	for i, ref := range refs {
		switch {
		case errors.Is(errs[i], ErrNewerSchema):
			return errs[i]
		case errors.Is(errs[i], fs.ErrNotExist):
			r.Missing = append(r.Missing, ref)
		case errs[i] != nil:
			r.Missing = append(r.Missing, ref)
			r.Damage = append(r.Damage, errs[i].Error())
		default:
			r.Trials = append(r.Trials, trials[i])
		}
	}
	return nil
}

func readTrial(directory string, ref TrialRef) (Trial, error) {
	journal := filepath.Join(trialsName, ref.Case, ref.Number(), JournalName)
	if ref.Case == "" || !filepath.IsLocal(journal) {
		return Trial{}, fmt.Errorf("read journal: %q is no name of a case", ref.Case)
	}
	trial, err := readJournalFile(filepath.Join(directory, journal), mergedHistograms)
	if err == nil && trial.End == nil { // killed: its intervals are all there is
		trial, err = ReadJournal(filepath.Join(directory, journal))
	}
	if err != nil {
		return Trial{}, err
	}
	begin := &trial.Begin
	if begin.Schema != "" && (!sameTrial(begin.Ref(), ref) || begin.Attempt != ref.Attempt) {
		found := begin.Ref()
		return Trial{}, fmt.Errorf("read journal %s: it is that of trial %s: move it to where it belongs", filepath.Join(directory, journal), found)
	}
	if begin.Schema == "" { // cut off in its first frame: its place still tells its name
		begin.Case, begin.Trial, begin.Round, begin.Attempt = ref.Case, ref.Trial, ref.Round, ref.Attempt
	}
	return trial, nil
}

// rebuildManifest fills in what the journals' first frames tell.
func (r *Run) rebuildManifest() {
	m := &r.Manifest
	*m = Manifest{Schema: ManifestSchema, ID: filepath.Base(r.Dir), State: Incomplete}
	if absolute, err := filepath.Abs(r.Dir); err == nil {
		m.ID = filepath.Base(absolute)
	}
	for _, trial := range r.Trials {
		begin := trial.Begin
		m.Order = append(m.Order, begin.Ref())
		if !slices.ContainsFunc(m.Cases, func(c CaseInfo) bool { return c.ID == begin.Case }) {
			m.Cases = append(m.Cases, CaseInfo{ID: begin.Case})
		}
		m.Repeats = max(m.Repeats, begin.Trial)
		m.Simulated = m.Simulated || begin.Simulated
		if begin.Run != "" {
			m.ID = begin.Run
		}
		if !begin.Started.IsZero() && (m.Started.IsZero() || begin.Started.Before(m.Started)) {
			m.Started = begin.Started
		}
	}
	m.Name = m.ID
	slices.SortStableFunc(r.Trials, func(a, b Trial) int { return a.Begin.Started.Compare(b.Begin.Started) })
	slices.SortStableFunc(m.Order, func(a, b TrialRef) int { return cmp.Compare(a.Round, b.Round) })
}

// settleState makes the run's state what was found. A run that was not ended has crashed, as
// far as a reader can tell; one that claims to be complete and is not, is incomplete.
func (r *Run) settleState(rebuilt bool) {
	m := &r.Manifest
	whole := len(r.Missing) == 0 && len(r.Damage) == 0
	for _, trial := range r.Trials {
		whole = whole && trial.State == Complete && trial.Damage == ""
	}
	switch {
	case !m.State.known():
		r.Damage = append(r.Damage, fmt.Sprintf("manifest.json has the unknown state %q", m.State))
		m.State = Incomplete
	case rebuilt:
	case m.Ended.IsZero() && m.State != Interrupted:
		r.Damage = append(r.Damage, "the run was not ended: it was killed or still runs")
		m.State = Crashed
	case m.State == Complete && !whole:
		m.State = Incomplete
	}
}

// inParallel calls work(0) ... work(n-1) on as many goroutines as there are processors.
func inParallel(n int, work func(i int)) {
	var group sync.WaitGroup
	next := make(chan int)
	for range min(n, runtime.GOMAXPROCS(0)) {
		group.Go(func() {
			for i := range next {
				work(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	group.Wait()
}
