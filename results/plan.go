package results

import "path/filepath"

// PlanSchema names the format of plan.json.
const PlanSchema = "kaliper.plan/1"

// planName is the file beside summary.json.
const planName = "plan.json"

// Plan is plan.json: what a demand needs, by a model of the trials of some runs. Base units:
// records, bytes, seconds, ratios.
type Plan struct {
	Schema    string     `json:"schema"`
	Runs      []string   `json:"runs"`
	Simulated bool       `json:"simulated"`
	Complete  bool       `json:"complete"` // nothing was declined
	Demand    PlanDemand `json:"demand"`
	Declined  []Reason   `json:"declined"` // what keeps the whole from being answered

	Partitions PlanCount `json:"partitions"`
	Producers  PlanCount `json:"producers"`
	Members    PlanCount `json:"members"` // of each group
	Brokers    PlanCount `json:"brokers"`

	// Capacity is what the recommended configuration carries, records/s, and Bottleneck what it
	// runs into first: producers, partitions, members or brokers.
	Capacity   PlanPrediction `json:"capacity"`
	Bottleneck string         `json:"bottleneck"`
	// Response latencies at the grown rate, and the part of p99 that linger.ms and batch.size make.
	P50               PlanPrediction `json:"ack_p50"`
	P99               PlanPrediction `json:"ack_p99"`
	LingerWaitSeconds Number         `json:"linger_wait_seconds"`

	NetworkInBytesPerSecond  float64 `json:"network_in_bytes_per_second"`  // over all brokers, with replication
	NetworkOutBytesPerSecond float64 `json:"network_out_bytes_per_second"` // the same, with every group
	DiskBytes                float64 `json:"disk_bytes"`                   // over all brokers, for the retention

	Rules  []PlanRule  `json:"rules_of_thumb"`
	Next   []string    `json:"next"` // what to measure next
	Within PlanWithin  `json:"within"`
	Terms  []PlanTerm  `json:"terms"`
	Points []PlanPoint `json:"points"`
	Curves []PlanCurve `json:"curves"`
	// LeftOut says which trials the model does not know, and why.
	LeftOut []string `json:"left_out"`
	// Warnings are what to know before believing the plan.
	Warnings []string `json:"warnings"`
}

// PlanDemand is what was asked for.
type PlanDemand struct {
	RecordsPerSecond       float64 `json:"records_per_second"` // today
	NeededRecordsPerSecond float64 `json:"needed_records_per_second"`
	RecordBytes            float64 `json:"record_bytes"`
	WireBytesPerRecord     float64 `json:"wire_bytes_per_record"`
	Compression            string  `json:"compression"`
	Groups                 int     `json:"groups"`
	Members                int     `json:"members"`
	ReplicationFactor      int     `json:"replication_factor"`
	Survive                int     `json:"survive"`
	Growth                 float64 `json:"growth"`
	Headroom               float64 `json:"headroom"`
	RetentionSeconds       float64 `json:"retention_seconds"`
}

// PlanCount is how many of something are needed. Value suffices by the lower end of the
// prediction, and is 0 where it was declined.
type PlanCount struct {
	Value    int                 `json:"value"`
	Middle   int                 `json:"middle"` // by the prediction itself
	Interval *ConfidenceInterval `json:"interval,omitempty"`
	AtMost   bool                `json:"at_most,omitempty"` // fewer may do: so many carried it in a trial
	Declined []Reason            `json:"declined,omitempty"`
}

// PlanPrediction is a number with its prediction interval; null where it is not known.
type PlanPrediction struct {
	Value    Number              `json:"value"`
	Interval *ConfidenceInterval `json:"interval,omitempty"`
	Declined []Reason            `json:"declined,omitempty"` // why it is null
}

// PlanRule is a rule of thumb beside the answer.
type PlanRule struct {
	Name  string `json:"name"`
	Value Number `json:"value"`
	Text  string `json:"text"` // what it is made of, and why it differs
}

// PlanWithin is what the longest and the largest of the trials reached. What a system lends for
// longer or more than that, such as page cache or burst credits, was not seen.
type PlanWithin struct {
	Seconds              float64 `json:"seconds"`
	BytesWrittenPerTrial float64 `json:"bytes_written_per_trial"` // to all replicas
	BytesPerBroker       float64 `json:"bytes_written_per_broker"`
	Trials               int     `json:"trials"`
}

// PlanTerm is one ceiling of the model.
type PlanTerm struct {
	Name    string  `json:"name"`
	Bound   int     `json:"bound"` // in how many configurations of the planned compression.type it was what kept them from more
	Known   bool    `json:"known"`
	Refusal *Reason `json:"refusal,omitempty"` // why its count may not be asked for
	// RecordsPerSecondEach is what one unit carries of such records, alone.
	RecordsPerSecondEach Number `json:"records_per_second_each"`
}

// PlanPoint is a configuration that was measured, beside its prediction by a model that does not
// know it.
type PlanPoint struct {
	Name              string         `json:"name"`
	Partitions        int            `json:"partitions"`
	Producers         int            `json:"producers"`
	Members           int            `json:"members"`
	Groups            int            `json:"groups"`
	ReplicationFactor int            `json:"replication_factor"`
	Brokers           int            `json:"brokers"`
	RecordBytes       float64        `json:"record_bytes"`
	Compression       string         `json:"compression"`
	Measured          float64        `json:"measured_records_per_second"`
	Predicted         PlanPrediction `json:"predicted_records_per_second"`
	Bottleneck        string         `json:"bottleneck"`
}

// PlanCurve is a prediction along one count, or along the rate, from the recommended
// configuration on.
type PlanCurve struct {
	Along  string           `json:"along"` // partitions, producers, members, brokers, or rate
	Of     string           `json:"of"`    // capacity, or ack.p99
	At     []float64        `json:"at"`
	Values []PlanPrediction `json:"values"`
}

// WritePlan writes plan.json of a directory, whole or not at all.
func WritePlan(directory string, plan Plan) error {
	plan.Schema = PlanSchema
	return writeJSON(filepath.Join(directory, planName), plan)
}

// ReadPlan reads plan.json of a directory.
func ReadPlan(directory string) (Plan, error) {
	var plan Plan
	err := readJSON(filepath.Join(directory, planName), PlanSchema, &plan)
	return plan, err
}
