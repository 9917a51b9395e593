package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kaliper/results"
)

// rendered returns what every renderer makes of a document, by format.
func rendered(t testing.TB, d *Document) map[string]string {
	t.Helper()
	outputs := map[string]string{}
	for format, render := range map[string]func(io.Writer) error{
		"html":     d.HTML,
		"markdown": func(w io.Writer) error { return d.Markdown(w, "plots") },
		"text":     func(w io.Writer) error { return d.Text(w, TextOptions{Width: 100, Color: true}) },
		"json":     d.JSON,
		"csv":      d.CSV,
	} {
		var out bytes.Buffer
		if err := render(&out); err != nil {
			t.Fatalf("%s: %v", format, err)
		}
		outputs[format] = out.String()
	}
	paths, err := d.Plots(t.TempDir(), SVG)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		outputs["svg"] += string(data)
	}
	return outputs
}

func TestEveryRendererSaysWhatToKnowBeforeBelievingAFigure(t *testing.T) {
	for _, test := range []struct{ document, says, machines string }{
		{"demo", "SIMULATED BROKER", "simulated"},
		{"demo", "UNTRUSTED", "UNTRUSTED"},
		{"interrupted", "INTERRUPTED", "interrupted"},
	} {
		for format, output := range rendered(t, document(t, test.document)) {
			says := test.says
			if format == "json" || format == "csv" {
				says = test.machines
			}
			if !strings.Contains(output, says) {
				t.Errorf("the %s of %s does not say %s", format, test.document, says)
			}
		}
	}
}

func TestWarningsStandBeforeTheAnswer(t *testing.T) {
	outputs := rendered(t, document(t, "demo"))
	for _, format := range []string{"html", "markdown", "text"} {
		output := outputs[format]
		if strings.Index(output, "SIMULATED BROKER") > strings.Index(output, "ack p99") {
			t.Errorf("the %s warns after its first figure", format)
		}
	}
}

func TestARunOfOneTrialClaimsNothingThatItCannotKnow(t *testing.T) {
	d := document(t, "stall")
	for _, s := range d.Sections {
		if slices.Contains([]string{"effects", "all-cases", "trials-in-order", "settings-that-differ"}, s.ID) {
			t.Errorf("one trial has a section %q", s.Heading)
		}
	}
	text := rendered(t, d)["text"]
	for _, claim := range []string{"interval", "detectable", "median over"} {
		if strings.Contains(text, claim) {
			t.Errorf("one trial speaks of %q:\n%s", claim, text)
		}
	}
	if !strings.Contains(text, "leaves out") {
		t.Errorf("a stall of 3 s goes by without a word on what service latency leaves out:\n%s", text)
	}
}

func TestDifferencesOfFewTrialsHaveNoInterval(t *testing.T) {
	for name, want := range map[string]string{
		"demo":       "without a measure of their error",
		"comparison": "they prove nothing",
	} {
		text := rendered(t, document(t, name))["text"]
		if !strings.Contains(strings.Join(strings.Fields(text), " "), want) {
			t.Errorf("%s does not say %q:\n%s", name, want, text)
		}
	}
}

func TestComparedRunsAreWarnedOfWhatElseDiffers(t *testing.T) {
	first, second := stalled(), stalled()
	second.id, second.simulated = "20261119T150000Z-stall-22bb", true
	a, b := first.build(t), second.build(t)
	b.Manifest.Machine.Hostname = "laptop"
	b.Manifest.Versions["kaliper"] = "0.2.0"
	d, err := New(a, b)
	if err != nil {
		t.Fatal(err)
	}
	warnings := strings.Join(d.Warnings, "\n")
	for _, want := range []string{"SIMULATED BROKER on one side", "Different machines", "Different versions of kaliper: 0.1.0 and 0.2.0", "Different brokers"} {
		if !strings.Contains(warnings, want) {
			t.Errorf("no warning %q among:\n%s", want, warnings)
		}
	}
}

