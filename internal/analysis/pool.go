package analysis

import (
	"fmt"
	"slices"
	"strings"

	"kaliper/results"
)

// Pool makes one run, by this name, of several of the same kind: the trials of equal cases are
// put together, and the summary is derived anew. Runs of another load, with other client
// properties, or that differ in what Mismatches names are refused, but for their cluster's id
// and their host: a job of continuous integration has new ones each time. Earlier attempts and
// expectations are left out. Trials of one run are more alike than those of several, so that
// intervals over few pooled runs are narrower than the truth.
func Pool(name string, runs []*results.Run) (*results.Run, error) {
	if len(runs) == 0 {
		return nil, fmt.Errorf("pool %s: there are no runs", name)
	}
	pooled := &results.Run{Dir: name, Manifest: runs[0].Manifest, Pooled: len(runs)}
	pooled.Manifest.ID, pooled.Manifest.State = name, results.Complete
	pooled.Manifest.Order, pooled.Manifest.Expect = nil, nil
	pooled.Manifest.Cases = slices.Clone(runs[0].Manifest.Cases)
	after := 0 // trials and rounds of a run follow those of the runs before
	for i, run := range runs {
		for _, earlier := range runs[:i] {
			if why := unlike(earlier, run); why != "" {
				return nil, fmt.Errorf("pool %s: the runs %s and %s are not of the same kind: %s; keep each kind in a folder of its own", name, earlier.Manifest.ID, run.Manifest.ID, why)
			}
		}
		for _, info := range run.Manifest.Cases {
			if !slices.ContainsFunc(pooled.Manifest.Cases, func(c results.CaseInfo) bool { return c.ID == info.ID }) {
				pooled.Manifest.Cases = append(pooled.Manifest.Cases, info)
			}
		}
		last := after
		for _, trial := range run.Trials {
			trial.Begin.Trial += after
			trial.Begin.Round += after
			last = max(last, trial.Begin.Trial, trial.Begin.Round)
			pooled.Trials = append(pooled.Trials, trial)
		}
		after = last
		if run.Manifest.State != results.Complete {
			pooled.Manifest.State = results.Incomplete
		}
		for _, lacking := range missing(run) {
			pooled.Damage = append(pooled.Damage, run.Manifest.ID+": "+lacking)
		}
	}
	var err error
	if pooled.Summary, err = Summarize(pooled); err != nil {
		return nil, fmt.Errorf("pool %s: %w", name, err)
	}
	return pooled, nil
}

// unlike says in words why two runs cannot be pooled; empty if they can.
func unlike(a, b *results.Run) string {
	for _, m := range Mismatches(a, b) {
		if m.What != "cluster" && m.What != "host" {
			return fmt.Sprintf("%s differs: %s and %s", m.What, m.Base, m.Candidate)
		}
	}
	for _, info := range a.Manifest.Cases {
		other := slices.IndexFunc(b.Manifest.Cases, func(c results.CaseInfo) bool { return c.ID == info.ID })
		if other < 0 {
			continue
		}
		if why := unlikeProperties(info.Effective, b.Manifest.Cases[other].Effective); why != "" {
			return "case " + info.ID + ": " + why
		}
		if x, y := loadOf(a, info.ID), loadOf(b, info.ID); x != "" && y != "" && x != y {
			return fmt.Sprintf("case %s: the load differs: %s and %s", info.ID, x, y)
		}
	}
	return ""
}

// perRun are properties that name the cluster, not its work.
func perRun(name string) bool { return name == "bootstrap.servers" || name == "group.id" }

func unlikeProperties(a, b []results.EffectiveProperty) string {
	value := func(of []results.EffectiveProperty, group, name string) string {
		for _, p := range of {
			if p.Group == group && p.Name == name {
				return p.Value
			}
		}
		return "nothing"
	}
	for _, p := range slices.Concat(a, b) {
		if x, y := value(a, p.Group, p.Name), value(b, p.Group, p.Name); x != y && !perRun(p.Name) {
			return fmt.Sprintf("%s of %s is %s and %s", p.Name, p.Group, x, y)
		}
	}
	return ""
}

// loadOf is what the first trial of a case was to do, in words; empty where there is none.
func loadOf(run *results.Run, id string) string {
	at := slices.IndexFunc(run.Trials, func(t results.Trial) bool { return t.Begin.Case == id })
	if at < 0 {
		return ""
	}
	begin := run.Trials[at].Begin
	var parts []string
	for _, t := range begin.Topics {
		if t.Copies > 0 {
			parts = append(parts, fmt.Sprintf("%d copies", t.Copies))
		}
		parts = append(parts, fmt.Sprintf("topic %s with %d partitions, %d replicas, %v", t.Logical, t.Partitions, t.ReplicationFactor, t.Config))
	}
	for _, p := range begin.Producers {
		parts = append(parts, fmt.Sprintf("%s sends %s to %s from %d clients, %s", p.Name, p.Rate, p.Topic, p.Clients, p.Send))
	}
	for _, c := range begin.Consumers {
		parts = append(parts, fmt.Sprintf("%s reads %v with %d members", c.Name, c.Topics, c.Members))
	}
	return strings.Join(parts, "; ")
}
