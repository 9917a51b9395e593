package analysis

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"kaliper/internal/analysis/search"
	"kaliper/internal/metric"
	"kaliper/internal/unit"
	"kaliper/results"
)

// StoppedByBudget is what SearchPlan.Stopped says of a search whose time was up.
const StoppedByBudget = search.LimitedByBudget

// TargetGone is what spoils a trial at whose end the target did not answer any more: it is no
// finding about a rate.
const TargetGone = "target_gone"

// Searching follows the searches of a run, one for each case of the matrix, while it runs or from
// its journals. It goes in rounds of one trial of every search that has not ended, in an order of
// their own that the seed decides, so that drift falls on all of them.
type Searching struct {
	plan       results.SearchPlan
	seed       uint64
	objectives []metric.Condition
	cases      []*searchedCase
	round      int
	queue      []int // cases that this round still owes a trial
}

type searchedCase struct {
	results.SearchBase
	rule   *search.Search
	trials []results.SearchTrial
}

// NewSearching begins the searches of a plan.
func NewSearching(plan results.SearchPlan, seed uint64) (*Searching, error) {
	s := &Searching{plan: plan, seed: seed}
	for _, text := range plan.Objectives {
		condition, err := metric.ParseCondition(text, plan.Groups)
		if err != nil {
			return nil, fmt.Errorf("search: %w", err)
		}
		s.objectives = append(s.objectives, condition)
	}
	for _, base := range plan.Cases {
		rule, err := search.New(search.Options{
			Start: base.StartRecordsPerSecond, Least: base.LowestRecordsPerSecond, Most: base.MostRecordsPerSecond,
			Precision: plan.Precision, Holds: plan.Holds, Trials: plan.MostTrials, Eases: search.Easing(s.objectives),
		})
		if err != nil {
			return nil, err
		}
		s.cases = append(s.cases, &searchedCase{SearchBase: base, rule: rule})
	}
	return s, nil
}

// Next returns the trial to make and its round, and false when all searches are over. It says the
// same until Add.
func (s *Searching) Next() (point results.SearchPoint, round int, more bool) {
	for {
		for len(s.queue) > 0 {
			c := s.cases[s.queue[0]]
			if step, more := c.rule.Next(); more {
				return results.SearchPoint{Case: c.ID, RecordsPerSecond: step.Rate, Hold: step.Hold}, s.round, true
			}
			s.queue = s.queue[1:]
		}
		s.round++
		for _, i := range rand.New(rand.NewPCG(s.seed, uint64(s.round))).Perm(len(s.cases)) {
			if _, more := s.cases[i].rule.Next(); more {
				s.queue = append(s.queue, i)
			}
		}
		if len(s.queue) == 0 {
			return results.SearchPoint{}, s.round, false
		}
	}
}

// Add takes a trial that was made of a point. It returns false, and takes nothing, where the
// search of the point's case does not ask for it.
func (s *Searching) Add(point results.SearchPoint, trial results.Trial) (results.SearchTrial, bool) {
	i := slices.IndexFunc(s.cases, func(c *searchedCase) bool { return c.ID == point.Case })
	if i < 0 {
		return results.SearchTrial{}, false
	}
	c := s.cases[i]
	if step, more := c.rule.Next(); !more || step.Rate != point.RecordsPerSecond || step.Hold != point.Hold {
		return results.SearchTrial{}, false
	}
	evidence := evidenceOf(&trial)
	if s.plan.AllowUntrusted {
		evidence.Distrust = ""
	}
	switch {
	case slices.Contains(s.plan.Gone, trial.Begin.Ref().String()):
		evidence.Distrust = TargetGone
	case trial.State == results.Crashed: // kaliper could not write it down to its end
		evidence.Distrust = string(results.Crashed)
	}
	finding, by := search.Judge(evidence, s.objectives)
	c.rule.Observe(finding, by)
	one := s.trial(point, trial, finding, by)
	if by == search.ByShortfall && one.Text == "" { // too few records for a run to say so
		one.Text = fmt.Sprintf("%s of the offered rate was acknowledged in the window", share(evidence.Achieved))
	}
	c.trials = append(c.trials, one)
	if at := slices.Index(s.queue, i); at >= 0 {
		s.queue = slices.Delete(s.queue, at, at+1)
	}
	return one, true
}