func TestInfinitePercentilesArePrintedAndExplained(t *testing.T) {
	outputs := rendered(t, document(t, "failing"))
	for _, format := range []string{"html", "markdown", "text"} {
		if !strings.Contains(outputs[format], "∞") || !strings.Contains(outputs[format], "failed") {
			t.Errorf("the %s does not explain an infinite p99", format)
		}
	}
	if !strings.Contains(outputs["json"], `"Infinity"`) || !strings.Contains(outputs["csv"], "Infinity") {
		t.Error("machine output has no infinity")
	}
}

func TestARunWithoutAnyCompleteTrialShowsWhatItMeasuredAndSaysSo(t *testing.T) {
	p := stalled()
	p.interrupted, p.stallAt = true, 0
	d, err := New(p.build(t))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(rendered(t, d)["text"]), " ")
	if !strings.Contains(text, "cut short") || !strings.Contains(text, "ack p99") {
		t.Errorf("the figures of a trial that was cut short are missing, or not called so:\n%s", text)
	}
}

func TestNoRunIsAnError(t *testing.T) {
	if _, err := New(); err == nil {
		t.Error("no run makes a report")
	}
	if _, err := New(&results.Run{}); err == nil {
		t.Error("a run without a case makes a report")
	}
}

// Everything that a run directory says is untrusted.
func TestWhatARunSaysIsNeverMarkup(t *testing.T) {
	const evil = "<script>alert(1)</script>\"'`[x](javascript:alert(2))|\x1b[31m</title><img src=x onerror=alert(3)>"
	p := twoCases()
	p.repeats, p.seconds, p.question = 1, 4, evil
	p.cases[1].settings = []results.Setting{{Label: evil, Path: "producers.*.config." + evil, Value: evil}}
	run := p.build(t)
	run.Manifest.Versions["kaliper"] = evil
	run.Manifest.Scenario = evil + "\n" + evil
	run.Manifest.Notes = []string{evil}
	run.Manifest.Machine.Hostname = evil
	run.Manifest.State = results.Crashed
	run.Summary.Run.State = results.Crashed
	run.Summary.Run.Missing = []string{evil}
	run.Summary.Run.Environment = []results.Reason{{Code: "x", Text: evil}}
	run.Trials[0].Begin.Cluster.Version = evil
	run.Trials[0].Begin.Producers[0].Name = evil
	for i := range run.Trials {
		run.Trials[i].Intervals[6].Events = []results.Event{{Seconds: 6, Kind: evil, Text: evil}}
	}
	d, err := New(run)
	if err != nil {
		t.Fatal(err)
	}
	outputs := rendered(t, d)
	for format, output := range outputs {
		if format == "json" || format == "csv" {
			continue // quoted by their own rules
		}
		markup := []string{"<script>alert", "<img", "\x1b[31m"}
		switch format {
		case "markdown":
			markup = append(markup, "x](javascript", "\n<", "|\x1b")
		case "text":
			markup = []string{"\x1b[31m"}
		}
		for _, m := range markup {
			if strings.Contains(output, m) {
				t.Errorf("the %s lets %q through", format, m)
			}
		}
	}
	wellFormed(t, outputs["svg"])
	var summary results.Summary
	if err := json.Unmarshal([]byte(outputs["json"]), &summary); err != nil {
		t.Error(err)
	}
	if _, err := csv.NewReader(strings.NewReader(outputs["csv"])).ReadAll(); err != nil {
		t.Error(err)
	}
}

func TestASpreadsheetTakesNoCellForAFormula(t *testing.T) {
	for in, want := range map[string]string{"=1+1": "'=1+1", "@SUM(A1)": "'@SUM(A1)", "-x": "'-x", "-0.25": "-0.25", "12": "12", "": ""} {
		if got := safe([]string{in})[0]; got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func wellFormed(t *testing.T, document string) {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(document))
	for {
		_, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("SVG is not well formed: %v", err)
		}
	}
}

