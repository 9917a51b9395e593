package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kaliper/internal/property"
)

func pipelineKeys() []string {
	return []string{"from", "to", "members", "guarantee", "commit_interval", "aborts", "schedule", "processing", "failures", "dedup", "config"}
}

// defaultPipelineCommit is Kafka Streams' commit.interval.ms with exactly-once. Both
// guarantees have it, so that a comparison of them changes one thing.
const defaultPipelineCommit = 100 * time.Millisecond

func (d *decoder) pipelines(root fields, defaults *node, common []written, load Load) []Pipeline {
	var pipelines []Pipeline
	for _, e := range root.names("pipelines") {
		settings := e.value
		if defaults != nil && defaults.kind == mapping {
			settings = merge(defaults, settings)
		}
		f := d.fields(settings, "pipelines."+e.key, pipelineKeys(), []string{"client", "schema"})
		pipelines = append(pipelines, d.pipeline(e.key, f, common, load.Warmup+load.Duration))
	}
	return pipelines
}

func (d *decoder) pipeline(name string, f fields, common []written, total time.Duration) Pipeline {
	p := Pipeline{
		Name: name, From: f.text("from", ""), To: f.text("to", ""),
		Members:        f.count("members", 1, 1, 10_000),
		Guarantee:      Guarantee(f.choice("guarantee", string(AtLeastOnce), []string{string(AtLeastOnce), string(ExactlyOnce)})),
		CommitInterval: f.duration("commit_interval", defaultPipelineCommit),
		Processing:     d.processing(f, total),
		Failures:       d.failures(f),
		Dedup:          d.dedup(f, total),
	}
	if p.CommitInterval <= 0 {
		f.wrong("commit_interval", "is 0; write for example 10ms: every commit waits for the acknowledgements before it")
	}
	if p.Processing.HandOff {
		f.wrong("processing", "hand_off has no meaning in a pipeline, which commits after what it produced")
	}
	p.Schedule = d.schedule(f, p.Group(), total)
	for i, c := range p.Schedule {
		if c.Action == ActionSeek {
			d.wrong(f.child("schedule").items[i].at, fmt.Sprintf("%s.schedule[%d]", f.path, i), "seek has a meaning for groups that only read: a pipeline goes on where it has committed")
		}
	}
	d.onlyWith(f, "aborts", p.Guarantee == ExactlyOnce, "guarantee: exactly-once")
	if p.Guarantee == ExactlyOnce {
		// With nothing but aborts no record would ever come through.
		p.Aborts = f.number("aborts", 0, 0, mostAborts)
	}
	p.Consumer, p.Producer = d.pipelineProperties(f, p.Guarantee, common)
	if p.Dedup.On() && p.Guarantee == ExactlyOnce {
		f.wrong("dedup", "has a meaning with guarantee: at-least-once only: marks in Redis are in no transaction, and exactly-once repeats nothing that they could keep away")
	}
	d.checkDedup(f, p.Group(), true)
	return p
}

// mostAborts is the largest share of transactions that may be aborted on purpose.
const mostAborts = 0.9

// pipelineProperties deals a pipeline's properties out to its two sides: a name that both know
// is for both.
func (d *decoder) pipelineProperties(f fields, guarantee Guarantee, common []written) (consumer, producer property.Set) {
	var reading, writing []written
	for _, w := range d.config(f.child("config"), f.path+".config") {
		_, ofConsumer := property.Lookup(property.Consumer, w.name)
		_, ofProducer := property.Lookup(property.Producer, w.name)
		if ofProducer && w.name != "bootstrap.servers" {
			writing = append(writing, w)
		}
		if ofConsumer || !ofProducer { // what nobody knows is told once
			reading = append(reading, w)
		}
		d.pipelineProperty(w, guarantee)
	}
	derive := func(list []written, name, value string) []written {
		if slices.ContainsFunc(list, func(w written) bool { return w.name == name }) {
			return list
		}
		at := f.position("guarantee")
		at.layer = layerSet // follows from the pipeline, whatever a target says
		return append(list, written{name: name, n: &node{at: at, kind: scalar, text: value}, path: f.path + ".guarantee"})
	}
	reading = derive(reading, "enable.auto.commit", "false")
	if guarantee == ExactlyOnce {
		reading = derive(reading, "isolation.level", "read_committed")
	}
	return d.groupProperties(property.Consumer, reading, common), d.groupProperties(property.Producer, writing, common)
}

// pipelineProperty objects to what contradicts a pipeline's guarantee.
func (d *decoder) pipelineProperty(w written, guarantee Guarantee) {
	text := strings.ToLower(w.n.text)
	once := guarantee == ExactlyOnce
	switch {
	case w.name == "enable.auto.commit" && text != "false":
		d.wrong(w.n.at, w.path, "a pipeline commits by itself, after the acknowledgements; leave it out, and set commit_interval")
	case w.name == "enable.idempotence" && text != "true" && once:
		d.wrong(w.n.at, w.path, "exactly-once needs idempotence; leave it out, or use guarantee: at-least-once")
	case w.name == "acks" && text != "all" && text != "-1" && once:
		d.wrong(w.n.at, w.path, "exactly-once needs acks: all; leave it out, or use guarantee: at-least-once")
	case w.name == "isolation.level" && text != "read_committed" && once:
		d.wrong(w.n.at, w.path, "exactly-once reads committed records alone; leave it out, or use guarantee: at-least-once")
	case w.name == "transactional.id" && !once:
		d.wrong(w.n.at, w.path, "has a meaning with guarantee: exactly-once only")
	}
}
