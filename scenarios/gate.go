package scenarios

import (
	"errors"
	"fmt"
	"reflect"
	"time"
)

// The sides of a gate; they are the ids of its two cases.
const (
	BaseSide      = "base"
	CandidateSide = "candidate"
)

// sidePath is the setting by which the two cases of a gate differ.
const sidePath = "gate.side"

// GatePlan is a gate before it is started: what the base's scenario says of pairs and metrics
// counts for both sides.
type GatePlan struct {
	Base, Candidate *Scenario
	Cases           []Case        // of BaseSide and of CandidateSide
	PairDuration    time.Duration // of two trials, with set-up and rests; without `before`
	Pairs           int           // that the budget holds
}

// PlanGate makes the two sides of a gate of two scenarios, which are one scenario below two
// overlays. The error says what keeps them from being compared; same says that they are meant
// to be equal.
func PlanGate(base, candidate *Scenario, same bool) (*GatePlan, error) {
	plan := &GatePlan{Base: base, Candidate: candidate}
	for _, side := range []struct {
		id string
		of *Scenario
	}{{BaseSide, base}, {CandidateSide, candidate}} {
		if n := len(side.of.Cases); n != 1 {
			return nil, fmt.Errorf("the %s has %d cases, and a gate compares one case with another: leave the matrix out, as with --set matrix=null", side.id, n)
		}
		c := side.of.Cases[0]
		c.ID = side.id
		c.Settings = []Setting{{Label: "side", Path: sidePath, Value: side.id}}
		c.Load.Warmup, c.Load.Duration = base.Gate.Warmup, base.Gate.Duration
		plan.Cases = append(plan.Cases, c)
		plan.PairDuration += c.estimate().Duration + base.Rest
	}
	if err := plan.comparable(same); err != nil {
		return nil, err
	}
	plan.Pairs = int(base.Gate.Budget / plan.PairDuration)
	return plan, nil
}

func (p *GatePlan) comparable(same bool) error {
	b, c := p.Base.Gate, p.Candidate.Gate
	if equal := p.Base.Resolved == p.Candidate.Resolved; equal != same {
		if same {
			return errors.New("the two sides differ")
		}
		return errors.New("base and candidate are the same: give one of them an overlay that changes something below what the flags set, or use --aa to see what this runner can detect")
	}
	if p.Cases[0].Load.Target.Embedded != p.Cases[1].Load.Target.Embedded {
		return errors.New("one side is the simulated broker and the other is not: a simulated broker says nothing about a real one")
	}
	b.Before, c.Before, b.BeforeTimeout, c.BeforeTimeout = nil, nil, 0, 0
	if !reflect.DeepEqual(b, c) {
		return errors.New("the overlays differ in the gate block: of it only before and before_timeout are a side's own; write the rest into the scenario")
	}
	return nil
}

// BudgetProblem returns an objection to the gate's budget, where it was written.
func (s *Scenario) BudgetProblem(format string, args ...any) error {
	var found problems
	found.add(s.gateAt, "gate.budget", format, args...)
	return found.err()
}

// gatePosition is where the budget is written, or what stands for it.
func gatePosition(root *node) position {
	at := root.at
	if gate := root.get("gate"); gate != nil {
		at = gate.at
		if budget := gate.get("budget"); budget != nil {
			at = budget.at
		}
	}
	return at
}
