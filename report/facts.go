package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"kaliper/internal/unit"
	"kaliper/results"
)

// facts say when, where, under what load, how often and with what client it was measured.
func (s *study) facts() []Fact {
	if s.comparesRuns() {
		var facts []Fact
		for i, run := range s.runs {
			parts := []string{whenText(run.Manifest), whereText(run), loadText(run), s.trialsText(run)}
			facts = append(facts, Fact{capital(runName(s.runs, i)), strings.Join(nonEmpty(parts), "; ")})
		}
		return facts
	}
	run := s.runs[0]
	var facts []Fact
	for _, f := range []Fact{
		{"When", whenText(run.Manifest)},
		{"Where", whereText(run)},
		{"Load", loadText(run)},
		{"Trials", s.trialsText(run)},
		{"Client", clientText(run.Manifest)},
	} {
		if f.Text != "" {
			facts = append(facts, f)
		}
	}
	return facts
}

func whenText(m results.Manifest) string {
	if m.Started.IsZero() {
		return ""
	}
	from := m.Started.UTC()
	text := from.Format("2 January 2006, 15:04")
	if !m.Ended.IsZero() {
		to := m.Ended.UTC()
		switch {
		case to.Sub(from) < time.Minute:
		case to.Format(time.DateOnly) == from.Format(time.DateOnly):
			text += " to " + to.Format("15:04")
		default:
			text += " to " + to.Format("2 January, 15:04")
		}
	}
	return text + " UTC"
}

func whereText(run *results.Run) string {
	m := run.Manifest
	if targets := targetTexts(run); len(targets) > 1 {
		return strings.Join(targets, "; ")
	}
	cluster := clusterText(run)
	if m.Simulated || m.Target == "" || m.Target == "embedded" {
		return cluster
	}
	return m.Target + ": " + cluster
}

// targetTexts describes the cluster of each target where the matrix varies it.
func targetTexts(run *results.Run) []string {
	names := map[string]string{} // case -> its target
	for _, c := range run.Manifest.Cases {
		for _, setting := range c.Settings {
			if setting.Path == results.TargetPath {
				names[c.ID] = setting.Value
			}
		}
	}
	var texts []string
	told := map[string]bool{}
	for _, trial := range run.Trials {
		if name := names[trial.Begin.Case]; name != "" && !told[name] {
			told[name] = true
			texts = append(texts, strings.TrimSuffix(name+": "+snapshotText(trial.Begin.Cluster), ": "))
		}
	}
	slices.Sort(texts)
	return texts
}

// clusterText describes the cluster as its first trial found it.
func clusterText(run *results.Run) string {
	if run.Manifest.Simulated {
		return "simulated broker (embedded)"
	}
	if len(run.Trials) == 0 {
		return run.Manifest.Bootstrap
	}
	text := snapshotText(run.Trials[0].Begin.Cluster)
	if text == "" {
		return run.Manifest.Bootstrap
	}
	return text
}

// snapshotText describes a cluster as a trial found it; empty where it is not known.
func snapshotText(cluster results.ClusterSnapshot) string {
	var parts []string
	if n := len(cluster.Brokers); n > 0 {
		parts = append(parts, plural(n, "broker"))
	}
	if cluster.Version != "" {
		version := cluster.Version
		if version[0] >= '0' && version[0] <= '9' {
			version = "Apache Kafka " + version
		}
		parts = append(parts, version)
	}
	return strings.Join(parts, ", ")
}

// loadText describes the load of the first trial; varied parts of it are in the cases.
func loadText(run *results.Run) string {
	if len(run.Trials) == 0 {
		return ""
	}
	begin := run.Trials[0].Begin
	var parts []string
	for _, p := range begin.Producers {
		rate := "as fast as it goes, closed loop"
		if p.OpenLoop {
			rate = unit.Format(p.OfferedRecordsPerSecond, "records/s") + ", open loop"
		}
		text := fmt.Sprintf("%s: %s, %s", p.Name, rate, plural(p.Clients, p.Send+" client"))
		if len(begin.Producers) == 1 {
			text = fmt.Sprintf("%s, %s", rate, plural(p.Clients, p.Send+" producer"))
		}
		parts = append(parts, text)
	}
	for _, c := range begin.Consumers {
		text := fmt.Sprintf("%s: %s", c.Name, plural(c.Members, "consumer"))
		if len(begin.Consumers) == 1 {
			text = plural(c.Members, "consumer")
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "; ")
}

func (s *study) trialsText(run *results.Run) string {
	cases, trials := 0, 0
	for _, c := range s.subjects {
		if c.run == run {
			cases++
			trials += len(c.summary.Trials)
		}
	}
	text := plural(trials, "trial")
	if cases > 1 {
		text = fmt.Sprintf("%d cases × %s = %d", cases, plural(max(run.Manifest.Repeats, 1), "round"), trials)
		if trials != cases*max(run.Manifest.Repeats, 1) {
			text = fmt.Sprintf("%d cases, %s", cases, plural(trials, "trial"))
		}
	}
	if len(run.Trials) > 0 {
		text += ", each " + unit.Format(run.Trials[0].Begin.DurationSeconds, "s") + " after " + unit.Format(run.Trials[0].Begin.WarmupSeconds, "s") + " warm-up"
		if trials == 1 {
			text = strings.Replace(text, ", each ", " of ", 1)
		}
	}
	return text
}

func clientText(m results.Manifest) string {
	text := "kaliper"
	if v := m.Versions["kaliper"]; v != "" {
		text += " " + v
	}
	if m.Client != "" {
		text += " (" + m.Client + ")"
	}
	if machine := machineText(m.Machine); machine != "" {
		text += " on " + machine
	}
	return text
}

func machineText(m results.Machine) string {
	parts := []string{m.Hostname}
	if m.Processors > 0 {
		parts = append(parts, plural(m.Processors, "core"))
	}
	system := m.OS
	if m.OS == "linux" && m.Kernel != "" {
		system = "Linux " + m.Kernel
	}
	parts = append(parts, system)
	return strings.Join(nonEmpty(parts), ", ")
}

func versionsText(versions map[string]string) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(versions)) {
		parts = append(parts, name+" "+versions[name])
	}
	return strings.Join(parts, ", ")
}

func nonEmpty(texts []string) []string {
	return slices.DeleteFunc(slices.Clone(texts), func(t string) bool { return t == "" })
}
