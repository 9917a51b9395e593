package report

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"

	"kaliper/internal/unit"
	"kaliper/results"
)

// NewPlan puts a plan into words: the recommendation first, then the curves that it stands on,
// how well the model knows what it did not see, and all that was measured.
func NewPlan(plan results.Plan) *Document {
	p := planPage{plan}
	d := &Document{
		Title:    p.title(),
		Kind:     "capacity plan",
		Runs:     plan.Runs,
		Verdicts: []Verdict{p.verdict()},
		Answer:   p.answer(),
		Facts:    p.facts(),
		Warnings: plan.Warnings,
	}
	d.AnswerNotes = p.notes()
	d.AnswerTable = p.countsTable()
	for _, section := range []*Section{p.rulesSection(), p.nextSection()} {
		if section != nil {
			d.Sections = append(d.Sections, *section)
		}
	}
	d.Sections = append(d.Sections, p.curveSections()...)
	for _, section := range []*Section{p.residualsSection(), p.termsSection(), p.pointsSection()} {
		if section != nil {
			d.Sections = append(d.Sections, *section)
		}
	}
	if len(plan.LeftOut) > 0 {
		detail := Detail{Heading: "Trials that the model does not know", Hint: plural(len(plan.LeftOut), "trial")}
		detail.Lines = plan.LeftOut
		d.Details = append(d.Details, detail)
	}
	return d
}

// WritePlanJSON writes a plan as plan.json has it.
func WritePlanJSON(w io.Writer, plan results.Plan) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(plan)
}

// planPage is a plan on its way to a document.
type planPage struct{ plan results.Plan }

func (p planPage) title() string {
	d := p.plan.Demand
	grown := d.RecordsPerSecond * d.Growth
	return fmt.Sprintf("What carries %s (%s)?", unit.Format(grown, "records/s"), unit.Format(grown*d.RecordBytes, "bytes/s"))
}

func (p planPage) verdict() Verdict {
	v := Verdict{Aspect: "Plan", Answer: "Answered", Text: "every count has a prediction interval, or was carried in a trial", Good: true}
	switch {
	case len(p.plan.Declined) > 0:
		v.Answer, v.Text, v.Good = "Declined", p.plan.Declined[0].Text, false
	case !p.plan.Complete:
		v.Answer, v.Text, v.Good = "In part", "the trials do not support all that was asked", false
	}
	return v
}

// count returns a count as a sentence has it: 12 partitions.
func (p planPage) count(k results.PlanCount, one string) string {
	switch {
	case k.Value == 0:
		return ""
	case k.AtMost:
		return "at most " + plural(k.Value, one)
	}
	return plural(k.Value, one)
}

func (p planPage) answer() []Sentence {
	var counts []string
	for _, k := range []struct {
		count results.PlanCount
		one   string
	}{{p.plan.Partitions, "partition"}, {p.plan.Producers, "producer"}, {p.plan.Members, "member"}, {p.plan.Brokers, "broker"}} {
		if text := p.count(k.count, k.one); text != "" {
			counts = append(counts, text)
		}
	}
	var answer []Sentence
	if len(counts) > 0 {
		answer = append(answer, Sentence{{Text: "Take "}, {Text: enumerate(counts, "and"), Role: AboutPick}, {Text: "."}})
	}
	if capacity := float64(p.plan.Capacity.Value); capacity > 0 {
		answer = append(answer, Sentence{{Text: "They carry "}, {Text: unit.Format(capacity, "records/s"), Role: AboutPick},
			{Text: p.interval(p.plan.Capacity, "records/s"), Role: AsInterval}, {Text: p.short() + ", and run into their " + p.plan.Bottleneck + " first."}})
	}
	if p99 := float64(p.plan.P99.Value); p99 > 0 {
		text := fmt.Sprintf("At the planned rate ack p99 is %s", unit.Format(p99, "s"))
		wait := float64(p.plan.LingerWaitSeconds)
		answer = append(answer, Sentence{{Text: text}, {Text: p.interval(p.plan.P99, "s"), Role: AsInterval},
			{Text: fmt.Sprintf(", of which waiting for a batch is %s.", unit.Format(wait, "s"))}})
	}
	for _, r := range p.plan.Declined {
		answer = append(answer, Sentence{{Text: "Declined", Role: AsTrouble}, {Text: ": " + r.Text + "."}})
	}
	if len(p.plan.Declined) == 0 {
		answer = append(answer, p.missing()...)
	}
	return answer
}

// short says that the counts carry less than is needed: where one was declined, or by the model
// alone; empty where they carry enough.
func (p planPage) short() string {
	needed := p.plan.Demand.NeededRecordsPerSecond
	if float64(p.plan.Capacity.Value) >= needed {
		return ""
	}
	text := fmt.Sprintf(", less than the %s that are needed", unit.Format(needed, "records/s"))
	if p.plan.Partitions.Value > 0 && p.plan.Producers.Value > 0 && (p.plan.Members.Value > 0 || p.plan.Demand.Groups == 0) {
		text += ", though a trial carried as much"
	}
	return text
}

// missing says what there is no answer to, each reason once.
func (p planPage) missing() []Sentence {
	var reasons []string
	without := map[string][]string{}
	for _, k := range []struct {
		declined []results.Reason
		what     string
	}{
		{p.plan.Partitions.Declined, "number of partitions"}, {p.plan.Producers.Declined, "number of producers"},
		{p.plan.Members.Declined, "number of members"}, {p.plan.Brokers.Declined, "number of brokers"},
		{p.plan.P50.Declined, "ack p50"}, {p.plan.P99.Declined, "ack p99"},
	} {
		if len(k.declined) == 0 {
			continue
		}
		reason := k.declined[0].Text
		if without[reason] == nil {
			reasons = append(reasons, reason)
		}
		without[reason] = append(without[reason], "no "+k.what)
	}
	var sentences []Sentence
	for _, reason := range reasons {
		sentences = append(sentences, Sentence{{Text: capital(enumerate(without[reason], "and")), Role: AsTrouble}, {Text: ": " + reason + "."}})
	}
	return sentences
}

