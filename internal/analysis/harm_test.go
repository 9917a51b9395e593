package analysis

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"kaliper/results"
)

// harming is a run of cases in which metrics of integrity have these values, one a round. The
// first case is the cheapest by far, the second the next, and so on.
func harming(cases ...map[string][]float64) results.Summary {
	var summary results.Summary
	for i, metrics := range cases {
		c := results.SummaryCase{ID: fmt.Sprint(i)}
		rounds := 1
		for _, values := range metrics {
			rounds = max(rounds, len(values))
		}
		for round := range rounds {
			trial := results.SummaryTrial{Round: round + 1, State: results.Complete, Outcome: results.Sustained, Metrics: map[string]results.TrialValue{
				"cpu.seconds_per_record": {Unit: "s/record", Value: results.Number(1e-6 * float64(i+1))},
			}}
			for name, values := range metrics {
				trial.Metrics[name] = results.TrialValue{Unit: "records", Value: results.Number(values[round])}
			}
			c.Trials = append(c.Trials, trial)
		}
		c.Metrics = overTrials(c.Trials)
		summary.Cases = append(summary.Cases, c)
	}
	return summary
}

// in is a metric of integrity with its values.
func in(name string, values ...float64) map[string][]float64 {
	return map[string][]float64{name: values}
}

func TestACaseThatDoesHarmWhichAnotherDoesNotIsNotTheBest(t *testing.T) {
	unknown := math.NaN()
	for _, test := range []struct {
		name  string
		cases []map[string][]float64
		harms []Harm
		best  int
	}{
		{"nothing is twice anywhere", []map[string][]float64{in("processed_twice", 0, 0, 0, 0, 0, 0), in("processed_twice", 0, 0, 0, 0, 0, 0)}, nil, 0},
		{"twice in one case alone", []map[string][]float64{in("processed_twice", 900, 950, 800, 990, 910, 1000), in("processed_twice", 0, 0, 0, 0, 0, 0)},
			[]Harm{{0, "processed_twice", 1}}, 1},
		{"less of it is spared as well", []map[string][]float64{in("missed", 9, 8, 9, 9, 8, 9), in("missed", 1, 2, 1, 1, 2, 1)}, []Harm{{0, "missed", 1}}, 1},
		{"as much in every case", []map[string][]float64{in("processed_twice", 90, 95, 80, 99, 91, 100), in("processed_twice", 88, 94, 85, 97, 90, 99)}, nil, 0},
		{"the noise is as large", []map[string][]float64{in("reordered", 0, 5, 9, 3, 1, 7), in("reordered", 0, 0, 0, 0, 0, 0)}, nil, 0},
		{"one trial is no excuse", []map[string][]float64{in("lost", 3), in("lost", 0)}, []Harm{{0, "lost", 1}}, 1},
		{"delivered again is no harm", []map[string][]float64{in("redelivered", 900, 900, 900, 900, 900, 900), in("redelivered", 0, 0, 0, 0, 0, 0)}, nil, 0},
		{"what is not known accuses nobody", []map[string][]float64{in("lost", unknown, unknown), in("lost", 0, 0)}, nil, 0},
		{"every case does another harm", []map[string][]float64{
			{"lost": {5, 5, 5, 5, 5, 5}, "duplicated": {0, 0, 0, 0, 0, 0}}, {"lost": {0, 0, 0, 0, 0, 0}, "duplicated": {5, 5, 5, 5, 5, 5}},
		}, []Harm{{0, "lost", 1}, {1, "duplicated", 0}}, -1},
		{"the worst harm is told", []map[string][]float64{
			{"processed_twice": {5, 5, 5, 5, 5, 5}, "lost": {5, 5, 5, 5, 5, 5}}, {"processed_twice": {0, 0, 0, 0, 0, 0}, "lost": {0, 0, 0, 0, 0, 0}},
		}, []Harm{{0, "lost", 1}}, 1},
		{"the surest of equals is what others are held against", []map[string][]float64{
			in("torn", 4, 4, 4, 4, 4, 4), in("torn", 0, 0, 0, 0, 0, 8), in("torn", 0, 0, 0, 0, 0, 0),
		}, []Harm{{0, "torn", 2}}, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			summary := harming(test.cases...)
			if got := Harms(summary); !slices.Equal(got, test.harms) {
				t.Errorf("harms %+v, want %+v", got, test.harms)
			}
			if best := BestFor(summary, []string{"cpu.seconds_per_record"})[0]; best.Case != test.best {
				t.Errorf("the best is case %d, want %d: %+v", best.Case, test.best, best)
			}
		})
	}
}

// A case that loses nothing because it did nothing is no measure for the others.
func TestHarmIsHeldAgainstCasesThatCouldBeTheBest(t *testing.T) {
	summary := harming(in("reordered", 90, 91, 90, 90, 91, 90), in("reordered", 91, 90, 90, 91, 90, 90), in("reordered", 0, 0, 0, 0, 0, 0))
	summary.Run.Expectations = []results.ExpectationResult{{Case: "2", Verdict: NotMet}}
	if got := Harms(summary); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

// With exactly-once a pipeline does work again whose first output was aborted: no harm. A group
// that does it again has two effects.
func TestWhatAPipelineProcessedTwiceIsNoHarmByItself(t *testing.T) {
	cases := func(group string) results.Summary {
		often, never := map[string][]float64{"enrich.produced.records_per_second": {100, 100}}, map[string][]float64{}
		often["processed_twice"], never["processed_twice"] = []float64{900, 900}, []float64{0, 0}
		often[group+".processed_twice"], never[group+".processed_twice"] = []float64{900, 900}, []float64{0, 0}
		return harming(often, never)
	}
	if got := Harms(cases("enrich")); len(got) != 0 {
		t.Errorf("a pipeline: %+v", got)
	}
	if got := Harms(cases("audit")); !slices.Equal(got, []Harm{{0, "audit.processed_twice", 1}}) {
		t.Errorf("a group beside it: %+v", got)
	}
}
