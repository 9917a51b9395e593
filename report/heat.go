package report

import (
	"fmt"
	"math"

	"kaliper/internal/analysis"
)

// shades is how many a heat map has.
const shades = 5

// heatSection is the headline metric by the two settings that matter most for it, the others at
// those of the case in question. Every figure in it was measured.
func (s *study) heatSection() *Section {
	if s.variation == nil || len(s.variation.dimensions) < 2 {
		return nil
	}
	down, across := s.twoThatMatter()
	const most = 12
	if len(down.Levels) > most || len(across.Levels) > most {
		return nil
	}
	metric := s.headline()
	t := &Table{ID: "heat", Caption: metricName(metric) + " by " + down.Name + " and " + across.Name, Heat: true,
		Columns: []Column{{Name: down.Name, Text: true}}}
	for _, level := range across.Levels {
		t.Columns = append(t.Columns, Column{Name: levelName(across, level)})
	}
	lowest, highest := s.rangeOf(metric)
	filled := 0
	for row, level := range down.Levels {
		cells := []Cell{{Text: levelName(down, level), Strong: true}}
		for column := range across.Levels {
			c := s.cellAt(down, row, across, column)
			if c == nil || !c.has(metric) {
				cells = append(cells, Cell{Text: "–", Sort: math.NaN()})
				continue
			}
			filled++
			cell := metricCell(c, metric)
			cell.Tone = roleOf(c)
			cell.Shade = shadeOf(c.median(metric), lowest, highest)
			cells = append(cells, cell)
		}
		t.Rows = append(t.Rows, Row{Cells: cells})
	}
	if filled < 3 {
		return nil
	}
	section := &Section{ID: "heat", Heading: capital(down.Name) + " by " + across.Name, Table: t, See: s.heatSee(down, across)}
	note := "A stronger shade is more " + metricName(metric) + ", on a log scale."
	if rest := s.heldAt(down, across); rest != "" {
		note += " Held: " + rest + "."
	}
	section.Notes = []string{note}
	return section
}

// twoThatMatter returns the dimensions with the widest effects on the headline.
func (s *study) twoThatMatter() (first, second analysis.Dimension) {
	width := map[string]float64{}
	for _, i := range s.variation.influences {
		if i.Metric == s.headline() && !i.Interacts() {
			width[i.Setting] = max(width[i.Setting], math.Abs(math.Log(i.Ratio)))
		}
	}
	all := s.variation.dimensions
	best, next := 0, -1
	for k := range all {
		if width[all[k].Name] > width[all[best].Name] {
			best = k
		}
	}
	for k := range all {
		if k != best && (next < 0 || width[all[k].Name] > width[all[next].Name]) {
			next = k
		}
	}
	return all[best], all[next]
}

// cellAt returns the case at the levels of two dimensions that agrees with the case in question
// in all others.
func (s *study) cellAt(down analysis.Dimension, row int, across analysis.Dimension, column int) *subject {
	reference := s.heatReference()
	for i, c := range s.subjects {
		if down.Level(i) != row || across.Level(i) != column {
			continue
		}
		agrees := true
		for _, d := range s.variation.dimensions {
			if d.Name != down.Name && d.Name != across.Name && d.Level(i) != d.Level(reference) {
				agrees = false
			}
		}
		if agrees {
			return c
		}
	}
	return nil
}

// heatReference is the index of the case whose other settings a heat map keeps.
func (s *study) heatReference() int { return max(s.variation.focus, 0) }

// heldAt says what the other settings are.
func (s *study) heldAt(down, across analysis.Dimension) string {
	var held []string
	for _, d := range s.variation.dimensions {
		if d.Name != down.Name && d.Name != across.Name {
			held = append(held, d.Name+" "+d.Levels[d.Level(s.heatReference())])
		}
	}
	return enumerate(held, "and")
}

func (s *study) rangeOf(metric string) (lowest, highest float64) {
	lowest, highest = math.Inf(1), 0
	for _, c := range s.subjects {
		if v := c.median(metric); v > 0 && !math.IsInf(v, 1) {
			lowest, highest = min(lowest, v), max(highest, v)
		}
	}
	return lowest, highest
}

// shadeOf returns 1, light, to shades, dark; infinite values are the darkest.
func shadeOf(v, lowest, highest float64) int {
	switch {
	case math.IsNaN(v) || v <= 0:
		return 1
	case v >= highest:
		return shades
	case highest <= lowest*1.02:
		return 1
	}
	return 1 + min(shades-1, int(float64(shades)*math.Log(v/lowest)/math.Log(highest/lowest)))
}

// levelName is a value with its setting's name where it says nothing alone.
func levelName(d analysis.Dimension, level string) string {
	if startsWithDigit(level) || level == "true" || level == "false" {
		return d.Name + noBreakSpace + level
	}
	return level
}

// heatSee says which of the two settings moves the metric more.
func (s *study) heatSee(down, across analysis.Dimension) string {
	spread := func(d analysis.Dimension) (ratio float64) {
		ratio = 1
		for _, i := range s.variation.influences {
			if i.Metric == s.headline() && !i.Interacts() && i.Setting == d.Name && i.Clear() {
				ratio = max(ratio, i.Ratio, 1/i.Ratio)
			}
		}
		return ratio
	}
	rows, columns := spread(down), spread(across)
	switch {
	case rows > 1 && columns > 1:
		return fmt.Sprintf("%s moves %s by a factor of up to %s, %s by up to %s.", capital(down.Name), metricName(s.headline()),
			split(rows, "1").number, across.Name, split(columns, "1").number)
	case rows > 1:
		return fmt.Sprintf("Rows differ, columns do not detectably: it is %s that moves %s.", down.Name, metricName(s.headline()))
	}
	return ""
}
