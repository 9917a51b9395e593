package scenarios

import (
	"slices"

	"kaliper/internal/metric"
)

// Choose is what the best case of a matrix is sought by.
type Choose struct {
	SubjectTo  []metric.Condition // a case that does not meet them is out of the question
	Objectives []metric.Ref       // of each the best case is wanted; the metric says which way
}

// choose reads the choose block; nil where there is none.
func (d *decoder) choose(root fields, load Load) *Choose {
	n := root.child("choose")
	if n == nil {
		return nil
	}
	f := d.fields(n, "choose", []string{"subject_to", "minimize", "maximize"}, nil)
	c := &Choose{SubjectTo: d.conditions(f, "subject_to", load)}
	c.Objectives = append(d.objectives(f, "minimize", metric.LowerBetter, load), d.objectives(f, "maximize", metric.HigherBetter, load)...)
	if len(c.Objectives) == 0 && f.child("minimize") == nil && f.child("maximize") == nil {
		d.wrong(n.at, "choose", "names nothing to choose by; write for example minimize: [cpu.seconds_per_record]")
	}
	if root.child("matrix") == nil {
		d.wrong(n.at, "choose", "has one case only to choose from; add a matrix that varies something")
	}
	return c
}

// objectives reads a list of metrics that are better in one direction.
func (d *decoder) objectives(f fields, key string, direction metric.Direction, load Load) []metric.Ref {
	if n := f.child(key); n != nil && n.kind == list && len(n.items) == 0 {
		f.wrong(key, "is empty; name a metric, or leave it out")
	}
	var refs []metric.Ref
	for _, n := range f.words(key) {
		path := "choose." + key
		ref, err := metric.Parse(n.text, load.Groups())
		if err != nil {
			d.wrong(n.at, path, "%v", err)
			continue
		}
		switch text := unknowable(ref, load); {
		case text != "":
			d.wrong(n.at, path, "%s: %s", ref, text)
		case ref.Definition.Direction == metric.Neither || ref.Definition.Name == "lag.slope":
			d.wrong(n.at, path, "%s is neither better high nor low, or can be negative; use a latency, a rate or a cost", ref)
		case ref.Definition.Direction != direction && direction == metric.LowerBetter:
			d.wrong(n.at, path, "%s is better high; write it under maximize", ref)
		case ref.Definition.Direction != direction:
			d.wrong(n.at, path, "%s is better low; write it under minimize", ref)
		case slices.ContainsFunc(refs, func(other metric.Ref) bool { return other.String() == ref.String() }):
			d.wrong(n.at, path, "%s is there twice", ref)
		default:
			refs = append(refs, ref)
		}
	}
	return refs
}
