package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"kaliper/scenarios"
)

// kaliper calls the whole program.
func kaliper(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, log bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(stdin), &out, &log)
	return code, out.String(), log.String()
}

func TestCheckAnswersFirstAndShowsWhatIsSpecial(t *testing.T) {
	code, stdout, stderr := kaliper(t, "", "check", "demo", "--set", "producers.*.config.acks=1")
	if code != 0 || stderr != "" {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	if !strings.HasPrefix(stdout, "demo: 2 cases × 3 repeats = 6 trials, about ") {
		t.Errorf("the answer does not come first:\n%s", stdout)
	}
	for _, want := range []string{
		"the simulated broker", "linger.ms is approximated:", "--set", "acks 1 turns it off, as in Java",
		"the interval for a median reaches 75%", "consumers.analytics: all client properties are Kafka 4.3's defaults",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("nothing says %q:\n%s", want, stdout)
		}
	}
	if strings.Contains(stdout, "max.block.ms") {
		t.Errorf("Kafka's defaults are there without --all:\n%s", stdout)
	}
}

func TestCheckTellsAValueThatTheGoClientDoesNotTake(t *testing.T) {
	file := filepath.Join(t.TempDir(), "client.properties")
	const service = "bootstrap.servers=localhost:9092\nmetadata.max.age.ms=86400000\nconnections.max.idle.ms=540000\n"
	if err := os.WriteFile(file, []byte(service), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := kaliper(t, "", "check", "demo", "--command-config", file, "--set", "consumers.*.config.fetch.max.wait.ms=5")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	for _, want := range []string{
		"metadata.max.age.ms is approximated: less than 10 ms works as 10 ms, and more than 3600000 ms as 3600000 ms: the Go client's limits",
		"fetch.max.wait.ms is approximated: less than 10 ms works as 10 ms: the Go client's limit",
	} {
		if !strings.Contains(stdout, want) {
			t.Errorf("nothing says %q:\n%s", want, stdout)
		}
	}
	if strings.Contains(stdout, "connections.max.idle.ms is") {
		t.Errorf("a value that is honoured is told:\n%s", stdout)
	}
}

func TestCheckPrintsOneJSONDocument(t *testing.T) {
	code, stdout, stderr := kaliper(t, "", "check", "producer-throughput", "--json")
	var p planJSON
	if err := json.Unmarshal([]byte(stdout), &p); code != 0 || err != nil {
		t.Fatalf("exit %d, %v: %s", code, err, stderr)
	}
	if p.Schema != planSchema || p.Trials != 6 || len(p.Cases) != 1 || len(p.Cases[0].Properties) == 0 {
		t.Errorf("%+v", p)
	}
}

// A choice makes more trials than its screening, in text and in JSON.
func TestCheckSaysOfAChoiceWhatTheWholeOfItTakes(t *testing.T) {
	chosen := strings.Replace(small, "repeats: 1\n", "matrix: {vary: {producers.checkout.config.linger.ms: [0, 5, 20]}}\nchoose: {minimize: [ack.p99]}\n", 1)
	path := scenarioFile(t, chosen)
	var p planJSON
	if code, stdout, stderr := kaliper(t, "", "check", path, "--json"); code != 0 || json.Unmarshal([]byte(stdout), &p) != nil {
		t.Fatalf("exit %d: %s%s", code, stdout, stderr)
	}
	if p.Choice == nil || p.Choice.ScreeningRounds != 3 || p.Trials <= 9 || p.Choice.MostTrials <= p.Trials || p.Repeats != nil || !math.IsNaN(float64(p.Level)) || p.Resolution != nil {
		t.Fatalf("%+v, %+v", p, p.Choice)
	}
	perTrial := p.Seconds / float64(p.Trials)
	if math.Abs(p.Choice.MostSeconds/float64(p.Choice.MostTrials)-perTrial) > 1e-6 || math.Abs(perTrial-p.Cases[0].Seconds) > 1e-6 {
		t.Errorf("%v s for %d trials, at most %v s for %d, %v s a case", p.Seconds, p.Trials, p.Choice.MostSeconds, p.Choice.MostTrials, p.Cases[0].Seconds)
	}
	_, text, _ := kaliper(t, "", "check", path)
	if !strings.Contains(text, fmt.Sprintf("the best of 3 cases, about %d trials", p.Trials)) || !strings.Contains(text, fmt.Sprintf("at most %d,", p.Choice.MostTrials)) {
		t.Errorf("the text says something else than %d and %d trials:\n%s", p.Trials, p.Choice.MostTrials, text)
	}
	written := p.TopicBytes
	if code, stdout, _ := kaliper(t, "", "check", path, "--json", "--set", "choose=null", "--set", "repeats=3"); code != 0 || json.Unmarshal([]byte(stdout), &p) != nil {
		t.Fatal(stdout)
	}
	if p.Trials != 9 || *p.Repeats != 3 || written <= p.TopicBytes {
		t.Errorf("without choose: %d trials, %v bytes; with it %v", p.Trials, p.TopicBytes, written)
	}
}

func TestCheckSaysWhichDifferencesTheRepeatsCanShow(t *testing.T) {
	varied := func(repeats, values string) string {
		return scenarioFile(t, strings.Replace(small, "repeats: 1\n", "repeats: "+repeats+"\nmatrix: {vary: {producers.checkout.config.linger.ms: ["+values+"]}}\n", 1))
	}
	numbers := func(n int) string {
		var all []string
		for i := range n {
			all = append(all, strconv.Itoa(i))
		}
		return strings.Join(all, ", ")
	}
	for _, test := range []struct {
		name, path  string
		says, warns string // of standard output; empty: nothing of the kind
		smallest    float64
	}{
		{"two cases, six repeats", varied("6", "0, 5"), "differs by 3.01% where trials vary by 2%, 7.70% by 5%", "", 0.077},
		{"twelve cases, six repeats", varied("6", numbers(12)), "corrected for 11 comparisons", "", 0.151},
		{"twelve cases, three repeats", varied("3", numbers(12)), "corrected for 11 comparisons", "hardly any difference between cases can come out", 0.828},
		{"two cases, two repeats", varied("2", "0, 5"), "", "no difference between cases can come out, however large it is; repeats: ", math.Inf(1)},
	} {
		t.Run(test.name, func(t *testing.T) {
			code, text, stderr := kaliper(t, "", "check", test.path)
			if code != 0 || strings.Contains(text, "a case is told from the best if it differs by ") != (test.says != "") || !strings.Contains(text, test.says) {
				t.Errorf("exit %d:\n%s%s", code, text, stderr)
			}
			var p planJSON
			if code, stdout, _ := kaliper(t, "", "check", test.path, "--json"); code != 0 || json.Unmarshal([]byte(stdout), &p) != nil {
				t.Fatal(stdout)
			}
			warnings := strings.Join(p.Warnings, "\n")
			for where, got := range map[string]string{"text": text, "JSON": warnings} {
				if strings.Contains(got, "difference between cases can come out") != (test.warns != "") || !strings.Contains(got, test.warns) {
					t.Errorf("%s warns:\n%s", where, got)
				}
			}
			if got := p.Resolution.at(usualNoise); got != test.smallest && math.Abs(got-test.smallest) > 0.001 {
				t.Errorf("smallest difference %v, want %v", got, test.smallest)
			}
		})
	}
	code, text, _ := kaliper(t, "", "check", scenarioFile(t, small))
	if code != 0 || strings.Contains(text, "told from the best") || strings.Contains(text, "warning: with") {
		t.Errorf("one case is compared with itself:\n%s", text)
	}
}

func TestCheckTellsAllMistakesAndReturns64(t *testing.T) {
	code, stdout, stderr := kaliper(t, "format: kaliper.scenario/1\nname: x\ntarget: embeded\ntopcs: {}\n", "check", "-")
	if code != 64 || stdout != "" {
		t.Errorf("exit %d, %q", code, stdout)
	}
	for _, want := range []string{"standard input:3:9: target: ", "standard input:4:1: topcs: unknown key; did you mean \"topics\"?"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("nothing says %q:\n%s", want, stderr)
		}
	}
}

