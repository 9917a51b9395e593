package analysis

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// PlantedTrial is one trial of the calibration of trust: a fault of the instrument's machine
// that was made on purpose, and what kaliper suffered. bench/trust writes them, one a line;
// the thresholds are held against them by a test.
type PlantedTrial struct {
	Plant    string    `json:"plant"` // Clean, or the fault's name
	Rate     int       `json:"records_per_second"`
	Number   int       `json:"number"` // of this plant and rate, from 1
	Measured time.Time `json:"measured"`
	Kaliper  string    `json:"kaliper"` // its revision
	// Codes are what kaliper itself found, of trust and of outcome, with the thresholds that it
	// had.
	Codes  []string `json:"codes,omitempty"`
	Strain Strain   `json:"strain"`
}

// Clean is the plant of a trial in which nothing was planted.
const Clean = "clean"

// CalibrationRow counts the trials of a plant at a rate.
type CalibrationRow struct {
	Plant             string
	Rate              int
	Trials, Untrusted int
	Codes             map[string]int // in how many trials each was found
}

// Calibrate judges recorded trials with the thresholds as they are now, clean ones first, then
// by plant and by rate.
func Calibrate(trials []PlantedTrial) []CalibrationRow {
	var rows []CalibrationRow
	for _, trial := range trials {
		i := slices.IndexFunc(rows, func(r CalibrationRow) bool { return r.Plant == trial.Plant && r.Rate == trial.Rate })
		if i < 0 {
			i = len(rows)
			rows = append(rows, CalibrationRow{Plant: trial.Plant, Rate: trial.Rate, Codes: map[string]int{}})
		}
		found := trial.Strain.Distrust()
		rows[i].Trials++
		if len(found) > 0 {
			rows[i].Untrusted++
		}
		seen := map[string]bool{}
		for _, reason := range found {
			if !seen[reason.Code] {
				rows[i].Codes[reason.Code]++
			}
			seen[reason.Code] = true
		}
	}
	slices.SortStableFunc(rows, func(a, b CalibrationRow) int {
		if (a.Plant == Clean) != (b.Plant == Clean) {
			if a.Plant == Clean {
				return -1
			}
			return 1
		}
		if a.Plant != b.Plant {
			return strings.Compare(a.Plant, b.Plant)
		}
		return a.Rate - b.Rate
	})
	return rows
}

// Reasons lists what was found, the most frequent first.
func (r CalibrationRow) Reasons() string {
	var codes []string
	for code := range r.Codes {
		codes = append(codes, code)
	}
	slices.SortFunc(codes, func(a, b string) int {
		if r.Codes[a] != r.Codes[b] {
			return r.Codes[b] - r.Codes[a]
		}
		return strings.Compare(a, b)
	})
	for i, code := range codes {
		codes[i] = fmt.Sprintf("%s %d", code, r.Codes[code])
	}
	return strings.Join(codes, ", ")
}
