package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
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
