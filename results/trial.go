package results

import (
	"time"

	"kaliper/internal/measure"
)

// JournalSchema names the format of the frames of a journal.
const JournalSchema = "kaliper.journal/1"

// State says how much of a trial or of a run is there.
type State string

// The states of a trial and of a run. Readers must expect each of them.
const (
	Complete    State = "complete"    // everything that was planned is there
	Incomplete  State = "incomplete"  // something of it is missing
	Interrupted State = "interrupted" // a signal ended it; what was measured until then is kept
	Crashed     State = "crashed"     // the journal ends without an end frame
)

// Trial is one execution of one case, as its journal tells it.
type Trial struct {
	State     State
	Begin     Begin
	Intervals []Interval
	End       *End // nil if the journal ends early
	// Damage says in words what is lacking; empty when nothing is.
	Damage string
}

// Begin is the first frame of a journal: all that is known before the load starts.
// Times of a journal are seconds since Started, which is intended time zero.
type Begin struct {
	Schema          string          `json:"schema"`
	Run             string          `json:"run"`
	Case            string          `json:"case"`
	Trial           int             `json:"trial"`             // 1-based within its case
	Round           int             `json:"round"`             // 1-based within the run
	Attempt         int             `json:"attempt,omitempty"` // 2 for the second attempt at the trial; 0 for the first
	Started         time.Time       `json:"started"`
	WarmupSeconds   float64         `json:"warmup_seconds"`   // the window starts here
	DurationSeconds float64         `json:"duration_seconds"` // the window's length
	DrainSeconds    float64         `json:"drain_seconds"`    // at the most
	Simulated       bool            `json:"simulated"`        // the embedded broker
	Integrity       string          `json:"integrity"`        // full, sampled, off
	Verify          []string        `json:"verify,omitempty"` // what is looked at in the log after the load: readback, compaction
	Topics          []TopicInfo     `json:"topics"`
	Producers       []ProducerInfo  `json:"producers"`
	Consumers       []ConsumerInfo  `json:"consumers"`
	Cluster         ClusterSnapshot `json:"cluster"`
	// Environment are warnings about the cluster and the machine before the load
	// (unbalanced leaders, under-replicated partitions, another load).
	Environment []Reason `json:"environment"`
	// NullSinkRecordsPerSecond is this instrument's own ceiling with these client settings
	// on this machine; 0 where it was not measured.
	NullSinkRecordsPerSecond float64 `json:"null_sink_records_per_second"`
}

// TopicInfo is one topic of a trial.
type TopicInfo struct {
	Logical           string            `json:"logical"` // the scenario's name
	Name              string            `json:"name"`    // the cluster's name
	Partitions        int               `json:"partitions"`
	ReplicationFactor int               `json:"replication_factor"`
	Config            map[string]string `json:"config,omitempty"`
	Existing          bool              `json:"existing,omitempty"` // not the run's own
	// Copies is how many equal topics there are: this is the first of them, and the names of all end
	// in their numbers. 0 where there is one topic.
	Copies int `json:"copies,omitempty"`
}

// ProducerInfo is one producer group of a trial.
type ProducerInfo struct {
	Name     string `json:"name"`
	Topic    string `json:"topic"` // logical
	Clients  int    `json:"clients"`
	OpenLoop bool   `json:"open_loop"` // false for rate: max
	Send     string `json:"send"`      // async, sync, batch
	Rate     string `json:"rate"`      // as the scenario says it
	// OfferedRecordsPerSecond is the schedule's mean over the window; 0 for rate: max.
	OfferedRecordsPerSecond float64 `json:"offered_records_per_second"`
	// Spread is how many partitions a client fills batches for at the same time: 1 where records
	// without keys stick to one; 0 where it was not written down.
	Spread int `json:"spread,omitempty"`
}

// ConsumerInfo is one consumer group of a trial.
type ConsumerInfo struct {
	Name    string   `json:"name"`
	Group   string   `json:"group"` // the cluster's group id; empty when partitions are assigned
	Topics  []string `json:"topics"`
	Members int      `json:"members"`
	// FallsBehind: the scenario makes the group fall behind, or stand still, on purpose.
	FallsBehind bool `json:"falls_behind,omitempty"`
	// Pipeline is there where the group is a pipeline.
	Pipeline *PipelineInfo `json:"pipeline,omitempty"`
	// Dedup is there where the group deduplicates.
	Dedup *DedupInfo `json:"dedup,omitempty"`
	// Share is there where the group is a share group.
	Share *ShareInfo `json:"share,omitempty"`
}

// ClusterSnapshot is what the cluster looked like; unknown values stay empty.
type ClusterSnapshot struct {
	ID      string       `json:"id"`
	Version string       `json:"version"` // as far as API versions tell it
	Brokers []BrokerInfo `json:"brokers"`
}

