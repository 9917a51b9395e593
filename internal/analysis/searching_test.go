package analysis

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"kaliper/results"
)

func searchedPlan(cases ...string) results.SearchPlan {
	plan := results.SearchPlan{Mode: "normal", Objectives: []string{"ack.p99 < 50ms"}, Precision: 0.02, Holds: 5, MostTrials: 80, HoldSeconds: 25, Groups: []string{"checkout", "analytics"}}
	for _, id := range cases {
		plan.Cases = append(plan.Cases, results.SearchBase{ID: id, StartRecordsPerSecond: 1000, LowestRecordsPerSecond: 1, MostRecordsPerSecond: 1e6, BytesPerRecord: 100})
	}
	return plan
}

// showing returns the trial of a machine whose latency exceeds the objective above capacity, and
// of which kaliper gives out above ceiling.
func showing(t *testing.T, rate, capacity, ceiling float64) results.Trial {
	trial := cleanTrial(t)
	if rate > capacity {
		changeProducer(&trial, func(p *results.ProducerTotals) { p.Ack = latencies(t, 80, 1000) })
	}
	if rate > ceiling {
		changeProducer(&trial, func(p *results.ProducerTotals) { p.SlipPacer = latencies(t, 40, 1000) })
	}
	return trial
}

// searchedRun follows a search to its end and returns its answer, and that of a reader of its run.
func searchedRun(t *testing.T, plan results.SearchPlan, capacity, ceiling float64) (live, read results.Search, run *results.Run) {
	t.Helper()
	s, err := NewSearching(plan, 1)
	if err != nil {
		t.Fatal(err)
	}
	run = &results.Run{Manifest: results.Manifest{ID: "run", State: results.Complete, Seed: 1, Search: &plan}}
	ids := map[results.SearchPoint]string{}
	for {
		point, round, more := s.Next()
		if !more {
			break
		}
		id, known := ids[point]
		if !known {
			id = string(rune('a' + len(ids)))
			ids[point] = id
			run.Manifest.Cases = append(run.Manifest.Cases, results.CaseInfo{ID: id, Search: &point})
		}
		trial := showing(t, point.RecordsPerSecond, capacity, ceiling)
		trial.Begin.Case, trial.Begin.Trial, trial.Begin.Round = id, len(run.Trials)+1, round
		run.Trials = append(run.Trials, trial)
		if _, taken := s.Add(point, trial); !taken {
			t.Fatalf("the search does not take the trial that it asked for: %+v", point)
		}
	}
	read, err = Search(run)
	if err != nil {
		t.Fatal(err)
	}
	return s.Result(), read, run
}

func TestASearchFindsTheRateAndItsReaderDerivesTheSame(t *testing.T) {
	live, read, _ := searchedRun(t, searchedPlan("aaaaaaaa"), 12_345, math.Inf(1))
	c := read.Cases[0]
	if c.Interval.Lo > 12_345 || c.Interval.Hi < 12_345 || c.Interval.Level < 0.9 || c.LimitedBy != "ack.p99 < 50ms" || c.Bound || !c.Confirmed || !c.Ended {
		t.Errorf("%+v", c)
	}
	if float64(c.BytesPerSecond) != 100*float64(c.RecordsPerSecond) {
		t.Errorf("%v bytes/s of %v records/s", c.BytesPerSecond, c.RecordsPerSecond)
	}
	live.Run, live.State = read.Run, read.State
	a, _ := json.Marshal(live)
	b, _ := json.Marshal(read)
	if string(a) != string(b) {
		t.Errorf("live %s\nread %s", a, b)
	}
	if code, why := SearchExit(read, nil); code != ExitDone {
		t.Errorf("exit %d: %s", code, why)
	}
}

