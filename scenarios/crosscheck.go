package scenarios

import (
	"slices"
	"strings"

	"kaliper/internal/metric"
)

// crossCheck finds what no single setting can tell.
func (d *decoder) crossCheck(root fields, load Load) {
	if len(load.Producers)+len(load.Consumers)+len(load.Pipelines) == 0 {
		d.wrong(root.at, "", "has neither producers nor consumers nor pipelines; there is nothing to run")
	}
	var topics []string
	for _, t := range load.Topics {
		topics = append(topics, t.Name)
		if t.Existing != "" && load.Target.Embedded {
			root.wrong("topics", "%s: the simulated broker has no existing topics; name a target, or leave existing out", t.Name)
		}
	}
	d.distinctTopicNames(root, load)
	d.checkNaming(root, load)
	d.checkProducers(root, load, topics)
	d.checkConsumers(root, load, topics)
	d.checkPipelines(root, load, topics)
	for _, t := range topics {
		if !d.used(load, t) {
			e := root.child("topics").get(t)
			d.warn(e.at, "topics."+t, "is written and read by nobody")
		}
	}
}

func (d *decoder) used(load Load, topic string) bool {
	return load.Reads(topic) ||
		slices.ContainsFunc(load.Producers, func(g ProducerGroup) bool { return g.Topic == topic }) ||
		slices.ContainsFunc(load.Pipelines, func(p Pipeline) bool { return p.To == topic })
}

// group returns the fields of a group for messages: positions fall back to the group's.
func (d *decoder) group(root fields, kind, name string) fields {
	f := fields{d: d, path: kind + "." + name, at: root.position(kind)}
	if groups := root.child(kind); groups != nil {
		if n := groups.get(name); n != nil {
			f.n, f.at = n, n.at
		}
	}
	return f
}

func partitionsOf(load Load, topic string) (partitions int, ok bool) {
	for _, t := range load.Topics {
		if t.Name == topic {
			return t.Partitions * t.copies, t.Existing == ""
		}
	}
	return 0, false
}

func (d *decoder) checkProducers(root fields, load Load, topics []string) {
	transactional := map[string]string{} // groups by their transactional.id
	for _, g := range load.Producers {
		f := d.group(root, "producers", g.Name)
		if g.Properties.Role() != "" && g.Properties.String("transactional.id") != "" {
			id := g.Properties.String("transactional.id")
			if other, again := transactional[id]; again {
				f.warn("config", "transactional.id %s is also that of %s: they fence each other", id, other)
			}
			transactional[id] = g.Name
		}
		switch {
		case g.Topic == "":
			f.wrong("topic", "is missing; name what the group writes to%s", known("", topics))
			continue
		case !slices.Contains(topics, g.Topic):
			f.wrong("topic", "there is no %q under topics%s", g.Topic, known(g.Topic, topics))
			continue
		}
		partitions, own := partitionsOf(load, g.Topic)
		for _, p := range g.Partitioner.Partitions {
			if own && int(p) >= partitions {
				f.wrong("partitioner", "topic %s has no partition %d; its %d partitions are 0 to %d", g.Topic, p, partitions, partitions-1)
			}
		}
		if g.Value.Format == ValueRandom && g.Value.Compressibility == 0 && g.Properties.Role() != "" && g.Properties.String("compression.type") != "none" {
			f.warn("value", "random bytes do not compress: with compression.type %s set compressibility, or use format: json", g.Properties.String("compression.type"))
		}
		if g.Properties.Role() != "" && int64(g.Value.largest()) > g.Properties.Int64("max.request.size") {
			f.wrong("value", "values of up to %d bytes are larger than max.request.size %d; raise config.max.request.size, and the topic's max.message.bytes", g.Value.largest(), g.Properties.Int64("max.request.size"))
		}
	}
}

// largest returns the largest value that can be drawn, in bytes.
func (v Value) largest() int {
	largest := 0
	switch {
	case v.Lines != nil:
		for _, line := range v.Lines {
			largest = max(largest, len(line))
		}
	case v.Size.Distribution == SizeFixed:
		largest = v.Size.Bytes
	case v.Size.Distribution == SizeHistogram:
		for _, bin := range v.Size.Bins {
			largest = max(largest, bin.Bytes)
		}
	default:
		largest = v.Size.Max
	}
	return largest
}

func (d *decoder) checkConsumers(root fields, load Load, topics []string) {
	ids := map[string]string{}
	for _, g := range load.Consumers {
		f := d.group(root, "consumers", g.Name)
		if slices.ContainsFunc(load.Producers, func(p ProducerGroup) bool { return p.Name == g.Name }) {
			d.wrong(f.at, f.path, "has the name of a producer group; metrics are told apart by it, so choose another")
		}
		partitions, own := 0, true
		seen := map[string]bool{}
		for _, topic := range g.Topics {
			if !slices.Contains(topics, topic) {
				f.wrong("topics", "there is no %q under topics%s", topic, known(topic, topics))
				own = false
				continue
			}
			if seen[topic] {
				f.wrong("topics", "%s is there twice", topic)
			}
			seen[topic] = true
			n, ours := partitionsOf(load, topic)
			partitions, own = partitions+n, own && ours
		}
		if g.Share != nil {
			d.checkShare(f, load, g)
		} else if own && partitions > 0 {
			if g.Assigned && g.Members > partitions {
				f.wrong("members", "%d members cannot share %d partitions; use %d members or less", g.Members, partitions, partitions)
			} else {
				f.warnOfIdle(g, partitions)
			}
		}
		if end := load.Warmup + load.Duration; g.Start.After >= end && g.Start.After > 0 {
			f.wrong("start", "after %s the load has ended (warmup + duration is %s); join earlier", g.Start.After, end)
		}
		if g.Properties.Role() == "" {
			continue
		}
		if id := g.Properties.String("group.id"); id != "" {
			if other, again := ids[id]; again {
				f.wrong("config", "group.id %s is also that of %s; they would share one group", id, other)
			}
			ids[id] = g.Name
		}
	}
}

