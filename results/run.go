// Package results owns the on-disk formats of a run: the journal of every trial, the manifest
// and the summary, and what their readers promise: a run that was cut off at any byte opens
// and says what it lacks. It decides nothing about what the figures mean (that is
// internal/analysis) and knows no Kafka client.
package results

import (
	"time"
)

// ManifestSchema names the format of manifest.json.
const ManifestSchema = "kaliper.manifest/1"

// SummarySchema names the format of summary.json.
const SummarySchema = "kaliper.summary/1"

// Manifest is manifest.json: all that a reader must know before it opens a journal.
type Manifest struct {
	Schema  string    `json:"schema"`
	ID      string    `json:"id"` // the directory's name: <UTC time>-<scenario>-<short id>
	State   State     `json:"state"`
	Started time.Time `json:"started"`
	Ended   time.Time `json:"ended,omitzero"`
	// Resumed are the times at which the run was gone on with after an interruption.
	Resumed     []time.Time `json:"resumed,omitempty"`
	Name        string      `json:"name"`        // the scenario's
	Description string      `json:"description"` // the question that the scenario asks
	// Scenario is the resolved scenario file, secrets redacted.
	Scenario string   `json:"scenario"`
	Command  []string `json:"command"`
	// ProcessID is of the kaliper that makes the run, on Machine.
	ProcessID int    `json:"process_id,omitempty"`
	Target    string `json:"target"` // its name in the scenario
	// Bootstrap is what was contacted; "embedded" for the simulated broker.
	Bootstrap string            `json:"bootstrap"`
	Simulated bool              `json:"simulated"`
	Repeats   int               `json:"repeats"`
	Seed      uint64            `json:"seed"`
	Expect    []string          `json:"expect,omitempty"` // as metric.ParseCondition reads them
	Show      []string          `json:"show,omitempty"`   // metrics that the report shows first, as metric.Parse reads them
	Cases     []CaseInfo        `json:"cases"`
	Order     []TrialRef        `json:"order"` // every planned trial and attempt, in the order of execution
	Machine   Machine           `json:"machine"`
	Versions  map[string]string `json:"versions"` // kaliper, go, franz-go, ...
	Client    string            `json:"client"`   // franz-go
	// Notes say what was approximated: client properties that work otherwise than in Java, ...
	Notes []string `json:"notes,omitempty"`
	Allow []string `json:"allow,omitempty"` // of --allow
	// Gate is there where the run is a gate, whose order grows while it runs.
	Gate *GatePlan `json:"gate,omitempty"`
	// Search is there where the run is a search, whose cases and order grow while it runs.
	Search *SearchPlan `json:"search,omitempty"`
	// Choose is there where the run is a choice, whose order grows too.
	Choose *ChoosePlan `json:"choose,omitempty"`
}

// CaseInfo is one case of a run.
type CaseInfo struct {
	ID       string    `json:"id"`
	Settings []Setting `json:"settings"` // the varied ones, in the matrix' order; empty without a matrix
	// Effective are all client properties of the case: group, property, value, origin, class.
	Effective []EffectiveProperty `json:"effective,omitempty"`
	// Search is there where the case is one rate of a search.
	Search *SearchPoint `json:"search,omitempty"`
}

// The paths of the settings that say which cluster a case uses: the scenario's target where it
// is varied, the side where a gate's two sides are.
const (
	TargetPath = "target"
	SidePath   = "gate.side"
)

// Setting is one varied setting of a case.
type Setting struct {
	Label string `json:"label"` // short name for people: codec
	Path  string `json:"path"`  // producers.*.config.compression.type
	Value string `json:"value"`
}

// EffectiveProperty is one client property as it works in one group.
type EffectiveProperty struct {
	Group  string `json:"group"` // producers.NAME or consumers.NAME
	Name   string `json:"name"`
	Value  string `json:"value"`
	Origin string `json:"origin"` // "Kafka 4.3 default", "file.yaml:12:9", "--set", ...
	Class  string `json:"class"`  // honoured, approximated, inert, refused
	How    string `json:"how,omitempty"`
}

