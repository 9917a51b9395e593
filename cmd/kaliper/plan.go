package main

import (
	"slices"
	"strings"

	"kaliper/internal/property"
	"kaliper/scenarios"
)

// plan is what a run of a scenario would do, as check prints it.
type plan struct {
	scenario *scenarios.Scenario
	estimate scenarios.Estimate
	groups   []planGroup
	all      bool
	sweep    sweep
}

// warnings are the scenario's, and what its repeats cannot show.
func (p *plan) warnings() []string {
	warnings := slices.Clone(p.scenario.Warnings)
	if text := p.blind(); text != "" {
		warnings = append(warnings, text)
	}
	return warnings
}

// share is how many of the estimated trials are to be made: more than all for a choice, whose
// confirmation comes after them.
func (p *plan) share() float64 {
	if p.sweep.trials == 0 {
		return 1
	}
	return float64(p.sweep.trials) / float64(p.estimate.Trials)
}

// planGroup is the client properties of one group over all cases.
type planGroup struct {
	name     string // producers.checkout
	settings []planSetting
}

// planSetting is one client property of a group.
type planSetting struct {
	property.Entry          // of the first case, with the class of one that is not honoured
	values         []string // over the cases, each once
}

// notable reports whether a setting is not simply Kafka's default.
func (s planSetting) notable() bool {
	return len(s.values) > 1 || s.Origin != property.DefaultOrigin
}

func newPlan(s *scenarios.Scenario, all bool) *plan {
	p := &plan{scenario: s, estimate: s.Estimate(), all: all}
	indexes := map[string]int{}
	type member struct {
		group string
		set   property.Identity
	}
	added := map[member]bool{} // of 10,000 cases most share their sets
	add := func(name string, set property.Set) {
		if added[member{name, set.Identity()}] {
			return
		}
		added[member{name, set.Identity()}] = true
		i, known := indexes[name]
		if !known {
			i = len(p.groups)
			indexes[name] = i
			p.groups = append(p.groups, planGroup{name: name})
		}
		p.groups[i].add(set)
	}
	for _, c := range s.Cases {
		for _, g := range c.Load.Producers {
			add("producers."+g.Name, g.Properties)
		}
		for _, g := range c.Load.Consumers {
			add("consumers."+g.Name, g.Properties)
		}
		for _, g := range c.Load.Pipelines {
			add("pipelines."+g.Name+" (reading)", g.Consumer)
			add("pipelines."+g.Name+" (writing)", g.Producer)
		}
	}
	for _, g := range p.groups {
		slices.SortStableFunc(g.settings, func(a, b planSetting) int { return rank(a) - rank(b) })
	}
	return p
}

// rank puts first what the user set, then what follows from it, then what works otherwise
// than in Java.
func rank(s planSetting) int {
	switch {
	case s.UserSet && s.Class != property.Honoured:
		return 0
	case s.UserSet:
		return 1
	case s.notable():
		return 2
	case s.Class == property.Approximated:
		return 3
	default:
		return 4
	}
}

// add merges the properties of one more case.
func (g *planGroup) add(set property.Set) {
	for i, e := range set.All() {
		if len(g.settings) <= i {
			g.settings = append(g.settings, planSetting{Entry: e})
		}
		s := &g.settings[i]
		if !slices.Contains(s.values, e.Printed()) {
			s.values = append(s.values, e.Printed())
		}
		s.UserSet = s.UserSet || e.UserSet
		if s.Class == property.Honoured { // which this case's value may not be
			s.Class, s.How = e.Class, e.How
		}
	}
}

// shown returns the settings to print. What is refused has no effect at its default.
func (p *plan) shown(g planGroup) []planSetting {
	return slices.DeleteFunc(slices.Clone(g.settings), func(s planSetting) bool {
		return !s.notable() && (!p.all || s.Class == property.Refused)
	})
}

// approximatedDefaults returns the properties that are left at Kafka's default in every group
// that has them and yet do not work quite as in Java, by name.
func (p *plan) approximatedDefaults() []property.Property {
	var found []property.Property
	for _, g := range p.groups {
		for _, s := range g.settings {
			known := slices.ContainsFunc(found, func(f property.Property) bool { return f.Name == s.Name })
			if s.Class == property.Approximated && !s.notable() && !known {
				found = append(found, s.Property)
			}
		}
	}
	slices.SortFunc(found, func(a, b property.Property) int { return strings.Compare(a.Name, b.Name) })
	return found
}

// caseLabel names a case for people.
func caseLabel(c scenarios.Case) string {
	var words []string
	for _, s := range c.Settings {
		words = append(words, s.Label+" "+s.Value)
	}
	return strings.Join(words, ", ")
}
