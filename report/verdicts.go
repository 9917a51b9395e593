package report

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"kaliper/internal/analysis"
	"kaliper/results"
)

// warnings are what a reader must know before believing a figure.
func (s *study) warnings() []string {
	var warnings []string
	simulated := 0
	for i, run := range s.runs {
		in := ""
		if s.comparesRuns() {
			in = runName(s.runs, i) + ": "
		}
		if run.Manifest.Simulated {
			simulated++
		}
		warnings = append(warnings, stateWarnings(run, in)...)
		if run.Summary.Run.Trust == results.Untrusted {
			warnings = append(warnings, in+"UNTRUSTED: the instrument or its machine spoiled the measurement; these figures describe kaliper at least as much as the system.")
		}
		warnings = append(warnings, repeatedWarning(run, in)...)
		_, allowed := analysis.ExitCode(run.Summary, analysis.ExitDone, run.Manifest.Allow)
		for _, warning := range allowed {
			warnings = append(warnings, in+"ALLOWED: "+warning+"; that does not make the figures better.")
		}
	}
	switch {
	case simulated == len(s.runs):
		warnings = append([]string{"SIMULATED BROKER: no figure here says anything about a real Kafka cluster."}, warnings...)
	case simulated > 0:
		warnings = append([]string{"SIMULATED BROKER on one side: a simulated and a real cluster cannot be compared."}, warnings...)
	}
	for _, c := range s.subjects {
		if c.cut && len(c.trials) > 0 {
			warnings = append(warnings, fmt.Sprintf("No trial of %s is complete: its figures are those of a trial that was cut short.", c.name))
		}
	}
	if s.comparesRuns() {
		warnings = append(warnings, s.mismatches()...)
	}
	return warnings
}

func stateWarnings(run *results.Run, in string) []string {
	state := run.Summary.Run.State
	if state == "" {
		state = run.Manifest.State
	}
	missing := ""
	lacking := run.Summary.Run.Missing
	if len(lacking) > 0 {
		const most = 3
		missing = " " + capital(strings.Join(lacking[:min(most, len(lacking))], "; "))
		if n := len(lacking) - most; n > 0 {
			missing += fmt.Sprintf("; and %s more", plural(n, "finding"))
		}
		missing += "."
	}
	var warnings []string
	switch state {
	case results.Interrupted:
		warnings = append(warnings, in+"INTERRUPTED: a signal ended the run; what was measured until then is shown."+missing)
	case results.Crashed:
		warnings = append(warnings, in+"CRASHED: the run ended without saying so; what its journals hold is shown."+missing)
	case results.Incomplete:
		warnings = append(warnings, in+"INCOMPLETE: something of the run is missing."+missing)
	}
	return warnings
}

// mismatches names what differs between runs beside their settings.
func (s *study) mismatches() []string {
	var warnings []string
	differ := func(what string, of func(*results.Run) string) {
		var seen []string
		for _, run := range s.runs {
			if text := of(run); !slices.Contains(seen, text) {
				seen = append(seen, text)
			}
		}
		if len(seen) > 1 {
			for i := range seen {
				if seen[i] == "" {
					seen[i] = "unknown"
				}
			}
			warnings = append(warnings, fmt.Sprintf("Different %s: %s.", what, enumerate(seen, "and")))
		}
	}
	differ("machines", func(r *results.Run) string { return machineText(r.Manifest.Machine) })
	differ("brokers", func(r *results.Run) string { return clusterText(r) })
	for _, name := range versionNames(s.runs) {
		differ("versions of "+name, func(r *results.Run) string { return r.Manifest.Versions[name] })
	}
	return warnings
}