// TrialRef names one trial of a run.
type TrialRef struct {
	Case  string `json:"case"`
	Trial int    `json:"trial"`
	Round int    `json:"round"`
	// Attempt is 2 for the second attempt at the trial, and so on; 0 for the first.
	Attempt int `json:"attempt,omitempty"`
}

// Machine is where the instrument ran.
type Machine struct {
	Hostname    string `json:"hostname"`
	OS          string `json:"os"`
	Arch        string `json:"arch"`
	Kernel      string `json:"kernel"`
	CPU         string `json:"cpu"`
	Processors  int    `json:"processors"`
	MemoryBytes int64  `json:"memory_bytes"`
	Pacer       string `json:"pacer"` // clock_nanosleep, or the name of the fallback
}

// Summary is summary.json, in base units: seconds, bytes, records, ratios.
type Summary struct {
	Schema string        `json:"schema"`
	Run    SummaryRun    `json:"run"`
	Cases  []SummaryCase `json:"cases"`
}

// Trust, Outcome and Environment are three different answers.
type (
	Trust   string
	Outcome string
)

// Trust is about the instrument, Outcome about the system.
const (
	Trusted   Trust = "TRUSTED"
	Untrusted Trust = "UNTRUSTED"

	Sustained  Outcome = "sustained"
	Overloaded Outcome = "overloaded"
	Throttled  Outcome = "throttled"
	Degraded   Outcome = "degraded"
	Failed     Outcome = "failed"
)

// SummaryRun is the run as a whole: the worst of its trials.
type SummaryRun struct {
	ID          string   `json:"id"`
	State       State    `json:"state"`
	Trust       Trust    `json:"trust"`
	Outcome     Outcome  `json:"outcome"`
	Environment []Reason `json:"environment"`
	// Expectations are checked in every case.
	Expectations []ExpectationResult `json:"expectations,omitempty"`
	// Missing names planned trials that are not there or not complete.
	Missing []string `json:"missing,omitempty"`
}

// ExpectationResult is one expectation in one case.
type ExpectationResult struct {
	Case      string `json:"case"`
	Condition string `json:"condition"`
	Verdict   string `json:"verdict"` // met, failed, unknown
	Value     Number `json:"value"`
	Unit      string `json:"unit"`
}

// SummaryCase is one case over its trials.
type SummaryCase struct {
	ID       string                 `json:"id"`
	Settings []Setting              `json:"settings"`
	Metrics  map[string]MetricValue `json:"metrics"`
	Trials   []SummaryTrial         `json:"trials"`
	// Superseded are earlier attempts at some of the trials. They count for nothing else here.
	Superseded []SummaryTrial `json:"superseded,omitempty"`
}

// MetricValue is a metric over the trials of a case.
type MetricValue struct {
	Unit     string              `json:"unit"`
	Median   Number              `json:"median"`
	Interval *ConfidenceInterval `json:"interval,omitempty"` // absent when there are too few trials for any
	N        int                 `json:"n"`
}

// ConfidenceInterval is a confidence interval for the median with the level that was really reached.
type ConfidenceInterval struct {
	Lo    Number  `json:"lo"`
	Hi    Number  `json:"hi"`
	Level float64 `json:"level"`
}

// SummaryTrial is one trial.
type SummaryTrial struct {
	ID      string                `json:"id"` // CASE/N, CASE/N-2 for the second attempt
	Round   int                   `json:"round"`
	State   State                 `json:"state"`
	Trust   Trust                 `json:"trust"`
	Outcome Outcome               `json:"outcome"`
	Reasons []Reason              `json:"reasons"` // of trust and outcome
	Metrics map[string]TrialValue `json:"metrics"`
}

// TrialValue is a metric of one trial.
type TrialValue struct {
	Unit  string `json:"unit"`
	Value Number `json:"value"`
	// Few marks a percentile with fewer than 20 records beyond it.
	Few bool `json:"few,omitempty"`
	// Excluded is how many records a mean leaves out because they never resolved.
	Excluded int64 `json:"excluded,omitempty"`
}
