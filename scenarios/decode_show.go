package scenarios

import (
	"slices"

	"kaliper/internal/metric"
)

// shown is one metric that the report is to show first, as one case sees it.
type shown struct {
	name     string // as it was written
	at       position
	ref      metric.Ref
	wrong    string // why the case cannot have it; empty where it can
	repeated bool
}

// show reads the list of metrics that the report shows right after its answer.
func (d *decoder) show(root fields, load Load) []shown {
	if n := root.child("show"); n != nil && n.kind == list && len(n.items) == 0 {
		root.wrong("show", "is empty; name a metric, or leave it out")
	}
	var all []shown
	for _, n := range root.words("show") {
		one := shown{name: n.text, at: n.at}
		ref, err := metric.Parse(n.text, load.Groups())
		switch {
		case err != nil:
			one.wrong = err.Error()
		default:
			one.ref, one.wrong = ref, unknowable(ref, load)
		}
		one.repeated = slices.ContainsFunc(all, func(other shown) bool { return other.name == one.name })
		all = append(all, one)
	}
	return all
}

// shownInAny returns what at least one case can have: what it costs to commit is worth asking where
// another case commits nothing. What none has is told as the first case sees it.
func (l *loader) shownInAny(cases [][]shown) []metric.Ref {
	var refs []metric.Ref
	for i, first := range cases[0] {
		known := slices.IndexFunc(cases, func(all []shown) bool { return i < len(all) && all[i].wrong == "" })
		switch {
		case first.repeated:
			l.problems.add(first.at, "show", "%s is there twice", first.name)
		case known < 0 && first.ref.Definition.Name != "":
			l.problems.add(first.at, "show", "%s: %s", first.ref, first.wrong)
		case known < 0:
			l.problems.add(first.at, "show", "%s", first.wrong)
		default:
			refs = append(refs, cases[known][i].ref)
		}
	}
	return refs
}