// warnOfIdle warns of members of a group that get no partition, from the start or once they have joined.
func (f fields) warnOfIdle(g ConsumerGroup, partitions int) {
	switch most := g.MostMembers(); {
	case g.Members > partitions:
		f.warn("members", "%d of %d members stay idle: there are %d partitions", g.Members-partitions, g.Members, partitions)
	case most > partitions:
		f.warn("schedule", "%d of %d members stay idle when all have joined: there are %d partitions", most-partitions, most, partitions)
	}
}

// conditions reads a list of conditions and refuses those that can never be known.
func (d *decoder) conditions(f fields, key string, load Load) []metric.Condition {
	path := joinPath(f.path, key)
	var conditions []metric.Condition
	for _, n := range f.words(key) {
		c, err := metric.ParseCondition(n.text, load.Groups())
		if err != nil {
			d.wrong(n.at, path, "%v", err)
			continue
		}
		if text := unknowable(c.Ref, load); text != "" {
			d.wrong(n.at, path, "condition %q: %s", n.text, text)
			continue
		}
		conditions = append(conditions, c)
	}
	return conditions
}

// unknowable says why a metric can have no value in this load, or "".
func unknowable(ref metric.Ref, load Load) string {
	definition, group := ref.Definition, ref.Group
	isProducer := slices.ContainsFunc(load.Producers, func(g ProducerGroup) bool { return g.Name == group })
	isPipeline := slices.ContainsFunc(load.Pipelines, func(p Pipeline) bool { return p.Name == group })
	isRetry := slices.Contains(load.retryGroups(), group)
	isConsumer := isPipeline || isRetry || slices.ContainsFunc(load.Consumers, func(g ConsumerGroup) bool { return g.Name == group })
	switch {
	case definition.Owner == metric.OfWriters:
		switch {
		case isProducer:
			if i := slices.IndexFunc(load.Producers, func(g ProducerGroup) bool { return g.Name == group }); load.Producers[i].Send != SendTransaction {
				return definition.Name + " is of producers with send: transaction and of pipelines, and " + group + " is neither"
			}
		case group != "" && !isPipeline && !isRetry:
			return definition.Name + " is of producers with send: transaction and of pipelines, and " + group + " is neither"
		case len(load.Pipelines) == 0 && !slices.ContainsFunc(load.Producers, func(g ProducerGroup) bool { return g.Send == SendTransaction }):
			return "there are no pipelines, and no producers with send: transaction"
		}
		return ""
	case definition.Owner == metric.OfPipelines:
		switch {
		case len(load.Pipelines) == 0:
			return "there are no pipelines"
		case group != "" && !isPipeline && !isRetry:
			return definition.Name + " is of pipelines, and " + group + " is none"
		}
		return ""
	case definition.Owner == metric.OfProducers && isConsumer:
		return definition.Name + " is of producers, and " + group + " is a consumer group or a pipeline"
	case definition.Owner == metric.OfConsumers && isProducer:
		return definition.Name + " is of consumers, and " + group + " is a producer group"
	case definition.Owner == metric.OfProducers && len(load.Producers) == 0:
		return "there are no producers"
	case strings.HasPrefix(definition.Name, "dedup.") && !slices.ContainsFunc(load.deduplicating(), func(g ConsumerGroup) bool {
		return group == "" || strings.TrimSuffix(group, RetryGroupSuffix) == g.Name
	}):
		return "nobody deduplicates; write dedup under a consumer group or a pipeline"
	}
	if text := unknowableOfShare(definition.Name, group, load); text != "" {
		return text
	}
	if text, decided := unknowableOfLog(definition.Name, group, load); decided {
		return text
	}
	if slices.Contains([]string{"lost", "duplicated", "redelivered", "reordered", "corrupted", "processed_twice", "missed"}, definition.Name) {
		return unverifiable(definition.Name, load)
	}
	if definition.Owner == metric.OfConsumers && len(load.Consumers)+len(load.Pipelines) == 0 {
		return "there are no consumers"
	}
	if !isOpenLoopLatency(definition.Name) {
		return ""
	}
	for _, g := range load.Producers {
		// A rate that could not be read has its own objection.
		if (group == "" || g.Name == group) && (len(g.Rate) == 0 || !g.Rate[0].Max()) {
			return ""
		}
	}
	return "with rate: max there is no schedule to be late for; use service.*, or give a rate"
}

// unverifiable says why records cannot be checked, or "".
func unverifiable(name string, load Load) string {
	if load.Integrity == IntegrityOff && len(load.Consumers)+len(load.Pipelines) > 0 {
		return "integrity is off; use integrity: full"
	}
	for _, p := range load.Producers {
		if !load.Reads(p.Topic) {
			return "nobody reads topic " + p.Topic + ", so " + name + " cannot be known; add a consumer group, or verify: readback"
		}
	}
	if len(load.Producers) == 0 {
		return "there are no producers, so nothing is stamped"
	}
	return ""
}

func isOpenLoopLatency(name string) bool {
	for _, latency := range []string{"ack.", "slip."} {
		if len(name) > len(latency) && name[:len(latency)] == latency {
			return true
		}
	}
	return false
}
