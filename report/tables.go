package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"kaliper/results"
)

// answerTable shows the figures beside the answer: of two subjects with the change between
// them, of one with their intervals. More than two have the table of all cases.
func (s *study) answerTable() *Table {
	switch len(s.subjects) {
	case 1:
		return s.figuresTable(s.subjects[0])
	case 2:
		return s.pairTable(s.subjects[0], s.subjects[1])
	}
	if s.variation != nil && s.variation.focus > 0 {
		return s.pairTable(s.subjects[0], s.focus())
	}
	return nil
}

func (s *study) figuresTable(c *subject) *Table {
	t := &Table{ID: "figures", Caption: "Figures of the run", Columns: []Column{{Name: "", Text: true}, {Name: medianHeading(s.trialCount(c))}}}
	for _, metric := range displayed() {
		if !c.has(metric) || c.median(metric) == 0 && ordinaryZero(metric) {
			continue
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{{Text: metricName(metric)}, metricCell(c, metric)}})
	}
	return t
}

// ordinaryZero names counts that are worth a line only when there is something to count.
func ordinaryZero(metric string) bool {
	switch metric {
	case "lag.seconds.max", "rebalances.count", "fetch.follower.ratio", "share.released.count", "share.rejected.count", "redelivered", "reordered", "corrupted", "slip.blocked.p99":
		return true
	}
	return false
}

func medianHeading(trials int) string {
	if trials == 1 {
		return "value"
	}
	return "median"
}

func (s *study) pairTable(base, other *subject) *Table {
	t := &Table{ID: "pair", Caption: "Both cases and the change between them", Columns: pairColumns(s, base, other)}
	for _, metric := range append([]string{
		"ack.p50", "ack.p99", "ack.p99_9", "service.p99", "e2e.p99", "acked.records_per_second", "cpu.seconds_per_record", "wire.bytes_per_record",
	}, s.troubled()...) {
		if !base.has(metric) && !other.has(metric) || metric == "service.p99" && base.has("ack.p99") {
			continue
		}
		t.Rows = append(t.Rows, pairRow(metricName(metric), metric, base, other))
	}
	return t
}

// pairColumns are those of a table of two cases and the change between them.
func pairColumns(s *study, base, other *subject) []Column {
	columns := []Column{
		{Name: "", Text: true}, {Name: base.name, Tone: AboutBase}, {Name: other.name, Tone: AboutPick}, {Name: "change"},
	}
	switch trials := other.effectOn(s.headline()).trials; {
	case trials <= 1:
		columns[3].Name = "change (single trials)"
	case trials < fewestForInterval:
		columns[3].Name = "change (no interval)"
	}
	return columns
}

// pairRow is a metric of both, under a name.
func pairRow(name, metric string, base, other *subject) Row {
	e := other.effectOn(metric)
	difference := Cell{Text: "–", Sort: math.NaN()}
	if e.known() {
		difference = Cell{Text: change(e.ratio), Interval: e.interval(), Strong: true, Sort: e.ratio}
		if e.ratio == 1 && !e.measured() {
			difference = Cell{Text: "0", Sort: 1}
		}
	}
	return Row{Cells: []Cell{{Text: name}, metricCell(base, metric), metricCell(other, metric), difference}}
}

// metricCell is a metric of a case with its interval.
func metricCell(c *subject, metric string) Cell {
	v, ok := c.summary.Metrics[metric]
	if !ok {
		return Cell{Text: "–", Sort: math.NaN()}
	}
	q := quantityOf(v)
	cell := Cell{Text: q.number, Unit: perOne(q.unit), Interval: q.interval, Strong: true, Sort: float64(v.Median)}
	cell.Few = c.few(metric)
	return cell
}

// perOne shortens units that a metric's name already explains: µs/record is µs beside "CPU per
// record".
func perOne(suffix string) string {
	return strings.TrimSuffix(suffix, "/record")
}

// few says whether a percentile of the case has fewer than 20 records beyond it in any trial.
func (c *subject) few(metric string) bool {
	return slices.ContainsFunc(c.summary.Trials, func(t results.SummaryTrial) bool { return t.Metrics[metric].Few })
}

