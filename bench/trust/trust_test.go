package main

import (
	"testing"

	"kaliper/internal/analysis"
)

func TestOnlyWhatIsMissingIsMeasured(t *testing.T) {
	trials := []analysis.PlantedTrial{
		{Plant: "stop", Rate: 2_000, Number: 1}, {Plant: "stop", Rate: 2_000, Number: 2}, {Plant: "stop", Rate: 20_000, Number: 1},
		{Plant: analysis.Clean, Rate: 2_000, Number: 1},
	}
	visits := missing(map[string]int{"stop": 2, analysis.Clean: 1}, trials)
	left := map[string]int{}
	for _, v := range visits {
		left[v.plant.name]++
		if v.rate != 20_000 {
			t.Errorf("%s at %d is measured again", v.plant.name, v.rate)
		}
	}
	if left["stop"] != 1 || left[analysis.Clean] != 1 || len(visits) != 2 {
		t.Errorf("left %v", left)
	}
	for i := 1; i < len(visits); i++ {
		if visits[i].number < visits[i-1].number {
			t.Error("a later round comes before an earlier one")
		}
	}
}

func TestAQuotaIsAGroupOfItsOwn(t *testing.T) {
	q, err := newQuota(0.5)
	if err != nil {
		t.Skipf("no quotas here: %v", err)
	}
	if !exists(q.folder) {
		t.Errorf("%s is not there", q.folder)
	}
	if err := q.lift(); err != nil {
		t.Error(err)
	}
	if err := q.release(); err != nil || exists(q.folder) {
		t.Errorf("%v; is it there: %v", err, exists(q.folder))
	}
}
