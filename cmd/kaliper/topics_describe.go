package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"kaliper/internal/kafka"
	"kaliper/internal/unit"
)

func newTopicsDescribeCommand(env *environment) *cobra.Command {
	var flags clusterFlags
	command := &cobra.Command{
		Use:   "describe NAME",
		Short: "Show a topic's leaders, replicas, sizes and configs, and what is uneven about it",
		Long: `describe shows for every partition its leader, its replicas, those in sync and the size of
the leader's log; for every broker what it leads and holds; the configs that differ from
Kafka's default with where they were set; and what is uneven. What the user may not see is
"unknown": sizes need Describe on the cluster, configs DescribeConfigs on the topic.`,
		Example: `  kaliper topics describe orders --bootstrap-server localhost:9092
  kaliper topics describe orders --bootstrap-server localhost:9092 --json`,
		Args: exactly(1, "the name of a topic"),
		RunE: func(c *cobra.Command, args []string) error {
			admin, err := flags.connect(c.Context(), env.stderr)
			if err != nil {
				return err
			}
			defer admin.Close()
			return showTopic(c.Context(), env, admin, args[0], flags.json)
		},
	}
	flags.add(command)
	return command
}

// topicJSON is what describe, create and alter print with --json.
type topicJSON struct {
	Schema string `json:"schema"`
	kafka.TopicDescription
}

// showTopic describes a topic as it is now.
func showTopic(ctx context.Context, env *environment, admin *kafka.Admin, name string, asJSON bool) error {
	topic, err := admin.DescribeTopic(ctx, name)
	if err != nil {
		return err
	}
	if asJSON {
		return printJSON(env.stdout, topicJSON{"kaliper.topic/1", topic})
	}
	return writeTopic(env.stdout, topic)
}

func writeTopic(w io.Writer, topic kafka.TopicDescription) error {
	fmt.Fprintf(w, "topic %s: %s, replication factor %d, %s with replicas\n\n", topic.Name, topicSize(topic), topic.ReplicationFactor, bytesText(topic.ReplicatedBytes))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "partition\tleader\treplicas\tin sync\tsize")
	for _, p := range topic.Partitions {
		leader := "none"
		if p.Leader >= 0 {
			leader = strconv.Itoa(int(p.Leader))
		}
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\n", p.Partition, leader, idList(p.Replicas), idList(p.InSync), bytesText(p.Bytes))
	}
	fmt.Fprintln(t, "\nbroker\track\tleads\treplicas\tsize")
	for _, b := range topic.Brokers {
		rack := b.Rack
		if rack == "" {
			rack = "-"
		}
		fmt.Fprintf(t, "%d\t%s\t%d\t%d\t%s\n", b.ID, rack, b.Leads, b.Replicas, bytesText(b.Bytes))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if err := writeTopicConfigs(w, topic); err != nil {
		return err
	}
	for _, reason := range topic.Imbalance {
		fmt.Fprintf(w, "note: %s\n", reason.Text)
	}
	for _, reason := range topic.Unknown {
		fmt.Fprintf(w, "unknown: %s\n", reason.Text)
	}
	return nil
}

func writeTopicConfigs(w io.Writer, topic kafka.TopicDescription) error {
	switch {
	case topic.Configs == nil:
		fmt.Fprintln(w, "\nconfigs: unknown")
		return nil
	case len(topic.Configs) == 0:
		fmt.Fprintln(w, "\nconfigs: all as Kafka's defaults")
		return nil
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\nconfig\tvalue\tset for")
	for _, c := range topic.Configs {
		value := "hidden"
		if c.Value != nil {
			value = *c.Value
		}
		fmt.Fprintf(t, "%s\t%s\t%s\n", c.Name, value, c.Source)
	}
	return t.Flush()
}

// topicSize is a topic in a few words.
func topicSize(topic kafka.TopicDescription) string {
	partitions := fmt.Sprintf("%d partitions", len(topic.Partitions))
	if len(topic.Partitions) == 1 {
		partitions = "1 partition"
	}
	return partitions + " with " + bytesText(topic.Bytes)
}

func bytesText(bytes *int64) string {
	if bytes == nil {
		return "unknown"
	}
	return unit.Format(float64(*bytes), "bytes")
}

func idList(ids []int32) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = strconv.Itoa(int(id))
	}
	return strings.Join(texts, ",")
}
