package scenarios

import (
	"slices"

	"kaliper/internal/suggest"
)

// share reads the key share: true, false, or a map. nil is a consumer group.
func (d *decoder) share(f fields) *Share {
	n := f.child("share")
	if n == nil {
		return nil
	}
	if n.kind == scalar {
		if !f.flag("share", false) {
			return nil
		}
		return &Share{Releases: 1}
	}
	m := d.fields(n, f.path+".share", []string{"release", "releases", "reject", "confirm", "config"}, nil)
	s := &Share{
		Release: m.number("release", 0, 0, 1),
		Reject:  m.number("reject", 0, 0, 1),
		Confirm: m.choice("confirm", "never", []string{"never", "per-poll"}) == "per-poll",
	}
	d.onlyWith(m, "releases", m.child("release") != nil, "release")
	s.Releases = m.count("releases", 1, 1, 1_000)
	if s.Release+s.Reject > 1 {
		m.wrong("reject", "together with release is more than all records; lower one of them")
	}
	for _, w := range d.config(m.child("config"), m.path+".config") {
		switch {
		case w.name == "share.auto.offset.reset":
			d.wrong(w.n.at, w.path, "follows from start; write start: earliest or start: latest")
		case !slices.Contains(shareGroupConfigs(), w.name):
			d.wrong(w.n.at, w.path, "no such configuration of a share group in Kafka 4.3%s", suggest.DidYouMean(w.name, shareGroupConfigs()))
		default:
			if s.Config == nil {
				s.Config = map[string]string{}
			}
			s.Config[w.name] = w.n.text
		}
	}
	return s
}

// shareGroupConfigs are the names in Kafka 4.3's GroupConfig that concern share groups, but for
// share.auto.offset.reset.
func shareGroupConfigs() []string {
	return []string{
		"share.assignment.interval.ms", "share.assignor.offload.enable", "share.delivery.count.limit",
		"share.heartbeat.interval.ms", "share.isolation.level", "share.partition.max.record.locks",
		"share.record.lock.duration.ms", "share.renew.acknowledge.enable", "share.session.timeout.ms",
	}
}

// unsupportedInShare are the properties that Java's share consumer refuses
// (ShareConsumerConfig.SHARE_GROUP_UNSUPPORTED_CONFIGS, but for what is inert here), with what
// there is in their place.
func unsupportedInShare() map[string]string {
	const broker = "the broker decides it"
	return map[string]string{
		"auto.offset.reset":             "use start",
		"enable.auto.commit":            "its records are acknowledged and not committed",
		"group.instance.id":             "its members are never static",
		"isolation.level":               "use share.config.share.isolation.level, which is of the group",
		"partition.assignment.strategy": broker,
		"session.timeout.ms":            "use share.config.share.session.timeout.ms, which is of the group",
		"heartbeat.interval.ms":         "use share.config.share.heartbeat.interval.ms, which is of the group",
		"group.protocol":                "it has a protocol of its own",
		"group.remote.assignor":         broker,
	}
}

// shareRules finds the settings that a share group cannot have, and completes its config.
func (d *decoder) shareRules(f fields, g *ConsumerGroup, config []written) []written {
	for key, why := range map[string]string{
		"commit":          "its records are acknowledged and not committed; see share",
		"commit_interval": "its records are acknowledged and not committed; see share",
		"assigned":        "the broker hands out records; leave one of them out",
		"failures":        "a record that fails is released or rejected; use share.release and share.reject",
	} {
		if n := f.child(key); n != nil && (key != "assigned" || g.Assigned) {
			f.wrong(key, "cannot be set for a share group: %s", why)
		}
	}
	if g.Dedup.On() {
		f.wrong("dedup", "not built yet: together with share; leave one of them out")
	}
	g.Dedup = Dedup{}
	g.Assigned, g.Failures, g.Commit = false, Failures{}, CommitNone
	if g.Processing.HandOff {
		f.wrong("processing", "hand_off cannot be set for a share group: what a poll returned is acknowledged before the next one")
	}
	for _, c := range g.Schedule {
		if c.Action == ActionSeek {
			f.wrong("schedule", "a share group cannot seek: all its members read one start offset, which the broker moves")
			break
		}
	}
	if g.Start.From == StartOffset || g.Start.From == StartTimestamp {
		f.wrong("start", "a share group starts at earliest or latest, by its share.auto.offset.reset; use one of them")
		g.Start.From = StartEarliest
	}
	explicit := g.Share.Release > 0 || g.Share.Reject > 0
	mode := ""
	for _, w := range config {
		if why, refused := unsupportedInShare()[w.name]; refused {
			d.wrong(w.n.at, w.path, "cannot be set for a share group: %s", why)
		}
		if w.name == "group.id" && len(g.Share.Config) > 0 {
			d.wrong(w.n.at, w.path, "excludes share.config, which would alter a group that is not the run's own; leave one of them out")
		}
		if w.name == acknowledgementMode {
			mode = w.n.text
			if explicit && mode == modeImplicit {
				d.wrong(w.n.at, w.path, "accepts all records, and share releases or rejects some; use explicit")
			}
		}
	}
	if mode != "" || !explicit {
		return config
	}
	at := f.position("share")
	at.layer = layerSet // follows from share, whatever a target says
	return append(config, written{name: acknowledgementMode, n: &node{at: at, kind: scalar, text: modeExplicit}, path: f.path + ".share"})
}
