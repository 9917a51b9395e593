package docs_test

import (
	"regexp"
	"strings"
	"testing"

	"kaliper/scenarios"
)

// quoted is what stands between backticks.
var quoted = regexp.MustCompile("`([^`]+)`")

// Every scenario that the table of troubles names is built in and speaks of the settings beside it,
// and each whose cases differ in what consumers or pipelines do is named.
func TestTroublesLeadToTheScenariosOfTheirCures(t *testing.T) {
	files := map[string]scenarios.BuiltInFile{}
	for _, f := range scenarios.Embedded() {
		files[f.Name] = f
	}
	named := map[string]bool{}
	for _, row := range onlyTable(t, "troubleshooting.md", "| what you see | scenario | setting that cures it |") {
		name := strings.Trim(row[1], "`")
		f, ok := files[name]
		if !ok {
			t.Errorf("there is no built-in scenario %q", name)
			continue
		}
		if named[name] {
			t.Errorf("%s is there twice", name)
		}
		named[name] = true
		if !strings.Contains(string(f.Data), "\n# The cure") {
			t.Errorf("%s names no cure", name)
		}
		settings := quoted.FindAllStringSubmatch(row[2], -1)
		if len(settings) == 0 {
			t.Errorf("%s: no setting cures it", name)
		}
		for _, setting := range settings {
			if !strings.Contains(string(f.Data), setting[1]) {
				t.Errorf("%s does not speak of %s", name, setting[1])
			}
		}
	}
	wanted := 0
	for name, f := range files {
		if !variesReaders(t, f) {
			continue
		}
		wanted++
		if !named[name] {
			t.Errorf("the page does not tell of %s", name)
		}
	}
	if wanted < 15 {
		t.Errorf("only %d scenarios are of consumers and pipelines", wanted)
	}
}

// variesReaders says whether the cases of a scenario differ in settings of consumers or pipelines.
func variesReaders(t *testing.T, f scenarios.BuiltInFile) bool {
	t.Helper()
	s, err := scenarios.Parse(f.Source(), scenarios.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, setting := range s.Cases[0].Settings {
		if strings.HasPrefix(setting.Path, "consumers.") || strings.HasPrefix(setting.Path, "pipelines.") {
			return true
		}
	}
	return false
}
