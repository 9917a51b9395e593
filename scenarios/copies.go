package scenarios

import (
	"cmp"
	"fmt"
	"slices"
)

// mostCopies bounds the topics that one declaration makes, and mostPartitions their partitions
// together: beyond, a broker takes minutes to make and to delete them.
const (
	mostCopies     = 10_000
	mostPartitions = 100_000
)

// Declared returns the logical name under which the topic was declared: that of all its copies.
func (t Topic) Declared() string { return cmp.Or(t.CopyOf, t.Name) }

// TopicOf returns the logical name of the topic that a client writes to, counted from 0: clients
// go through the copies in turn.
func (g ProducerGroup) TopicOf(client int) string {
	if len(g.Copies) == 0 {
		return g.Topic
	}
	return g.Copies[client%len(g.Copies)]
}

// CopiesOf returns the topics of a declaration: one, or its copies.
func (l Load) CopiesOf(declared string) (topics []Topic) {
	for _, t := range l.Topics {
		if t.Declared() == declared {
			topics = append(topics, t)
		}
	}
	return topics
}

// copyName returns the name of a copy, counted from 1: before the convention's suffix, so that
// the name keeps its form.
func copyName(name string, number int) string {
	if name == "" {
		return ""
	}
	base, suffix := SplitName(name)
	return fmt.Sprintf("%s-%d%s", base, number, suffix)
}

// multiply puts the copies of topics in the place of their declarations, and tells the producers
// of them.
func (d *decoder) multiply(root fields, load *Load) {
	var topics []Topic
	for _, t := range load.Topics {
		f := d.group(root, "topics", t.Name)
		copies := t.copies
		if copies == 1 {
			topics = append(topics, t)
			continue
		}
		if total := copies * t.Partitions; total > mostPartitions {
			f.wrong("copies", "%d copies of %d partitions are %d; use %d partitions in all or fewer", copies, t.Partitions, total, mostPartitions)
			continue
		}
		names := make([]string, 0, copies)
		for i := range copies {
			one := t
			one.CopyOf, one.copies = t.Name, 1
			one.Name, one.RealName, one.Existing = copyName(t.Name, i+1), copyName(t.RealName, i+1), copyName(t.Existing, i+1)
			names = append(names, one.Name)
			topics = append(topics, one)
		}
		d.checkCopies(f, *load, t, names)
		for i := range load.Producers {
			if g := &load.Producers[i]; g.Topic == t.Name {
				g.Copies = names
				if g.Value.Typed != nil {
					d.group(root, "producers", g.Name).wrong("value", "topic %s has copies: values with a schema for them are not built yet", t.Name)
				}
				if g.Clients < copies {
					d.group(root, "producers", g.Name).wrong("clients", "topic %s has %d copies, and each client writes to one of them; use %d clients or more", t.Name, copies, copies)
				}
			}
		}
		for _, p := range load.Pipelines {
			for key, topic := range map[string]string{"from": p.From, "to": p.To} {
				if topic == t.Name {
					d.group(root, "pipelines", p.Name).wrong(key, "topic %s has copies: pipelines between copies are not built yet", topic)
				}
			}
		}
	}
	load.Topics = topics
}

// checkCopies finds names of copies that others have, or that are too long.
func (d *decoder) checkCopies(f fields, load Load, t Topic, names []string) {
	last := copyName(t.RealName, len(names))
	if len(last) > mostTopicName {
		f.wrong("name", "has no room for the number of a copy, as in %s; use %d characters or fewer", last, mostTopicName-(len(last)-len(t.RealName)))
	}
	for _, other := range load.Topics {
		if slices.Contains(names, other.Name) {
			f.wrong("copies", "%s is the name of a copy, and of another topic; rename one of them", other.Name)
		}
		for i := range names {
			if other.RealName != "" && other.RealName == copyName(t.RealName, i+1) {
				f.wrong("copies", "%s is the name of a copy, and of topic %s; rename one of them", other.RealName, other.Name)
			}
		}
	}
}
