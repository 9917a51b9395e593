package scenarios

import (
	"maps"
	"time"
)

// Failures says which records a group fails to process, and what becomes of them. The zero
// value means that none fails.
type Failures struct {
	Ratio  float64 // share of the records that fail, 0 to 1; which ones the seed says
	Policy FailurePolicy
	// Retries is how often a record is tried again: in place, or by way of the retry topic.
	Retries int
	Backoff time.Duration // before each retry
	// FailingAttempts is how many attempts at such a record fail; 0: all, the failure is permanent.
	FailingAttempts int
}

// FailurePolicy is what a group does with a record that it fails to process.
type FailurePolicy string

// The policies.
const (
	FailureStop       FailurePolicy = "stop"        // the member stops, as on an exception; nothing of its unit is committed
	FailureSkip       FailurePolicy = "skip"        // the record is left out
	FailureRetry      FailurePolicy = "retry"       // in place, then skip
	FailureRetryTopic FailurePolicy = "retry-topic" // to <topic>.retry, then to <topic>.dlq
	FailureDeadLetter FailurePolicy = "dead-letter" // in place, then to <topic>.dlq
)

// The suffixes of the topics that failed records go to.
const (
	RetrySuffix      = ".retry"
	DeadLetterSuffix = ".dlq"
)

// RetryGroupSuffix ends the name of the group that reads a retry topic.
const RetryGroupSuffix = "-retry"

// None says whether no record fails.
func (f Failures) None() bool { return f.Policy == "" }

// Suffixes returns the suffixes of the topics that failed records of a source may go to.
func (f Failures) Suffixes() []string {
	switch f.Policy {
	case FailureRetryTopic:
		return []string{RetrySuffix, DeadLetterSuffix}
	case FailureDeadLetter:
		return []string{DeadLetterSuffix}
	}
	return nil
}

// FailureTopics returns the topics that failed records go to, each once: like their source, under
// its name with a suffix.
func (l Load) FailureTopics() (topics []Topic) {
	seen := map[string]bool{}
	add := func(source string, f Failures) {
		for _, suffix := range f.Suffixes() {
			for _, t := range l.Topics {
				if t.Declared() != source || seen[t.Name+suffix] {
					continue
				}
				seen[t.Name+suffix] = true
				t.Name += suffix
				if t.CopyOf != "" {
					t.CopyOf += suffix
				}
				if t.Existing != "" {
					t.Existing += suffix
				}
				if t.RealName != "" {
					t.RealName += suffix
				}
				t.Config = maps.Clone(t.Config)
				delete(t.Config, "cleanup.policy") // a compacted topic's failed records are not to be compacted
				topics = append(topics, t)
			}
		}
	}
	for _, g := range l.Consumers {
		for _, topic := range g.Topics {
			add(topic, g.Failures)
		}
	}
	for _, p := range l.Pipelines {
		add(p.From, p.Failures)
	}
	return topics
}

// What fills the gaps of failures.
const (
	defaultRetries = 3
	defaultBackoff = 100 * time.Millisecond
)

// failures reads the key failures of a consumer group or a pipeline.
func (d *decoder) failures(f fields) Failures {
	n := f.child("failures")
	if n == nil {
		return Failures{}
	}
	m := d.fields(n, f.path+".failures", []string{"ratio", "policy", "retries", "backoff", "failing_attempts"}, nil)
	if m.n == nil {
		return Failures{}
	}
	fail := Failures{
		Ratio: m.number("ratio", 0, 0, 1),
		Policy: FailurePolicy(m.choice("policy", string(FailureStop), []string{
			string(FailureStop), string(FailureSkip), string(FailureRetry), string(FailureRetryTopic), string(FailureDeadLetter),
		})),
	}
	if m.child("ratio") == nil {
		m.wrong("ratio", "is missing; write which share of the records fails, such as ratio: 0.1%%")
	}
	if m.child("policy") == nil {
		m.wrong("policy", "is missing; use stop, skip, retry, retry-topic or dead-letter")
	}
	tries := fail.Policy == FailureRetry || fail.Policy == FailureRetryTopic || fail.Policy == FailureDeadLetter
	for _, key := range []string{"retries", "backoff"} {
		d.onlyWith(m, key, tries, "policy: retry, retry-topic or dead-letter")
	}
	if !tries {
		fail.FailingAttempts = m.count("failing_attempts", 0, 1, 1_000)
		return fail
	}
	fallback := defaultRetries
	if fail.Policy == FailureDeadLetter {
		fallback = 0
	}
	fail.Retries = m.count("retries", fallback, 0, 1_000)
	fail.Backoff = m.duration("backoff", defaultBackoff)
	fail.FailingAttempts = m.count("failing_attempts", 0, 1, 1_000)
	return fail
}
