package scenarios

import (
	"slices"

	"kaliper/internal/metric"
	"kaliper/internal/property"
)

// Verify says what is looked at in the log when the load is over.
type Verify struct {
	// Readback: what the trial wrote is read from the log and accounted for.
	Readback bool
	// Compaction: what compaction left of compacted topics is counted.
	Compaction bool
	// Properties are those of the client that reads; the zero Set where nothing is read.
	Properties property.Set
}

// On says whether anything is looked at.
func (v Verify) On() bool { return v.Readback || v.Compaction }

// The words of verify.
const (
	verifyReadback   = "readback"
	verifyCompaction = "compaction"
	verifyNone       = "none"
)

// verify reads what is looked at after the load: compaction where a topic that is written is
// compacted, unless the file says something else.
func (d *decoder) verify(f fields, common []written, load Load) Verify {
	var v Verify
	compacted := slices.ContainsFunc(load.WrittenTopics(), Topic.Compacted)
	legal := []string{verifyReadback, verifyCompaction, verifyNone}
	switch n := f.child("verify"); {
	case n == nil:
		v.Compaction = compacted
	case n.kind == list:
		for _, word := range f.words("verify") {
			switch f.chosen("verify", word.text, verifyNone, legal, nil) {
			case verifyReadback:
				v.Readback = true
			case verifyCompaction:
				v.Compaction = true
			default:
				if word.text == verifyNone && len(n.items) > 1 {
					f.wrong("verify", "none excludes the others; leave it out")
				}
			}
		}
	default:
		word := f.choice("verify", verifyNone, legal)
		v.Readback, v.Compaction = word == verifyReadback, word == verifyCompaction
	}
	if !v.On() {
		return v
	}
	written := load.WrittenTopics()
	switch existing := slices.ContainsFunc(written, func(t Topic) bool { return t.Existing != "" }); {
	case len(load.Producers)+len(load.Pipelines) == 0:
		f.wrong("verify", "there is nothing to look at: neither producers nor pipelines write")
	case v.Compaction && !compacted && !existing:
		f.wrong("verify", "compaction: no topic that is written is compacted; set cleanup.policy: compact in its config, or leave it out")
	}
	for _, g := range load.Groups() {
		if g == metric.ReadbackGroup {
			f.wrong("verify", "a group is called %s, under which the metrics of what is looked at stand; rename it", metric.ReadbackGroup)
		}
	}
	v.Properties = d.groupProperties(property.Consumer, nil, common)
	return v
}

// WrittenTopics returns the declared topics that producers or pipelines write.
func (l Load) WrittenTopics() (topics []Topic) {
	for _, t := range l.Topics {
		name := t.Declared()
		if slices.ContainsFunc(l.Producers, func(g ProducerGroup) bool { return g.Topic == name }) ||
			slices.ContainsFunc(l.Pipelines, func(p Pipeline) bool { return p.To == name }) {
			topics = append(topics, t)
		}
	}
	return topics
}
