package report

import "slices"

// askedTable holds what the scenario's `show` names, under the names that it gives them: metric by
// case. It comes right after the answer, for the scenario's comment says how to read it.
func (s *study) askedTable() *Table {
	metrics := s.askedMetrics()
	if len(metrics) == 0 {
		return nil
	}
	t := &Table{ID: "asked", Caption: "What this scenario asks"}
	if s.comparesRuns() {
		t.Caption = "What the scenarios ask"
	}
	switch len(s.subjects) {
	case 1:
		c := s.subjects[0]
		t.Columns = []Column{{Name: "", Text: true}, {Name: medianHeading(s.trialCount(c))}}
		for _, metric := range metrics {
			t.Rows = append(t.Rows, Row{Cells: []Cell{{Text: metric}, metricCell(c, metric)}})
		}
	case 2:
		base, other := s.subjects[0], s.subjects[1]
		t.Columns = pairColumns(s, base, other)
		for _, metric := range metrics {
			t.Rows = append(t.Rows, pairRow(metric, metric, base, other))
		}
	default:
		t.Columns = []Column{{Name: "Case", Text: true}}
		for _, metric := range metrics {
			t.Columns = append(t.Columns, Column{Name: metric})
		}
		for i, c := range s.subjects {
			row := Row{Tone: roleOf(c), Cells: []Cell{{Text: c.name, Sort: float64(i)}}}
			for _, metric := range metrics {
				row.Cells = append(row.Cells, metricCell(c, metric))
			}
			t.Rows = append(t.Rows, row)
		}
	}
	return t
}

// askedMetrics are those that any of the runs' scenarios names, each once.
func (s *study) askedMetrics() (metrics []string) {
	for _, run := range s.runs {
		for _, metric := range run.Manifest.Show {
			if !slices.Contains(metrics, metric) {
				metrics = append(metrics, metric)
			}
		}
	}
	return metrics
}

// askedOf is the table for a terminal: what is asked is never dropped for want of room, so columns
// that do not fit beside each other come below each other.
func (t *terminal) askedOf(table Table) {
	if len(table.Rows) > 0 && table.Columns[0].Name == "" { // metrics are the rows
		t.table(table)
		return
	}
	for next := 1; next < len(table.Columns); {
		columns := []int{0}
		part := table
		if t.tableWidth(table, []int{0, next}) > t.width {
			part = withoutIntervals(table)
		}
		for ; next < len(table.Columns) && (len(columns) == 1 || t.tableWidth(part, append(slices.Clone(columns), next)) <= t.width); next++ {
			columns = append(columns, next)
		}
		t.rows(part, columns, columnWidths(part, columns))
		if next < len(table.Columns) {
			t.line("")
		}
	}
	if table.hasFew() {
		t.paragraph(faint, fewNote)
	}
}