// BrokerInfo is one broker of the cluster.
type BrokerInfo struct {
	ID      int32  `json:"id"`
	Address string `json:"address"`
	Rack    string `json:"rack,omitempty"`
}

// Reason is one finding as data: a stable code, and a sentence with the figures.
type Reason struct {
	Code string `json:"code"` // for example slip_pacer, books, overloaded
	Text string `json:"text"`
}

// Event is a mark on the time axis.
type Event struct {
	Seconds float64 `json:"seconds"`
	Kind    string  `json:"kind"` // phase, rebalance, error, leader_change, stall, interrupted, ...
	Text    string  `json:"text"`
}

// Interval is one frame of about a second. Counts are those of the interval alone.
type Interval struct {
	Start     float64                     `json:"start"` // seconds since Begin.Started
	End       float64                     `json:"end"`
	Producers map[string]ProducerInterval `json:"producers"`
	Consumers map[string]ConsumerInterval `json:"consumers"`
	Process   ProcessInterval             `json:"process"`
	// Health is the newest answer of the cluster in the interval; nil where there was none.
	Health *ClusterHealth `json:"health,omitempty"`
	Events []Event        `json:"events,omitempty"`
}

// Latency is one latency over the records that resolved in an interval: those intended in
// the window apart from the others (warm-up). Seconds and histograms of nanoseconds.
type Latency struct {
	Window  measure.Encoded `json:"window,omitzero"`
	Outside measure.Encoded `json:"outside,omitzero"`
}

// ProducerInterval is what one producer group did in one interval.
type ProducerInterval struct {
	Offered      int64            `json:"offered"` // records due by the schedule (handed over, for rate: max)
	OfferedBytes int64            `json:"offered_bytes"`
	Acked        int64            `json:"acked"` // completions, whenever they were intended
	AckedBytes   int64            `json:"acked_bytes"`
	Failed       map[string]int64 `json:"failed,omitempty"` // by kind of error
	// Refused counts batches, not records, that brokers refused, by kind of error; those that can
	// be sent again are.
	Refused  map[string]int64 `json:"refused,omitempty"`
	InFlight int64            `json:"in_flight"` // handed over and not resolved, at the interval's end
	Backlog  int64            `json:"backlog"`   // due and not handed over, at the interval's end

	Ack         Latency `json:"ack"`
	Service     Latency `json:"service"`
	SlipPacer   Latency `json:"slip_pacer"`
	SlipBlocked Latency `json:"slip_blocked"`
	// Serialize is there where values have a schema.
	Serialize *Serialization `json:"serialize,omitempty"`

	// Transactions are there where the group sends in transactions.
	Transactions *TransactionsInterval `json:"transactions,omitempty"`

	Client ClientInterval `json:"client"`
}

// ClientInterval is what the client library told of its requests in one interval.
type ClientInterval struct {
	Requests          int64   `json:"requests"` // produce or fetch requests
	Batches           int64   `json:"batches"`
	BatchRecords      int64   `json:"batch_records"`
	UncompressedBytes int64   `json:"uncompressed_bytes"`
	CompressedBytes   int64   `json:"compressed_bytes"`
	WireBytes         int64   `json:"wire_bytes"`         // written to or read from the socket for these requests
	RoundTripSeconds  float64 `json:"round_trip_seconds"` // summed over requests
	QueueSeconds      float64 `json:"queue_seconds"`      // time in the client's write queue, summed over requests
	ThrottleSeconds   float64 `json:"throttle_seconds"`   // as brokers asked for, summed
	Connects          int64   `json:"connects"`
	Disconnects       int64   `json:"disconnects"`
}

// ConsumerInterval is what one consumer group did in one interval.
type ConsumerInterval struct {
	Consumed      int64            `json:"consumed"`
	ConsumedBytes int64            `json:"consumed_bytes"`
	Polls         int64            `json:"polls"`
	Commits       int64            `json:"commits"`
	Failed        map[string]int64 `json:"failed,omitempty"` // by kind of error

	EndToEnd  Latency `json:"e2e"`
	Processed Latency `json:"processed"`
	// Deserialize is there where the group decodes values.
	Deserialize *Serialization `json:"deserialize,omitempty"`

	// Lag is by logical topic, at the interval's end.
	Lag map[string]PartitionLag `json:"lag,omitempty"`

	Rebalances            int64   `json:"rebalances"`
	RebalancePauseSeconds float64 `json:"rebalance_pause_seconds"` // the longest of the interval
	RebalanceMoved        int64   `json:"rebalance_moved"`         // partitions that got another owner
	RebalanceIdleSeconds  float64 `json:"rebalance_idle_seconds"`  // without an owner, summed over partitions

	// RebalanceList are the rebalances one by one, in the interval in which they had settled.
	RebalanceList []Rebalance `json:"rebalance_list,omitempty"`

	// Pipeline is there where the group is a pipeline.
	Pipeline *PipelineInterval `json:"pipeline,omitempty"`
	// Failures are there where records of the group fail to be processed.
	Failures *FailuresInterval `json:"failures,omitempty"`
	// Dedup is there where the group deduplicates.
	Dedup *DedupInterval `json:"dedup,omitempty"`
	// Share is there where the group is a share group.
	Share *ShareCounts `json:"share,omitempty"`

	// FetchedFrom says which brokers the records came from; not of share groups, which read from
	// leaders alone.
	FetchedFrom []BrokerFetches `json:"fetched_from,omitempty"`

	Client ClientInterval `json:"client"`
}

