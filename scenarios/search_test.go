package scenarios

import (
	"fmt"
	"testing"
	"time"
)

const toSearch = `format: kaliper.scenario/1
name: searched
target: embedded
topics: {orders: {partitions: 2}}
producers: {checkout: {topic: orders, rate: 150/s, value: {size: 100}}}
search: {objectives: [ack.p99 < 1s]%s}
`

func TestEachWayOfSearchingHasItsLengthsAndTheScenarioTheLastWord(t *testing.T) {
	for _, test := range []struct {
		mode, own string
		want      SearchLengths
	}{
		{SearchNormal, "", SearchLengths{3 * time.Second, 10 * time.Second, 25 * time.Second}},
		{SearchQuick, "", SearchLengths{2 * time.Second, 4 * time.Second, 8 * time.Second}},
		{SearchSoak, "", SearchLengths{10 * time.Second, 30 * time.Second, 5 * time.Minute}},
		{SearchSoak, ", hold: 20m", SearchLengths{10 * time.Second, 30 * time.Second, 20 * time.Minute}},
		{SearchQuick, ", warmup: 1s, trial: 7s", SearchLengths{time.Second, 7 * time.Second, 8 * time.Second}},
	} {
		scenario := parse(t, fmt.Sprintf(toSearch, test.own), Options{})
		plan, err := scenario.PlanSearch(test.mode, nil)
		if err != nil {
			t.Fatal(err)
		}
		if plan.Mode != test.mode || plan.Lengths != test.want {
			t.Errorf("%s%s: %s, %+v, want %+v", test.mode, test.own, plan.Mode, plan.Lengths, test.want)
		}
	}
}