// versionNames returns the names of everything whose version any run tells.
func versionNames(runs []*results.Run) []string {
	names := map[string]bool{}
	for _, run := range runs {
		for name := range run.Manifest.Versions {
			names[name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// verdicts are the answers to trust, outcome and environment, and to what else was asked.
func (s *study) verdicts() []Verdict {
	verdicts := []Verdict{s.trust(), s.outcome(), s.environment()}
	if v, ok := s.expectations(); ok {
		verdicts = append(verdicts, v)
	}
	return verdicts
}

// allTrials returns every trial of every run.
func (s *study) allTrials() []results.SummaryTrial {
	var all []results.SummaryTrial
	for _, c := range s.subjects {
		all = append(all, c.summary.Trials...)
	}
	return all
}

func (s *study) trust() Verdict {
	trials := s.allTrials()
	var spoiled []results.SummaryTrial
	slip := 0.0
	for _, trial := range trials {
		if trial.Trust == results.Untrusted {
			spoiled = append(spoiled, trial)
		}
		if v, ok := trial.Metrics["slip.pacer.p99"]; ok {
			slip = math.Max(slip, float64(v.Value))
		}
	}
	untrusted := len(spoiled) > 0 || slices.ContainsFunc(s.runs, func(r *results.Run) bool { return r.Summary.Run.Trust == results.Untrusted })
	if untrusted {
		return Verdict{Aspect: "Trust", Answer: "Untrusted", Text: reasonsText(spoiled, len(trials), func(code string) bool { return !aboutOutcome(code) })}
	}
	text := "every self-check of the instrument passed"
	if slip > 0 && !math.IsNaN(slip) {
		text = fmt.Sprintf("pacer at most %s late at p99%s; books balance", value(slip, "s"), inAll(len(trials), "trial"))
	}
	return Verdict{Aspect: "Trust", Answer: "Trusted", Text: text, Good: true}
}

func (s *study) outcome() Verdict {
	trials := s.allTrials()
	var others []results.SummaryTrial
	worst := results.Sustained
	for _, run := range s.runs {
		if o := run.Summary.Run.Outcome; o != "" && o != results.Sustained {
			worst = o
		}
	}
	for _, trial := range trials {
		if trial.Outcome != results.Sustained {
			others = append(others, trial)
		}
	}
	if worst != results.Sustained || len(others) > 0 {
		return Verdict{Aspect: "Outcome", Answer: capital(string(worst)), Text: reasonsText(others, len(trials), aboutOutcome)}
	}
	text := fmt.Sprintf("the offered rate was acknowledged%s", inAll(len(trials), "trial"))
	if share := s.leastShare(); !math.IsNaN(share) {
		text = fmt.Sprintf("%s of the offered rate%s", value(math.Floor(share*1000)/1000, "ratio"), inAll(len(trials), "trial"))
		if len(trials) > 1 && share < 1 {
			text = "at least " + text
		}
	}
	if lost, known := s.total("lost"); known {
		text += "; " + plural(int(lost), "record") + " lost"
	}
	return Verdict{Aspect: "Outcome", Answer: "Sustained", Text: text, Good: true}
}

// leastShare returns the smallest share of the offered rate that a trial acknowledged.
func (s *study) leastShare() float64 {
	least := math.NaN()
	for _, trial := range s.allTrials() {
		offered, a := trial.Metrics["offered.records_per_second"]
		acked, b := trial.Metrics["acked.records_per_second"]
		if a && b && offered.Value > 0 {
			if share := float64(acked.Value / offered.Value); !(share >= least) {
				least = share
			}
		}
	}
	return math.Min(least, 1)
}

// total sums a count over all trials; known is false if any trial does not know it.
func (s *study) total(metric string) (sum float64, known bool) {
	trials := s.allTrials()
	for _, trial := range trials {
		v, ok := trial.Metrics[metric]
		if !ok || math.IsNaN(float64(v.Value)) {
			return 0, false
		}
		sum += float64(v.Value)
	}
	return sum, len(trials) > 0
}

func (s *study) environment() Verdict {
	var texts []string
	for _, run := range s.runs {
		for _, reason := range run.Summary.Run.Environment {
			if !slices.Contains(texts, reason.Text) {
				texts = append(texts, reason.Text)
			}
		}
	}
	if len(texts) == 0 {
		return Verdict{Aspect: "Environment", Answer: "No warnings", Text: "nothing about the cluster or the machine stood out", Good: true}
	}
	return Verdict{Aspect: "Environment", Answer: plural(len(texts), "warning"), Text: strings.Join(texts, "; ")}
}

func (s *study) expectations() (Verdict, bool) {
	met, unknown, missed := 0, 0, 0
	var failed []string
	byCondition := map[string][]results.ExpectationResult{}
	for i, run := range s.runs {
		for _, e := range run.Summary.Run.Expectations {
			switch e.Verdict {
			case "met":
				met++
			case "unknown":
				unknown++
			default:
				missed++
				byCondition[e.Condition] = append(byCondition[e.Condition], e)
				if len(byCondition[e.Condition]) > 3 {
					continue // said together below
				}
				where := ""
				if len(run.Summary.Cases) > 1 || s.comparesRuns() {
					where = " with " + s.caseNamed(i, e.Case)
				}
				failed = append(failed, fmt.Sprintf("%s%s: %s", e.Condition, where, value(float64(e.Value), e.Unit)))
			}
		}
	}
	total := met + unknown + missed
	switch {
	case total == 0:
		return Verdict{}, false
	case missed > 0:
		for condition, all := range byCondition {
			if len(all) > 3 {
				failed = slices.DeleteFunc(failed, func(text string) bool {
					return strings.HasPrefix(text, condition+" ") || strings.HasPrefix(text, condition+":")
				})
			}
		}
		for _, condition := range slices.Sorted(maps.Keys(byCondition)) {
			if all := byCondition[condition]; len(all) > 3 {
				failed = append(failed, manyMissed(condition, all))
			}
		}
		return Verdict{Aspect: "Expectations", Answer: fmt.Sprintf("%d of %d failed", missed, total), Text: strings.Join(failed, "; ")}, true
	case unknown > 0:
		return Verdict{Aspect: "Expectations", Answer: fmt.Sprintf("%d of %d unknown", unknown, total), Text: "what they ask for was not measured"}, true
	}
	return Verdict{Aspect: "Expectations", Answer: "Met", Text: plural(total, "check") + inAll(len(s.subjects), "case"), Good: true}, true
}

// manyMissed says of one expectation in how many cases it failed, and from where to where.
func manyMissed(condition string, all []results.ExpectationResult) string {
	least, most := all[0], all[0]
	for _, e := range all {
		if e.Value < least.Value {
			least = e
		}
		if e.Value > most.Value {
			most = e
		}
	}
	return fmt.Sprintf("%s with %s: %s to %s", condition, plural(len(all), "case"), value(float64(least.Value), least.Unit), value(float64(most.Value), most.Unit))
}

func (s *study) caseNamed(run int, id string) string {
	for _, c := range s.subjects {
		if c.run == s.runs[run] && c.summary.ID == id {
			return c.name
		}
	}
	return id
}

// aboutOutcome tells the codes of findings about the system from those about the instrument: a
// trial's reasons hold both.
func aboutOutcome(code string) bool {
	switch code {
	case "error", "errors", "unresolved", "lost", "corrupted", "throttled", "overloaded", "lag_grows", "unread",
		"nothing_acked", "nothing_consumed", "mostly_failed", "missed", "torn", "degraded", "failed":
		return true
	}
	return false
}

// reasonsText joins the reasons of trials, the frequent first: each with one trial's figures and
// in how many trials it was found.
func reasonsText(trials []results.SummaryTrial, all int, about func(code string) bool) string {
	type finding struct {
		text  string
		times int
	}
	var findings []finding
	var codes []string
	for _, trial := range trials {
		for _, reason := range trial.Reasons {
			if !about(reason.Code) {
				continue
			}
			at := slices.Index(codes, reason.Code)
			if at < 0 {
				codes = append(codes, reason.Code)
				findings = append(findings, finding{text: reason.Text})
				at = len(codes) - 1
			}
			findings[at].times++
		}
	}
	slices.SortStableFunc(findings, func(a, b finding) int { return b.times - a.times })
	var parts []string
	for i, f := range findings {
		if i == 4 {
			parts = append(parts, fmt.Sprintf("and %s more", plural(len(findings)-4, "finding")))
			break
		}
		text := f.text
		if all > 1 {
			text += fmt.Sprintf(" (%d of %d trials)", f.times, all)
		}
		parts = append(parts, text)
	}
	if len(parts) == 0 {
		return "the trials give no reason"
	}
	return strings.Join(parts, "; ")
}

// inAll returns " in both trials", " in all 12 trials", and nothing where there is but one.
func inAll(n int, noun string) string {
	switch n {
	case 1:
		return ""
	case 2:
		return " in both " + noun + "s"
	}
	return " in all " + plural(n, noun)
}
