package report

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"

	"kaliper/results"
)

// JSON writes the summary of one run, or an array of the summaries of several. A simulated broker
// is among the environment's warnings.
func (d *Document) JSON(w io.Writer) error {
	var summaries []results.Summary
	for _, run := range d.sources {
		summary := run.Summary
		if run.Manifest.Simulated && !slices.ContainsFunc(summary.Run.Environment, func(r results.Reason) bool { return r.Code == simulatedCode }) {
			summary.Run.Environment = append([]results.Reason{{Code: simulatedCode, Text: "the broker is simulated: no figure says anything about a real Kafka cluster"}}, summary.Run.Environment...)
		}
		summaries = append(summaries, summary)
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	if len(summaries) == 1 {
		return encoder.Encode(summaries[0])
	}
	return encoder.Encode(summaries)
}

// simulatedCode is the code of the warning that the broker is simulated.
const simulatedCode = "simulated_broker"

// CSV writes one row for each metric of each case, and one for each metric of each trial, in
// base units. Every row says whether its run can be trusted and whether its broker is real.
func (d *Document) CSV(w io.Writer) error {
	out := csv.NewWriter(w)
	header := []string{
		"run", "run_state", "broker", "case", "settings", "trial", "round", "state", "trust", "outcome",
		"metric", "unit", "value", "lo", "hi", "level", "n", "few", "superseded",
	}
	if err := out.Write(header); err != nil {
		return err
	}
	for _, run := range d.sources {
		broker := "real"
		if run.Manifest.Simulated {
			broker = "simulated"
		}
		for _, c := range run.Summary.Cases {
			settings := ""
			for i, s := range c.Settings {
				if i > 0 {
					settings += ";"
				}
				settings += s.Path + "=" + s.Value
			}
			start := []string{run.Manifest.ID, string(run.Summary.Run.State), broker, c.ID, settings}
			for _, name := range slices.Sorted(maps.Keys(c.Metrics)) {
				v := c.Metrics[name]
				row := append(slices.Clone(start), "", "", "", string(run.Summary.Run.Trust), string(run.Summary.Run.Outcome), name, v.Unit, number64(v.Median))
				if v.Interval != nil {
					row = append(row, number64(v.Interval.Lo), number64(v.Interval.Hi), strconv.FormatFloat(v.Interval.Level, 'g', -1, 64))
				} else {
					row = append(row, "", "", "")
				}
				if err := out.Write(safe(append(row, strconv.Itoa(v.N), "", ""))); err != nil {
					return err
				}
			}
			for i, trial := range slices.Concat(c.Trials, c.Superseded) {
				for _, name := range slices.Sorted(maps.Keys(trial.Metrics)) {
					v := trial.Metrics[name]
					row := append(slices.Clone(start), trial.ID, strconv.Itoa(trial.Round), string(trial.State), string(trial.Trust), string(trial.Outcome),
						name, v.Unit, number64(v.Value), "", "", "", "", strconv.FormatBool(v.Few), strconv.FormatBool(i >= len(c.Trials)))
					if err := out.Write(safe(row)); err != nil {
						return err
					}
				}
			}
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return nil
}

// number64 prints every digit; infinities as "Infinity", unknown as nothing.
func number64(n results.Number) string {
	data, err := n.MarshalJSON()
	if err != nil || string(data) == "null" {
		return ""
	}
	if text, err := strconv.Unquote(string(data)); err == nil {
		return text
	}
	return string(data)
}

// safe keeps a spreadsheet from taking what a run directory says for a formula.
func safe(row []string) []string {
	for i, text := range row {
		if text == "" {
			continue
		}
		switch text[0] {
		case '=', '+', '@', '\t', '\r':
			row[i] = "'" + text
		case '-':
			if _, err := strconv.ParseFloat(text, 64); err != nil {
				row[i] = "'" + text
			}
		}
	}
	return row
}