func TestANewScenarioIsLegalAndNeverOverwritesAFile(t *testing.T) {
	t.Chdir(t.TempDir())
	if code, _, stderr := kaliper(t, "", "scenarios", "new", "mine"); code != 0 {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	if code, stdout, stderr := kaliper(t, "", "check", "mine.yaml"); code != 0 || !strings.HasPrefix(stdout, "mine: ") {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	if err := os.WriteFile(filepath.Join(".", "kept.yaml"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := kaliper(t, "", "scenarios", "new", "kept")
	data, err := os.ReadFile("kept.yaml")
	if code != 64 || err != nil || string(data) != "mine" || !strings.Contains(stderr, "is there already") {
		t.Errorf("exit %d, %q, %v: %s", code, data, err, stderr)
	}
}

func TestACheckSaysWhatIsLookedAtAfterTheLoad(t *testing.T) {
	code, stdout, stderr := kaliper(t, "", "check", "compaction", "--set", "verify=[readback, compaction]")
	if code != 0 || !strings.Contains(stdout, "count what it left; read back from the log") {
		t.Errorf("exit %d: %s%s", code, stdout, stderr)
	}
	if code, stdout, _ := kaliper(t, "", "check", "compaction", "--set", "verify=none"); code != 0 || strings.Contains(stdout, "after it") {
		t.Errorf("exit %d: %s", code, stdout)
	}
}

func TestEveryBuiltInScenarioIsListedAndShown(t *testing.T) {
	code, list, _ := kaliper(t, "", "scenarios", "list")
	if code != 0 || len(strings.Split(strings.TrimSpace(list), "\n")) != len(scenarios.Embedded()) {
		t.Errorf("exit %d:\n%s", code, list)
	}
	if code, shown, _ := kaliper(t, "", "scenarios", "show", "demo"); code != 0 || !strings.Contains(shown, "name: demo") {
		t.Errorf("exit %d:\n%s", code, shown)
	}
	if code, _, stderr := kaliper(t, "", "scenarios", "show", "dmo"); code != 64 || !strings.Contains(stderr, `did you mean "demo"?`) {
		t.Errorf("exit %d: %s", code, stderr)
	}
}