// Rebalance is one generation of a group: what its members were given.
type Rebalance struct {
	Seconds      float64 `json:"seconds"` // when the first partition was given, since Begin.Started
	Generation   int32   `json:"generation"`
	Given        int64   `json:"given"`         // partitions
	Moved        int64   `json:"moved"`         // of them: had another owner before
	PauseSeconds float64 `json:"pause_seconds"` // the longest that one of them had no owner
	IdleSeconds  float64 `json:"idle_seconds"`  // without an owner, summed over them
}

// BrokerFetches are the batches that one consumer group fetched from one broker. Bytes are those
// of compressed batches. A batch is a follower's where the client's newest metadata say that
// another broker leads its partition.
type BrokerFetches struct {
	Broker          int32 `json:"broker"`
	Records         int64 `json:"records"`
	Bytes           int64 `json:"bytes"`
	FollowerRecords int64 `json:"follower_records"` // of them, from a follower
	FollowerBytes   int64 `json:"follower_bytes"`
	UnknownBytes    int64 `json:"unknown_bytes,omitempty"` // of partitions whose leader was not known
}

// PartitionLag is the lag of one group on one topic, index by partition.
// -1 records or a negative number of seconds means unknown.
type PartitionLag struct {
	Records []int64   `json:"records"`
	Seconds []float64 `json:"seconds"`
}

// ProcessInterval is what the instrument and its machine were like in one interval.
type ProcessInterval struct {
	CPUSeconds              float64 `json:"cpu_seconds"`       // of this process, the pacer's waiting included
	PacerCPUSeconds         float64 `json:"pacer_cpu_seconds"` // of the pacer's waiting alone
	PacerWakes              int64   `json:"pacer_wakes"`
	AllocatedBytes          int64   `json:"allocated_bytes"`
	GarbageCollections      int64   `json:"garbage_collections"`
	PauseSecondsMax         float64 `json:"pause_seconds_max"`         // longest stop of the world
	SchedulerLatencySeconds float64 `json:"scheduler_latency_seconds"` // p99 of goroutines' wait to run
	GapSecondsMax           float64 `json:"gap_seconds_max"`           // longest time in which the watchdog did not run
	ClockStepSeconds        float64 `json:"clock_step_seconds"`        // wall clock against monotonic clock
	StealSeconds            float64 `json:"steal_seconds"`             // taken by the hypervisor, all processors
	ProcessorSeconds        float64 `json:"processor_seconds"`         // all time of the processors that kaliper may use
	SpareSeconds            float64 `json:"spare_seconds"`             // of that, idle
	ThrottledSeconds        float64 `json:"throttled_seconds"`         // by a cgroup's quota
	PressureSeconds         float64 `json:"pressure_seconds"`          // PSI: some task waited for a processor
	WaitSeconds             float64 `json:"wait_seconds"`              // kaliper's threads were ready and waited for a processor, summed
	RSSBytes                int64   `json:"rss_bytes"`                 // at the interval's end
	MachineCPUSeconds       float64 `json:"machine_cpu_seconds"`       // all processes, all processors
	CallbackDelaySeconds    float64 `json:"callback_delay_seconds"`    // longest run of callbacks in one goroutine
	JournalDelaySeconds     float64 `json:"journal_delay_seconds"`     // writing and syncing the frame before
}

// End is the last frame of a journal.
type End struct {
	State       State                     `json:"state"`
	Seconds     float64                   `json:"seconds"`      // since Begin.Started, after the drain
	WindowStart float64                   `json:"window_start"` // the window as it was, seconds since Begin.Started
	WindowEnd   float64                   `json:"window_end"`   // earlier than planned when interrupted
	Producers   map[string]ProducerTotals `json:"producers"`
	Consumers   map[string]ConsumerTotals `json:"consumers"`
	// Readback is there where the log was read back.
	Readback *Readback `json:"readback,omitempty"`
	// Compaction is of each compacted topic that was looked at.
	Compaction      []Compaction `json:"compaction,omitempty"`
	Anomalies       []Anomaly    `json:"anomalies,omitempty"` // the first 100 in full
	Error           string       `json:"error,omitempty"`     // what ended the trial early
	ProcessRSSBytes int64        `json:"rss_bytes_max"`
}

