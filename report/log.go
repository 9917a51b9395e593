package report

import (
	"fmt"
	"math"

	"kaliper/internal/analysis"
)

// inTheLog says whether a table is of this file.
func inTheLog(t Table) bool { return t.ID == "readback" || t.ID == "compaction" }

// compactionSection shows what compaction left of each topic, trial by trial.
func (s *study) compactionSection() *Section {
	t := &Table{ID: "compaction", Caption: "Compaction", Columns: []Column{
		{Name: "Trial", Text: true}, {Name: "Topic", Text: true}, {Name: "Written"}, {Name: "Left"}, {Name: "left by compaction"},
		{Name: "Different keys"}, {Name: "keys of written"}, {Name: "Waited"}, {Name: "Not known", Text: true},
	}}
	total := 0
	for _, of := range s.journals() {
		if of.journal.End == nil {
			continue
		}
		for _, c := range of.journal.End.Compaction {
			if total++; total > mostIncidents {
				continue
			}
			reached, least := analysis.CompactionRatios(c)
			t.Rows = append(t.Rows, Row{Tone: roleOf(of.subject), Cells: []Cell{
				{Text: of.name, Strong: true}, {Text: c.Topic},
				{Text: count(c.Written), Sort: float64(c.Written)}, {Text: count(c.Remaining), Sort: float64(c.Remaining)}, shareOrNone(reached),
				numberOrNone(c.Keys), shareOrNone(least), {Text: value(c.WaitSeconds, "s"), Sort: c.WaitSeconds}, {Text: c.Unknown},
			}})
		}
	}
	if total == 0 {
		return nil
	}
	return &Section{ID: "compaction", Heading: "What compaction left", Table: t,
		See: fmt.Sprintf("%s of compacted topics after the load%s.", capital(plural(total, "reading")), firstOf(total)),
		Notes: []string{
			"Left are the records that a read from the trial’s first to the end returned, when the logs had not shrunk for as long as their cleaner sleeps.",
			"The active segment of a partition is never compacted: what is in it stays, however often its keys come again.",
		}}
}

// readbackSection shows what was read back from the log, trial by trial.
func (s *study) readbackSection() *Section {
	t := &Table{ID: "readback", Caption: "Read back from the log", Columns: []Column{
		{Name: "Trial", Text: true}, {Name: "Records"}, {Name: "Took"}, {Name: "Lost"}, {Name: "Duplicated"}, {Name: "Reordered"}, {Name: "Corrupted"},
		{Name: "Aborted"}, {Name: "Torn"}, {Name: "Not known", Text: true},
	}}
	total := 0
	for _, of := range s.journals() {
		if of.journal.End == nil || of.journal.End.Readback == nil {
			continue
		}
		if total++; total > mostIncidents {
			continue
		}
		back := of.journal.End.Readback
		i := back.Integrity
		cells := []Cell{
			{Text: of.name, Strong: true}, {Text: count(back.Records), Sort: float64(back.Records)}, {Text: value(back.Seconds, "s"), Sort: back.Seconds},
		}
		for _, n := range []int64{i.Lost, i.Duplicated, i.Reordered, i.Corrupted, i.AbortedRead, i.Torn} {
			cell := Cell{Text: count(n), Sort: float64(n)}
			if n == 0 && i.Unknown != "" {
				cell = Cell{Text: "–", Sort: math.NaN()}
			}
			cells = append(cells, cell)
		}
		t.Rows = append(t.Rows, Row{Tone: roleOf(of.subject), Cells: append(cells, Cell{Text: i.Unknown})})
	}
	if total == 0 {
		return nil
	}
	return &Section{ID: "readback", Heading: "Read back from the log", Table: t,
		See:   fmt.Sprintf("What the log held of %s when the load was over%s.", plural(total, "trial"), firstOf(total)),
		Notes: []string{"Read by a client of its own, which is in no group: what is missing here was acknowledged and is not in the log, whatever consumers have read."}}
}

func shareOrNone(ratio float64) Cell {
	if math.IsNaN(ratio) {
		return Cell{Text: "–", Sort: math.NaN()}
	}
	return Cell{Text: value(ratio, "ratio"), Sort: ratio}
}
