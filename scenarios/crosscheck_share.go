package scenarios

import (
	"slices"
	"strings"
)

// checkShare finds what a share group cannot read.
func (d *decoder) checkShare(f fields, load Load, g ConsumerGroup) {
	for _, topic := range g.Topics {
		if slices.ContainsFunc(load.Pipelines, func(p Pipeline) bool { return p.To == topic }) {
			f.wrong("topics", "not built yet: a share group on a topic that a pipeline writes, here %s; read it with a consumer group", topic)
		}
		if slices.ContainsFunc(load.Producers, func(p ProducerGroup) bool { return p.Topic == topic && p.Send == SendTransaction }) {
			f.wrong("topics", "not built yet: a share group on a topic that transactions write, here %s; read it with a consumer group", topic)
		}
	}
}

// unknowableOfShare says why a metric can have no value where groups are share groups, or that
// it is of those alone; or "".
func unknowableOfShare(name, group string, load Load) string {
	shares, others := 0, len(load.Pipelines)
	for _, g := range load.Consumers {
		switch {
		case group != "" && g.Name != group:
		case g.Share != nil:
			shares++
		default:
			others++
		}
	}
	switch of := strings.HasPrefix(name, "share."); {
	case of && group == "" && shares == 0:
		return "there are no share groups"
	case of && shares == 0:
		return name + " is of share groups, and " + group + " is none"
	case of || shares == 0 || group == "" && others > 0:
		return ""
	case name == "reordered":
		return "a share group promises no order"
	case strings.HasPrefix(name, "rebalances."):
		return "the members of a share group own no partitions, so that there are no rebalances"
	}
	return ""
}
