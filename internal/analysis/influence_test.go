package analysis

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"kaliper/results"
)

// factorial is a run of codec x linger in rounds, whose truth is known: linger 10 multiplies ack
// p99 by 1.5, zstd takes 30% of CPU more, and lz4 at linger 10 alone saves 20% of it. Every round
// drifts, and every trial has noise.
func factorial(rounds int, noise float64, seed uint64) []results.SummaryCase {
	random := rand.New(rand.NewPCG(seed, 3))
	var cases []results.SummaryCase
	drift := make([]float64, rounds)
	for i := range drift {
		drift[i] = math.Exp(0.2 * random.NormFloat64())
	}
	for _, codec := range []string{"none", "lz4", "zstd"} {
		for _, linger := range []string{"0", "10"} {
			c := results.SummaryCase{ID: codec + linger, Metrics: map[string]results.MetricValue{}, Settings: []results.Setting{
				{Label: "codec", Path: "producers.*.config.compression.type", Value: codec},
				{Label: "linger", Path: "producers.*.config.linger.ms", Value: linger},
			}}
			p99, cpu := 10e-3, 5e-6
			if linger == "10" {
				p99 *= 1.5
				if codec == "lz4" {
					cpu *= 0.8
				}
			}
			if codec == "zstd" {
				cpu *= 1.3
			}
			for round := range rounds {
				jitter := func() results.Number { return results.Number(drift[round] * math.Exp(noise*random.NormFloat64())) }
				c.Trials = append(c.Trials, results.SummaryTrial{
					ID: fmt.Sprint(c.ID, "/", round+1), Round: round + 1, State: results.Complete, Outcome: results.Sustained,
					Metrics: map[string]results.TrialValue{
						"ack.p99":                {Unit: "s", Value: results.Number(p99) * jitter()},
						"cpu.seconds_per_record": {Unit: "s/record", Value: results.Number(cpu) * jitter()},
					},
				})
			}
			c.Metrics = overTrials(c.Trials)
			cases = append(cases, c)
		}
	}
	return cases
}

func influence(t *testing.T, all []Influence, metric, to, otherTo string) Influence {
	t.Helper()
	at := slices.IndexFunc(all, func(i Influence) bool { return i.Metric == metric && i.To == to && i.OtherTo == otherTo })
	if at < 0 {
		t.Fatalf("no influence of %s, %s on %s", to, otherTo, metric)
	}
	return all[at]
}

func TestInfluencesFindWhatWasPlantedAndNothingElse(t *testing.T) {
	all := Influences(factorial(8, 0.02, 1), []string{"ack.p99", "cpu.seconds_per_record"})
	if len(all) != 2*(2+1+2) {
		t.Fatalf("%d influences", len(all))
	}
	for _, test := range []struct {
		metric, to, otherTo string
		ratio               float64
		change              Change
	}{
		{"ack.p99", "10", "", 1.5, Worse},
		{"ack.p99", "lz4", "", 1, NoChange},
		{"ack.p99", "zstd", "", 1, NoChange},
		{"ack.p99", "lz4", "10", 1, NoChange},
		{"cpu.seconds_per_record", "zstd", "", 1.3, Worse},
		{"cpu.seconds_per_record", "lz4", "10", 0.8, Different},
		{"cpu.seconds_per_record", "zstd", "10", 1, NoChange},
	} {
		i := influence(t, all, test.metric, test.to, test.otherTo)
		if i.Change != test.change || i.Interval.Excludes(test.ratio) || i.Rounds != 8 {
			t.Errorf("%s at %s %s: %+v, want about %v, %s", test.metric, test.to, test.otherTo, i, test.ratio, test.change)
		}
	}
}

// A wrong claim anywhere in a report without any effect is to be rarer than 5%.
func TestInfluencesOfNothingAreSeldomClaimed(t *testing.T) {
	wrong := 0
	const studies = 400
	for seed := range uint64(studies) {
		cases := factorial(6, 0.05, seed)
		if slices.ContainsFunc(Influences(shuffled(cases, seed), []string{"ack.p99", "cpu.seconds_per_record"}), Influence.Clear) {
			wrong++
		}
	}
	if share := float64(wrong) / studies; share > 0.07 { // three standard errors of 5% are 3.3 points
		t.Errorf("%.1f%% of the studies without an effect claim one", 100*share)
	}
}

