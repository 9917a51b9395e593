package analysis

import (
	"fmt"
	"math"
	"slices"

	"kaliper/internal/analysis/choose"
	"kaliper/internal/metric"
	"kaliper/internal/stats"
	"kaliper/internal/unit"
	"kaliper/results"
)

// Result returns the answer as far as it is known.
func (c *Choosing) Result() results.Choose {
	result := results.Choose{
		Schema: results.ChooseSchema, Verdict: results.ChooseUndecided, SubjectTo: listed(c.plan.SubjectTo), Margin: choose.Margin,
		ScreeningRounds: min(len(c.rounds), choose.ScreeningRounds), ConfirmationRounds: c.confirmed(), Picks: []results.ChoosePick{},
	}
	var qualified []string
	confirmation := c.rounds[min(len(c.rounds), choose.ScreeningRounds):]
	for _, id := range c.cases {
		one := results.ChooseCase{Case: id, Why: c.dropped[id], Kept: slices.Contains(c.kept, id)}
		if one.Kept && len(confirmation) > 0 {
			one.Why = c.disqualified(id, confirmation)
			if one.Qualified = one.Why == ""; one.Qualified {
				qualified = append(qualified, id)
			}
		}
		result.Cases = append(result.Cases, one)
	}
	if c.Round() != nil {
		return result
	}
	if len(c.kept) > 0 {
		result.RoundsWanted = c.wanted()
	}
	if len(qualified) == 0 {
		result.Verdict, result.Why = results.ChooseNoneQualified, "no case qualified: none met all conditions and could be measured"
		return result
	}
	result.Verdict = results.ChooseCertified
	for _, o := range c.plan.Objectives {
		pick := c.pick(o, qualified, confirmation)
		if !pick.Certified {
			result.Verdict = results.ChooseNotCertified
		}
		result.Picks = append(result.Picks, pick)
	}
	result.Why = c.why(result, len(qualified))
	return result
}

// disqualified says why a kept case does not qualify, or nothing.
func (c *Choosing) disqualified(id string, confirmation []map[string]results.SummaryTrial) string {
	for _, o := range c.plan.Objectives {
		if why := c.unmeasured(o, id, confirmation); why != "" {
			return why
		}
	}
	trials := trialsOf(id, confirmation)
	confirmed := results.SummaryCase{ID: id, Trials: trials, Metrics: overTrials(trials)}
	for _, condition := range c.conditions {
		switch verdict, value := check(condition, confirmed); verdict {
		case NotMet:
			return fmt.Sprintf("it does not meet %s: %s in the confirmation", condition, unit.Format(float64(value), condition.Ref.Definition.Unit))
		case Unknown:
			return fmt.Sprintf("whether it meets %s is not known", condition)
		}
	}
	return ""
}

// pick decides on one objective.
func (c *Choosing) pick(o results.ChooseObjective, qualified []string, confirmation []map[string]results.SummaryTrial) results.ChoosePick {
	decided := choose.Decide(c.table(o, qualified, confirmation))
	pick := results.ChoosePick{ChooseObjective: o, Case: qualified[decided.Pick], Certified: decided.Certified, Noise: results.Number(c.noise(o)), Others: []results.ChooseOther{}}
	pick.Median, pick.Interval = medianOf(o, trialsOf(pick.Case, confirmation))
	doubtful := 0
	for _, other := range decided.Others {
		one := results.ChooseOther{Case: qualified[other.Case], P: results.Number(other.P)}
		one.Median, _ = medianOf(o, trialsOf(one.Case, confirmation))
		ratio, lo, hi := other.Ratio, other.Interval.Lo, other.Interval.Hi
		if o.HigherBetter { // levels are those of the inverse
			ratio, lo, hi = 1/ratio, 1/hi, 1/lo
		}
		one.Change = results.Number(ratio - 1)
		if other.Known {
			one.Interval = &results.ConfidenceInterval{Lo: results.Number(lo - 1), Hi: results.Number(hi - 1), Level: other.Interval.Level}
		}
		if other.P >= choose.Alpha {
			doubtful++
		}
		pick.Others = append(pick.Others, one)
	}
	switch {
	case len(decided.Others) == 0:
		pick.Why = "it is the only case that qualified"
	case pick.Certified:
		pick.Why = fmt.Sprintf("it is within %s of every kept case", unit.Format(choose.Margin, "ratio"))
	default:
		pick.Why = fmt.Sprintf("of %d other kept cases %d may be more than %s better", len(decided.Others), doubtful, unit.Format(choose.Margin, "ratio"))
	}
	return pick
}

