package metric

import (
	"fmt"
	"strings"
	"sync"
)

// Direction says which way a metric gets better.
type Direction string

// The directions.
const (
	LowerBetter  Direction = "lower"
	HigherBetter Direction = "higher"
	Neither      Direction = "neither" // describes the load or the way of working, not its quality
)

// Owner says whose group name may stand before a metric.
type Owner string

// The owners. Without a group a metric is pooled over all groups that have it.
const (
	OfProducers Owner = "producers"
	OfConsumers Owner = "consumers"
	OfPipelines Owner = "pipelines" // their producing side; the reading side is a consumer group
	OfWriters   Owner = "writers"   // producers that send in transactions, and pipelines
	OfClients   Owner = "clients"   // producers and consumers
	OfProcess   Owner = "process"   // of kaliper's process as a whole: no group
	OfCluster   Owner = "cluster"   // of the cluster as a whole: no group
)

// ReadbackGroup stands before the metrics of what was read back from the log, as a consumer
// group's name does before its own.
const ReadbackGroup = "readback"

// Definition is one metric.
type Definition struct {
	Name      string // metric.statistic, without a group
	Unit      string // base unit: s, records, records/s, bytes, bytes/s, ratio, 1, ...
	Direction Direction
	Owner     Owner
	Text      string // what it is, in a sentence
}

// LatencyStatistics are the statistics of every latency, in the order of a table.
func LatencyStatistics() []string {
	return []string{"p50", "p90", "p95", "p99", "p99_9", "p99_99", "max", "mean"}
}

// Quantile returns the quantile in [0, 1] of a statistic: 0.999 for p99_9.
func Quantile(statistic string) (float64, bool) {
	switch statistic {
	case "p50":
		return 0.50, true
	case "p90":
		return 0.90, true
	case "p95":
		return 0.95, true
	case "p99":
		return 0.99, true
	case "p99_9":
		return 0.999, true
	case "p99_99":
		return 0.9999, true
	default:
		return 0, false
	}
}

// errorsKind is the pattern among the names: KIND is any kind of error that occurs.
const errorsKind = "errors.KIND.count"