// shuffled gives every case the trials of the first with noise of its own: no setting matters.
func shuffled(cases []results.SummaryCase, seed uint64) []results.SummaryCase {
	random := rand.New(rand.NewPCG(seed, 4))
	for i := range cases {
		for k, trial := range cases[0].Trials {
			metrics := map[string]results.TrialValue{}
			// In one order, so that a seed always gives the same study.
			for _, name := range slices.Sorted(maps.Keys(trial.Metrics)) {
				v := trial.Metrics[name]
				metrics[name] = results.TrialValue{Unit: v.Unit, Value: v.Value * results.Number(math.Exp(0.05*random.NormFloat64()))}
			}
			cases[i].Trials[k].Metrics = metrics
		}
	}
	return cases
}

func TestOneTrialPerCaseTellsNothing(t *testing.T) {
	for _, i := range Influences(factorial(1, 0.02, 2), []string{"ack.p99"}) {
		if i.Change != NotKnown || i.HasInterval || !math.IsInf(i.Detectable, 1) {
			t.Errorf("%+v", i)
		}
	}
	summary := results.Summary{Cases: factorial(1, 0.02, 2)}
	best := BestFor(summary, []string{"ack.p99"})[0]
	if best.Known || len(best.Ties) != 5 {
		t.Errorf("%+v", best)
	}
}

func TestSettingsThatGoTogetherAreOneDimension(t *testing.T) {
	cases := factorial(2, 0.02, 3)
	for i := range cases {
		batch := map[string]string{"0": "16384", "10": "131072"}[cases[i].Settings[1].Value]
		cases[i].Settings = append(cases[i].Settings, results.Setting{Label: "batch", Path: "producers.*.config.batch.size", Value: batch})
	}
	dimensions := Dimensions(cases)
	if len(dimensions) != 2 || dimensions[1].Name != "linger and batch" || dimensions[1].Levels[1] != "10, 131072" || len(dimensions[1].Paths) != 2 {
		t.Errorf("%+v", dimensions)
	}
}

func TestPairsThatTheMatrixExcludesAreLeftOut(t *testing.T) {
	cases := factorial(6, 0.02, 4)
	i := influence(t, Influences(cases[:5], []string{"ack.p99"}), "ack.p99", "10", "") // without zstd at 10
	if i.Contrast != 2 || i.Change != Worse {
		t.Errorf("%+v", i)
	}
}

func TestTheBestCaseIsToldFromTheRest(t *testing.T) {
	summary := results.Summary{Cases: factorial(8, 0.02, 5)}
	best := BestFor(summary, []string{"ack.p99", "cpu.seconds_per_record", "nothing"})
	if !best[0].Known || len(best[0].Ties) != 2 || !math.IsInf(best[1].Detectable, 1) && len(best[1].Ties) != 0 {
		t.Errorf("%+v", best)
	}
	if got := summary.Cases[best[1].Case].ID; got != "lz410" {
		t.Errorf("the least CPU is that of %s", got)
	}
	if best[2].Case != -1 {
		t.Errorf("%+v", best[2])
	}
	summary.Run.Expectations = []results.ExpectationResult{{Case: "lz410", Verdict: NotMet}}
	if got := BestFor(summary, []string{"cpu.seconds_per_record"})[0]; summary.Cases[got.Case].ID == "lz410" || len(got.Qualified) != 5 {
		t.Errorf("%+v", got)
	}
}

func TestACaseThatNeverEndsIsWorseWithoutBound(t *testing.T) {
	cases := factorial(8, 0.02, 6)
	for i := range cases[1].Trials {
		cases[1].Trials[i].Metrics["ack.p99"] = results.TrialValue{Unit: "s", Value: results.Number(math.Inf(1))}
	}
	if m := Versus(cases[0], cases[1], "ack.p99"); !math.IsInf(m.Ratio, 1) || !m.Worse(directionOf("ack.p99")) {
		t.Errorf("%+v", m)
	}
}
