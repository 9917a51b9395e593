package report

import (
	"fmt"
	"math"

	"kaliper/internal/analysis"
	"kaliper/results"
)

// mostIncidents bounds each table of this file.
const mostIncidents = 100

// fewIncidents is how many a terminal shows.
const fewIncidents = 20

// incidents says whether a table is of this file.
func incidents(t Table) bool { return t.ID == "rebalances" || t.ID == "anomalies" || inTheLog(t) }

// rebalancesSection lists the rebalances one by one: what each one moved, how long partitions had
// no owner, and how long records had to wait.
func (s *study) rebalancesSection() *Section {
	t := &Table{ID: "rebalances", Caption: "Rebalances", Columns: []Column{
		{Name: "Trial", Text: true}, {Name: "Group", Text: true}, {Name: "At"}, {Name: "Partitions given"}, {Name: "moved"},
		{Name: "Longest pause"}, {Name: "Longest e2e around it"}, {Name: "e2e p99 else"},
	}}
	total := 0
	for _, of := range s.journals() {
		for _, r := range analysis.Rebalances(of.journal) {
			if total++; total > mostIncidents {
				continue
			}
			t.Rows = append(t.Rows, Row{Tone: roleOf(of.subject), Cells: []Cell{
				{Text: of.name, Strong: true}, {Text: r.Group}, {Text: value(r.Seconds, "s"), Sort: r.Seconds},
				{Text: count(r.Given), Sort: float64(r.Given)}, {Text: count(r.Moved), Sort: float64(r.Moved)},
				{Text: value(r.PauseSeconds, "s"), Sort: r.PauseSeconds},
				secondsOrNone(r.Highest), secondsOrNone(r.Usual),
			}})
		}
	}
	if total == 0 {
		return nil
	}
	return &Section{ID: "rebalances", Heading: "Rebalances", Table: t,
		See: fmt.Sprintf("%s of a group during the load%s.", capital(plural(total, "rebalance")), firstOf(total)),
		Notes: []string{
			"Moved partitions had another owner before. A pause is the time for which a partition had no owner; one that a crash left counts from when the member was missing to the group.",
			"What it cost: the longest end-to-end latency from the pause until 2 s after it, beside the median p99 of the seconds that no rebalance disturbed.",
		}}
}

// anomaliesSection lists the anomalies that the journals name.
func (s *study) anomaliesSection() *Section {
	t := &Table{ID: "anomalies", Caption: "Anomalies", Columns: []Column{
		{Name: "Trial", Text: true}, {Name: "Kind", Text: true}, {Name: "Group", Text: true}, {Name: "Topic", Text: true},
		{Name: "Partition"}, {Name: "Offset"}, {Name: "Producer"}, {Name: "Sequence"}, {Name: "More", Text: true},
	}}
	total := 0
	for _, of := range s.journals() {
		if of.journal.End == nil {
			continue
		}
		for _, a := range of.journal.End.Anomalies {
			if total++; total > mostIncidents {
				continue
			}
			t.Rows = append(t.Rows, Row{Tone: roleOf(of.subject), Cells: []Cell{
				{Text: of.name, Strong: true}, {Text: a.Kind}, {Text: a.Group}, {Text: a.Topic},
				numberOrNone(int64(a.Partition)), numberOrNone(a.Offset), numberOrNone(int64(a.Producer)), numberOrNone(a.Sequence), {Text: a.Text},
			}})
		}
	}
	if total == 0 {
		return nil
	}
	return &Section{ID: "anomalies", Heading: "Anomalies, record by record", Table: t,
		See:   fmt.Sprintf("%s in full%s.", anomaliesText(total), firstOf(total)),
		Notes: []string{"A journal keeps the first 100 of its trial; the counts among the figures are of all. A record is named by its producer, counted over all clients of the trial, and its sequence in the partition that it was produced to. A lost one has no offset."}}
}

func anomaliesText(n int) string {
	if n == 1 {
		return "1 anomaly"
	}
	return count(int64(n)) + " anomalies"
}

func firstOf(total int) string {
	if total <= mostIncidents {
		return ""
	}
	return fmt.Sprintf("; the first %d are shown", mostIncidents)
}

func secondsOrNone(seconds float64) Cell {
	if math.IsNaN(seconds) {
		return Cell{Text: "–", Sort: math.NaN()}
	}
	return Cell{Text: value(seconds, "s"), Sort: seconds}
}

// numberOrNone shows a number that is negative where there is none. Numbers of records are not
// grouped: they are to be looked for.
func numberOrNone(n int64) Cell {
	if n < 0 {
		return Cell{Text: "–", Sort: math.NaN()}
	}
	return Cell{Text: fmt.Sprint(n), Sort: float64(n)}
}

// journalOf is a trial's journal under the name that tables give it.
type journalOf struct {
	subject *subject
	name    string
	journal *results.Trial
}

// journals returns the trials that count, in the order of their execution.
func (s *study) journals() (list []journalOf) {
	for _, p := range s.inOrder() {
		for _, journal := range p.subject.trials {
			if p.trial.ID == journal.Begin.Ref().String() {
				list = append(list, journalOf{p.subject, trialName(s, p), journal})
			}
		}
	}
	return list
}
