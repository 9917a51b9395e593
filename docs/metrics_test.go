package docs_test

import (
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kaliper/internal/metric"
	"kaliper/internal/stats"
)

const (
	metricsPage = "metrics.md"
	analysis    = "../internal/analysis"
)

func TestThePageListsEveryMetric(t *testing.T) {
	better := map[metric.Direction]string{metric.LowerBetter: "lower", metric.HigherBetter: "higher", metric.Neither: "–"}
	all := metric.All()
	var rows [][]string
	for len(all) > 0 {
		d, n := all[0], 1
		name, text := "`"+d.Name+"`", d.Text
		if latency, found := strings.CutSuffix(d.Name, "."+metric.LatencyStatistics()[0]); found {
			// The statistics of a latency share a row.
			for ; n < len(all) && strings.HasPrefix(all[n].Name, latency+"."); n++ {
				name += ", `" + strings.TrimPrefix(all[n].Name, latency) + "`"
			}
			text = strings.TrimPrefix(text, "median of the ")
		}
		rows = append(rows, []string{name, d.Unit, better[d.Direction], string(d.Owner), text})
		all = all[n:]
	}
	compareGenerated(t, metricsPage, "internal/metric", markdownTable([]string{"name", "unit", "better", "of", "definition"}, rows))
}

// finding is a reason of trust or outcome in words; {name} is a threshold.
type finding struct{ code, outcome, text string }

func trustFindings() []finding {
	return []finding{
		{code: "slip_pacer", text: "`slip.pacer.p99` of a group is above {slipShareOfLatency} of its `ack.p99`, and above {slipSecondsLeast}"},
		{code: "books", text: "the books do not balance, or a histogram holds another number of records than they say: a bug of kaliper"},
		{code: "callback_delay", text: "callbacks of one client ran at a time for longer than {callbackShareOfLatency} of the headline, and longer than {callbackSecondsLeast} (median over the intervals)"},
		{code: "scheduler", text: "goroutines that were ready waited for a processor, at p99, for longer than {schedulerShareOfLatency} of the headline, and longer than {schedulerSecondsLeast} (median over the intervals)"},
		{code: "gc_pause", text: "the garbage collector stopped kaliper for more than {spoiledShareOfWindow} of the window"},
		{code: "gap", text: "kaliper did not run for more than {spoiledShareOfWindow} of the window; gaps count from {gapSecondsLeast}"},
		{code: "clock", text: "the wall clock was set by more than {clockStepSecondsMost} in an interval"},
		{code: "steal", text: "the hypervisor took more than {stealShareOfWindow} of one processor"},
		{code: "cpu_quota", text: "the cgroup's processor quota held kaliper back for more than {spoiledShareOfWindow} of the window"},
		{code: "cpu_busy", text: "the processors that kaliper may use were busy for more than {busyShareOfWindow} of the window; only with a schedule"},
		{code: "ceiling", text: "the null sink takes less than {nullSinkLeastTimesOffered} times the offered rate; not with `rate: max`"},
		{code: "histogram", text: "a histogram of the journal cannot be decoded"},
	}
}

func outcomeFindings() []finding {
	return []finding{
		{"error", "failed", "the trial ended early"},
		{"nothing_acked", "failed", "records were due, and none was acknowledged"},
		{"nothing_consumed", "failed", "without producers: no record was read"},
		{"mostly_failed", "failed", "of the records of a producer group more than {failedShareOfFailure} failed; unresolved ones do not count"},
		{"errors", "degraded", "records of the window failed"},
		{"unresolved", "degraded", "records of the window were neither acknowledged nor refused"},
		{"lost", "degraded", "acknowledged records never reached a group that read on to the end"},
		{"missed", "degraded", "records were read by a group, and no handler was ever done with them"},
		{"torn", "degraded", "committed transactions reached a group in part, though it read on to the end"},
		{"corrupted", "degraded", "records arrived with another content"},
		{"throttled", "throttled", "the throttle time that brokers asked for, summed over requests, is more than {throttleShareOfWindow} of the window"},
		{"overloaded", "overloaded", "less than {achievedShareOfOffered} of the offered records were acknowledged in the window, and {shortfallRecordsLeast} or more are missing, and more than the rate offers in {windowEdgeSeconds}; not with `rate: max`"},
		{"lag_grows", "overloaded", "the lag's slope is above zero with {intervalLevel} confidence, and above {lagGrowthShareOfRate} of the rate that the group reads at"},
		{"unread", "overloaded", "a group had not read everything when the drain was over"},
	}
}

func TestThePageTellsWhatMakesATrialUntrusted(t *testing.T) {
	filled := fillThresholds(t)
	var rows [][]string
	var codes []string
	for _, f := range trustFindings() {
		rows = append(rows, []string{"`" + f.code + "`", filled(f.text)})
		codes = append(codes, f.code)
	}
	compareGenerated(t, metricsPage, "internal/analysis, trust", markdownTable([]string{"code", "untrusted, if"}, rows))
	sameElements(t, "trust", codes, reasonCodes(t, "trust.go"))
}

