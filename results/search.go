package results

import "path/filepath"

// SearchSchema names the format of search.json.
const SearchSchema = "kaliper.search/1"

// searchName is the file beside summary.json.
const searchName = "search.json"

// SearchPlan is what a search's manifest says of it: enough to derive its answer from the
// journals again. Rates are over all producer groups, which keep their shares.
type SearchPlan struct {
	Mode           string       `json:"mode"` // normal, quick, soak
	Objectives     []string     `json:"objectives"`
	WarmupSeconds  float64      `json:"warmup_seconds"`
	TrialSeconds   float64      `json:"trial_seconds"` // window of a short trial
	HoldSeconds    float64      `json:"hold_seconds"`  // window of a hold
	Precision      float64      `json:"precision"`     // of the short trials' bracket: 0.02 is 2%
	Holds          int          `json:"holds"`         // that must agree at each end
	MostTrials     int          `json:"most_trials"`   // of one case
	AllowUntrusted bool         `json:"allow_untrusted,omitempty"`
	Groups         []string     `json:"groups"` // whose names objectives may begin with
	Cases          []SearchBase `json:"cases"`
	// Stopped says what kept the search from its end: budget, or what no later trial could escape.
	Stopped string `json:"stopped,omitempty"`
	// Gone are trials, as CASE/N, at whose end the target did not answer any more: they say nothing.
	Gone []string `json:"gone,omitempty"`
}

// SearchBase is one case of the matrix, whose rates are searched.
type SearchBase struct {
	ID                     string    `json:"id"`
	Settings               []Setting `json:"settings"`
	StartRecordsPerSecond  float64   `json:"start_records_per_second"`
	LowestRecordsPerSecond float64   `json:"lowest_records_per_second"`
	MostRecordsPerSecond   float64   `json:"most_records_per_second"`
	BytesPerRecord         float64   `json:"bytes_per_record"` // key and value
}

// SearchPoint says of a case of a search's run which rate it is of which search.
type SearchPoint struct {
	Case             string  `json:"case"` // of SearchPlan.Cases
	RecordsPerSecond float64 `json:"records_per_second"`
	Hold             bool    `json:"hold"`
}

// Search is search.json.
type Search struct {
	Schema     string       `json:"schema"`
	Run        string       `json:"run"`
	State      State        `json:"state"`
	Mode       string       `json:"mode"`
	Simulated  bool         `json:"simulated"`
	Objectives []string     `json:"objectives"`
	Cases      []SearchCase `json:"cases"`
	Warnings   []string     `json:"warnings"`
}

// SearchCase is the answer of one search.
type SearchCase struct {
	ID       string    `json:"id"`
	Settings []Setting `json:"settings"`
	// RecordsPerSecond is the middle of the interval where both of its ends stand, else the
	// highest rate that holds; 0 where there is none.
	RecordsPerSecond Number `json:"records_per_second"`
	BytesPerSecond   Number `json:"bytes_per_second"` // key and value
	// LimitedBy is an objective as it was written, throttled, overloaded, lag_grows,
	// no_steady_state, another code of a reason, or generator, ceiling or budget, where the system's
	// limit was not seen.
	LimitedBy string             `json:"limited_by"`
	Interval  ConfidenceInterval `json:"interval"`    // of the rate; at its lower end every hold passed
	Bound     bool               `json:"lower_bound"` // the system's own limit was not seen
	Confirmed bool               `json:"confirmed"`   // the lower end stands by holds
	Ended     bool               `json:"ended"`
	// Contradiction names trials that contradict each other; empty for none.
	Contradiction string `json:"contradiction,omitempty"`
	// ContradictingTrials fail clearly below one that passes, or pass clearly above one that fails: by rising rate.
	ContradictingTrials []ContradictingTrial `json:"contradicting_trials,omitempty"`
	Trials              []SearchTrial        `json:"trials"` // in the order of time
}

// ContradictingTrial is a point at which a system does not get worse with the rate.
type ContradictingTrial struct {
	ID               string  `json:"id"` // of trials
	RecordsPerSecond float64 `json:"records_per_second"`
	Hold             bool    `json:"hold"`
	Finding          string  `json:"finding"` // passes, fails
	By               string  `json:"by,omitempty"`
	Text             string  `json:"text,omitempty"` // By in words, with figures
}

// SearchTrial is one trial of a search: a point of the latency over the load.
type SearchTrial struct {
	ID               string                `json:"id"`
	RecordsPerSecond float64               `json:"records_per_second"` // offered
	Hold             bool                  `json:"hold"`
	Finding          string                `json:"finding"` // passes, fails, spoiled
	By               string                `json:"by,omitempty"`
	Text             string                `json:"text,omitempty"` // By in words, with figures
	Metrics          map[string]TrialValue `json:"metrics"`        // of the objectives, and of the curve
}

// WriteSearch writes search.json of a run's directory, whole or not at all.
func WriteSearch(directory string, search Search) error {
	search.Schema = SearchSchema
	return writeJSON(filepath.Join(directory, searchName), search)
}

// ReadSearch reads search.json of a run's directory.
func ReadSearch(directory string) (Search, error) {
	var search Search
	err := readJSON(filepath.Join(directory, searchName), SearchSchema, &search)
	return search, err
}
