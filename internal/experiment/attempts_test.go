package experiment

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"kaliper/results"
)

func names(refs []results.TrialRef) []string {
	var all []string
	for _, ref := range refs {
		all = append(all, ref.String())
	}
	return all
}

func trialNames(trials []results.Trial) []string {
	var all []string
	for _, trial := range trials {
		all = append(all, trial.Begin.Ref().String())
	}
	return all
}

func TestASpoiledTrialIsMadeOnceMoreAtOnceAndTheSecondAttemptCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLaboratory(t, 2)
		planned := names(Plan([]string{"aaaaaaaa", "bbbbbbbb"}, 2, 1))
		l.options.Again = func(trial results.Trial) bool { // the second trial, and its repetition too
			return strings.HasPrefix(trial.Begin.Ref().String(), planned[1])
		}
		run, err := l.run(t)
		if err != nil {
			t.Fatal(err)
		}
		want := slices.Insert(slices.Clone(planned), 2, planned[1]+"-2")
		if got := names(l.executed); !slices.Equal(got, want) || !slices.Equal(names(run.Manifest.Order), want) {
			t.Errorf("executed %v, order %v; want %v", got, names(run.Manifest.Order), want)
		}
		if again := l.executed[2]; again.Trial != l.executed[1].Trial || again.Round != l.executed[1].Round {
			t.Errorf("%+v repeats %+v", again, l.executed[1])
		}
		if got := trialNames(run.Superseded); !slices.Equal(got, planned[1:2]) || len(run.Trials) != 4 || run.Manifest.State != results.Complete {
			t.Errorf("%v are superseded by %v, state %s", got, trialNames(run.Trials), run.Manifest.State)
		}
	})
}

// resumed runs a laboratory that is cut off by cut, and again.
func resumed(t *testing.T, l *laboratory, cut func(n int) (results.State, error)) *results.Run {
	t.Helper()
	l.behave = cut
	before, err := l.run(t)
	if err != nil {
		t.Fatal(err)
	}
	l.behave, l.options.Resume, l.options.Manifest = nil, true, before.Manifest
	l.executed = nil
	after, err := l.run(t)
	if err != nil {
		t.Fatal(err)
	}
	if !after.Manifest.Started.Equal(before.Manifest.Started) || len(after.Manifest.Resumed) != 1 {
		t.Errorf("started %v, resumed %v", after.Manifest.Started, after.Manifest.Resumed)
	}
	return after
}

func TestAResumedRunMakesWhatIsLackingInTheOldOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLaboratory(t, 3)
		planned := names(Plan([]string{"aaaaaaaa", "bbbbbbbb"}, 3, 1))
		run := resumed(t, l, func(n int) (results.State, error) {
			switch n {
			case 2: // fails, and the next one follows
				return results.Incomplete, nil
			case 4:
				time.AfterFunc(3*time.Second, l.cancel)
			}
			return results.Complete, nil
		})
		if got, want := names(l.executed), []string{planned[1] + "-2", planned[3] + "-2", planned[4], planned[5]}; !slices.Equal(got, want) {
			t.Errorf("executed %v, want %v", got, want)
		}
		want := slices.Insert(slices.Insert(slices.Clone(planned), 4, planned[3]+"-2"), 2, planned[1]+"-2")
		if got := names(run.Manifest.Order); !slices.Equal(got, want) || run.Manifest.State != results.Complete || len(run.Trials) != 6 || len(run.Superseded) != 2 {
			t.Errorf("order %v, want %v; state %s, %d trials, %d superseded", got, want, run.Manifest.State, len(run.Trials), len(run.Superseded))
		}
	})
}

func TestARunThatWasCutOffWhileRepeatingATrialRepeatsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLaboratory(t, 1)
		first := Plan([]string{"aaaaaaaa", "bbbbbbbb"}, 1, 1)[0].String()
		l.options.Again = func(trial results.Trial) bool { return trial.Begin.Ref().String() == first }
		run := resumed(t, l, func(n int) (results.State, error) {
			if n == 2 {
				l.cancel()
				return "", context.Canceled
			}
			return results.Complete, nil
		})
		if got := names(l.executed); len(got) != 2 || got[0] != first+"-2" {
			t.Errorf("executed %v", got)
		}
		if run.Manifest.State != results.Complete || len(run.Superseded) != 1 {
			t.Errorf("state %s, superseded %v", run.Manifest.State, trialNames(run.Superseded))
		}
	})
}

func TestAnOrderThatGrowsIsGoneThroughAgainWhenResumed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLaboratory(t, 0)
		grow := func() func(*results.TrialRef) (results.TrialRef, bool, error) {
			n := 0
			return func(ended *results.TrialRef) (results.TrialRef, bool, error) {
				if ended != nil && ended.Trial != n {
					t.Errorf("told of %v after trial %d", ended, n)
				}
				n++
				return results.TrialRef{Case: "bbbbbbbb", Trial: n, Round: n}, n <= 4, nil
			}
		}
		next := grow()
		l.options.Next = func(ended *results.TrialRef) (results.TrialRef, bool, error) {
			if l.options.Resume && ended == nil {
				next = grow()
			}
			return next(ended)
		}
		run := resumed(t, l, func(n int) (results.State, error) {
			if n == 3 {
				time.AfterFunc(3*time.Second, l.cancel)
			}
			return results.Complete, nil
		})
		if got := names(l.executed); !slices.Equal(got, []string{"bbbbbbbb/3-2", "bbbbbbbb/4"}) || run.Manifest.State != results.Complete {
			t.Errorf("executed %v, state %s", got, run.Manifest.State)
		}
	})
}

func TestABudgetEndsTheRunAfterAWholeRound(t *testing.T) {
	tests := []struct {
		name   string
		budget time.Duration
		rounds int
	}{
		// A round takes two trials of 10 s with a rest of 5 s before each but the first.
		{"as many as fit", 85 * time.Second, 3},
		{"not one more than fits", 84 * time.Second, 2},
		{"all that were planned", time.Hour, 6},
		{"at least the one that was begun", time.Second, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLaboratory(t, 6)
				l.options.Budget = test.budget
				run, err := l.run(t)
				if err != nil {
					t.Fatal(err)
				}
				m := run.Manifest
				if len(l.executed) != 2*test.rounds || m.Repeats != test.rounds || len(m.Order) != 2*test.rounds || m.State != results.Complete {
					t.Errorf("%d trials executed, repeats %d, %d in order, state %s", len(l.executed), m.Repeats, len(m.Order), m.State)
				}
				if noted := len(m.Notes) == 1; noted != (test.rounds < 6) {
					t.Errorf("notes %q", m.Notes)
				}
			})
		})
	}
}
