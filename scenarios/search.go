package scenarios

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"kaliper/internal/metric"
	"kaliper/internal/unit"
)

// SearchLengths are how long the trials of a search are: short ones that find the bracket, and
// holds that confirm its ends.
type SearchLengths struct{ Warmup, Trial, Hold time.Duration }

// The ways of searching.
const (
	SearchNormal = "normal"
	SearchQuick  = "quick" // minutes, and a wider interval of a lower level
	SearchSoak   = "soak"  // holds beyond caches and burst credits
)

// searchLengths returns those of a way of searching.
func searchLengths(mode string) SearchLengths {
	switch mode {
	case SearchQuick:
		return SearchLengths{Warmup: 2 * time.Second, Trial: 4 * time.Second, Hold: 8 * time.Second}
	case SearchSoak:
		return SearchLengths{Warmup: 10 * time.Second, Trial: 30 * time.Second, Hold: 5 * time.Minute}
	}
	return SearchLengths{Warmup: 3 * time.Second, Trial: 10 * time.Second, Hold: 25 * time.Second}
}

// SearchPlan is a search before it is started.
type SearchPlan struct {
	Mode       string
	Objectives []metric.Condition
	Lengths    SearchLengths
	Cases      []SearchCase // one search each
	rest       time.Duration
}

// SearchCase is one case of the matrix, whose rates are to be searched.
type SearchCase struct {
	Case
	StartRecordsPerSecond float64 // over all groups
	BytesPerRecord        float64 // of key and value, the mean over all groups
	shares                []float64
}

// The settings in which the cases of a search differ beside those of the matrix.
const (
	ratePath  = "search.rate"
	trialPath = "search.trial"
)

// PlanSearch makes the search of a scenario under its own objectives, or under those that are
// given. All groups are scaled together, so that each keeps its share of the rate. The errors are
// of what no search can do.
func (s *Scenario) PlanSearch(mode string, objectives []string) (*SearchPlan, error) {
	plan := &SearchPlan{Mode: mode, Objectives: s.Search.Objectives, Lengths: searchLengths(mode), rest: s.Rest}
	plan.Lengths = SearchLengths{
		Warmup: cmp.Or(s.Search.Warmup, plan.Lengths.Warmup),
		Trial:  cmp.Or(s.Search.Trial, plan.Lengths.Trial),
		Hold:   cmp.Or(s.Search.Hold, plan.Lengths.Hold),
	}
	var found problems
	if len(objectives) > 0 {
		plan.Objectives = s.objectives(&found, objectives)
	} else if len(plan.Objectives) == 0 {
		found.add(s.searchAt["search"], "search.objectives", "a search needs an objective: say for example --objective 'ack.p99 < 50ms', or write it into the scenario's search block")
	}
	for _, c := range s.Cases {
		plan.Cases = append(plan.Cases, s.searchCase(&found, c))
	}
	return plan, found.err()
}

// objectives reads those of the command line, which must suit every case.
func (s *Scenario) objectives(found *problems, texts []string) []metric.Condition {
	at := position{file: "--objective"}
	var all []metric.Condition
	for _, text := range texts {
		for i, c := range s.Cases {
			condition, err := parseObjective(text, c.Load.Groups(), c.Load)
			if err != nil {
				found.add(at, "", "%v", err)
				break
			}
			if i == 0 {
				all = append(all, condition)
			}
		}
	}
	if err := contradiction(all); err != nil {
		found.add(at, "", "%v", err)
	}
	return all
}

// searchCase works out a case's shares of the rate.
func (s *Scenario) searchCase(found *problems, c Case) SearchCase {
	one := SearchCase{Case: c}
	bytes := 0.0
	for _, g := range c.Load.Producers {
		if err := searchable(g); err != nil {
			found.add(s.searchAt["producers."+g.Name], "producers."+g.Name+".rate", "%v", err)
			continue
		}
		size := g.Value.mean() + g.Key.mean()
		rate := g.Rate[0].From.PerSecond
		if g.Rate[0].From.Bytes {
			rate /= max(size, 1)
		}
		one.shares = append(one.shares, rate)
		one.StartRecordsPerSecond += rate
		bytes += rate * size
	}
	if len(c.Load.Producers) == 0 {
		found.add(s.searchAt["search"], "producers", "there are none, and what is searched is the rate of producers")
		return one
	}
	for i := range one.shares {
		one.shares[i] /= one.StartRecordsPerSecond
	}
	one.BytesPerRecord = bytes / one.StartRecordsPerSecond
	if own := s.Search.StartRecordsPerSecond; own > 0 {
		one.StartRecordsPerSecond = own
	}
	return one
}

// searchable says why no rate of a group can be searched.
func searchable(g ProducerGroup) error {
	switch {
	case len(g.Rate) > 1 || g.Rate[0].From != g.Rate[0].To:
		return errors.New("has phases, and a search holds one rate at a time; write a single rate, such as 5000/s, from which the search starts")
	case g.Rate[0].Max():
		return errors.New("max has no schedule, so that nothing can be early or late; write the rate from which the search starts, such as 5000/s")
	}
	return nil
}

// At returns the case at a rate, as a trial of the search executes it.
func (p *SearchPlan) At(id string, recordsPerSecond float64, hold bool) (Case, error) {
	i := slices.IndexFunc(p.Cases, func(c SearchCase) bool { return c.ID == id })
	if i < 0 {
		return Case{}, fmt.Errorf("the scenario has no case %q: it has changed since the search began", id)
	}
	base := p.Cases[i]
	c := base.Case
	kind := "short"
	c.Load.Warmup, c.Load.Duration = p.Lengths.Warmup, p.Lengths.Trial
	if hold {
		kind, c.Load.Duration = "hold", p.Lengths.Hold
	}
	rate := strconv.FormatFloat(significant(recordsPerSecond), 'f', -1, 64) + "/s"
	c.Settings = append(slices.Clone(base.Settings), Setting{Label: "rate", Path: ratePath, Value: rate}, Setting{Label: "trial", Path: trialPath, Value: kind})
	c.Load.Producers = slices.Clone(base.Load.Producers)
	for i := range c.Load.Producers {
		own := unit.Rate{PerSecond: recordsPerSecond * base.shares[i]}
		c.Load.Producers[i].Rate = []Phase{{From: own, To: own}}
		c.Load.Producers[i].RateText = strconv.FormatFloat(significant(own.PerSecond), 'f', -1, 64) + "/s"
	}
	c.ID = caseID(c.Settings, nil)
	return c, nil
}

// TrialDuration is what a trial takes with set-up and rest.
func (p *SearchPlan) TrialDuration(hold bool) time.Duration {
	length := p.Lengths.Trial
	if hold {
		length = p.Lengths.Hold
	}
	return p.Lengths.Warmup + length + around(p.Cases[0].Load) + p.rest
}

// searchPositions are where the things stand that PlanSearch may object to.
func searchPositions(root *node) map[string]position {
	places := map[string]position{"search": root.at}
	if search := root.get("search"); search != nil {
		places["search"] = search.at
	}
	producers := root.get("producers")
	if producers == nil || producers.kind != mapping {
		return places
	}
	for _, e := range producers.entries {
		places["producers."+e.key] = e.at
		if rate := e.value.get("rate"); rate != nil {
			places["producers."+e.key] = rate.at
		}
	}
	return places
}
