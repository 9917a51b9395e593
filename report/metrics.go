package report

import (
	"strings"
)

// displayed are the metrics of a case that a report shows, in reading order; those that a run
// does not have are passed over.
func displayed() []string {
	return []string{
		"ack.p50", "ack.p99", "ack.p99_9", "service.p99", "e2e.p99", "processed.p99",
		"offered.records_per_second", "acked.records_per_second", "acked.bytes_per_second", "consumed.records_per_second",
		"cpu.seconds_per_record", "wire.bytes_per_record", "batch.records", "compression.ratio", "requests.per_second",
		"errors.ratio", "lag.records.max", "lag.seconds.max", "rebalances.count", "fetch.follower.ratio",
		"share.delivered.count", "share.redelivered.count", "share.accepted.count", "share.released.count", "share.rejected.count",
		"lost", "duplicated", "redelivered", "reordered", "corrupted", "readback.records", "compaction.ratio", "compaction.keys.ratio",
		"slip.pacer.p99", "slip.blocked.p99", "memory.rss.max",
	}
}

// compared are the metrics whose differences a report shows.
func compared() []string {
	return []string{
		"ack.p50", "ack.p99", "service.p99", "e2e.p99", "acked.records_per_second",
		"cpu.seconds_per_record", "wire.bytes_per_record",
	}
}

// metricName returns the name of a metric for people: "ack p99.9", "client CPU per record".
func metricName(metric string) string {
	switch metric {
	case "offered.records_per_second":
		return "offered rate"
	case "acked.records_per_second":
		return "acknowledged rate"
	case "acked.bytes_per_second":
		return "acknowledged bytes"
	case "consumed.records_per_second":
		return "consumed rate"
	case "cpu.seconds_per_record":
		return "client CPU per record"
	case "wire.bytes_per_record":
		return "wire bytes per record"
	case "batch.records":
		return "records per batch"
	case "compression.ratio":
		return "compression ratio"
	case "requests.per_second":
		return "produce requests"
	case "errors.ratio":
		return "failed or unresolved"
	case "lag.records.max":
		return "largest offset lag"
	case "lag.seconds.max":
		return "largest time lag"
	case "lag.slope":
		return "growth of the lag"
	case "drain.seconds":
		return "time until the backlog was gone"
	case "rebalances.count":
		return "rebalances"
	case "fetch.follower.ratio":
		return "fetched from followers"
	case "share.delivered.count":
		return "delivered (share groups)"
	case "share.redelivered.count":
		return "of them delivered before"
	case "share.accepted.count":
		return "accepted"
	case "share.released.count":
		return "released"
	case "share.rejected.count":
		return "rejected"
	case "readback.records":
		return "read back from the log"
	case "compaction.ratio":
		return "left by compaction"
	case "compaction.keys.ratio":
		return "different keys"
	case "memory.rss.max":
		return "client memory"
	case "slip.pacer.p99":
		return "pacer slip p99"
	case "slip.blocked.p99":
		return "blocked slip p99"
	}
	name, statistic, found := cutLast(metric, ".")
	if found && strings.HasPrefix(statistic, "p") {
		return strings.ReplaceAll(name, ".", " ") + " " + strings.ReplaceAll(statistic, "_", ".")
	}
	return strings.ReplaceAll(metric, "_", " ")
}

// shortName is a metric's name in the heading of a narrow column.
func shortName(metric string) string {
	switch metric {
	case "cpu.seconds_per_record":
		return "client CPU"
	case "wire.bytes_per_record":
		return "wire"
	case "batch.records":
		return "batch"
	case "acked.records_per_second":
		return "acknowledged"
	case "lag.records.max":
		return "lag"
	case "errors.ratio":
		return "failed"
	}
	return metricName(metric)
}

// less and more are the words for a metric that went down or up.
func comparative(metric string, up bool) string {
	switch {
	case strings.HasPrefix(metric, "cpu.") && up, strings.HasPrefix(metric, "wire.") && up:
		return "more"
	case strings.HasPrefix(metric, "wire."):
		return "fewer"
	case strings.HasPrefix(metric, "cpu."):
		return "less"
	case up:
		return "higher"
	}
	return "lower"
}

func cutLast(text, separator string) (before, after string, found bool) {
	at := strings.LastIndex(text, separator)
	if at < 0 {
		return text, "", false
	}
	return text[:at], text[at+len(separator):], true
}
