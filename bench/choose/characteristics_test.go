package main

import "testing"

// The bounds are those that docs/choose.md promises; the margins are three standard errors of so
// few choices.
func TestTheChoiceKeepsItsPromise(t *testing.T) {
	const choices = 600
	for _, truth := range truths() {
		for _, cases := range []int{4, 12, 24} {
			for _, n := range noises() {
				c := point{cases, truth, n}.simulate(choices, 7)
				if c.right < 0.89-0.039 {
					t.Errorf("%s, %d cases, %s: %.1f%% are right", truth.name, cases, n.name, 100*c.right)
				}
				if c.wrong > 0.055+0.028 {
					t.Errorf("%s, %d cases, %s: %.1f%% of certificates are wrong", truth.name, cases, n.name, 100*c.wrong)
				}
			}
		}
	}
}

// At the noises that a choice is made for, with enough choices to tell 90% from less.
func TestTheBestIsFoundWhereAllOthersAreJustBehind(t *testing.T) {
	for _, cases := range []int{12, 24} {
		for _, n := range noises()[:4] {
			if c := (point{cases, truths()[0], n}).simulate(1500, 11); c.right < 0.90 {
				t.Errorf("%d cases, %s: %.1f%% are right", cases, n.name, 100*c.right)
			}
		}
	}
}
