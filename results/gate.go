package results

import "path/filepath"

// GateSchema names the format of gate.json.
const GateSchema = "kaliper.gate/1"

// gateName is the file beside summary.json.
const gateName = "gate.json"

// GateVerdict is a gate's answer, or that of one of its metrics.
type GateVerdict string

// The verdicts. Undecided is that of a gate that did not come to its end.
const (
	GatePass         GateVerdict = "PASS"
	GateFail         GateVerdict = "FAIL"
	GateInconclusive GateVerdict = "INCONCLUSIVE"
	GateUntrusted    GateVerdict = "UNTRUSTED"
	GateUndecided    GateVerdict = "undecided"
)

// GatePlan is what a gate's manifest says of it: enough to derive its answer from the journals
// again.
type GatePlan struct {
	AA      bool         `json:"aa"`    // both sides are the base
	Pairs   int          `json:"pairs"` // at the most
	Metrics []GateMargin `json:"metrics"`
	// Candidate is the candidate's resolved scenario, secrets redacted; the manifest's own is
	// the base's.
	Candidate string `json:"candidate"`
	// BaseBefore and CandidateBefore are the commands before each trial of a side.
	BaseBefore      []string `json:"base_before,omitempty"`
	CandidateBefore []string `json:"candidate_before,omitempty"`
	// Stopped says what no later trial could escape and kept the gate from its end.
	Stopped string `json:"stopped,omitempty"`
}

// GateMargin is one metric that a gate watches. Margins are shares of the base: 0.05 is 5%.
type GateMargin struct {
	Metric       string  `json:"metric"`
	Unit         string  `json:"unit"`
	HigherBetter bool    `json:"higher_better"`
	Tolerate     float64 `json:"tolerate"` // the change for the worse that may be
	Detect       float64 `json:"detect"`   // the one that must be found
}

// Gate is gate.json.
type Gate struct {
	Schema   string      `json:"schema"`
	Run      string      `json:"run"`
	State    State       `json:"state"`
	Verdict  GateVerdict `json:"verdict"`
	Why      string      `json:"why"`
	AA       bool        `json:"aa"`
	Baseline string      `json:"baseline,omitempty"` // the run that the base's figures are of, where it is no live gate
	// WritesBaseline is the file that a run of --write-baseline is to write: it compares nothing.
	WritesBaseline string       `json:"writes_baseline,omitempty"`
	Simulated      bool         `json:"simulated"`
	Pairs          int          `json:"pairs"`      // that count
	MostPairs      int          `json:"most_pairs"` // that the budget holds
	Metrics        []GateMetric `json:"metrics"`
	Played         []GatePair   `json:"played"` // in the order of time
	Warnings       []string     `json:"warnings"`
}

// GateMetric is one metric of a gate. Changes are the candidate's against the base: 0.05 where
// it is 5% higher.
type GateMetric struct {
	GateMargin
	Verdict   GateVerdict        `json:"verdict"`
	Why       string             `json:"why"`
	Advisory  bool               `json:"advisory"`  // too noisy for the budget: it does not count
	Base      Number             `json:"base"`      // median over the pairs that count, in the unit
	Candidate Number             `json:"candidate"` // the same
	Change    Number             `json:"change"`
	Interval  ConfidenceInterval `json:"interval"` // over all looks together
	// Spread is the standard deviation of a pair's relative difference; trials vary by it
	// divided by the square root of 2.
	Spread Number `json:"spread"`
	// SmallestDetectable is the smallest change for the worse that fails in 90% of gates with
	// this spread and budget, and PairsNeeded the budget that `detect` needs for that: 0 where it
	// is not known yet, or beyond what a gate may have.
	SmallestDetectable Number `json:"smallest_detectable"`
	PairsNeeded        int    `json:"pairs_needed"`
}

// GatePair is one pair of trials.
type GatePair struct {
	Round     int      `json:"round"`
	First     string   `json:"first"`     // base or candidate, as the coin fell
	Counts    bool     `json:"counts"`    // false for one that was repeated, or that ended the gate
	Reasons   []string `json:"reasons"`   // why it does not count, or is untrusted
	Base      []Number `json:"base"`      // its values, in the order of the gate's metrics
	Candidate []Number `json:"candidate"` // the same
}

// WriteGate writes gate.json of a run's directory, whole or not at all.
func WriteGate(directory string, gate Gate) error {
	gate.Schema = GateSchema
	return writeJSON(filepath.Join(directory, gateName), gate)
}

// ReadGate reads gate.json of a run's directory.
func ReadGate(directory string) (Gate, error) {
	var gate Gate
	err := readJSON(filepath.Join(directory, gateName), GateSchema, &gate)
	return gate, err
}
