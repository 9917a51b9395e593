package docs_test

import (
	"slices"
	"strings"
	"testing"

	"kaliper/internal/analysis/capacity"
	"kaliper/scenarios"
)

const planPage = "plan.md"

func TestThePlanPageNamesEveryRefusal(t *testing.T) {
	codes := firstCells(onlyTable(t, planPage, "| code | when |"))
	sameElements(t, "codes of refusals", codes, capacity.RefusalCodes())
}

func TestTheLimitsOfThePlanPageAreLegal(t *testing.T) {
	found := examples(readPage(t, planPage), "yaml")
	if len(found) != 1 {
		t.Fatalf("%d examples, want one file of limits", len(found))
	}
	limits, err := scenarios.ParseBrokerLimits(scenarios.Source{Name: "limits.yaml", Data: []byte(found[0].text)})
	if err != nil {
		t.Fatal(err)
	}
	if limits.NetworkIn == 0 || limits.NetworkOut == 0 || limits.DiskWrite == 0 || limits.Disk == 0 || limits.Partitions == 0 {
		t.Errorf("the example leaves out a limit: %+v", limits)
	}
}

// The flags are those of the command, as its file registers them.
func TestThePlanPageHasEveryFlagOfTheCommand(t *testing.T) {
	var flags []string
	for _, line := range strings.Split(readPage(t, "../cmd/kaliper/sizing.go"), "\n") {
		if !strings.Contains(line, "f.") || !strings.Contains(line, "(&flags.") {
			continue
		}
		_, rest, _ := strings.Cut(line, `, "`)
		name, _, _ := strings.Cut(rest, `"`)
		flags = append(flags, "--"+name)
	}
	if len(flags) < 10 || !slices.Contains(flags, "--rate") {
		t.Fatalf("flags read from the source: %q", flags)
	}
	sameElements(t, "flags of kaliper plan", firstCells(onlyTable(t, planPage, "| flag | default | meaning |")), flags)
}
