package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"kaliper/internal/analysis"
	"kaliper/report/plot"
)

// mostInfluences is how many effects on one metric are drawn: those that stand out, then the
// largest.
const mostInfluences = 12

// influenceSection shows what each setting does to each metric, and which two do together what
// neither does alone.
func (s *study) influenceSection() *Section {
	if s.variation == nil || len(s.variation.influences) == 0 {
		return nil
	}
	figure := plot.Effects{Head: plot.Head{Name: "effects", Title: "What each setting changes, in per cent"},
		Foot: "change against the setting’s first value, ratio scale (log)"}
	table := &Table{ID: "influences", Caption: "What each setting changes", Columns: []Column{
		{Name: "Metric", Text: true}, {Name: "Setting", Text: true}, {Name: "change"}, {Name: "Verdict", Text: true},
	}}
	for _, name := range s.influenced() {
		shown := s.shownInfluences(name)
		if len(shown) == 0 {
			continue
		}
		group := plot.EffectGroup{Name: metricName(name)}
		for _, i := range shown {
			group.Rows = append(group.Rows, influenceRow(i))
			table.Rows = append(table.Rows, Row{Cells: []Cell{{Text: metricName(name)}, {Text: influenceName(i)}, {Text: change(i.Ratio), Interval: intervalOf(i), Strong: i.Clear()},
				{Text: influenceVerdict(i)}}})
		}
		figure.Groups = append(figure.Groups, group)
	}
	section := &Section{ID: "effects", Heading: "What matters", See: s.influenceSee(), Figure: figure, Table: table, Folded: true}
	first := s.variation.influences[0]
	if first.HasInterval {
		section.Notes = append(section.Notes,
			fmt.Sprintf("Each effect is averaged over all values of the other settings, round by round: %s. Jaws: Student’s %s intervals, each of its own effect.",
				plural(first.Rounds, "round"), levelText(first.Interval.Level)),
			fmt.Sprintf("Filled: told from none with Holm’s correction over all %d effects, and over 1%%. Grey band: ±5%%.", len(s.variation.influences)))
	} else {
		section.Notes = append(section.Notes, fmt.Sprintf("There is no interval from %s.", plural(first.Rounds, "round")))
	}
	section.Notes = append(section.Notes, s.interactionNotes()...)
	figure.Description = section.See
	section.Figure = figure
	return section
}

// shownInfluences are the main effects on a metric, and the interactions that stand out.
func (s *study) shownInfluences(name string) []analysis.Influence {
	var main, together []analysis.Influence
	for _, i := range s.variation.influences {
		switch {
		case i.Metric != name:
		case !i.Interacts():
			main = append(main, i)
		case i.Clear():
			together = append(together, i)
		}
	}
	bySize := func(a, b analysis.Influence) int {
		return cmp.Or(-cmp.Compare(truth(a.Clear()), truth(b.Clear())), -cmp.Compare(math.Abs(math.Log(a.Ratio)), math.Abs(math.Log(b.Ratio))))
	}
	if len(main) > mostInfluences {
		slices.SortStableFunc(main, bySize)
		main = main[:mostInfluences]
	}
	slices.SortStableFunc(together, bySize)
	const mostTogether = 4
	return append(main, together[:min(len(together), mostTogether)]...)
}

func truth(b bool) int {
	if b {
		return 1
	}
	return 0
}

func influenceName(i analysis.Influence) string {
	name := fmt.Sprintf("%s %s against %s", i.Setting, i.To, i.From)
	if i.Interacts() {
		name = fmt.Sprintf("%s %s with %s %s, beyond both", i.Setting, i.To, i.Other, i.OtherTo)
	}
	return name
}

func intervalOf(i analysis.Influence) string {
	if !i.HasInterval {
		return ""
	}
	return effect{low: i.Interval.Lo, high: i.Interval.Hi}.interval()
}

func influenceVerdict(i analysis.Influence) string {
	switch i.Change {
	case analysis.NotKnown:
		return "cannot be known from " + plural(i.Rounds, "round")
	case analysis.NoChange:
		if i.Interval.Excludes(1) && math.Abs(i.Ratio-1) < 0.01 {
			return "too small to matter"
		}
		return "no detectable difference; " + shareText(i.Detectable) + " would have shown"
	}
	return string(i.Change)
}

func influenceRow(i analysis.Influence) plot.Effect {
	row := plot.Effect{Name: influenceName(i), Ratio: i.Ratio, Low: math.NaN(), High: math.NaN(), Estimate: change(i.Ratio), Interval: intervalOf(i), Clear: i.Clear(), Tone: plot.Ink}
	if i.HasInterval {
		row.Low, row.High = i.Interval.Lo, i.Interval.Hi
	}
	if !i.Clear() {
		row.Interval = influenceVerdict(i)
	}
	return row
}

// influenceSee says what the largest effect on the headline is, and of how many.
func (s *study) influenceSee() string {
	clear, metrics := 0, map[string]bool{}
	var settings []string
	for _, i := range s.variation.influences {
		if i.Clear() && !i.Interacts() {
			clear++
			metrics[i.Metric] = true
			if !slices.Contains(settings, i.Setting) {
				settings = append(settings, i.Setting)
			}
		}
	}
	switch {
	case !s.variation.influences[0].HasInterval:
		return "What was seen, without a measure of its error: " + lowerFirst(s.tooFew())
	case clear == 0:
		return "No setting has an effect that stands out from the noise between rounds."
	}
	text := capital(enumerate(settings, "and")) + " matter"
	if len(settings) == 1 {
		text = capital(settings[0]) + " matters"
	}
	for _, d := range s.variation.dimensions {
		if !slices.Contains(settings, d.Name) {
			text += "; " + d.Name + " does not detectably"
		}
	}
	return text + "."
}

// interactionNotes say how many interactions were looked for, and what the largest one means.
func (s *study) interactionNotes() []string {
	looked, found := 0, 0
	var widest *analysis.Influence
	detectable := 0.0
	for k := range s.variation.influences {
		i := &s.variation.influences[k]
		if !i.Interacts() || !i.HasInterval {
			continue
		}
		looked++
		detectable = max(detectable, i.Detectable)
		if i.Clear() {
			found++
			if widest == nil || math.Abs(math.Log(i.Ratio)) > math.Abs(math.Log(widest.Ratio)) {
				widest = i
			}
		}
	}
	switch {
	case looked == 0:
		return nil
	case found == 0:
		return []string{fmt.Sprintf("No two settings interact detectably, of %s looked at; %s would have shown in each.", plural(looked, "pair of values"), shareText(detectable))}
	}
	return []string{fmt.Sprintf("%d of %d pairs of values interact. The most: %s %s together with %s %s changes %s by a further %s, beyond what each does alone.", found, looked,
		widest.Setting, widest.To, widest.Other, widest.OtherTo, metricName(widest.Metric), change(widest.Ratio))}
}
