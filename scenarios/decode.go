package scenarios

import (
	"math"
	"slices"
	"strings"

	"kaliper/internal/metric"
	"kaliper/internal/suggest"
)

// known says what a name should have been.
func known(name string, names []string) string {
	if hint := suggest.DidYouMean(name, names); hint != "" {
		return hint
	}
	if len(names) == 0 {
		return ""
	}
	return "; there are " + strings.Join(names, ", ")
}

// asked is what a scenario wants to know of its cases.
type asked struct {
	expect []metric.Condition
	show   []shown
	gate   Gate
	search Search
	choose *Choose
}

// load decodes one case.
func (d *decoder) load(root *node, seed uint64) (Load, asked) {
	f := fields{d: d, n: root, at: root.at}
	d.ignored, d.top = nil, f
	for _, n := range f.words("ignore") {
		d.ignored = append(d.ignored, n.text)
	}
	load := Load{
		Warmup:     f.duration("warmup", defaultWarmup),
		Duration:   f.duration("duration", defaultDuration),
		Drain:      f.duration("drain", defaultDrain),
		Seed:       seed,
		KeepTopics: f.flag("keep_topics", false),
	}
	if load.Duration == 0 {
		f.wrong("duration", "is 0; nothing would be measured")
	}
	load.Naming = Naming(f.choice("naming", string(NamingFree), []string{string(NamingFree), string(NamingConvention)}))
	d.variables = d.readVariables(f)
	target, common := d.target(f)
	load.Target = target
	load.Topics = d.topics(f)
	defaults := d.fields(f.child("defaults"), "defaults", []string{"producers", "consumers", "pipelines"}, []string{"topics"})
	load.Producers = d.producers(f, defaults.child("producers"), common, load)
	load.Consumers = d.consumers(f, defaults.child("consumers"), common, load)
	load.Pipelines = d.pipelines(f, defaults.child("pipelines"), common, load)
	load.Verify = d.verify(f, common, load)
	load.Integrity = d.integrity(f, load)
	of := asked{expect: d.conditions(f, "expect", load), show: d.show(f, load), gate: d.gate(f, load), search: d.search(f, load), choose: d.choose(f, load)}
	d.crossCheck(f, load)
	d.multiply(f, &load)
	d.unusedVariables()
	return load, of
}

// integrity reads how much is checked: all where somebody reads, if only what was read back,
// unless the file says less.
func (d *decoder) integrity(f fields, load Load) Integrity {
	fallback := IntegrityOff
	if len(load.Consumers)+len(load.Pipelines) > 0 || load.Verify.Readback {
		fallback = IntegrityFull
	}
	integrity := Integrity(f.choice("integrity", string(fallback), []string{string(IntegrityFull), string(IntegrityOff)}, "sampled"))
	if load.Verify.Readback && integrity == IntegrityOff {
		f.wrong("verify", "readback has nothing to go by with integrity: off; use integrity: full")
	}
	return integrity
}

func (d *decoder) topics(root fields) []Topic {
	entries := root.names("topics")
	topics := make([]Topic, 0, len(entries))
	for _, e := range entries {
		path := "topics." + e.key
		f := d.fields(e.value, path, []string{"partitions", "replication.factor", "config", "existing", "name", "prefix", "copies"}, nil)
		t := Topic{Name: e.key, Existing: d.filled(f, "existing"), copies: f.count("copies", 1, 1, mostCopies), Config: map[string]string{}}
		if f.child("existing") != nil {
			if t.Existing == "" { // with an objection, but for an empty one
				if t.Existing = f.text("existing", ""); t.Existing == "" {
					f.wrong("existing", "is empty; leave it out")
				}
			}
			for _, key := range []string{"partitions", "replication.factor", "config", "name", "prefix"} {
				if f.child(key) != nil {
					f.wrong(key, "cannot be set for an existing topic, which kaliper never alters; leave it out")
				}
			}
			topics = append(topics, t)
			continue
		}
		d.topicName(f, &t)
		t.Partitions = f.count("partitions", 1, 1, 100_000)
		t.ReplicationFactor = f.count("replication.factor", 0, 1, math.MaxInt16)
		for _, w := range d.config(f.child("config"), path+".config") {
			if !slices.Contains(topicConfigs(), w.name) {
				d.wrong(w.n.at, w.path, "no such topic configuration in Kafka 4.3%s", suggest.DidYouMean(w.name, topicConfigs()))
				continue
			}
			t.Config[w.name] = w.n.text
		}
		topics = append(topics, t)
	}
	return topics
}

// topicConfigs are the names in Kafka 4.3's TopicConfig.
func topicConfigs() []string {
	return []string{
		"cleanup.policy", "compression.gzip.level", "compression.lz4.level", "compression.type",
		"compression.zstd.level", "delete.retention.ms", "file.delete.delay.ms", "flush.messages", "flush.ms",
		"index.interval.bytes", "local.retention.bytes", "local.retention.ms", "max.compaction.lag.ms",
		"max.message.bytes", "message.downconversion.enable", "message.timestamp.after.max.ms",
		"message.timestamp.before.max.ms", "message.timestamp.type", "min.cleanable.dirty.ratio",
		"min.compaction.lag.ms", "min.insync.replicas", "preallocate", "remote.log.copy.disable",
		"remote.log.delete.on.disable", "remote.storage.enable", "retention.bytes", "retention.ms",
		"segment.bytes", "segment.index.bytes", "segment.jitter.ms", "segment.ms",
		"unclean.leader.election.enable",
	}
}