func TestThePageNeedsNoNetwork(t *testing.T) {
	address := regexp.MustCompile(`(?i)(https?:)?//[a-z0-9.-]+\.[a-z]+`)
	for _, name := range documentNames() {
		var page bytes.Buffer
		if err := document(t, name).HTML(&page); err != nil {
			t.Fatal(err)
		}
		for _, found := range address.FindAllString(page.String(), -1) {
			if !strings.Contains(found, "www.w3.org") {
				t.Errorf("%s refers to %s", name, found)
			}
		}
	}
}

func TestEveryCSVRowHasItsRunsTrustAndBroker(t *testing.T) {
	rows, err := csv.NewReader(strings.NewReader(rendered(t, document(t, "demo"))["csv"])).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	cases, trials := 0, 0
	for _, row := range rows[1:] {
		if row[2] != "simulated" || row[8] == "" {
			t.Fatalf("a row without broker or trust: %q", row)
		}
		if row[5] == "" {
			cases++
		} else {
			trials++
		}
	}
	if cases == 0 || trials != 2*cases {
		t.Errorf("%d rows of cases and %d of trials; of two trials a case there are twice as many", cases, trials)
	}
}

func TestQuantilesAreThoseOfMeasure(t *testing.T) {
	run := stalled().build(t)
	for _, infinite := range []int64{0, 1, 700, 1e6} {
		h, _, err := pooled(&run.Trials[0], ack)
		if err != nil {
			t.Fatal(err)
		}
		grid := percentileGrid()
		for i, got := range quantiles(h, infinite, grid) {
			want := h.QuantileSeconds(1-math.Pow(10, -grid[i]), infinite)
			if got != want {
				t.Errorf("at %g nines with %d infinite: %g, want %g", grid[i], infinite, got, want)
			}
		}
	}
}

func TestChangesAreWrittenForPeople(t *testing.T) {
	for _, test := range []struct {
		ratio float64
		want  string
	}{
		{1.479, "+47.9%"}, {0.331, "−66.9%"}, {3.04, "+204%"}, {1, "±0.0%"}, {1.0004, "±0.0%"},
		{397, "×397"}, {math.Inf(1), "+∞"}, {0, "−100%"}, {math.NaN(), "unknown"},
	} {
		if got := change(test.ratio); got != test.want {
			t.Errorf("a ratio of %g is %q, want %q", test.ratio, got, test.want)
		}
	}
}

func TestMeasuredFiguresKeepThreeDigits(t *testing.T) {
	for _, test := range []struct {
		value      float64
		unit, want string
	}{
		{0.016, "s", "16.0 ms"}, {0.008, "s", "8.00 ms"}, {0.0147, "s", "14.7 ms"}, {2.8e-6, "s/record", "2.80 µs/record"},
		{0, "s", "0 s"}, {1150.4, "bytes/record", "1,150 B/record"}, {math.Inf(1), "s", "∞"}, {0.0196, "ratio", "1.96%"}, {20000, "records/s", "20,000 records/s"},
	} {
		got := strings.ReplaceAll(split(test.value, test.unit).String(), noBreakSpace, " ")
		if got != test.want {
			t.Errorf("%g %s is %q, want %q", test.value, test.unit, got, test.want)
		}
	}
}

func TestATableLosesIntervalsBeforeColumns(t *testing.T) {
	var out bytes.Buffer
	if err := document(t, "two-cases").Text(&out, TextOptions{Width: 80}); err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(out.String(), "\n") {
		if len([]rune(line)) > 80 {
			t.Errorf("a line of %d columns in a terminal of 80: %s", len([]rune(line)), line)
		}
	}
	if strings.Contains(out.String(), "more column") || !strings.Contains(out.String(), "lz4 · linger\u00a010  change") {
		t.Errorf("a column was dropped:\n%s", out.String())
	}
}