// ProducerTotals are a producer group's books over a whole trial and over its window.
// Intended = Acked + failed + Unresolved, in each of the two.
type ProducerTotals struct {
	Whole  Books `json:"whole"`
	Window Books `json:"window"` // records intended in the window, whenever they resolved
	// Completed* are the completions that happened inside the window, whenever intended.
	CompletedInWindow      int64 `json:"completed_in_window"`
	CompletedBytesInWindow int64 `json:"completed_bytes_in_window"`
	// Merged over the trial, of records intended in the window.
	Ack         measure.Encoded `json:"ack,omitzero"`
	Service     measure.Encoded `json:"service,omitzero"`
	SlipPacer   measure.Encoded `json:"slip_pacer,omitzero"`
	SlipBlocked measure.Encoded `json:"slip_blocked,omitzero"`
	// Transactions are there where the group sends in transactions.
	Transactions *TransactionsTotals `json:"transactions,omitempty"`
	// Serialize is there where values have a schema.
	Serialize *SerializationTotals `json:"serialize,omitempty"`
}

// Books account for every record that the schedule intended.
type Books struct {
	Intended      int64            `json:"intended"`
	IntendedBytes int64            `json:"intended_bytes"`
	Acked         int64            `json:"acked"`
	AckedBytes    int64            `json:"acked_bytes"`
	Failed        map[string]int64 `json:"failed,omitempty"`
	Unresolved    int64            `json:"unresolved"`
}

// ConsumerTotals are a consumer group's books.
type ConsumerTotals struct {
	Consumed              int64           `json:"consumed"`
	Window                int64           `json:"window"`   // records intended in the window that were read at least once
	Expected              int64           `json:"expected"` // acknowledged records intended in the window on the group's topics
	Unread                int64           `json:"unread"`   // expected and never read: rank as infinite in e2e
	ConsumedInWindow      int64           `json:"consumed_in_window"`
	ConsumedBytesInWindow int64           `json:"consumed_bytes_in_window"`
	EndToEnd              measure.Encoded `json:"e2e,omitzero"`
	Processed             measure.Encoded `json:"processed,omitzero"`
	// Deserialize is there where the group decodes values.
	Deserialize *SerializationTotals `json:"deserialize,omitempty"`
	Integrity   Integrity            `json:"integrity"`
	// Pipeline is there where the group is a pipeline.
	Pipeline *PipelineTotals `json:"pipeline,omitempty"`
	// Failures are there where records of the group fail to be processed.
	Failures *FailuresTotals `json:"failures,omitempty"`
	// Dedup is there where the group deduplicates.
	Dedup *DedupTotals `json:"dedup,omitempty"`
	// Share is there where the group is a share group; of the whole trial.
	Share *ShareCounts `json:"share,omitempty"`
}

// Integrity is what the stamps of a group's records tell. Where a bound was hit Unknown says
// so, and the counts are lower bounds.
type Integrity struct {
	Checked     bool   `json:"checked"` // false: integrity off, nothing is known
	Unknown     string `json:"unknown,omitempty"`
	Lost        int64  `json:"lost"`
	Duplicated  int64  `json:"duplicated"`  // twice in the log: another offset
	Redelivered int64  `json:"redelivered"` // the same offset again
	Reordered   int64  `json:"reordered"`
	Corrupted   int64  `json:"corrupted"`
	// ProcessedTwice counts how often a handler was done with a record that one had been done with.
	ProcessedTwice int64 `json:"processed_twice"`
	// Missed counts acknowledged records that no handler was ever done with, though the group read
	// on to the end.
	Missed      int64 `json:"missed"`
	AbortedRead int64 `json:"aborted_read"` // records of aborted transactions
	Torn        int64 `json:"torn"`         // committed transactions that were read in part
}

// Anomaly is one record that was lost, duplicated, redelivered, reordered or corrupted, or read
// although its transaction was aborted; or one transaction that was torn.
type Anomaly struct {
	Kind      string `json:"kind"`
	Group     string `json:"group"`
	Topic     string `json:"topic"`
	Partition int32  `json:"partition"`
	Offset    int64  `json:"offset"` // -1 where there is none
	Producer  int    `json:"producer"`
	Sequence  int64  `json:"sequence"` // of the producer in the partition that it wrote to first
	// Text says what the other keys cannot: k of n records of a transaction.
	Text string `json:"text,omitempty"`
}