// interval returns an interval for a sentence, with a leading blank; empty for none.
func (p planPage) interval(v results.PlanPrediction, base string) string {
	if v.Interval == nil {
		return ""
	}
	return fmt.Sprintf(" (%s to %s at %s)", unit.Format(float64(v.Interval.Lo), base), unit.Format(float64(v.Interval.Hi), base), unit.Format(v.Interval.Level, "ratio"))
}

func (p planPage) notes() []string {
	d := p.plan.Demand
	within := p.plan.Within
	return []string{
		fmt.Sprintf("Needed are %s: %s today, times %s growth, with %s of the capacity free. Counts are the smallest that suffice by the lower end of the prediction interval.",
			unit.Format(d.NeededRecordsPerSecond, "records/s"), unit.Format(d.RecordsPerSecond, "records/s"), unit.Number(d.Growth), unit.Format(d.Headroom, "ratio")),
		fmt.Sprintf("No trial was longer than %s or wrote more than %s to a broker. What lasts longer or writes more (page cache, burst credits of disks and networks, compaction) was not seen: confirm with kaliper search --soak, whose holds last five minutes, and with hours at the planned rate.",
			unit.Format(within.Seconds, "s"), unit.Format(within.BytesPerBroker, "bytes")),
	}
}

func (p planPage) countsTable() *Table {
	t := &Table{ID: "counts", Caption: "What is needed", Columns: []Column{
		{Name: "What", Text: true}, {Name: "take"}, {Name: "prediction"}, {Name: "interval"}, {Name: "Why", Text: true},
	}}
	for _, k := range []struct {
		name  string
		count results.PlanCount
	}{{"partitions", p.plan.Partitions}, {"producers", p.plan.Producers}, {"members of each group", p.plan.Members}, {"brokers", p.plan.Brokers}} {
		row := Row{Cells: []Cell{{Text: k.name}, {Text: "–"}, {Text: "–"}, {Text: "–"}, {Text: ""}}}
		if k.count.Value > 0 {
			row.Cells[1] = Cell{Text: unit.Number(float64(k.count.Value)), Strong: true}
			row.Cells[2] = Cell{Text: unit.Number(float64(k.count.Middle))}
		}
		if i := k.count.Interval; i != nil && i.Level > 0 {
			row.Cells[3] = Cell{Text: fmt.Sprintf("%s to %s at %s", unit.Number(float64(i.Lo)), unit.Number(float64(i.Hi)), unit.Format(i.Level, "ratio"))}
		}
		switch {
		case len(k.count.Declined) > 0:
			row.Cells[4].Text = "declined, as said above" // a reason is too long for a cell
		case k.count.AtMost:
			row.Cells[4].Text = "so many carried it in a trial without being what bounds; fewer may do"
		case k.name == "brokers" && k.count.Interval != nil && k.count.Interval.Level == 0:
			row.Cells[4].Text = fmt.Sprintf("by the limits that were given, with %d away", p.plan.Demand.Survive)
		}
		t.Rows = append(t.Rows, row)
	}
	for _, k := range []struct {
		name, text string
	}{
		{"disk, all brokers", unit.Format(p.plan.DiskBytes, "bytes")},
		{"network in, all brokers", unit.Format(p.plan.NetworkInBytesPerSecond, "bytes/s")},
		{"network out, all brokers", unit.Format(p.plan.NetworkOutBytesPerSecond, "bytes/s")},
	} {
		t.Rows = append(t.Rows, Row{Cells: []Cell{{Text: k.name}, {Text: k.text, Strong: true}, {Text: "–"}, {Text: "–"}, {Text: p.bytesWhy(k.name)}}})
	}
	return t
}

func (p planPage) bytesWhy(name string) string {
	d := p.plan.Demand
	switch {
	case strings.HasPrefix(name, "disk"):
		const day = 24 * 60 * 60
		kept := unit.Format(d.RetentionSeconds, "s")
		if d.RetentionSeconds >= 2*day {
			kept = unit.Number(d.RetentionSeconds/day) + " days"
		}
		return fmt.Sprintf("%s kept, %s of the disk free", kept, unit.Format(d.Headroom, "ratio"))
	case strings.HasPrefix(name, "network in"):
		return plural(d.ReplicationFactor, "replica")
	}
	return fmt.Sprintf("%s and %s", plural(d.Groups, "group"), plural(d.ReplicationFactor-1, "follower"))
}

func (p planPage) facts() []Fact {
	d := p.plan.Demand
	facts := []Fact{
		{"Records", fmt.Sprintf("%s, %s of them on the wire with compression.type %s", unit.Format(d.RecordBytes, "bytes"), unit.Format(d.WireBytesPerRecord, "bytes"), d.Compression)},
		{"Readers", plural(d.Groups, "group")},
		{"Replicas", fmt.Sprintf("%d, of brokers %d may be away", d.ReplicationFactor, d.Survive)},
		{"Learned from", fmt.Sprintf("%s in %s, %s of it", plural(p.plan.Within.Trials, "trial"), enumerate(p.plan.Runs, "and"), plural(len(p.plan.Points), "configuration"))},
	}
	return facts
}

// finitePrediction says whether there is something to draw.
func finitePrediction(v results.PlanPrediction) bool {
	f := float64(v.Value)
	return f > 0 && !math.IsInf(f, 1)
}