// casesSection is the table of all cases, which a page lets its reader sort.
func (s *study) casesSection() *Section {
	if len(s.subjects) < 2 {
		return nil
	}
	metrics := s.columns([]string{
		"ack.p50", "ack.p99", "ack.p99_9", "cpu.seconds_per_record", "wire.bytes_per_record", "e2e.p99",
		"acked.records_per_second", "batch.records", "lag.records.max", "errors.ratio",
	})
	for _, metric := range append(s.troubled(), s.harmColumns()...) {
		if !slices.Contains(metrics, metric) {
			metrics = append(metrics, metric)
		}
	}
	if s.headline() != "ack.p99" {
		metrics = append(s.columns([]string{"service.p50", "service.p99"}), metrics...)
	}
	t := &Table{ID: "cases", Caption: "All cases", Sorts: true, Columns: []Column{{Name: "Case", Text: true}}}
	largest := map[string]float64{}
	for _, metric := range metrics {
		t.Columns = append(t.Columns, Column{Name: shortName(metric), Unit: s.columnUnit(metric)})
		for _, c := range s.subjects {
			if v, ok := c.summary.Metrics[metric]; ok {
				for _, x := range []float64{float64(v.Median), intervalHigh(v)} {
					if !math.IsNaN(x) && !math.IsInf(x, 0) {
						largest[metric] = max(largest[metric], x)
					}
				}
			}
		}
	}
	t.Columns = append(t.Columns, Column{Name: "Trials"}, Column{Name: "Outcome", Text: true})
	if s.variation != nil {
		for _, d := range s.variation.dimensions {
			t.Filters = append(t.Filters, Filter{Name: d.Name, Values: d.Levels})
		}
	}
	for i, c := range s.subjects {
		row := Row{ID: fmt.Sprintf("case-%d", i+1), Tone: roleOf(c), Cells: []Cell{{Text: c.name, Strong: true, Sort: float64(i)}}}
		if s.variation != nil {
			for _, d := range s.variation.dimensions {
				row.Kinds = append(row.Kinds, d.Levels[d.Level(i)])
			}
		}
		for _, metric := range metrics {
			cell := metricCell(c, metric)
			if cell.Unit == perOne(s.columnUnit(metric)) {
				cell.Unit = ""
			}
			if !barred(metric) {
				cell.Interval = ""
			} else {
				cell.Bar = barOf(c.summary.Metrics[metric], largest[metric])
			}
			row.Cells = append(row.Cells, cell)
		}
		outcome := outcomesText(c.summary.Trials)
		if s.harmOf(c) != nil {
			outcome += ", left out"
		}
		row.Cells = append(row.Cells,
			Cell{Text: count(int64(len(c.summary.Trials))), Sort: float64(len(c.summary.Trials))},
			Cell{Text: outcome, Sort: float64(i)})
		t.Rows = append(t.Rows, row)
	}
	section := &Section{ID: "all-cases", Heading: "All cases", Table: t}
	section.See = fmt.Sprintf("%s, in the order of the scenario.", capital(plural(len(s.subjects), "case")))
	for _, c := range s.subjects {
		if v := c.summary.Metrics[s.headline()]; v.Interval != nil && v.Interval.Level >= leastLevel {
			section.Notes = append(section.Notes, fmt.Sprintf("Bars start at 0; jaws are %s intervals.", levelText(v.Interval.Level)))
			break
		}
	}
	return section
}

func barred(metric string) bool {
	return metric == "ack.p99" || metric == "cpu.seconds_per_record" || metric == "wire.bytes_per_record"
}

func intervalHigh(v results.MetricValue) float64 {
	if v.Interval == nil || v.Interval.Level < leastLevel {
		return math.NaN()
	}
	return float64(v.Interval.Hi)
}

func barOf(v results.MetricValue, largest float64) *Bar {
	median := float64(v.Median)
	if largest <= 0 || math.IsNaN(median) || math.IsInf(median, 0) {
		return nil
	}
	bar := &Bar{Value: median / largest, Low: math.NaN(), High: math.NaN()}
	if v.Interval != nil && v.Interval.Level >= leastLevel {
		bar.Low = min(float64(v.Interval.Lo)/largest, 1)
		bar.High = min(float64(v.Interval.Hi)/largest, 1)
	}
	return bar
}