func medianOf(o results.ChooseObjective, trials []results.SummaryTrial) (results.Number, *results.ConfidenceInterval) {
	var values []float64
	for _, trial := range trials {
		values = append(values, float64(trial.Metrics[o.Metric].Value))
	}
	if interval, ok := stats.MedianInterval(values, intervalLevel); ok {
		return results.Number(stats.Median(values)), stored(interval)
	}
	return results.Number(stats.Median(values)), nil
}

// why says what the verdict rests on.
func (c *Choosing) why(result results.Choose, qualified int) string {
	if result.Verdict == results.ChooseCertified {
		return fmt.Sprintf("confirmed in %d fresh rounds against %d other kept cases", result.ConfirmationRounds, qualified-1)
	}
	if result.ConfirmationRounds < result.RoundsWanted {
		noise := 0.0
		for _, pick := range result.Picks {
			noise = math.Max(noise, float64(pick.Noise))
		}
		return fmt.Sprintf("trials vary by %s, which takes about %d rounds of confirmation, and there were %d: allow more by --budget, or make trials longer",
			unit.Format(noise, "ratio"), result.RoundsWanted, result.ConfirmationRounds)
	}
	return fmt.Sprintf("%d rounds of confirmation did not show that nothing kept is more than %s better: the leading cases are close, or one noisier than the others",
		result.ConfirmationRounds, unit.Format(choose.Margin, "ratio"))
}

// Choose derives the answer of a choice from a run that has its summary.
func Choose(run *results.Run) (results.Choose, error) {
	manifest := run.Manifest
	if manifest.Choose == nil {
		return results.Choose{}, fmt.Errorf("run %s is no choice", manifest.ID)
	}
	var cases []string
	for _, info := range manifest.Cases {
		cases = append(cases, info.ID)
	}
	c, err := NewChoosing(*manifest.Choose, cases, groups(run))
	if err != nil {
		if len(run.Trials) > 0 {
			return results.Choose{}, fmt.Errorf("run %s: %w", manifest.ID, err)
		}
		c = &Choosing{plan: *manifest.Choose, cases: cases}
	}
	for round := 1; ; round++ {
		wanted := c.Round()
		trials := map[string]results.SummaryTrial{}
		for _, sc := range run.Summary.Cases {
			for _, trial := range sc.Trials {
				if trial.Round == round && trial.State != results.Interrupted && trial.State != results.Crashed {
					trials[sc.ID] = trial
				}
			}
		}
		lacking := slices.ContainsFunc(wanted, func(id string) bool { _, played := trials[id]; return !played })
		if len(wanted) == 0 || lacking {
			break
		}
		c.Add(trials)
	}
	result := c.Result()
	result.Run, result.State, result.Simulated = manifest.ID, manifest.State, manifest.Simulated
	if result.Verdict == results.ChooseUndecided {
		result.Why = fmt.Sprintf("the choice is %s after %d rounds of screening and %d of confirmation; --resume finishes it", result.State, result.ScreeningRounds, result.ConfirmationRounds)
	}
	return result, nil
}

// NewChooseObjective is an objective as the manifest holds it.
func NewChooseObjective(ref metric.Ref) results.ChooseObjective {
	d := ref.Definition
	return results.ChooseObjective{Metric: ref.String(), Unit: d.Unit, HigherBetter: d.Direction == metric.HigherBetter}
}

// ChooseExit is ExitCode for a choice: no case qualified is a failure, a pick that is not
// certified is inconclusive.
func ChooseExit(choice results.Choose, summary results.Summary, failure Exit, allow []string) (Exit, []string) {
	code, warnings := ExitCode(summary, failure, allow)
	switch {
	case code != ExitDone && code != ExitInconclusive:
		return code, warnings
	case choice.Verdict == results.ChooseNoneQualified:
		return ExitFailed, warnings
	case code == ExitInconclusive || choice.Verdict == results.ChooseCertified:
		return code, warnings
	case slices.Contains(allow, AllowInconclusive):
		return ExitDone, append(warnings, fmt.Sprintf("the choice is %s, and --allow %s says to go on", choice.Verdict, AllowInconclusive))
	}
	return ExitInconclusive, warnings
}
