package analysis

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"
)

// plantedTrials reads the recorded trials of bench/trust.
func plantedTrials(t *testing.T) []PlantedTrial {
	t.Helper()
	file, err := os.Open("testdata/trust.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var trials []PlantedTrial
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var trial PlantedTrial
		if err := json.Unmarshal(lines.Bytes(), &trial); err != nil {
			t.Fatal(err)
		}
		trials = append(trials, trial)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return trials
}

func TestTheThresholdsCatchThePlantedFaultsAndSpareCleanTrials(t *testing.T) {
	// Each by the code that is its own: other work ran beside these trials, and must not count.
	own := map[string]string{"hogs": "cpu_busy", "stop": "gap", "quota": "cpu_quota", "slow-sink": "ceiling"}
	trials, untrusted, caught := map[string]int{}, map[string]int{}, map[string]int{}
	for _, row := range Calibrate(plantedTrials(t)) {
		trials[row.Plant] += row.Trials
		untrusted[row.Plant] += row.Untrusted
		caught[row.Plant] += row.Codes[own[row.Plant]]
	}
	for plant, code := range own {
		if n := trials[plant]; n < 20 || float64(caught[plant]) < 0.95*float64(n) {
			t.Errorf("%s: %d of %d trials are untrusted because of %s, want 95%% of at least 20", plant, caught[plant], n, code)
		}
	}
	// None are recorded yet: they take a machine with nothing else to do.
	if n := trials[Clean]; n > 0 && (n < 40 || float64(untrusted[Clean]) > 0.05*float64(n)) {
		t.Errorf("%d of %d clean trials are untrusted, want at most 5%% of at least 40", untrusted[Clean], n)
	}
}

func TestCalibratingCountsByPlantAndRate(t *testing.T) {
	clean := PlantedTrial{Plant: Clean, Rate: 2000}
	stopped := PlantedTrial{Plant: "stop", Rate: 2000, Strain: Strain{GapShare: 0.2, ThrottledShare: 0.3}}
	rows := Calibrate([]PlantedTrial{stopped, clean, stopped, clean, clean})
	if len(rows) != 2 || rows[0].Plant != Clean || rows[0].Trials != 3 || rows[0].Untrusted != 0 {
		t.Fatalf("%+v", rows)
	}
	if rows[1].Trials != 2 || rows[1].Untrusted != 2 || rows[1].Reasons() != "cpu_quota 2, gap 2" {
		t.Errorf("%+v: %s", rows[1], rows[1].Reasons())
	}
}