func TestWhereKaliperGivesOutFirstTheAnswerIsALowerBoundOfTheGenerator(t *testing.T) {
	_, read, _ := searchedRun(t, searchedPlan("aaaaaaaa"), math.Inf(1), 20_000)
	c := read.Cases[0]
	if c.LimitedBy != "generator" || !c.Bound || !c.Confirmed || c.Interval.Lo > 20_000 || c.Interval.Lo < 15_000 || !math.IsInf(float64(c.Interval.Hi), 1) {
		t.Errorf("%+v", c)
	}
	if code, why := SearchExit(read, nil); code != ExitDone {
		t.Errorf("a lower bound is an answer, and it exits %d: %s", code, why)
	}
	_, read, _ = searchedRun(t, searchedPlan("aaaaaaaa"), math.Inf(1), 0)
	if code, why := SearchExit(read, nil); code != ExitUntrusted || read.Cases[0].RecordsPerSecond != 0 {
		t.Errorf("all spoiled: exit %d: %s; %+v", code, why, read.Cases[0])
	}
}

func TestAnObjectiveThatEveryRateMeetsGivesTheHighestThatMayBeTried(t *testing.T) {
	live, read, _ := searchedRun(t, searchedPlan("aaaaaaaa"), math.Inf(1), math.Inf(1))
	c := read.Cases[0]
	if c.LimitedBy != "ceiling" || !c.Bound || !c.Confirmed || c.RecordsPerSecond != 1e6 || !math.IsInf(float64(c.Interval.Hi), 1) {
		t.Errorf("%+v", c)
	}
	for _, found := range []results.Search{live, read} {
		if code, why := SearchExit(found, nil); code != ExitDone {
			t.Errorf("a lower bound is an answer, and it exits %d: %s", code, why)
		}
	}
}

// A start that fails because of linger.ms must not hide the rates above it, nor the points that show it.
func TestASearchLooksAboveAStartWhoseLatencyFallsAsTheRateRises(t *testing.T) {
	plan := searchedPlan("aaaaaaaa")
	s, err := NewSearching(plan, 1)
	if err != nil {
		t.Fatal(err)
	}
	for {
		point, _, more := s.Next()
		if !more {
			break
		}
		rate := point.RecordsPerSecond
		if rate < 3000 { // as if it were too high
			rate = 1e9
		}
		trial := showing(t, rate, 12_345, math.Inf(1))
		trial.Begin.Case, trial.Begin.Trial = "c", len(s.cases[0].trials)+1
		s.Add(point, trial)
	}
	found := s.Result()
	c := found.Cases[0]
	if c.Interval.Lo > 12_345 || c.Interval.Hi < 12_345 || !c.Confirmed || c.Contradiction == "" || len(c.ContradictingTrials) < 10 {
		t.Fatalf("%+v", c)
	}
	if code, why := SearchExit(found, nil); code != ExitDone {
		t.Errorf("exit %d: %s", code, why)
	}
	last := 0.0
	for _, point := range c.ContradictingTrials {
		i := slices.IndexFunc(c.Trials, func(t results.SearchTrial) bool { return t.ID == point.ID })
		if i < 0 || c.Trials[i].RecordsPerSecond != point.RecordsPerSecond || c.Trials[i].Finding != point.Finding || c.Trials[i].By != point.By || c.Trials[i].Text != point.Text || point.RecordsPerSecond < last {
			t.Errorf("%+v", point)
		}
		last = point.RecordsPerSecond
	}
	if first := c.ContradictingTrials[0]; first.Finding != "fails" || !strings.Contains(first.Text, "ack.p99 is ") {
		t.Errorf("%+v", first)
	}
}

func TestSearchesOfSeveralCasesTakeTurns(t *testing.T) {
	s, err := NewSearching(searchedPlan("aaaaaaaa", "bbbbbbbb"), 1)
	if err != nil {
		t.Fatal(err)
	}
	for round := 1; round <= 6; round++ {
		var seen []string
		for range 2 {
			point, at, more := s.Next()
			if again, _, _ := s.Next(); !more || at != round || again != point {
				t.Fatalf("round %d: %+v in round %d", round, point, at)
			}
			seen = append(seen, point.Case)
			s.Add(point, showing(t, point.RecordsPerSecond, 3000, math.Inf(1)))
		}
		if seen[0] == seen[1] {
			t.Errorf("round %d has %s twice", round, seen[0])
		}
	}
}

