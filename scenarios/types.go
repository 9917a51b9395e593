package scenarios

import (
	"time"

	"kaliper/internal/metric"
	"kaliper/internal/property"
	"kaliper/internal/sample"
	"kaliper/internal/unit"
)

// Scenario is a parsed, checked and expanded scenario: every case is complete.
type Scenario struct {
	Name        string
	Description string
	Repeats     int
	Seed        uint64
	Rest        time.Duration // between trials
	Expect      []metric.Condition
	Show        []metric.Ref      // what the report shows first; at least one case can have each
	Gate        Gate              // of kaliper gate alone
	Search      Search            // of kaliper search alone
	Choose      *Choose           // nil where every case is to be measured alike
	Labels      map[string]string // path of a varied setting -> its label
	Cases       []Case            // at least one
	// Resolved is the scenario after extends, target, overlays and --set, as YAML, secrets
	// still references.
	Resolved string
	// Warnings are legal things that people rarely want: file:line:column, path, text.
	Warnings []string

	gateAt   position            // of what plans a gate
	searchAt map[string]position // of what a search may object to
}

// Case is one point of the matrix: one complete set of settings.
type Case struct {
	ID       string    // hash of the varied settings: eight hex digits
	Settings []Setting // the varied ones, in the matrix' order; empty without a matrix
	Load     Load
}

// Setting is one varied setting.
type Setting struct{ Label, Path, Value string }

// Load is all that one trial executes.
type Load struct {
	Target    Target
	Topics    []Topic // in the file's order, as all lists here
	Producers []ProducerGroup
	Consumers []ConsumerGroup
	Pipelines []Pipeline
	Warmup    time.Duration
	Duration  time.Duration
	Drain     time.Duration
	Integrity Integrity
	Verify    Verify
	Seed      uint64
	Naming    Naming
	// KeepTopics leaves the run's topics on the cluster.
	KeepTopics bool
}

// Target is a cluster.
type Target struct {
	Name     string
	Embedded bool // the simulated broker
	// Properties are the target's client properties, common to all clients.
	Properties property.Set
}

// Bootstrap returns the bootstrap servers, empty for the embedded broker.
func (t Target) Bootstrap() string { return t.Properties.String("bootstrap.servers") }

// Integrity says how much of the records is checked.
type Integrity string

// The levels of integrity checking.
const (
	IntegrityFull Integrity = "full"
	IntegrityOff  Integrity = "off"
)

// Topic is one topic of a scenario.
type Topic struct {
	Name              string // logical
	CopyOf            string // the logical name of the declaration that this is one of several copies of; else empty
	Existing          string // the cluster's name of a topic that is not the run's own
	RealName          string // the cluster's name of a topic of the run's own; empty: a unique one
	Prefix            string // what a unique name begins with
	Partitions        int
	ReplicationFactor int
	Config            map[string]string

	copies int // asked for; 1 in a copy
}

// ProducerGroup is a number of equal, independent producer clients.
type ProducerGroup struct {
	Name        string
	Topic       string   // logical, as declared
	Copies      []string // the logical names of the topic's copies; empty where there is one topic
	Clients     int
	Rate        []Phase // at least one
	RateText    string  // as the file says it, for people
	Arrival     Arrival
	Key         Key
	Value       Value
	Headers     map[string]string
	Partitioner Partitioner
	Send        Send
	BatchSize   int          // records per batch for SendBatch
	Transaction Transaction  // SendTransaction
	Properties  property.Set // complete: every producer property with its origin
}

// Phase is a part of a rate's schedule. The last phase of a group lasts to the end.
type Phase struct {
	Name string
	For  time.Duration // 0: to the end
	From unit.Rate     // at the phase's start
	To   unit.Rate     // at its end; equal to From for a step
}

// Max says whether the phase is the closed loop.
func (p Phase) Max() bool { return p.From.Max }

// Arrival is how intended times follow a rate.
type Arrival string

// The arrival processes.
const (
	ArrivalConstant Arrival = "constant"
	ArrivalPoisson  Arrival = "poisson"
)

// Send is how a producer hands over records.
type Send string

// The ways of sending.
const (
	SendAsync Send = "async" // callbacks, never waits but for a full buffer
	SendSync  Send = "sync"  // waits for each acknowledgement
	SendBatch Send = "batch" // sends BatchSize records, then waits for all of them
	// SendTransaction sends as async does, in transactions, each of which is ended before the next.
	SendTransaction Send = "transaction"
)

// Transaction is how long the transactions of a producer are. A transaction ends with the first
// of the two bounds that it reaches; at least one is there.
type Transaction struct {
	Records  int           // 0: however many
	Interval time.Duration // since its first record; 0: half of transaction.timeout.ms
	Aborts   float64       // share of the transactions that are aborted on purpose, 0 to 1
}

// KeyDistribution is how keys are drawn.
type KeyDistribution string

// The key distributions.
const (
	KeyNone     KeyDistribution = "none"     // no key
	KeySequence KeyDistribution = "sequence" // 0, 1, 2, ... modulo the cardinality
	KeyUniform  KeyDistribution = "uniform"
	KeyZipf     KeyDistribution = "zipf"
	KeyHot      KeyDistribution = "hot" // HotShare of the records have one key, the rest is uniform
	KeySample   KeyDistribution = "sample"
)