// curveMetrics are kept of every trial, beside the objectives'.
func curveMetrics() []string {
	return []string{"acked.records_per_second", "ack.p50", "ack.p99", "e2e.p99"}
}

func (s *Searching) trial(point results.SearchPoint, trial results.Trial, finding search.Finding, by string) results.SearchTrial {
	summary := summarizeTrial(&trial)
	one := results.SearchTrial{
		ID: summary.ID, RecordsPerSecond: point.RecordsPerSecond, Hold: point.Hold,
		Finding: string(finding), By: by, Metrics: map[string]results.TrialValue{},
	}
	names := curveMetrics()
	for _, objective := range s.objectives {
		names = append(names, objective.Ref.String())
		if value, ok := summary.Metrics[objective.Ref.String()]; ok && objective.String() == by {
			one.Text = fmt.Sprintf("%s is %s", objective.Ref, unit.Format(float64(value.Value), value.Unit))
		}
	}
	for _, name := range names {
		if value, ok := summary.Metrics[name]; ok {
			one.Metrics[name] = value
		}
	}
	if by == TargetGone {
		one.Text = "the target did not answer any more when the trial ended"
	}
	for _, reason := range summary.Reasons {
		if one.Text == "" && reason.Code == by {
			one.Text = reason.Text
		}
	}
	return one
}

// Stop ends all searches where they are: the time is up.
func (s *Searching) Stop() {
	for _, c := range s.cases {
		c.rule.Stop()
	}
}

// Result is the state of all searches; of run and state the caller knows more.
func (s *Searching) Result() results.Search {
	r := results.Search{
		Schema: results.SearchSchema, Mode: s.plan.Mode, Objectives: listed(s.plan.Objectives),
		Cases: []results.SearchCase{}, Warnings: []string{},
	}
	for _, c := range s.cases {
		answer := c.rule.Result()
		_, more := c.rule.Next()
		r.Cases = append(r.Cases, results.SearchCase{
			ID: c.ID, Settings: listed(c.Settings),
			RecordsPerSecond: results.Number(answer.Rate), BytesPerSecond: results.Number(answer.Rate * c.BytesPerRecord),
			LimitedBy: answer.LimitedBy, Bound: answer.LowerBound, Confirmed: answer.Confirmed, Ended: !more,
			Interval:      *stored(answer.Interval),
			Contradiction: answer.Contradiction, ContradictingTrials: c.contradicting(answer), Trials: listed(c.trials),
		})
	}
	if s.plan.AllowUntrusted {
		r.Warnings = append(r.Warnings, "untrusted trials count as if they were trusted, as --allow untrusted says: the limit may be the instrument's")
	}
	return r
}

// contradicting are the points at which a case's trials contradict each other.
func (c *searchedCase) contradicting(answer search.Result) []results.ContradictingTrial {
	var points []results.ContradictingTrial
	for _, i := range answer.Contradicting {
		t := c.trials[i]
		points = append(points, results.ContradictingTrial{ID: t.ID, RecordsPerSecond: t.RecordsPerSecond, Hold: t.Hold, Finding: t.Finding, By: t.By, Text: t.Text})
	}
	return points
}

// Search derives the answers of a search from a run: what its trials showed is judged again.
func Search(run *results.Run) (results.Search, error) {
	manifest := run.Manifest
	if manifest.Search == nil {
		return results.Search{}, fmt.Errorf("run %s is no search", manifest.ID)
	}
	s, err := NewSearching(*manifest.Search, manifest.Seed)
	if err != nil {
		return results.Search{}, fmt.Errorf("run %s: %w", manifest.ID, err)
	}
	points := map[string]*results.SearchPoint{}
	for _, info := range manifest.Cases {
		points[info.ID] = info.Search
	}
	left := 0
	for i, trial := range run.Trials {
		point := points[trial.Begin.Case]
		switch {
		case trial.State == results.Interrupted, trial.State == results.Crashed && manifest.State == results.Crashed:
			continue // it says nothing, and the search did not see it end
		case manifest.Search.Stopped != "" && i == len(run.Trials)-1 && trial.State != results.Complete:
			continue // what stopped the search is no finding about the system
		case point == nil:
			left++
			continue
		}
		if _, taken := s.Add(*point, trial); !taken {
			left++
		}
	}
	if manifest.Search.Stopped == StoppedByBudget {
		s.Stop()
	}
	result := s.Result()
	result.Run, result.State, result.Simulated = manifest.ID, manifest.State, manifest.Simulated
	if left > 0 {
		result.Warnings = append(result.Warnings, fmt.Sprintf("%d trials are no part of the answer: the trials before them were made again and ask for other rates", left))
	}
	return result, nil
}