// All returns every metric, in the order of a table. errors.KIND.count stands for all kinds
// of errors.
func All() []Definition {
	var all []Definition
	for _, latency := range []struct {
		name  string
		owner Owner
		text  string
	}{
		{"ack", OfProducers, "response latency: intended time until the broker's acknowledgement"},
		{"service", OfProducers, "service latency: actual hand-over to the client until the acknowledgement"},
		{"slip.pacer", OfProducers, "lateness of kaliper's own timer while the client was ready"},
		{"slip.blocked", OfProducers, "wait because the previous call into the client had not returned"},
		{"serialize", OfProducers, "time that turning a value into bytes took, of values with a schema; part of ack"},
		{"deserialize", OfConsumers, "time that turning bytes back into a value took, of values with a schema; part of e2e"},
		{"e2e", OfConsumers, "end-to-end latency: intended time until the consumer's poll returned the record"},
		{"processed", OfConsumers, "intended time until the consumer's handler was done with the record"},
		{"dedup", OfConsumers, "time until Redis had answered, from the first attempt: a round trip to check, claim or mark records, and a second one where an id was there already"},
		{"failures.recovered", OfConsumers, "intended time until a record was processed that had failed at first"},
		{"failures.dead_lettered", OfConsumers, "intended time until the dead-letter topic had taken a record"},
		{"stage", OfPipelines, "time in a pipeline: from the poll that returned the record until its output was acknowledged, or committed with exactly-once"},
		{"commit", OfWriters, "time that committing took: of offsets, or of a transaction from its flush to its end"},
	} {
		for _, statistic := range LatencyStatistics() {
			all = append(all, Definition{
				Name: latency.name + "." + statistic, Unit: "s", Direction: LowerBetter,
				Owner: latency.owner, Text: describe(statistic) + " of the " + latency.text,
			})
		}
	}
	return append(all,
		Definition{"offered.records_per_second", "records/s", Neither, OfProducers, "records due by the schedule in the window; handed over, where rate: max"},
		Definition{"offered.bytes_per_second", "bytes/s", Neither, OfProducers, "bytes of key and value due by the schedule in the window"},
		Definition{"acked.records_per_second", "records/s", HigherBetter, OfProducers, "records acknowledged in the window, whenever they were intended"},
		Definition{"acked.bytes_per_second", "bytes/s", HigherBetter, OfProducers, "bytes of key and value acknowledged in the window"},
		Definition{"consumed.records_per_second", "records/s", HigherBetter, OfConsumers, "records that polls returned in the window"},
		Definition{"consumed.bytes_per_second", "bytes/s", HigherBetter, OfConsumers, "bytes of key and value that polls returned in the window"},

		Definition{"produced.records_per_second", "records/s", HigherBetter, OfPipelines, "records that a pipeline produced and that were acknowledged, or committed with exactly-once, in the window"},
		Definition{"produced.bytes_per_second", "bytes/s", HigherBetter, OfPipelines, "bytes of key and value of those records"},
		Definition{"dedup.skipped.count", "records", Neither, OfConsumers, "records that were delivered again in the window and passed over, because they had been processed"},
		Definition{"dedup.unchecked.count", "records", LowerBetter, OfConsumers, "records processed in the window although Redis did not answer whether they had been"},
		Definition{"dedup.waiting.seconds", "s", LowerBetter, OfConsumers, "time that members waited in the window for records that others had claimed, summed over members"},
		Definition{"dedup.round_trips.per_record", "1", LowerBetter, OfConsumers, "round trips to Redis in the window, those that failed among them, per record consumed"},
		Definition{"failures.attempts.count", "1", LowerBetter, OfConsumers, "attempts at processing a record that failed, in the window"},
		Definition{"failures.recovered.count", "records", Neither, OfConsumers, "records that were processed after they had failed, in the window"},
		Definition{"failures.skipped.count", "records", LowerBetter, OfConsumers, "records that were given up and left out, in the window"},
		Definition{"failures.retried.count", "records", Neither, OfConsumers, "records sent to the retry topic in the window, each time"},
		Definition{"failures.dead_lettered.count", "records", LowerBetter, OfConsumers, "records sent to the dead-letter topic in the window"},
		Definition{"failures.dead_lettered.records_per_second", "records/s", LowerBetter, OfConsumers, "the same, per second"},
		Definition{"failures.undone.count", "records", LowerBetter, OfConsumers, "records whose work was not committed in the window: they are read again, or a member stopped"},
		Definition{"share.delivered.count", "records", Neither, OfConsumers, "records that the members of a share group were handed in the window, each time"},
		Definition{"share.redelivered.count", "records", LowerBetter, OfConsumers, "of those, records with a delivery count above 1: released before, not acknowledged in time, or held by a member that ended"},
		Definition{"share.accepted.count", "records", Neither, OfConsumers, "records that the members of a share group accepted in the window"},
		Definition{"share.released.count", "records", LowerBetter, OfConsumers, "records that they gave back for another delivery, in the window"},
		Definition{"share.rejected.count", "records", LowerBetter, OfConsumers, "records that they rejected for good, in the window"},
		Definition{"share.deliveries.max", "1", LowerBetter, OfConsumers, "largest delivery count of a record that was handed over in the window"},
		Definition{"transactions.committed.count", "1", Neither, OfWriters, "transactions committed in the window"},
		Definition{"transactions.aborted.count", "1", LowerBetter, OfWriters, "transactions aborted in the window, those planted among them"},
		Definition{"transactions.fenced.count", "1", LowerBetter, OfWriters, "transactions that ended because another producer had taken over the transactional id, in the window"},

		Definition{"errors.ratio", "ratio", LowerBetter, OfProducers, "share of the records intended in the window that failed or stayed unresolved"},
		Definition{errorsKind, "records", LowerBetter, OfClients, "failures of one kind, for example errors.not_enough_replicas.count"},

		Definition{"lag.records.max", "records", LowerBetter, OfConsumers, "largest offset lag of a group, summed over its partitions, in the window"},
		Definition{"lag.seconds.max", "s", LowerBetter, OfConsumers, "largest time lag of a partition in the window: now minus the timestamp of the first unconsumed record"},
		Definition{"lag.slope", "records/s", LowerBetter, OfConsumers, "trend of the offset lag over the window; above zero the group falls behind"},

		Definition{"drain.seconds", "s", LowerBetter, OfConsumers, "time from a group's largest lag until it was back to normal, under a second of what it reads; 0 where it always was, infinite where it did not come back"},
		Definition{"drain.predicted.seconds", "s", LowerBetter, OfConsumers, "what drain.seconds was expected to be from the lag and its slope over the first 3 s after the largest lag"},

		Definition{"requests.per_second", "requests/s", Neither, OfClients, "produce or fetch requests in the window"},
		Definition{"requests.round_trip.mean", "s", LowerBetter, OfClients, "mean time from writing a produce or fetch request until its response was read; a fetch waits for records"},
		Definition{"requests.queue.mean", "s", LowerBetter, OfClients, "mean time that a request waited in the client until it was written"},
		Definition{"fetch.follower.ratio", "ratio", Neither, OfConsumers, "share of the compressed bytes fetched in the window that came from followers of their partitions, as with client.rack; null where a leader was not known"},
		Definition{"batch.records", "records", Neither, OfProducers, "mean records of a produced batch"},
		Definition{"compression.ratio", "ratio", LowerBetter, OfProducers, "compressed bytes over uncompressed bytes of the produced batches; 100% is uncompressed"},
		Definition{"wire.bytes_per_record", "bytes/record", LowerBetter, OfProducers, "bytes written to sockets for produce requests, per acknowledged record"},

		Definition{"cpu.seconds_per_record", "s/record", LowerBetter, OfProcess, "CPU time of kaliper's process per record acknowledged and consumed, without the pacer's"},
		Definition{"pacer.cpu.ratio", "ratio", LowerBetter, OfProcess, "CPU time of the pacer's waiting threads over wall time; 100% is one core"},
		Definition{"allocated.bytes_per_record", "bytes/record", LowerBetter, OfProcess, "bytes that kaliper's process allocated per record acknowledged and consumed"},
		Definition{"gc.count", "1", Neither, OfProcess, "garbage collections of kaliper's process in the window"},
		Definition{"memory.rss.max", "bytes", LowerBetter, OfProcess, "largest resident set of kaliper's process"},

		Definition{"rebalances.count", "1", LowerBetter, OfConsumers, "rebalances of a group in the window"},
		Definition{"rebalances.pause.max", "s", LowerBetter, OfConsumers, "longest time that a partition had no owner"},
		Definition{"rebalances.moved.count", "1", LowerBetter, OfConsumers, "partitions that got another owner in rebalances in the window"},
		Definition{"rebalances.idle.seconds", "s", LowerBetter, OfConsumers, "time that partitions had no owner in the window, summed over partitions"},
		Definition{"throttle.seconds", "s", LowerBetter, OfClients, "throttle time that brokers asked for, summed over requests in the window"},

		Definition{"partitions.offline.max", "1", LowerBetter, OfCluster, "largest number of partitions without a leader at a poll of the window, anybody's; the trial's own where the cluster has more than 2,000"},
		Definition{"partitions.under_replicated.max", "1", LowerBetter, OfCluster, "largest number of partitions with replicas out of sync, of the same"},
		Definition{"leaders.skew.max", "ratio", LowerBetter, OfCluster, "largest number of partitions that one broker leads, over the even share of the brokers that are up; 100% is even"},
		Definition{"leaders.changes.count", "1", LowerBetter, OfCluster, "partitions that had another leader than at the poll before, summed over the window"},
		Definition{"controller.changes.count", "1", LowerBetter, OfCluster, "elections of an active controller in the window; needs Describe on the cluster, and KRaft"},

		Definition{"readback.records", "records", Neither, OfCluster, "records read back from the log after the load, as `verify: readback` asks"},
		Definition{"readback.seconds", "s", Neither, OfCluster, "time that reading them took"},
		Definition{"compaction.ratio", "ratio", LowerBetter, OfCluster, "records that were left in compacted topics over those that the trial wrote to them, when their cleaner had come to rest after the load; 100% is as if nothing was compacted"},
		Definition{"compaction.keys.ratio", "ratio", Neither, OfCluster, "different keys among the records that were left, over the records written: the least that `compaction.ratio` could be, but for keys whose tombstones go"},
		Definition{"compaction.wait.seconds", "s", Neither, OfCluster, "time from the load's end until the logs had come to rest"},

		Definition{"lost", "records", LowerBetter, OfConsumers, "records acknowledged and never read, though the group read on to the end"},
		Definition{"duplicated", "records", LowerBetter, OfConsumers, "records that are in the log twice, at different offsets"},
		Definition{"redelivered", "records", LowerBetter, OfConsumers, "records that a group read again at the same offset"},
		Definition{"reordered", "records", LowerBetter, OfConsumers, "records read after a later one of the same producer and partition"},
		Definition{"corrupted", "records", LowerBetter, OfConsumers, "records whose checksum or stamp does not fit their content"},
		Definition{"aborted_read", "records", LowerBetter, OfConsumers, "records of aborted transactions that a group read"},
		Definition{"processed_twice", "records", LowerBetter, OfConsumers, "times that a handler was done with a record that one had been done with before"},
		Definition{"missed", "records", LowerBetter, OfConsumers, "records acknowledged that no handler was ever done with, though the group read on to the end"},
		Definition{"torn", "1", LowerBetter, OfConsumers, "committed transactions of which a group read some records and not all"},
	)
}