// columns returns the metrics that at least one subject has.
func (s *study) columns(wanted []string) []string {
	return slices.DeleteFunc(slices.Clone(wanted), func(metric string) bool {
		return !slices.ContainsFunc(s.subjects, func(c *subject) bool { return c.has(metric) })
	})
}

// columnUnit returns the unit that most subjects' values have, which the heading then says once.
func (s *study) columnUnit(metric string) string {
	times := map[string]int{}
	best := ""
	for _, c := range s.subjects {
		if !c.has(metric) {
			continue
		}
		suffix := quantityOf(c.summary.Metrics[metric]).unit
		times[suffix]++
		if times[suffix] > times[best] || best == "" {
			best = suffix
		}
	}
	return best
}

func outcomesText(trials []results.SummaryTrial) string {
	var names []string
	times := map[string]int{}
	add := func(name string) {
		if times[name] == 0 {
			names = append(names, name)
		}
		times[name]++
	}
	for _, t := range trials {
		switch {
		case t.Trust == results.Untrusted:
			add("untrusted")
		case t.State != results.Complete:
			add(string(t.State))
		default:
			add(string(t.Outcome))
		}
	}
	if len(names) == 1 {
		return names[0]
	}
	var parts []string
	for _, name := range names {
		parts = append(parts, fmt.Sprintf("%d %s", times[name], name))
	}
	return strings.Join(parts, ", ")
}

// trialsSection is the table of all trials, where there is more than one and not too many to
// read; the CSV file always has them.
func (s *study) trialsSection() *Section {
	placed := s.inOrder()
	if len(placed) < 2 || len(placed) > 60 {
		return nil
	}
	metrics := s.columns([]string{"ack.p50", "ack.p99", "service.p99", "e2e.p99", "acked.records_per_second", "cpu.seconds_per_record", "slip.pacer.p99"})
	t := &Table{ID: "trials", Caption: "All trials", Sorts: true, Columns: []Column{{Name: "Trial", Text: true}, {Name: "Round"}}}
	for _, metric := range metrics {
		t.Columns = append(t.Columns, Column{Name: shortName(metric), Unit: s.columnUnit(metric)})
	}
	t.Columns = append(t.Columns, Column{Name: "Findings", Text: true})
	for i, p := range placed {
		row := Row{Tone: roleOf(p.subject), Cells: []Cell{
			{Text: trialName(s, p), Strong: true, Sort: float64(i)},
			{Text: count(int64(p.trial.Round)), Sort: float64(p.trial.Round)},
		}}
		for _, metric := range metrics {
			v, ok := p.trial.Metrics[metric]
			if !ok {
				row.Cells = append(row.Cells, Cell{Text: "–", Sort: math.NaN()})
				continue
			}
			q := split(float64(v.Value), v.Unit)
			if q.unit == s.columnUnit(metric) {
				q.unit = ""
			}
			row.Cells = append(row.Cells, Cell{Text: q.number, Unit: perOne(q.unit), Sort: float64(v.Value)})
		}
		row.Cells = append(row.Cells, Cell{Text: findings(p.trial), Sort: float64(i)})
		t.Rows = append(t.Rows, row)
	}
	return &Section{ID: "all-trials", Heading: "All trials", Table: t,
		See: fmt.Sprintf("%s, in the order of their execution.", capital(plural(len(placed), "trial")))}
}

func trialName(s *study, p placedTrial) string {
	_, number, _ := cutLast(p.trial.ID, "/")
	if len(s.subjects) == 1 {
		return number
	}
	return p.subject.name + " #" + number
}

func findings(t results.SummaryTrial) string {
	var parts []string
	if t.State != results.Complete {
		parts = append(parts, string(t.State))
	}
	if t.Trust == results.Untrusted {
		parts = append(parts, "untrusted")
	}
	if t.Outcome != "" && t.Outcome != results.Sustained {
		parts = append(parts, string(t.Outcome))
	}
	for _, r := range t.Reasons {
		parts = append(parts, strings.ReplaceAll(r.Code, "_", " "))
	}
	return strings.Join(slices.Compact(parts), ", ")
}

