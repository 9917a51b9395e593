package scenarios

import (
	"slices"
	"strings"
	"time"

	"kaliper/internal/property"
)

func consumerKeys() []string {
	return []string{"topics", "members", "assigned", "start", "schedule", "processing", "deserialize", "failures", "dedup", "commit", "commit_interval", "share", "config"}
}

const (
	defaultCommitInterval = 5 * time.Second // as auto.commit.interval.ms
	defaultSigma          = 1.0
)

func (d *decoder) consumers(root fields, defaults *node, common []written, load Load) []ConsumerGroup {
	var groups []ConsumerGroup
	for _, e := range root.names("consumers") {
		settings := e.value
		if defaults != nil && defaults.kind == mapping {
			settings = merge(defaults, settings)
		}
		f := d.fields(settings, "consumers."+e.key, consumerKeys(), []string{"client", "protocol"})
		groups = append(groups, d.consumer(e.key, f, common, load))
	}
	return groups
}

// consumer reads one group; of the load, the producers are read.
func (d *decoder) consumer(name string, f fields, common []written, load Load) ConsumerGroup {
	total := load.Warmup + load.Duration
	g := ConsumerGroup{
		Name:       name,
		Members:    f.count("members", 1, 1, 10_000),
		Assigned:   f.flag("assigned", false),
		Processing: d.processing(f, total),
		Failures:   d.failures(f),
		Dedup:      d.dedup(f, total),
		Share:      d.share(f),
	}
	g.Schedule = d.schedule(f, g, total)
	switch {
	case g.Failures.None():
	case g.Processing.HandOff:
		f.wrong("failures", "together with processing.hand_off are not built yet; leave one of them out")
	case slices.ContainsFunc(g.Schedule, func(c Change) bool { return c.Action == ActionSeek }):
		f.wrong("failures", "together with a seek are not built yet; leave one of them out")
	}
	for _, topic := range f.words("topics") {
		g.Topics = append(g.Topics, topic.text)
	}
	if len(g.Topics) == 0 {
		f.wrong("topics", "is missing; name what the group reads, such as topics: [orders]")
	}
	config := d.config(f.child("config"), f.path+".config")
	g.Start = d.start(f, config)
	if g.Share != nil {
		config = d.shareRules(f, &g, config)
	} else {
		config = d.commit(f, &g, config)
	}
	g.Properties = d.groupProperties(property.Consumer, config, common)
	if !g.Failures.None() {
		g.Producer = d.groupProperties(property.Producer, nil, common)
	}
	d.checkDedup(f, g, !g.Failures.None())
	g.Deserialize = f.flag("deserialize", true)
	if f.child("deserialize") != nil && !slices.ContainsFunc(g.Topics, load.Types) {
		f.wrong("deserialize", "has a meaning where producers of the scenario write values of format avro, json-schema or protobuf")
	}
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
	} else if g.Dedup.On() && !g.Assigned && !g.Processing.HandOff && (user == nil || strings.EqualFold(user.n.text, "false")) {
		fallback = CommitPerBatch // after what it commits was processed, and marked
	} else if g.Assigned || user != nil && strings.EqualFold(user.n.text, "false") {
		fallback = CommitNone
	}
	g.Commit = fallback
	if n := f.child("commit"); n != nil && n.text == "transactional" {
		f.wrong("commit", "transactional commits offsets together with what was produced, under a transactional id, and a group that only reads has neither; write a pipeline with guarantee: exactly-once, or use per-batch")
	} else {
		g.Commit = Commit(f.choice("commit", string(fallback), []string{
			string(CommitAuto), string(CommitPerRecord), string(CommitPerBatch), string(CommitAsync), string(CommitAtInterval), string(CommitNone),
		}))
	}
	if g.Processing.HandOff && g.Commit != CommitAuto && g.Commit != CommitNone {
		f.wrong("commit", "%s commits what was processed, and with processing.hand_off the poll loop does not know what was; use auto or none, or leave hand_off out", g.Commit)
	}
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
		if w.name != "auto.offset.reset" {
			continue
		}
		if ago, by, err := property.ResetDuration(w.n.text); by && err == nil { // else it is told with the properties
			s.From, s.Ago = StartAgo, ago
		} else if w.n.text == "earliest" {
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
	m := d.fields(n, f.path+".start", []string{"from", "after", "backlog"}, nil)
	s.After = m.duration("after", 0)
	s.Backlog = m.integer("backlog", 0, 1, 1<<40)
	if s.Backlog > 0 && s.After > 0 {
		m.wrong("backlog", "excludes after; say either how much is to wait for the group, or when it joins")
	}
	if s.Backlog > 0 && m.child("from") == nil {
		s.From = StartEarliest
	}
	from := m.child("from")
	if from == nil || from.kind != mapping {
		s.From = StartFrom(m.choice("from", string(s.From), legal))
		return s
	}
	p := d.fields(from, f.path+".start.from", []string{"offset", "timestamp"}, nil)
	if (p.child("offset") == nil) == (p.child("timestamp") == nil) {
		m.wrong("from", "names one position: {offset: 1000} or {timestamp: 2026-01-31T12:00:00Z}")
		return s
	}
	at := d.position(p)
	at.After, at.Backlog = s.After, s.Backlog
	return at
}

// position reads an offset or a timestamp.
func (d *decoder) position(p fields) Start {
	if p.child("offset") != nil {
		return Start{From: StartOffset, Offset: p.integer("offset", 0, 0, 1<<62)}
	}
	text := p.text("timestamp", "")
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		p.wrong("timestamp", "%q is not in RFC 3339; write for example 2026-01-31T12:00:00Z", text)
	}
	return Start{From: StartTimestamp, Timestamp: at}
}

// processing reads a time, or a map with its distribution.
func (d *decoder) processing(f fields, total time.Duration) Processing {
	p := Processing{Distribution: "fixed"}
	n := f.child("processing")
	if n == nil {
		return p
	}
	if n.kind == scalar {
		p.Time = f.duration("processing", 0)
		return p
	}
	m := d.fields(n, f.path+".processing", []string{"time", "distribution", "sigma", "per", "stall", "hand_off"}, nil)
	p.Time = m.duration("time", 0)
	p.Stalls = d.stalls(m, total)
	p.HandOff = m.flag("hand_off", false)
	if m.child("time") == nil && len(p.Stalls) == 0 {
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
