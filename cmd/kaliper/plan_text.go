package main

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"
	"time"

	"kaliper/internal/property"
	"kaliper/internal/unit"
	"kaliper/scenarios"
)

// mostCasesPrinted keeps a large matrix from scrolling the answer away.
const mostCasesPrinted = 24

// writeText prints the plan for people, the answer first.
func (p *plan) writeText(w io.Writer) error {
	var b bytes.Buffer
	fmt.Fprintln(&b, p.headline())
	if p.scenario.Description != "" {
		fmt.Fprintln(&b, p.scenario.Description)
	}
	fmt.Fprintln(&b)
	p.writeFacts(&b)
	if len(p.scenario.Cases) > 1 {
		p.writeCases(&b)
	}
	p.writeSettings(&b)
	for _, warning := range p.warnings() {
		fmt.Fprintf(&b, "warning: %s\n", warning)
	}
	_, err := b.WriteTo(w)
	return err
}

// headline is the answer: 3 cases x 6 repeats = 18 trials, about 24 min.
func (p *plan) headline() string {
	e := p.estimate
	if p.sweep.choose != nil {
		return fmt.Sprintf("%s: the best of %s, about %s, about %s", p.scenario.Name, counted(e.Cases, "case"), counted(p.sweep.trials, "trial"), roughly(p.sweep.expected()))
	}
	return fmt.Sprintf("%s: %s × %s = %s, about %s", p.scenario.Name,
		counted(e.Cases, "case"), counted(e.Repeats, "repeat"), counted(e.Trials, "trial"), roughly(e.Duration))
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return unit.Number(float64(n)) + " " + noun + "s"
}

// roughly rounds an estimate to what it is worth.
func roughly(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", int(math.Ceil(d.Seconds())))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(math.Round(d.Minutes())))
	default:
		return fmt.Sprintf("%.1f h", d.Hours())
	}
}

func (p *plan) writeFacts(w io.Writer) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	load := p.scenario.Cases[0].Load
	for _, target := range targetsOf(p.scenario.Cases) {
		fmt.Fprintf(t, "target\t%s\n", targetText(target))
	}
	for i, topic := range load.Topics {
		if topic.CopyOf != "" && i > 0 && load.Topics[i-1].CopyOf == topic.CopyOf {
			continue
		}
		fmt.Fprintf(t, "topic %s\t%s%s\n", topic.Declared(), copiesText(load, topic), topicText(topic))
	}
	for _, g := range load.Producers {
		fmt.Fprintf(t, "producers %s\t%s to %s, %s, %s\n", g.Name, g.RateText, g.Topic, counted(g.Clients, "client"), g.Send)
	}
	for _, g := range load.Consumers {
		fmt.Fprintf(t, "consumers %s\t%s of %s, from %s%s\n", g.Name, counted(g.Members, "member"), strings.Join(g.Topics, ", "), g.Start.From, failuresText(g.Failures))
	}
	for _, p := range load.Pipelines {
		fmt.Fprintf(t, "pipeline %s\t%s from %s to %s, %s, a commit every %s%s\n", p.Name, counted(p.Members, "member"),
			p.From, p.To, p.Guarantee, unit.FormatDuration(p.CommitInterval), failuresText(p.Failures))
	}
	fmt.Fprintf(t, "one trial\twarm-up %s, window %s, drain at most %s\n",
		unit.FormatDuration(load.Warmup), unit.FormatDuration(load.Duration), unit.FormatDuration(load.Drain))
	if does := lookedAt(load.Verify); does != "" {
		fmt.Fprintf(t, "after it\t%s\n", does)
	}
	e := p.estimate
	if one := e.PerCase[0]; math.IsNaN(one.Records) {
		fmt.Fprintf(t, "records\tas many as the system takes (rate: max), so disk space is not known beforehand\n")
	} else {
		fmt.Fprintf(t, "records\t%s a trial, %s of key and value%s\n", unit.Number(math.Round(one.Records)), unit.Format(one.Bytes, "bytes"), p.ofFirstCase())
		fmt.Fprintf(t, "broker disk\tat most %s at a time, %s written in all (replicas counted, before compression)\n",
			unit.Format(e.PeakTopicBytes, "bytes"), unit.Format(e.TopicBytes*p.share(), "bytes"))
	}
	fmt.Fprintf(t, "own memory\tat most about %s (buffer.memory of every client included)\n", unit.Format(float64(e.PeakMemoryBytes), "bytes"))
	switch {
	case p.sweep.choose != nil:
		fmt.Fprintf(t, "choice\t%s\n", p.sweep.says)
	case p.sweep.says != "":
		fmt.Fprintf(t, "budget\t%s\n", p.sweep.says)
	}
	if p.sweep.longest() > longRun {
		fmt.Fprintf(t, "duration\tmore than an hour: run asks for --yes, or takes --budget\n")
	}
	if p.sweep.choose == nil {
		fmt.Fprintf(t, "statistics\t%s\n", intervalText(e))
		if r := p.resolution(); r != nil {
			for _, line := range r.lines(e.Repeats) {
				fmt.Fprintf(t, "\t%s\n", line)
			}
		}
	}
	for i, c := range p.scenario.Expect {
		name := ""
		if i == 0 {
			name = "expected"
		}
		fmt.Fprintf(t, "%s\t%s\n", name, c)
	}
	_ = t.Flush() // into a buffer
	fmt.Fprintln(w)
}