func describe(statistic string) string {
	switch statistic {
	case "max":
		return "largest"
	case "mean":
		return "mean (of the resolved records)"
	case "p50":
		return "median"
	default:
		return strings.ReplaceAll(strings.TrimPrefix(statistic, "p"), "_", ".") + "th percentile"
	}
}

// byName is the list by name, made once: a matrix of 10,000 cases asks for each of them.
var byName = sync.OnceValue(func() map[string]Definition {
	definitions := map[string]Definition{}
	for _, d := range All() {
		definitions[d.Name] = d
	}
	return definitions
})

// Lookup returns the metric of that name, which has no group before it.
func Lookup(name string) (Definition, bool) {
	if d, ok := byName()[name]; ok && name != errorsKind {
		return d, true
	}
	if kind, ok := errorKind(name); ok {
		pattern := patternDefinition()
		return Definition{
			Name: name, Unit: pattern.Unit, Direction: pattern.Direction, Owner: pattern.Owner,
			Text: fmt.Sprintf("failures of kind %s", kind),
		}, true
	}
	return Definition{}, false
}

func patternDefinition() Definition {
	d, ok := byName()[errorsKind]
	if !ok {
		panic("metric: " + errorsKind + " is missing from the list")
	}
	return d
}

// errorKind returns KIND of errors.KIND.count. Kinds are lower case: a name in capitals would
// pass as a kind that never occurs.
func errorKind(name string) (string, bool) {
	kind, found := strings.CutPrefix(name, "errors.")
	if !found {
		return "", false
	}
	kind, found = strings.CutSuffix(kind, ".count")
	if !found || kind == "" || kind == "KIND" {
		return "", false
	}
	for _, c := range kind {
		if c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return "", false
		}
	}
	return kind, true
}