// SearchExit is a search's exit code, before what ended it early is considered, with the reason
// where it is not done, or what --allow skips.
func SearchExit(result results.Search, allow []string) (code Exit, why string) {
	code = ExitDone
	for _, c := range result.Cases {
		one, text := searchExit(c)
		if severityOf(one) > severityOf(code) {
			code, why = one, text
			if len(result.Cases) > 1 {
				why = "case " + c.ID + ": " + why
			}
		}
	}
	if code == ExitInconclusive && slices.Contains(allow, AllowInconclusive) {
		return ExitDone, why
	}
	return code, why
}

// severityOf orders the codes that a search can end with as the table of exit codes does.
func severityOf(code Exit) int {
	return slices.Index([]Exit{ExitDone, ExitInconclusive, ExitFailed, ExitUntrusted}, code)
}

func searchExit(c results.SearchCase) (Exit, string) {
	spoiled := len(c.Trials) > 0 && !slices.ContainsFunc(c.Trials, func(t results.SearchTrial) bool { return t.Finding != string(search.Spoiled) })
	switch {
	case !c.Ended:
		return ExitInconclusive, fmt.Sprintf("the search did not come to its end: %d trials were made", len(c.Trials))
	case spoiled:
		return ExitUntrusted, "every trial was untrusted, down to the lowest rate: the instrument or its machine spoiled them"
	case c.RecordsPerSecond == 0 && c.LimitedBy == search.LimitedByBudget:
		return ExitInconclusive, "the budget ended the search before any rate passed"
	case c.RecordsPerSecond == 0 && c.LimitedBy == search.LimitedByGenerator:
		return ExitInconclusive, "limited by the generator: no rate is known to hold"
	case c.RecordsPerSecond == 0:
		return ExitFailed, fmt.Sprintf("no rate holds, %s: %s", TriedRates(c), c.LimitedBy)
	case !c.Confirmed:
		return ExitInconclusive, "no rate was confirmed by holds: limited by " + c.LimitedBy
	case c.LimitedBy == search.LimitedByBudget:
		return ExitInconclusive, "the budget ended the search before both ends of the interval stood"
	}
	return ExitDone, ""
}

// TriedRates says between which rates none holds, where none does: down to the lowest that was tried,
// and up to the highest where that is above the start.
func TriedRates(c results.SearchCase) string {
	if len(c.Trials) == 0 {
		return "none was tried"
	}
	least, most := c.Trials[0].RecordsPerSecond, 0.0
	for _, t := range c.Trials {
		least = min(least, t.RecordsPerSecond)
		if t.Finding != string(search.Spoiled) {
			most = max(most, t.RecordsPerSecond)
		}
	}
	text := "down to " + unit.Format(least, "records/s")
	if most > c.Trials[0].RecordsPerSecond {
		text += " and up to " + unit.Format(most, "records/s")
	}
	return text
}

// SearchProspect says how many short trials and holds a search takes whose answer is six times its
// start and whose findings are all right; noise makes it more.
func SearchProspect(plan results.SearchPlan) (short, holds int) {
	rule, err := search.New(search.Options{Start: 1, Least: 1.0 / 1024, Most: 4096, Precision: plan.Precision, Holds: plan.Holds, Trials: plan.MostTrials})
	if err != nil {
		return plan.MostTrials, plan.MostTrials
	}
	for {
		step, more := rule.Next()
		if !more {
			return short, holds
		}
		finding := search.Passes
		if step.Rate > 6 {
			finding = search.Fails
		}
		rule.Observe(finding, "")
		if step.Hold {
			holds++
		} else {
			short++
		}
	}
}
