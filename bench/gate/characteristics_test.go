package main

import "testing"

// The bounds are those that the gate promises; the margins are three standard errors of so
// few gates.
func TestTheGateKeepsItsPromise(t *testing.T) {
	const gates = 500
	simulated := func(n noise, change float64) characteristics {
		c, err := point{n, change, 30, watched()}.simulate(gates, 7)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	for _, n := range noises() {
		t.Run(n.name, func(t *testing.T) {
			same, worse := simulated(n, 0), simulated(n, 0.10)
			if same.fail > 0.01+0.013 {
				t.Errorf("%.1f%% fail without a change", 100*same.fail)
			}
			if worse.pass > 0.055+0.03 {
				t.Errorf("%.1f%% pass at the change to detect", 100*worse.pass)
			}
			if tolerated := simulated(n, 0.05); tolerated.fail > 0.055+0.03 {
				t.Errorf("%.1f%% fail at the change that is tolerated", 100*tolerated.fail)
			}
			if n.name == "normal 5%" {
				if worse.fail < 0.90-0.04 || same.meanPairs > 9 || worse.meanPairs > 16.5 {
					t.Errorf("at 5%%: FAIL %.1f%%, mean pairs %.1f and %.1f", 100*worse.fail, same.meanPairs, worse.meanPairs)
				}
			}
			if same.covered < 0.90-0.04 || worse.covered < 0.90-0.04 {
				t.Errorf("the intervals hold %.1f%% and %.1f%%", 100*same.covered, 100*worse.covered)
			}
		})
	}
}