func TestTrialsThatSayNothingAreNoFindings(t *testing.T) {
	plan := searchedPlan("aaaaaaaa")
	_, whole, run := searchedRun(t, plan, 3000, math.Inf(1))
	cut := *run
	cut.Trials = append([]results.Trial(nil), run.Trials[:5]...)
	cut.Trials[4].State = results.Interrupted
	got, err := Search(&cut)
	if err != nil || len(got.Cases[0].Trials) != 4 || got.Cases[0].Ended {
		t.Errorf("interrupted: %+v, %v", got.Cases[0], err)
	}
	if code, _ := SearchExit(got, nil); code != ExitInconclusive {
		t.Errorf("exit %d", code)
	}
	if code, why := SearchExit(got, []string{AllowInconclusive}); code != ExitDone || why == "" {
		t.Errorf("allowed: exit %d, %q", code, why)
	}
	other := *run
	other.Trials = append([]results.Trial{run.Trials[len(run.Trials)-1]}, run.Trials...)
	got, err = Search(&other)
	if err != nil || len(got.Warnings) != 1 || got.Cases[0].RecordsPerSecond != whole.Cases[0].RecordsPerSecond {
		t.Errorf("a trial that nobody asked for: %+v, %v", got.Warnings, err)
	}
}

// A trial whose target was gone looks like one at too high a rate, and one that kaliper could not
// write down like one that was killed: the search and its reader must take both alike.
func TestATrialThatEndedWithoutItsTargetOrItsJournalIsSpoiledForTheReaderToo(t *testing.T) {
	plan := searchedPlan("aaaaaaaa")
	plan.Gone, plan.AllowUntrusted = []string{"a/1"}, true
	s, err := NewSearching(plan, 1)
	if err != nil {
		t.Fatal(err)
	}
	run := &results.Run{Manifest: results.Manifest{ID: "run", State: results.Incomplete, Seed: 1, Search: &plan}}
	for i, want := range []string{TargetGone, "", "crashed", ""} {
		point, round, _ := s.Next()
		trial := showing(t, point.RecordsPerSecond, math.Inf(1), math.Inf(1))
		trial.Begin.Case, trial.Begin.Trial, trial.Begin.Round = string(rune('a'+i)), 1, round
		switch want {
		case TargetGone:
			changeProducer(&trial, func(p *results.ProducerTotals) { p.CompletedInWindow = 0 })
		case "crashed":
			trial.State = results.Crashed
		}
		run.Manifest.Cases = append(run.Manifest.Cases, results.CaseInfo{ID: trial.Begin.Case, Search: &point})
		run.Trials = append(run.Trials, trial)
		found, taken := s.Add(point, trial)
		if finding := map[bool]string{true: "spoiled", false: "passes"}[want != ""]; !taken || found.By != want || found.Finding != finding {
			t.Errorf("trial %d: %+v, want %s by %q", i, found, finding, want)
		}
	}
	read, err := Search(run)
	if err != nil || len(read.Warnings) != 1 { // that of --allow untrusted
		t.Fatalf("%v, %v", read.Warnings, err)
	}
	live, _ := json.Marshal(s.Result().Cases)
	derived, _ := json.Marshal(read.Cases)
	if string(live) != string(derived) {
		t.Errorf("live %s\nread %s", live, derived)
	}
}

// few makes a trial one of 20 records, all of which are acknowledged, some of them in the window.
func few(t *testing.T, trial *results.Trial, inWindow int64) {
	changeProducer(trial, func(p *results.ProducerTotals) {
		p.Window.Intended, p.Window.Acked, p.CompletedInWindow = 20, 20, inWindow
		p.Ack, p.Service, p.SlipPacer, p.SlipBlocked = latencies(t, 10, 20), latencies(t, 5, 20), latencies(t, 0.1, 20), latencies(t, 0, 20)
	})
}

