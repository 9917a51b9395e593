package report

import (
	"fmt"
	"math"
	"strings"

	"kaliper/internal/analysis/search"
	"kaliper/results"
)

// contradictionTable begins the ids of the tables of trials that contradict each other.
const contradictionTable = "contradiction-"

// contradicts says whether a table is one of trials that contradict each other.
func contradicts(t Table) bool { return strings.HasPrefix(t.ID, contradictionTable) }

// contradiction lists the points at which a case does not get worse with the rate; nil for none.
// Trials of one kind that show the same at one rate are one row.
func (s *Search) contradiction(index int, c results.SearchCase) *Section {
	if len(c.ContradictingTrials) == 0 {
		return nil
	}
	t := &Table{ID: fmt.Sprintf("%s%d", contradictionTable, index+1), Caption: "Trials that contradict each other", Columns: []Column{
		{Name: "offered"}, {Name: "Kind", Text: true}, {Name: "trials"}, {Name: "Finding", Text: true}, {Name: "Why", Text: true},
	}}
	for _, group := range samePoints(c.ContradictingTrials) {
		first := group[0]
		kind, why := "short", first.By
		if first.Hold {
			kind = "hold"
		}
		if len(group) == 1 && first.Text != "" {
			why = first.Text
		}
		finding := Cell{Text: first.Finding}
		if first.Finding != string(search.Passes) {
			finding.Tone = AsTrouble
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{
			{Text: rate(first.RecordsPerSecond)}, {Text: kind}, {Text: fmt.Sprint(len(group))}, finding, {Text: why},
		}})
	}
	section := &Section{ID: t.ID, Heading: "Not monotone", Table: t, See: "Trials that fail although one passes above them, and trials that pass although one fails below them."}
	if named := s.caseName(c); named != "" {
		section.Heading += ": " + named
	}
	if highest := failsBelow(c); highest > 0 {
		section.Notes = append(section.Notes, fmt.Sprintf("It fails at lower rates, too, up to %s: a load that falls so far no longer meets the objectives. A latency falls while the rate rises where records wait for their batch, as with linger.ms.", rate(highest)))
	}
	return section
}

// samePoints gathers trials of one kind at one rate that show the same, in the order in which they came.
func samePoints(trials []results.ContradictingTrial) [][]results.ContradictingTrial {
	type point struct {
		rate        float64
		hold        bool
		finding, by string
	}
	at := map[point]int{}
	var groups [][]results.ContradictingTrial
	for _, t := range trials {
		p := point{t.RecordsPerSecond, t.Hold, t.Finding, t.By}
		i, known := at[p]
		if !known {
			i = len(groups)
			at[p] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], t)
	}
	return groups
}

// failsBelow is the highest rate below what holds from which down every trial fails; 0 for none.
func failsBelow(c results.SearchCase) float64 {
	lowest := math.Inf(1) // that passes
	for _, t := range c.Trials {
		if t.Finding == string(search.Passes) {
			lowest = min(lowest, t.RecordsPerSecond)
		}
	}
	highest := 0.0
	for _, t := range c.ContradictingTrials {
		if c.RecordsPerSecond > 0 && t.RecordsPerSecond < lowest {
			highest = max(highest, t.RecordsPerSecond)
		}
	}
	return highest
}
