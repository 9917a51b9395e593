package experiment

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kaliper/internal/analysis"
	"kaliper/results"
	"kaliper/scenarios"
)

// laboratory is a run whose trials take ten seconds each and do what they are told.
type laboratory struct {
	options Options
	cancel  context.CancelFunc
	// behave decides what the n-th trial (from 1) does; nil: all are complete.
	behave func(n int) (results.State, error)

	executed []results.TrialRef
	starts   []time.Time
}

func newLaboratory(t *testing.T, repeats int) *laboratory {
	t.Helper()
	directory, err := results.CreateRun(t.TempDir(), "20261123T161200Z-demo-7f3a")
	if err != nil {
		t.Fatal(err)
	}
	return &laboratory{options: Options{
		Directory: directory,
		Manifest: results.Manifest{ID: "20261123T161200Z-demo-7f3a", Repeats: repeats, Seed: 1,
			Cases: []results.CaseInfo{{ID: "aaaaaaaa"}, {ID: "bbbbbbbb"}}},
		Cases: []scenarios.Case{{ID: "aaaaaaaa"}, {ID: "bbbbbbbb"}},
		Rest:  5 * time.Second,
	}}
}

// execute is what Run calls. A trial whose behaviour is an error with no state writes nothing.
func (l *laboratory) execute(ctx context.Context, c scenarios.Case, ref results.TrialRef, directory string) (results.Trial, error) {
	if c.ID != ref.Case {
		return results.Trial{}, errors.New("the case is not the trial's")
	}
	l.executed = append(l.executed, ref)
	l.starts = append(l.starts, time.Now())
	state, failure := results.Complete, error(nil)
	if l.behave != nil {
		state, failure = l.behave(len(l.executed))
	}
	if state == "" {
		return results.Trial{}, failure
	}
	select {
	case <-ctx.Done():
		state = results.Interrupted
	case <-time.After(10 * time.Second):
	}
	journal, err := results.CreateJournal(directory)
	if err != nil {
		return results.Trial{}, err
	}
	defer journal.Close()
	if _, err := journal.Begin(results.Begin{Case: ref.Case, Trial: ref.Trial, Round: ref.Round, Attempt: ref.Attempt, Started: time.Now()}); err != nil {
		return results.Trial{}, err
	}
	if _, err := journal.End(results.End{State: state}); err != nil {
		return results.Trial{}, err
	}
	return results.Trial{State: state}, failure
}

// run carries the run out and opens what it left.
func (l *laboratory) run(t *testing.T) (*results.Run, error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	l.cancel = cancel
	err := Run(ctx, l.options, l.execute)
	opened, openErr := results.OpenRun(l.options.Directory)
	if openErr != nil {
		t.Fatal(openErr)
	}
	return opened, err
}

func TestRun(t *testing.T) {
	refused := errors.New("refused")
	tests := []struct {
		name     string
		behave   func(l *laboratory) func(n int) (results.State, error)
		executed int
		state    results.State
		missing  int
		err      error
	}{
		{"all trials make a complete run", nil, 6, results.Complete, 0, nil},
		{"a trial that fails without a journal is recorded, and the others follow", func(*laboratory) func(int) (results.State, error) {
			return func(n int) (results.State, error) {
				if n == 2 {
					return "", refused
				}
				return results.Complete, nil
			}
		}, 6, results.Incomplete, 0, nil},
		{"a trial that is incomplete makes the run so", func(*laboratory) func(int) (results.State, error) {
			return func(n int) (results.State, error) {
				if n == 2 {
					return results.Incomplete, refused
				}
				return results.Complete, nil
			}
		}, 6, results.Incomplete, 0, nil},
		{"an error that no trial can escape stops the run", func(*laboratory) func(int) (results.State, error) {
			return func(n int) (results.State, error) {
				if n == 2 {
					return "", Stop(refused)
				}
				return results.Complete, nil
			}
		}, 2, results.Incomplete, 4, refused},
		{"an interruption within a trial ends the run after it", func(l *laboratory) func(int) (results.State, error) {
			return func(n int) (results.State, error) {
				if n == 3 {
					time.AfterFunc(3*time.Second, l.cancel)
				}
				return results.Complete, nil
			}
		}, 3, results.Interrupted, 3, nil},
		{"an interruption in a rest ends the run at once", func(l *laboratory) func(int) (results.State, error) {
			return func(n int) (results.State, error) {
				if n == 3 {
					time.AfterFunc(12*time.Second, l.cancel)
				}
				return results.Complete, nil
			}
		}, 3, results.Interrupted, 3, nil},
		{"an interruption after the last trial is too late to matter", func(l *laboratory) func(int) (results.State, error) {
			return func(n int) (results.State, error) {
				if n == 6 {
					time.AfterFunc(10*time.Second+1, l.cancel)
				}
				return results.Complete, nil
			}
		}, 6, results.Complete, 0, nil},
		{"an error because of an interruption is no failed trial", func(l *laboratory) func(int) (results.State, error) {
			return func(n int) (results.State, error) {
				if n == 3 {
					l.cancel()
					return "", context.Canceled
				}
				return results.Complete, nil
			}
		}, 3, results.Interrupted, 4, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLaboratory(t, 3)
				if test.behave != nil {
					l.behave = test.behave(l)
				}
				run, err := l.run(t)
				if !errors.Is(err, test.err) {
					t.Fatalf("error %v, want %v", err, test.err)
				}
				if len(l.executed) != test.executed || run.Manifest.State != test.state || len(run.Missing) != test.missing {
					t.Errorf("%d trials executed, state %s, missing %v; want %d, %s, %d", len(l.executed), run.Manifest.State, run.Missing, test.executed, test.state, test.missing)
				}
				if !slices.Equal(l.executed, run.Manifest.Order[:len(l.executed)]) || run.Manifest.Ended.IsZero() {
					t.Errorf("executed %v of %v, ended %v", l.executed, run.Manifest.Order, run.Manifest.Ended)
				}
			})
		})
	}
}

func TestRunRecordsWhyATrialFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLaboratory(t, 1)
		l.behave = func(n int) (results.State, error) {
			if n == 1 {
				return "", errors.New("leader of orders-3 not available")
			}
			return results.Complete, nil
		}
		run, err := l.run(t)
		if err != nil {
			t.Fatal(err)
		}
		failed := run.Trials[0]
		if failed.State != results.Incomplete || failed.End == nil || !strings.Contains(failed.End.Error, "leader of orders-3") || failed.Begin.Case != l.executed[0].Case {
			t.Errorf("the failed trial reads as %+v", failed)
		}
	})
}

func TestRunRestsBetweenTrialsOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLaboratory(t, 2)
		start := time.Now()
		if _, err := l.run(t); err != nil {
			t.Fatal(err)
		}
		for i, at := range l.starts {
			if want := time.Duration(i) * 15 * time.Second; at.Sub(start) != want {
				t.Errorf("trial %d starts after %v, want %v", i+1, at.Sub(start), want)
			}
		}
		if took := time.Since(start); took != 55*time.Second {
			t.Errorf("the run took %v, want 55s: no rest after the last trial", took)
		}
	})
}

// A run that is killed must not look complete.
func TestRunIsMarkedUnfinishedWhileItRuns(t *testing.T) {
	l := newLaboratory(t, 1)
	l.behave = func(n int) (results.State, error) {
		manifest, err := results.ReadManifest(l.options.Directory)
		if err != nil || manifest.State != results.Incomplete || !manifest.Ended.IsZero() || len(manifest.Order) != 2 {
			t.Errorf("during trial %d the manifest has state %s, end %v, %d trials (%v)", n, manifest.State, manifest.Ended, len(manifest.Order), err)
		}
		return "", errors.New("enough")
	}
	l.options.Rest = 0
	if _, err := l.run(t); err != nil {
		t.Fatal(err)
	}
}

func TestRunRefuses(t *testing.T) {
	t.Run("two cases with one id", func(t *testing.T) {
		l := newLaboratory(t, 1)
		l.options.Cases = append(l.options.Cases, l.options.Cases[0])
		if err := Run(t.Context(), l.options, l.execute); err == nil || len(l.executed) != 0 {
			t.Errorf("error %v after %d trials", err, len(l.executed))
		}
	})
	t.Run("a directory that is not there", func(t *testing.T) {
		l := newLaboratory(t, 1)
		if err := os.RemoveAll(l.options.Directory); err != nil {
			t.Fatal(err)
		}
		if err := Run(t.Context(), l.options, l.execute); !errors.Is(err, os.ErrNotExist) || len(l.executed) != 0 {
			t.Errorf("error %v after %d trials", err, len(l.executed))
		}
	})
}

func TestStopOfNothingIsNothing(t *testing.T) {
	if err := Stop(nil); err != nil {
		t.Errorf("got %v", err)
	}
}

func TestAnOrderThatGrowsIsRecordedBeforeEachTrial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLaboratory(t, 0)
		var told []string
		l.options.Next = func(ended *results.TrialRef) (results.TrialRef, bool, error) {
			if ended != nil {
				told = append(told, ended.String())
			}
			n := len(told) + 1
			return results.TrialRef{Case: "bbbbbbbb", Trial: n, Round: n}, n <= 3, nil
		}
		l.behave = func(n int) (results.State, error) {
			manifest, err := results.ReadManifest(l.options.Directory)
			if err != nil || len(manifest.Order) != n {
				t.Errorf("trial %d: the manifest plans %v, %v", n, manifest.Order, err)
			}
			return results.Complete, nil
		}
		run, err := l.run(t)
		if err != nil || run.Manifest.State != results.Complete || len(run.Trials) != 3 {
			t.Errorf("%v, %s, %d trials", err, run.Manifest.State, len(run.Trials))
		}
		if !slices.Equal(told, []string{"bbbbbbbb/1", "bbbbbbbb/2", "bbbbbbbb/3"}) {
			t.Errorf("told %v", told)
		}
	})
}

func TestAGatePlaysPairsInTheOrderOfTheCoin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLaboratory(t, 0)
		gating, err := analysis.NewGating(results.GatePlan{Pairs: 8, Metrics: []results.GateMargin{{Metric: "ack.p50", Tolerate: 0.05, Detect: 0.1}}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		heads, pairs := false, 0
		coin := func() bool { heads = !heads; return heads }
		l.options.Next = NewGate(l.options.Directory, "aaaaaaaa", "bbbbbbbb", gating, coin, func(results.Gate) { pairs++ }).Next
		run, err := l.run(t)
		if err != nil {
			t.Fatal(err)
		}
		// These trials have no figures, so that the first pair ends the gate.
		want := []results.TrialRef{{Case: "bbbbbbbb", Trial: 1, Round: 1}, {Case: "aaaaaaaa", Trial: 1, Round: 1}}
		if !slices.Equal(run.Manifest.Order, want) || pairs != 1 || gating.Result().Verdict != results.GateInconclusive {
			t.Errorf("order %v, %d pairs, %+v", run.Manifest.Order, pairs, gating.Result())
		}
	})
}