// lookedAt says what becomes of the log after a trial's load.
func lookedAt(v scenarios.Verify) string {
	var does []string
	if v.Compaction {
		does = append(does, "wait until compaction has come to rest, two minutes at most, and count what it left")
	}
	if v.Readback {
		does = append(does, "read back from the log what was written")
	}
	return strings.Join(does, "; ")
}

func (p *plan) ofFirstCase() string {
	for _, c := range p.estimate.PerCase {
		if c.Records != p.estimate.PerCase[0].Records || c.Bytes != p.estimate.PerCase[0].Bytes {
			return " in the first case"
		}
	}
	return ""
}

func targetText(t scenarios.Target) string {
	if t.Embedded {
		return "embedded: the simulated broker, which says nothing of how fast a real cluster is"
	}
	return t.Name + ", " + t.Properties.Get("bootstrap.servers").Printed()
}

// copiesText says how many equal topics there are; empty where there is one.
func copiesText(load scenarios.Load, t scenarios.Topic) string {
	if t.CopyOf == "" {
		return ""
	}
	return fmt.Sprintf("%d copies, each with ", len(load.CopiesOf(t.CopyOf)))
}

func topicText(t scenarios.Topic) string {
	if t.Existing != "" {
		return "the existing " + t.Existing + ", left as it is"
	}
	replicas := "the cluster's replication factor"
	if t.ReplicationFactor > 0 {
		replicas = fmt.Sprintf("replication factor %d", t.ReplicationFactor)
	}
	name := ""
	switch {
	case t.RealName != "":
		name = ", named " + t.RealName
	case t.Prefix != "":
		name = ", its name begins with " + t.Prefix
	}
	return counted(t.Partitions, "partition") + ", " + replicas + ", the run's own" + name
}

// intervalText says what the number of repeats can show.
func intervalText(e scenarios.Estimate) string {
	switch {
	case e.EnoughRepeats():
		return fmt.Sprintf("%s give a 95%% interval for each median (%.1f%% at the most)", counted(e.Repeats, "repeat"), 100*e.MedianInterval)
	case e.Repeats == 1:
		return "1 repeat: no interval for any median; use repeats: 6 or more"
	default:
		return fmt.Sprintf("%s: the interval for a median reaches %.3g%%, not 95%%; use repeats: 6 or more", counted(e.Repeats, "repeat"), 100*e.MedianInterval)
	}
}

func (p *plan) writeCases(w io.Writer) {
	fmt.Fprintln(w, "Cases")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for i, c := range p.scenario.Cases {
		if i == mostCasesPrinted && !p.all {
			fmt.Fprintf(t, "  ...\t%d more, which --all prints\n", len(p.scenario.Cases)-i)
			break
		}
		fmt.Fprintf(t, "  %s\t%s\n", c.ID, caseLabel(c))
	}
	_ = t.Flush() // into a buffer
	fmt.Fprintln(w)
}

func (p *plan) writeSettings(w io.Writer) {
	for _, g := range p.groups {
		shown := p.shown(g)
		if len(shown) == 0 {
			fmt.Fprintf(w, "%s: all client properties are Kafka %s's defaults\n\n", g.name, property.KafkaVersion)
			continue
		}
		fmt.Fprintln(w, g.name)
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, s := range shown {
			value := strings.Join(s.values, " | ")
			if value == "" {
				value = `""`
			}
			origin := s.Origin
			if len(s.values) > 1 {
				origin = "varied, " + origin
			}
			fmt.Fprintf(t, "  %s\t%s\t%s\t%s\n", s.Name, value, s.Class, origin)
		}
		_ = t.Flush() // into a buffer
		for _, s := range shown {
			if s.UserSet && s.Class != property.Honoured {
				fmt.Fprintf(w, "  %s is %s: %s\n", s.Name, s.Class, s.How)
			}
		}
		fmt.Fprintln(w)
	}
	defaults := p.approximatedDefaults()
	if len(defaults) == 0 {
		return
	}
	if !p.all {
		var names []string
		for _, d := range defaults {
			names = append(names, d.Name)
		}
		fmt.Fprintf(w, "Kafka's defaults, approximated (--all says how): %s\n", strings.Join(names, ", "))
		return
	}
	fmt.Fprintln(w, "Kafka's defaults, approximated")
	for _, d := range defaults {
		fmt.Fprintf(w, "  %s: %s\n", d.Name, d.How)
	}
}

// failuresText says what becomes of records that fail; empty where none does.
func failuresText(f scenarios.Failures) string {
	if f.None() {
		return ""
	}
	return fmt.Sprintf(", %s of the records fail: %s", unit.Format(f.Ratio, "ratio"), f.Policy)
}
