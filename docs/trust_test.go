package docs_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	trust "kaliper/internal/analysis"
)

func TestThePageTellsHowOftenTrustErrs(t *testing.T) {
	file, err := os.Open("../internal/analysis/testdata/trust.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var trials []trust.PlantedTrial
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var trial trust.PlantedTrial
		if err := json.Unmarshal(lines.Bytes(), &trial); err != nil {
			t.Fatal(err)
		}
		trials = append(trials, trial)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	for _, row := range trust.Calibrate(trials) {
		rows = append(rows, []string{row.Plant, fmt.Sprint(row.Rate), fmt.Sprint(row.Trials), fmt.Sprint(row.Untrusted), row.Reasons()})
	}
	compareGenerated(t, "trust.md", "internal/analysis, trust trials",
		markdownTable([]string{"plant", "records/s", "trials", "untrusted", "because of, in so many trials"}, rows))
}
