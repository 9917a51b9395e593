package scenarios

import (
	"strings"
	"time"

	"kaliper/internal/property"
)

func consumerKeys() []string {
	return []string{"topics", "members", "assigned", "start", "processing", "failures", "commit", "commit_interval", "config"}
}

const (
	defaultCommitInterval = 5 * time.Second // as auto.commit.interval.ms
	defaultSigma          = 1.0
)

func (d *decoder) consumers(root fields, defaults *node, common []written) []ConsumerGroup {
	var groups []ConsumerGroup
	for _, e := range root.names("consumers") {
		settings := e.value
		if defaults != nil && defaults.kind == mapping {
			settings = merge(defaults, settings)
		}
		f := d.fields(settings, "consumers."+e.key, consumerKeys(), []string{"client", "share", "protocol"})
		groups = append(groups, d.consumer(e.key, f, common))
	}
	return groups
}

func (d *decoder) consumer(name string, f fields, common []written) ConsumerGroup {
	g := ConsumerGroup{
		Name:       name,
		Members:    f.count("members", 1, 1, 10_000),
		Assigned:   f.flag("assigned", false),
		Processing: d.processing(f),
		Failures:   d.failures(f),
	}
	for _, topic := range f.words("topics") {
		g.Topics = append(g.Topics, topic.text)
	}
	if len(g.Topics) == 0 {
		f.wrong("topics", "is missing; name what the group reads, such as topics: [orders]")
	}
	config := d.config(f.child("config"), f.path+".config")
	config = d.commit(f, &g, config)
	g.Properties = d.groupProperties(property.Consumer, config, common)
	if !g.Failures.None() {
		g.Producer = d.groupProperties(property.Producer, nil, common)
	}
	g.Start = d.start(f, config)
	for _, w := range config {
		if g.Assigned && (w.name == "group.id" || w.name == "group.instance.id" || w.name == "group.protocol") {
			d.wrong(w.n.at, w.path, "has no meaning with assigned: true, which is without a group")
		}
	}
	return g
}

// commit reads how the group commits and makes enable.auto.commit say the same.
func (d *decoder) commit(f fields, g *ConsumerGroup, config []written) []written {
	const name = "enable.auto.commit"
	fallback := CommitAuto
	var user *written
	for i, w := range config {
		if w.name == name {
			user = &config[i]
		}
	}
	if !g.Failures.None() {
		fallback = CommitAtInterval
	} else if g.Assigned || user != nil && strings.EqualFold(user.n.text, "false") {
		fallback = CommitNone
	}
	g.Commit = Commit(f.choice("commit", string(fallback), []string{
		string(CommitAuto), string(CommitPerRecord), string(CommitPerBatch), string(CommitAtInterval), string(CommitNone),
	}, "transactional"))
	d.onlyWith(f, "commit_interval", g.Commit == CommitAtInterval, "commit: interval")
	if g.Commit == CommitAtInterval {
		g.CommitInterval = f.duration("commit_interval", defaultCommitInterval)
		if g.CommitInterval <= 0 {
			f.wrong("commit_interval", "is 0; use commit: per-record to commit as often as possible")
		}
	}
	if g.Assigned && g.Commit != CommitNone {
		f.wrong("commit", "%s needs a group, and assigned: true is without one; use commit: none", g.Commit)
	}
	if !g.Failures.None() {
		if g.Assigned {
			f.wrong("failures", "need a group, and assigned: true is without one")
		} else if g.Commit != CommitAtInterval {
			f.wrong("commit", "%s would commit records before it is known what became of them; with failures use commit: interval", g.Commit)
		}
	}
	auto := g.Commit == CommitAuto
	if user != nil {
		if strings.EqualFold(user.n.text, "true") && !auto || strings.EqualFold(user.n.text, "false") && auto {
			d.wrong(user.n.at, user.path, "contradicts commit: %s; leave it out", g.Commit)
		}
		return config
	}
	if auto {
		return config
	}
	at := f.position("commit")
	at.layer = layerSet // follows from commit, whatever a target says
	return append(config, written{name: name, n: &node{at: at, kind: scalar, text: "false"}, path: f.path + ".commit"})
}

// start reads earliest or latest, or a map with from and after. Where nothing is said, it is
// what auto.offset.reset says, as for a new group in Java.
func (d *decoder) start(f fields, config []written) Start {
	s := Start{From: StartLatest}
	for _, w := range config {
		if w.name == "auto.offset.reset" && w.n.text == "earliest" {
			s.From = StartEarliest
		}
	}
	n := f.child("start")
	if n == nil {
		return s
	}
	legal := []string{string(StartEarliest), string(StartLatest)}
	if n.kind == scalar {
		s.From = StartFrom(f.choice("start", string(s.From), legal))
		return s
	}
	m := d.fields(n, f.path+".start", []string{"from", "after"}, nil)
	s.After = m.duration("after", 0)
	from := m.child("from")
	if from == nil || from.kind != mapping {
		s.From = StartFrom(m.choice("from", string(s.From), legal))
		return s
	}
	p := d.fields(from, f.path+".start.from", []string{"offset", "timestamp"}, nil)
	switch {
	case (p.child("offset") == nil) == (p.child("timestamp") == nil):
		m.wrong("from", "names one position: {offset: 1000} or {timestamp: 2026-01-31T12:00:00Z}")
	case p.child("offset") != nil:
		s.From, s.Offset = StartOffset, p.integer("offset", 0, 0, 1<<62)
	default:
		text := p.text("timestamp", "")
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			p.wrong("timestamp", "%q is not in RFC 3339; write for example 2026-01-31T12:00:00Z", text)
		}
		s.From, s.Timestamp = StartTimestamp, at
	}
	return s
}

// processing reads a time, or a map with its distribution.
func (d *decoder) processing(f fields) Processing {
	p := Processing{Distribution: "fixed"}
	n := f.child("processing")
	if n == nil {
		return p
	}
	if n.kind == scalar {
		p.Time = f.duration("processing", 0)
		return p
	}
	m := d.fields(n, f.path+".processing", []string{"time", "distribution", "sigma", "per"}, nil)
	p.Time = m.duration("time", 0)
	if m.child("time") == nil {
		m.wrong("time", "is missing; write for example time: 50us")
	}
	p.Distribution = m.choice("distribution", "fixed", []string{"fixed", "exponential", "lognormal"})
	p.PerBatch = m.choice("per", "record", []string{"record", "batch"}) == "batch"
	d.onlyWith(m, "sigma", p.Distribution == "lognormal", "distribution: lognormal")
	if p.Distribution == "lognormal" {
		p.Sigma = m.number("sigma", defaultSigma, 0, 10)
	}
	return p
}
