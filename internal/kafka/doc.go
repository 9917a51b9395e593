// Package kafka is kaliper's side of the Kafka protocol. It decides what a Java client
// property means for franz-go, how a run's topics are named, placed, verified and removed,
// where a consumer group starts, how lag is read, and how the simulated broker is run.
//
// It refuses to decide which properties exist and what their defaults are (internal/property),
// what load is sent (workload), and what the figures mean (internal/analysis). For a
// run it never alters and never deletes what does not carry the prefix of that run; other topics
// only for a person who named them exactly (topic_manage.go).
//
// Every call that waits for the cluster has a bound, and says in its error what it waited for:
// franz-go by itself retries silently for as long as it is left alone.
package kafka
