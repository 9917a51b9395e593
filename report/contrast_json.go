package report

import (
	"encoding/json"
	"io"
	"slices"

	"kaliper/internal/analysis"
	"kaliper/results"
)

// ContrastSchema names the format of compare --json.
const ContrastSchema = "kaliper.comparison/1"

type contrastJSON struct {
	Schema     string             `json:"schema"`
	Base       string             `json:"base"` // ids of runs
	Candidate  string             `json:"candidate"`
	Verdict    ContrastVerdict    `json:"verdict"`
	Margin     float64            `json:"margin"`
	Deciding   []string           `json:"deciding"`
	Simulated  bool               `json:"simulated"` // either side
	Unsound    []string           `json:"unsound"`
	Mismatches []mismatchJSON     `json:"mismatches"`
	Unmatched  []string           `json:"unmatched"`
	Cases      []contrastCaseJSON `json:"cases"`
}

type mismatchJSON struct {
	What      string `json:"what"`
	Base      string `json:"base"`
	Candidate string `json:"candidate"`
	Unsound   bool   `json:"unsound"`
	Why       string `json:"why"`
}

type contrastCaseJSON struct {
	Base      string               `json:"base"` // ids of cases
	Candidate string               `json:"candidate"`
	Settings  []results.Setting    `json:"settings"` // the candidate's varied ones
	Paired    bool                 `json:"paired"`
	Metrics   []contrastMetricJSON `json:"metrics"`
}

// contrastMetricJSON is one metric. Shift, interval and the smallest detectable change are
// ratios less one where relative is true, else in the unit; null where there is none.
type contrastMetricJSON struct {
	Metric             string                      `json:"metric"`
	Unit               string                      `json:"unit"`
	Decides            bool                        `json:"decides"`
	Base               results.Number              `json:"base"` // medians over trials
	Candidate          results.Number              `json:"candidate"`
	BaseTrials         int                         `json:"base_trials"`
	CandidateTrials    int                         `json:"candidate_trials"`
	Relative           bool                        `json:"relative"`
	Shift              results.Number              `json:"shift"`
	Interval           *results.ConfidenceInterval `json:"interval"`
	SmallestDetectable *results.Number             `json:"smallest_detectable"`
	Verdict            analysis.Change             `json:"verdict"`
}

// JSON writes the contrast with all its metrics, in base units.
func (c *Contrast) JSON(w io.Writer) error {
	out := contrastJSON{
		Schema: ContrastSchema, Base: c.Base.Manifest.ID, Candidate: c.Candidate.Manifest.ID,
		Verdict: c.Verdict(), Margin: c.Margin, Deciding: c.Deciding,
		Simulated:  c.Base.Manifest.Simulated || c.Candidate.Manifest.Simulated,
		Unsound:    append([]string{}, c.Unsound()...),
		Mismatches: []mismatchJSON{}, Unmatched: append([]string{}, c.Unmatched...),
	}
	for _, m := range c.Mismatches {
		out.Mismatches = append(out.Mismatches, mismatchJSON(m))
	}
	for _, contrasted := range c.Cases {
		one := contrastCaseJSON{Base: contrasted.Base.ID, Candidate: contrasted.Candidate.ID, Settings: append([]results.Setting{}, contrasted.Candidate.Settings...), Paired: contrasted.Paired}
		for _, x := range contrasted.Comparisons {
			m := contrastMetricJSON{
				Metric: x.Metric, Unit: x.Unit, Decides: slices.Contains(c.Deciding, x.Metric),
				Base: results.Number(x.Base), Candidate: results.Number(x.Candidate), BaseTrials: x.BaseN, CandidateTrials: x.CandN,
				Relative: x.Relative, Shift: results.Number(x.Shift), Verdict: x.Judge(c.Margin),
			}
			if x.HasInterval {
				detectable := results.Number(x.Detectable)
				m.SmallestDetectable = &detectable
				m.Interval = &results.ConfidenceInterval{Lo: results.Number(x.Interval.Lo), Hi: results.Number(x.Interval.Hi), Level: x.Interval.Level}
			}
			one.Metrics = append(one.Metrics, m)
		}
		out.Cases = append(out.Cases, one)
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(out)
}