func TestThePageTellsWhatMakesAnOutcome(t *testing.T) {
	filled := fillThresholds(t)
	var rows [][]string
	var codes []string
	for _, f := range outcomeFindings() {
		rows = append(rows, []string{f.outcome, "`" + f.code + "`", filled(f.text)})
		codes = append(codes, f.code)
	}
	compareGenerated(t, metricsPage, "internal/analysis, outcome", markdownTable([]string{"outcome", "code", "if"}, rows))
	sameElements(t, "outcome", codes, reasonCodes(t, "outcome.go"))
}

func TestEveryThresholdIsOnThePage(t *testing.T) {
	var used []string
	for _, f := range slices.Concat(trustFindings(), outcomeFindings()) {
		for _, found := range threshold.FindAllStringSubmatch(f.text, -1) {
			used = append(used, found[1])
		}
	}
	for name := range thresholds(t) {
		if !slices.Contains(used, name) {
			t.Errorf("the threshold %s is in no sentence of the page", name)
		}
	}
}

var threshold = regexp.MustCompile(`\{(\w+)\}`)

// thresholds returns the constants of internal/analysis/thresholds.go, by type-checking that
// file alone: some are made of others.
func thresholds(t *testing.T) map[string]float64 {
	t.Helper()
	positions := token.NewFileSet()
	file, err := parser.ParseFile(positions, analysis+"/thresholds.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	checked, err := (&types.Config{}).Check("analysis", positions, []*ast.File{file}, nil)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]float64{}
	for _, name := range checked.Scope().Names() {
		if c, ok := checked.Scope().Lookup(name).(*types.Const); ok {
			values[name], _ = constant.Float64Val(constant.ToFloat(c.Val()))
		}
	}
	return values
}

// fillThresholds returns a function that puts the thresholds' values into a sentence.
func fillThresholds(t *testing.T) func(string) string {
	t.Helper()
	values := thresholds(t)
	return func(text string) string {
		return threshold.ReplaceAllStringFunc(text, func(found string) string {
			name := strings.Trim(found, "{}")
			value, ok := values[name]
			switch {
			case !ok:
				t.Errorf("there is no threshold %s", name)
				return found
			case strings.Contains(name, "Seconds"):
				return time.Duration(value*1e9 + 0.5).String()
			case strings.Contains(name, "Share"), strings.Contains(name, "Level"):
				return strconv.FormatFloat(value*100, 'g', 6, 64) + "%"
			}
			return strconv.FormatFloat(value, 'g', -1, 64)
		})
	}
}

// reasonCodes returns the first arguments of all addf calls of a file of internal/analysis.
func reasonCodes(t *testing.T, name string) []string {
	t.Helper()
	var codes []string
	ast.Inspect(parseGo(t, analysis)[name], func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) == 0 {
			return true
		}
		if method, ok := call.Fun.(*ast.SelectorExpr); ok && method.Sel.Name == "addf" {
			codes = appendText(codes, call.Args[0])
		}
		return true
	})
	return codes
}

// appendText appends the text of a string literal, once.
func appendText(to []string, e ast.Expr) []string {
	if basic, ok := e.(*ast.BasicLit); ok && basic.Kind == token.STRING {
		if text, err := strconv.Unquote(basic.Value); err == nil && !slices.Contains(to, text) {
			return append(to, text)
		}
	}
	return to
}

func TestTheLevelsOfIntervalsAreThoseThatAreReached(t *testing.T) {
	for _, row := range onlyTable(t, metricsPage, "| trials | highest level of the interval |") {
		trials, err := strconv.Atoi(row[0])
		if err != nil {
			t.Fatal(err)
		}
		sample := make([]float64, trials)
		for i := range sample {
			sample[i] = float64(i)
		}
		want := "none"
		if interval, ok := stats.MedianInterval(sample, 1); ok {
			want = strconv.FormatFloat(interval.Level*100, 'f', -1, 64) + "%"
		}
		if row[1] != want {
			t.Errorf("%d trials: the page says %s, reached is %s", trials, row[1], want)
		}
	}
}

// Codes of the environment are those of a results.Reason that is made as a literal, and the
// constants that internal/kafka names them by.
func TestThePageTellsEveryWarningAboutTheEnvironment(t *testing.T) {
	var codes []string
	for _, folder := range []string{analysis, "../internal/kafka", "../workload"} {
		for _, file := range parseGo(t, folder) {
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.KeyValueExpr:
					if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Code" {
						codes = appendText(codes, n.Value)
					}
				case *ast.ValueSpec:
					for i, name := range n.Names {
						if strings.HasPrefix(name.Name, "Reason") && i < len(n.Values) {
							codes = appendText(codes, n.Values[i])
						}
					}
				}
				return true
			})
		}
	}
	sameElements(t, "environment", firstCells(onlyTable(t, metricsPage, "| code | meaning |")), codes)
}
