package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"kaliper/results"
)

// junitSuites is the root of JUnit XML in the shape that GitLab, Jenkins and GitHub's test
// reporters read.
type junitSuites struct {
	XMLName xml.Name     `xml:"testsuites"`
	Suites  []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"` // seconds
	Timestamp  string          `xml:"timestamp,attr,omitempty"`
	Hostname   string          `xml:"hostname,attr,omitempty"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Name      string        `xml:"name,attr"`
	ClassName string        `xml:"classname,attr"`
	Time      string        `xml:"time,attr"`
	Failure   *junitFinding `xml:"failure"`
	Error     *junitFinding `xml:"error"`
	Skipped   *junitFinding `xml:"skipped"`
	SystemOut string        `xml:"system-out,omitempty"`
}

type junitFinding struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// JUnit writes the gate as one test, and each of its metrics as another: FAIL is a failure,
// UNTRUSTED and what did not come to its end an error, INCONCLUSIVE and an advisory metric skipped.
func (g *Gate) JUnit(w io.Writer) error {
	manifest := g.Run.Manifest
	seconds := "0"
	if !manifest.Ended.IsZero() {
		seconds = strconv.FormatFloat(manifest.Ended.Sub(manifest.Started).Seconds(), 'f', 3, 64)
	}
	suite := junitSuite{
		Name: "kaliper gate " + printable(manifest.Name), Time: seconds, Hostname: printable(manifest.Machine.Hostname),
		Timestamp:  manifest.Started.UTC().Format(time.RFC3339),
		Properties: []junitProperty{{"run", printable(manifest.ID)}, {"broker", brokerKind(g.Result)}},
	}
	whole := junitCase{Name: "gate", ClassName: "kaliper." + printable(manifest.Name), Time: seconds, SystemOut: printable(strings.Join(g.warnings(), " "))}
	suite.add(whole, g.Result.Verdict, g.Result.Why)
	for _, m := range g.Result.Metrics {
		one := junitCase{Name: printable(m.Metric), ClassName: whole.ClassName, Time: "0", SystemOut: printable(GateMetricText(m))}
		verdict := m.Verdict
		if verdict == results.GateUndecided || m.Advisory {
			verdict = results.GateInconclusive // the gate's own test says what happened
		}
		suite.add(one, verdict, GateMetricText(m)+"; "+m.Why)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(junitSuites{Suites: []junitSuite{suite}}); err != nil {
		return fmt.Errorf("write JUnit XML: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// add adds a test with its verdict.
func (s *junitSuite) add(c junitCase, verdict results.GateVerdict, why string) {
	finding := &junitFinding{Message: printable(why), Type: string(verdict), Text: printable(why)}
	s.Tests++
	switch verdict {
	case results.GatePass:
	case results.GateFail:
		s.Failures, c.Failure = s.Failures+1, finding
	case results.GateInconclusive:
		s.Skipped, c.Skipped = s.Skipped+1, finding
	default:
		s.Errors, c.Error = s.Errors+1, finding
	}
	s.Cases = append(s.Cases, c)
}

func brokerKind(result results.Gate) string {
	if result.Simulated {
		return "simulated"
	}
	return "real"
}

// Annotations writes GitHub's workflow commands: an error for FAIL and UNTRUSTED, a warning for
// INCONCLUSIVE, for what did not come to its end and for a simulated broker, a notice for PASS.
// https://docs.github.com/actions/reference/workflow-commands-for-github-actions
func (g *Gate) Annotations(w io.Writer) error {
	level := "warning"
	switch g.Result.Verdict {
	case results.GatePass:
		level = "notice"
	case results.GateFail, results.GateUntrusted:
		level = "error"
	}
	lines := []string{g.Result.Why}
	for _, m := range g.Result.Metrics {
		lines = append(lines, GateMetricText(m))
	}
	title := fmt.Sprintf("kaliper gate %s: %s", g.Run.Manifest.Name, g.Result.Verdict)
	if _, err := fmt.Fprintf(w, "::%s title=%s::%s\n", level, workflowProperty(title), workflowText(strings.Join(lines, "\n"))); err != nil {
		return err
	}
	for _, warning := range g.warnings() {
		if _, err := fmt.Fprintf(w, "::warning title=%s::%s\n", workflowProperty("kaliper gate "+g.Run.Manifest.Name), workflowText(warning)); err != nil {
			return err
		}
	}
	return nil
}

// workflowText keeps a text within one workflow command.
func workflowText(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(text)
}

// workflowProperty keeps a text within one property of a workflow command.
func workflowProperty(text string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(workflowText(text))
}

// BenchFmt writes every trial that counts in Go's benchmark format, one benchmark a metric, the
// sides told apart by the configuration key `side`: `benchstat -col side FILE` shows them beside
// each other. It names its own units; infinite values have no place in the format. Format: https://golang.org/design/14313-benchmark-format
func (g *Gate) BenchFmt(w io.Writer) error {
	manifest := g.Run.Manifest
	var out strings.Builder
	fmt.Fprintf(&out, "goos: %s\ngoarch: %s\n", manifest.Machine.OS, manifest.Machine.Arch)
	if manifest.Machine.CPU != "" {
		fmt.Fprintf(&out, "cpu: %s\n", printable(manifest.Machine.CPU))
	}
	fmt.Fprintf(&out, "pkg: kaliper/%s\nrun: %s\nbroker: %s\ngate: %s\n", printable(manifest.Name), printable(manifest.ID), brokerKind(g.Result), g.Result.Verdict)
	for _, m := range g.Result.Metrics {
		if m.HigherBetter {
			fmt.Fprintf(&out, "Unit %s better=higher\n", benchmarkUnit(m.GateMargin))
		} else {
			fmt.Fprintf(&out, "Unit %s better=lower\n", benchmarkUnit(m.GateMargin))
		}
	}
	for _, side := range []string{"base", "candidate"} {
		fmt.Fprintf(&out, "side: %s\n", side)
		for _, pair := range g.Result.Played {
			values := pair.Base
			if side == "candidate" {
				values = pair.Candidate
			}
			if !pair.Counts {
				continue
			}
			line := fmt.Sprintf("BenchmarkGate/scenario=%s 1", printable(manifest.Name))
			for i, m := range g.Result.Metrics {
				if v := float64(values[i]); !math.IsInf(v, 0) && !math.IsNaN(v) {
					line += fmt.Sprintf(" %s %s", strconv.FormatFloat(v, 'g', -1, 64), benchmarkUnit(m.GateMargin))
				}
			}
			out.WriteString(line + "\n")
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// benchmarkUnit names a metric as a unit of its own: ack.p50-s. Within one benchmark a unit may
// stand but once, and two metrics may both be in seconds.
func benchmarkUnit(m results.GateMargin) string { return m.Metric + "-" + m.Unit }
