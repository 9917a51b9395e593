package analysis

import (
	"fmt"
	"math"
	"strings"

	"kaliper/internal/metric"
	"kaliper/results"
)

// The verdicts of an expectation.
const (
	Met     = "met"
	NotMet  = "failed"
	Unknown = "unknown"
)

// expect checks every condition in every case: latencies and rates on the median over the
// complete trials, integrity and errors in each of them, for one lost record is not made good
// by five trials that lost none. What a case does not know is unknown, never met.
func expect(conditions, groups []string, cases []results.SummaryCase) ([]results.ExpectationResult, error) {
	var all []results.ExpectationResult
	for _, text := range conditions {
		condition, err := metric.ParseCondition(text, groups)
		if err != nil && len(groups) > 0 {
			return nil, fmt.Errorf("expectation: %w", err)
		}
		for _, c := range cases {
			result := results.ExpectationResult{Case: c.ID, Condition: text, Verdict: Unknown, Value: results.Number(math.NaN())}
			// Without any group there is no journal that tells one, and nothing is known.
			if err == nil {
				result.Unit = condition.Ref.Definition.Unit
				result.Verdict, result.Value = check(condition, c)
			}
			all = append(all, result)
		}
	}
	return all, nil
}

// onWorstTrial says whether an expectation must hold in every single trial.
func onWorstTrial(name string) bool {
	switch name {
	case "lost", "duplicated", "redelivered", "reordered", "corrupted":
		return true
	}
	return strings.HasPrefix(name, "errors.")
}

func check(condition metric.Condition, c results.SummaryCase) (verdict string, value results.Number) {
	var values []results.Number
	if onWorstTrial(condition.Ref.Definition.Name) {
		values = perTrial(condition, c.Trials)
	} else if over, measured := c.Metrics[condition.Ref.String()]; measured {
		values = append(values, over.Median)
	}
	failing, holding, unknown := math.NaN(), math.NaN(), len(values) == 0
	for _, v := range values {
		holds, known := condition.Holds(float64(v))
		switch {
		case !known:
			unknown = true
		case holds:
			holding = larger(holding, float64(v))
		default:
			failing = larger(failing, float64(v))
		}
	}
	switch {
	case !math.IsNaN(failing): // one failure is one, whatever other trials do not know
		return NotMet, results.Number(failing)
	case unknown:
		return Unknown, results.Number(math.NaN())
	}
	return Met, results.Number(holding)
}

// perTrial returns a metric's value in each complete trial, NaN where it is not known. Errors
// of a kind that did not occur are none, where errors were counted at all.
func perTrial(condition metric.Condition, trials []results.SummaryTrial) []results.Number {
	var values []results.Number
	for _, trial := range trials {
		if trial.State != results.Complete {
			continue
		}
		value, measured := trial.Metrics[condition.Ref.String()]
		switch {
		case measured:
			values = append(values, value.Value)
		case isErrorCount(condition.Ref.Definition.Name):
			values = append(values, 0)
		default:
			values = append(values, results.Number(math.NaN()))
		}
	}
	return values
}

func isErrorCount(name string) bool {
	return strings.HasPrefix(name, "errors.") && strings.HasSuffix(name, ".count")
}