// differingSettings is the table of the settings that differ between runs.
func (s *study) differingSettings() *Section {
	if !s.comparesRuns() {
		return nil
	}
	t := &Table{ID: "settings", Caption: "Settings that differ", Columns: []Column{{Name: "Setting", Text: true}}}
	for i := range s.runs {
		t.Columns = append(t.Columns, Column{Name: runName(s.runs, i), Text: true})
	}
	for _, name := range settingNames(s.runs) {
		row := Row{Cells: []Cell{{Text: name}}}
		differ := false
		var first string
		for i, run := range s.runs {
			text := strings.Join(settingValues(run, name), ", ")
			if i == 0 {
				first = text
			}
			differ = differ || text != first
			if text == "" {
				text = "–"
			}
			row.Cells = append(row.Cells, Cell{Text: text})
		}
		if differ {
			t.Rows = append(t.Rows, row)
		}
	}
	section := &Section{ID: "settings-that-differ", Heading: "Settings that differ"}
	if len(t.Rows) == 0 {
		section.See = "No client property, topic or load differs between the runs."
		return section
	}
	section.See = capital(plural(len(t.Rows), "setting")) + " of the clients, the topics or the load."
	section.Table = t
	return section
}

// settingNames returns all names of settings of the runs, in the order of their appearance.
func settingNames(runs []*results.Run) []string {
	var names []string
	for _, run := range runs {
		for _, s := range runSettings(run) {
			if !slices.Contains(names, s.Name) {
				names = append(names, s.Name)
			}
		}
	}
	return names
}

// settingValues returns the values that a setting has in the cases of a run.
func settingValues(run *results.Run, name string) []string {
	var values []string
	for _, s := range runSettings(run) {
		if s.Name == name && !slices.Contains(values, s.Text) {
			values = append(values, s.Text)
		}
	}
	return values
}

// runSettings lists the load, the topics and the client properties of a run.
func runSettings(run *results.Run) []Fact {
	var settings []Fact
	// The load is the same in all trials of a run but for what is varied, which is below.
	if len(run.Trials) > 0 {
		trial := run.Trials[0]
		for _, topic := range trial.Begin.Topics {
			settings = append(settings,
				Fact{"topics." + topic.Logical + ".partitions", fmt.Sprint(topic.Partitions)},
				Fact{"topics." + topic.Logical + ".replication.factor", fmt.Sprint(topic.ReplicationFactor)})
			if topic.Copies > 0 {
				settings = append(settings, Fact{"topics." + topic.Logical + ".copies", fmt.Sprint(topic.Copies)})
			}
		}
		for _, p := range trial.Begin.Producers {
			settings = append(settings,
				Fact{"producers." + p.Name + ".rate", p.Rate},
				Fact{"producers." + p.Name + ".clients", fmt.Sprint(p.Clients)},
				Fact{"producers." + p.Name + ".send", p.Send})
		}
		for _, c := range trial.Begin.Consumers {
			settings = append(settings, Fact{"consumers." + c.Name + ".members", fmt.Sprint(c.Members)})
		}
	}
	for _, c := range run.Manifest.Cases {
		for _, p := range c.Effective {
			settings = append(settings, Fact{p.Group + "." + p.Name, p.Value})
		}
		for _, setting := range c.Settings {
			if !slices.ContainsFunc(settings, func(known Fact) bool { return saysSetting(known, setting) }) {
				settings = append(settings, Fact{setting.Path, setting.Value})
			}
		}
	}
	return settings
}

// saysSetting says whether a fact is a varied setting as it came out in one group:
// producers.checkout.linger.ms is producers.*.config.linger.ms.
func saysSetting(known Fact, setting results.Setting) bool {
	if known.Text != setting.Value {
		return false
	}
	before, after, wild := strings.Cut(strings.Replace(setting.Path, ".config.", ".", 1), ".*.")
	if !wild {
		return known.Name == before
	}
	group, found := strings.CutPrefix(known.Name, before+".")
	group, ends := strings.CutSuffix(group, "."+after)
	return found && ends && group != "" && !strings.Contains(group, ".")
}
