package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"kaliper/internal/metric"
	"kaliper/internal/unit"
	"kaliper/results"
)

// details tell how it was measured; a page folds them.
func (s *study) details() []Detail {
	details := []Detail{s.definitions()}
	for i, run := range s.runs {
		of := ""
		if s.comparesRuns() {
			of = " of " + runName(s.runs, i)
		}
		for _, d := range []Detail{effectiveSettings(run, of), machineAndCluster(run, of), versions(run, of), repeat(run, of)} {
			if len(d.Facts)+len(d.Tables)+len(d.Lines)+len(d.Texts) > 0 {
				details = append(details, d)
			}
		}
	}
	return details
}

func (s *study) definitions() Detail {
	d := Detail{Heading: "Definitions", Facts: []Fact{
		{"intended time", "when the schedule says that a record should be sent; response and end-to-end latency start here, whatever the client was doing"},
		{"trial", "one execution of one case: warm-up, measured window, drain; the trial is the statistical unit"},
		{"window", "a latency belongs to the records intended in it, whenever they resolve; a rate counts completions inside it"},
		{"∞", "records that failed, stayed unresolved or were never read rank above all others"},
	}}
	for _, name := range displayed() {
		if !slices.ContainsFunc(s.subjects, func(c *subject) bool { return c.has(name) }) {
			continue
		}
		if definition, ok := metric.Lookup(name); ok {
			d.Facts = append(d.Facts, Fact{metricName(name), definition.Text + " (" + name + ")"})
		}
	}
	d.Hint = plural(len(d.Facts), "term")
	return d
}

// effectiveSettings lists the client properties of the first case with where they come from; what
// another case has instead is beside.
func effectiveSettings(run *results.Run, of string) Detail {
	d := Detail{Heading: "Effective settings" + of, Hint: "value, origin, and what the client makes of each"}
	if len(run.Manifest.Cases) == 0 {
		return Detail{}
	}
	groups := map[string]*Table{}
	var order []string
	for _, p := range run.Manifest.Cases[0].Effective {
		t := groups[p.Group]
		if t == nil {
			t = &Table{Caption: p.Group, Columns: []Column{
				{Name: p.Group, Text: true}, {Name: "value", Text: true}, {Name: "origin", Text: true}, {Name: "class", Text: true},
			}}
			groups[p.Group] = t
			order = append(order, p.Group)
		}
		class := classOver(run.Manifest.Cases, p)
		t.Rows = append(t.Rows, Row{Cells: []Cell{{Text: p.Name}, {Text: allValues(run.Manifest.Cases, p)}, {Text: p.Origin}, {Text: class}}})
	}
	for _, group := range order {
		d.Tables = append(d.Tables, *groups[group])
	}
	d.Texts = run.Manifest.Notes
	return d
}

// allValues returns the values of a property over all cases.
func allValues(cases []results.CaseInfo, p results.EffectiveProperty) string {
	var values []string
	for _, c := range cases {
		for _, other := range c.Effective {
			if other.Group == p.Group && other.Name == p.Name && !slices.Contains(values, other.Value) {
				values = append(values, other.Value)
			}
		}
	}
	return strings.Join(values, " | ")
}

// classOver returns the class of a property and how; of a case whose value is not honoured, if
// there is one, for a class can hang on the value.
func classOver(cases []results.CaseInfo, p results.EffectiveProperty) string {
	for _, c := range cases {
		for _, other := range c.Effective {
			if other.Group == p.Group && other.Name == p.Name && p.Class == "honoured" {
				p = other
			}
		}
	}
	if p.How == "" {
		return p.Class
	}
	return p.Class + ": " + p.How
}

func machineAndCluster(run *results.Run, of string) Detail {
	m := run.Manifest.Machine
	d := Detail{Heading: "Machine and cluster" + of, Hint: machineText(m)}
	add := func(name, text string) {
		if text != "" {
			d.Facts = append(d.Facts, Fact{name, text})
		}
	}
	add("machine", strings.Join(nonEmpty([]string{m.Hostname, m.CPU, m.OS, m.Arch, m.Kernel}), ", "))
	if m.Processors > 0 {
		add("processors", count(int64(m.Processors)))
	}
	if m.MemoryBytes > 0 {
		add("memory", unit.Format(float64(m.MemoryBytes), "bytes"))
	}
	add("pacer", m.Pacer)
	add("bootstrap", run.Manifest.Bootstrap)
	if len(run.Trials) == 0 {
		return d
	}
	begin := run.Trials[0].Begin
	add("cluster", begin.Cluster.ID)
	for _, b := range begin.Cluster.Brokers {
		text := b.Address
		if b.Rack != "" {
			text += ", rack " + b.Rack
		}
		add(fmt.Sprintf("broker %d", b.ID), text)
	}
	for _, t := range begin.Topics {
		text := fmt.Sprintf("%s, replication factor %d", plural(t.Partitions, "partition"), t.ReplicationFactor)
		for _, name := range slices.Sorted(maps.Keys(t.Config)) {
			text += ", " + name + "=" + t.Config[name]
		}
		if t.Copies > 0 {
			text += fmt.Sprintf(", %d copies", t.Copies)
		}
		if t.Existing {
			text += ", not the run’s own"
		}
		add("topic "+t.Logical, text)
	}
	add("integrity", begin.Integrity)
	if begin.NullSinkRecordsPerSecond > 0 {
		add("ceiling of the instrument", unit.Format(begin.NullSinkRecordsPerSecond, "records/s")+" into a null sink")
	}
	return d
}

func versions(run *results.Run, of string) Detail {
	d := Detail{Heading: "Versions" + of, Hint: versionsText(run.Manifest.Versions)}
	for _, name := range slices.Sorted(maps.Keys(run.Manifest.Versions)) {
		d.Facts = append(d.Facts, Fact{name, run.Manifest.Versions[name]})
	}
	return d
}

// repeat shows the command and the resolved scenario.
func repeat(run *results.Run, of string) Detail {
	m := run.Manifest
	d := Detail{Heading: "Repeat this run" + of, Hint: m.ID}
	if len(m.Command) > 0 {
		d.Lines = append(d.Lines, "$ "+shellCommand(m.Command), "")
	}
	if m.Scenario != "" {
		d.Lines = append(d.Lines, strings.Split(strings.TrimRight(m.Scenario, "\n"), "\n")...)
	}
	return d
}

// shellCommand quotes the words of a command that a shell would take apart.
func shellCommand(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = word
		if word == "" || strings.ContainsAny(word, " \t\n\"'\\$&|;<>()*?[]{}~#!`") {
			quoted[i] = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
	}
	return strings.Join(quoted, " ")
}
