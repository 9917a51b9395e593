package results

import "path/filepath"

// ChooseSchema names the format of choose.json.
const ChooseSchema = "kaliper.choose/1"

// chooseName is the file beside summary.json.
const chooseName = "choose.json"

// ChooseVerdict is the answer of a choice.
type ChooseVerdict string

// The verdicts. Undecided is that of a choice that did not come to its end.
const (
	ChooseCertified     ChooseVerdict = "certified"
	ChooseNotCertified  ChooseVerdict = "not certified"
	ChooseNoneQualified ChooseVerdict = "no case qualified"
	ChooseUndecided     ChooseVerdict = "undecided"
)

// ChoosePlan is what the manifest of a choice says of it: enough to derive its answer from the
// journals again, and to go on with it.
type ChoosePlan struct {
	SubjectTo  []string          `json:"subject_to"` // as metric.ParseCondition reads them
	Objectives []ChooseObjective `json:"objectives"` // at least one; each has a pick of its own
	// Trials is how many --budget holds; 0 without a budget.
	Trials int `json:"trials,omitempty"`
}

// ChooseObjective is a metric of which the best case is wanted.
type ChooseObjective struct {
	Metric       string `json:"metric"`
	Unit         string `json:"unit"`
	HigherBetter bool   `json:"higher_better"`
}

// Choose is choose.json.
type Choose struct {
	Schema    string        `json:"schema"`
	Run       string        `json:"run"`
	State     State         `json:"state"`
	Verdict   ChooseVerdict `json:"verdict"`
	Why       string        `json:"why"`
	Simulated bool          `json:"simulated"`
	SubjectTo []string      `json:"subject_to"`
	// Margin is how much worse than any kept case a certified pick may be: 0.05 is 5%.
	Margin             float64 `json:"margin"`
	ScreeningRounds    int     `json:"screening_rounds"`    // rounds of all cases
	ConfirmationRounds int     `json:"confirmation_rounds"` // rounds of the kept ones
	// RoundsWanted is how many rounds of confirmation the noise seen demands.
	RoundsWanted int          `json:"rounds_wanted"`
	Cases        []ChooseCase `json:"cases"`
	Picks        []ChoosePick `json:"picks"` // for each objective; empty where no case qualified
}

// ChooseCase is what became of a case.
type ChooseCase struct {
	Case      string `json:"case"`
	Kept      bool   `json:"kept"`      // it was confirmed
	Qualified bool   `json:"qualified"` // it met the conditions in the confirmation
	Why       string `json:"why"`       // why it was dropped, or is not qualified
}

// ChoosePick is the best case for one objective. All figures are of the confirmation alone.
type ChoosePick struct {
	ChooseObjective
	Case      string              `json:"case"`
	Certified bool                `json:"certified"`
	Why       string              `json:"why"`
	Median    Number              `json:"median"`
	Interval  *ConfidenceInterval `json:"interval,omitempty"` // of the median
	// Noise is how much trials of one case vary: the standard deviation over the mean.
	Noise  Number        `json:"noise"`
	Others []ChooseOther `json:"others"` // the other kept cases that qualified
}

// ChooseOther is another case beside the pick.
type ChooseOther struct {
	Case   string `json:"case"`
	Median Number `json:"median"`
	// Change is the pick's against it, within rounds: -0.1 where the pick is 10% lower.
	Change   Number              `json:"change"`
	Interval *ConfidenceInterval `json:"interval,omitempty"` // of Change, for this comparison alone
	// P is that of the pick being Margin worse than it or more, corrected for all comparisons.
	P Number `json:"p"`
}

// WriteChoose writes choose.json of a run's directory, whole or not at all.
func WriteChoose(directory string, choose Choose) error {
	choose.Schema = ChooseSchema
	return writeJSON(filepath.Join(directory, chooseName), choose)
}

// ReadChoose reads choose.json of a run's directory.
func ReadChoose(directory string) (Choose, error) {
	var choose Choose
	err := readJSON(filepath.Join(directory, chooseName), ChooseSchema, &choose)
	return choose, err
}