func TestATrialOfASearchFailsByWhatTheSystemDid(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*results.Trial)
		want   string
	}{
		{"it acknowledges less than is offered", func(trial *results.Trial) {
			changeProducer(trial, func(p *results.ProducerTotals) { p.CompletedInWindow = 900 })
		}, "overloaded"},
		{"few records of which most are missing", func(trial *results.Trial) { few(t, trial, 8) }, "overloaded"},
		{"few records that were all under way when the window ended", func(trial *results.Trial) { few(t, trial, 0) }, "overloaded"},
		{"few records of which two were under way", func(trial *results.Trial) { few(t, trial, 18) }, ""},
		{"a quota explains it", func(trial *results.Trial) {
			changeProducer(trial, func(p *results.ProducerTotals) { p.CompletedInWindow = 900 })
			for i := range trial.Intervals {
				p := trial.Intervals[i].Producers["checkout"]
				p.Client.ThrottleSeconds = 0.5
				trial.Intervals[i].Producers["checkout"] = p
			}
		}, "throttled"},
		{"readers fall behind", func(trial *results.Trial) {
			for i := range trial.Intervals {
				c := trial.Intervals[i].Consumers["analytics"]
				c.Lag = map[string]results.PartitionLag{"orders": {Records: []int64{int64(20*i + i%3)}, Seconds: []float64{0.1}}}
				trial.Intervals[i].Consumers["analytics"] = c
			}
		}, "lag_grows"},
		{"records are not read", func(trial *results.Trial) {
			changeConsumer(trial, func(c *results.ConsumerTotals) { c.Unread = 3 })
		}, "unread"},
		{"records are lost", func(trial *results.Trial) {
			changeConsumer(trial, func(c *results.ConsumerTotals) { c.Integrity.Lost = 3 })
		}, "lost"},
		{"it ended early", func(trial *results.Trial) { trial.End.Error = "connection refused" }, "error"},
		{"nothing is wrong", func(*results.Trial) {}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			plan := searchedPlan("aaaaaaaa")
			s, err := NewSearching(plan, 1)
			if err != nil {
				t.Fatal(err)
			}
			trial := cleanTrial(t)
			test.change(&trial)
			point, _, _ := s.Next()
			if got, _ := s.Add(point, trial); got.By != test.want {
				t.Errorf("by %q (%s), want %q", got.By, got.Text, test.want)
			}
		})
	}
}

// The edges excuse 20 records or 25 ms of the rate, and never that nothing was acknowledged.
func TestTheEdgesOfAWindowExcuseFewRecords(t *testing.T) {
	for _, test := range []struct{ intended, seconds, want float64 }{
		{40_000, 10, 0.0025}, // 25 ms of 10 s
		{40_000, 4, 0.00625},
		{2000, 10, 0.01}, // 20 records
		{200, 10, 0.1},
		{150, 10, 0.1}, // a tenth
		{20, 10, 0.1},
		{5, 10, 0.2}, // one record
		{2, 10, 0.5},
		{1, 10, 0.5}, // no more than half
		{20, 0.02, 0.5},
	} {
		if got := edgeShare(test.intended, test.seconds); math.Abs(got-test.want) > 1e-12 {
			t.Errorf("%g records in %g s: %g, want %g", test.intended, test.seconds, got, test.want)
		}
	}
}

func TestAPlanKnowsAboutHowManyTrialsItTakes(t *testing.T) {
	short, holds := SearchProspect(searchedPlan())
	if short < 8 || short > 14 || holds != 10 {
		t.Errorf("%d short trials and %d holds", short, holds)
	}
	if _, err := NewSearching(results.SearchPlan{Objectives: []string{"akc.p99 < 1s"}}, 1); err == nil || !strings.Contains(err.Error(), "ack.p99") {
		t.Errorf("%v", err)
	}
}