// Key is how the keys of a producer group are drawn.
type Key struct {
	Distribution KeyDistribution
	Cardinality  int64
	Exponent     float64       // zipf
	HotShare     float64       // hot
	Size         int           // bytes of a key; 0: as long as the number is in decimal
	Sample       *sample.Topic // KeySample; shared, not to be changed
}

// ValueFormat is what values consist of.
type ValueFormat string

// The value formats.
const (
	ValueRandom ValueFormat = "random" // filler: a share of constant bytes, the rest random
	ValueJSON   ValueFormat = "json"   // order events
	ValueText   ValueFormat = "text"   // words
	ValueFile   ValueFormat = "file"   // the lines of a file
	ValueSample ValueFormat = "sample" // filler that is like a topic's sample, or the values that it keeps

	ValueAvro       ValueFormat = "avro" // these have a schema, and Value.Typed
	ValueJSONSchema ValueFormat = "json-schema"
	ValueProtobuf   ValueFormat = "protobuf"
)

// Value is what the values of a producer group look like.
type Value struct {
	Format          ValueFormat
	Size            Size
	Compressibility float64       // share of value bytes that are constant; for ValueSample as the group's codec needs
	File            string        // ValueFile, ValueSample: its path
	Lines           [][]byte      // ValueFile: its lines, read when the scenario was parsed; ValueSample: the values that it keeps
	Sample          *sample.Topic // ValueSample; shared, not to be changed
	Typed           *Typed        // of the formats with a schema; nil for all others
}

// SizeDistribution is how value sizes are drawn.
type SizeDistribution string

// The size distributions.
const (
	SizeFixed     SizeDistribution = "fixed"
	SizeUniform   SizeDistribution = "uniform"   // Min to Max
	SizeLognormal SizeDistribution = "lognormal" // Median, Sigma, cut at Max
	SizeHistogram SizeDistribution = "histogram" // Bins
)

// Size is how value sizes are drawn, in bytes.
type Size struct {
	Distribution SizeDistribution
	Bytes        int // fixed
	Min, Max     int // uniform; lognormal: cut there
	Median       int
	Sigma        float64
	Bins         []SizeBin
}

// SizeBin is one size of a histogram with its relative weight.
type SizeBin struct {
	Bytes  int
	Weight float64
}

// PartitionerKind is how records find their partition.
type PartitionerKind string

// The partitioners.
const (
	PartitionerDefault    PartitionerKind = "default" // murmur2 of the key as Java, sticky without
	PartitionerRoundRobin PartitionerKind = "round-robin"
	PartitionerMD5        PartitionerKind = "md5"    // MD5 of the key modulo the partitions
	PartitionerManual     PartitionerKind = "manual" // cycles through Partitions
)

// Partitioner is how records find their partition.
type Partitioner struct {
	Kind       PartitionerKind
	Partitions []int32 // manual
}

// ConsumerGroup is a number of equal consumers that share the topics' partitions.
type ConsumerGroup struct {
	Name           string
	Topics         []string // logical
	Members        int
	Assigned       bool // partitions are assigned by kaliper, without a group
	Start          Start
	Schedule       []Change // by time
	Processing     Processing
	Commit         Commit
	CommitInterval time.Duration // CommitAtInterval
	Failures       Failures
	Dedup          Dedup
	// Deserialize says that values with a schema are decoded as they are polled.
	Deserialize bool
	Share       *Share // nil: a consumer group
	// Producer are the properties of what writes failed records to other topics; the zero Set
	// without failures.
	Producer   property.Set
	Properties property.Set // complete: every consumer property with its origin
}

// StartFrom is where a group starts.
type StartFrom string

// The start positions.
const (
	StartEarliest  StartFrom = "earliest"
	StartLatest    StartFrom = "latest"
	StartOffset    StartFrom = "offset"
	StartTimestamp StartFrom = "timestamp"
	StartAgo       StartFrom = "by_duration" // of auto.offset.reset
)

// Start is where, and when, a group starts.
type Start struct {
	From      StartFrom
	Offset    int64
	Timestamp time.Time
	Ago       time.Duration // by_duration: before the start is looked up
	After     time.Duration // join late, since the load's start
	Backlog   int64         // join when so many records wait, at the latest when the load ends
}

// Processing is the time that a handler takes.
type Processing struct {
	Time         time.Duration // mean for exponential, median for lognormal
	Distribution string        // fixed, exponential, lognormal
	Sigma        float64       // lognormal
	PerBatch     bool          // once a poll rather than once a record
	Stalls       []Stall       // by time
	// HandOff has the records processed beside the poll loop, which polls on and commits
	// meanwhile.
	HandOff bool
}

// Commit is how a group commits.
type Commit string

// The ways of committing.
const (
	CommitAuto       Commit = "auto"
	CommitPerRecord  Commit = "per-record"
	CommitPerBatch   Commit = "per-batch"
	CommitAsync      Commit = "async" // after each poll, not waited for
	CommitAtInterval Commit = "interval"
	CommitNone       Commit = "none"
)
