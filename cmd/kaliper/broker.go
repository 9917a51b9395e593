package main

import (
	"fmt"
	"math"

	"github.com/spf13/cobra"

	"kaliper/internal/kafka"
)

func newBrokerCommand(env *environment) *cobra.Command {
	var (
		config           kafka.BrokerConfig
		port             int
		untilStdinCloses bool
	)
	command := &cobra.Command{
		Use:   "broker",
		Short: "Run the simulated broker in the foreground",
		Long: `broker runs the simulated broker that target: embedded uses, until it is interrupted.

It speaks Kafka's protocol from memory: good for trying scenarios and for tests, not for
figures about Kafka. Replication, min.insync.replicas and quotas are not simulated.

When it can be connected to, it prints one line of JSON: {"bootstrap":"127.0.0.1:PORT"}.`,
		Example: `  kaliper broker                                one broker on a free port
  kaliper broker --port 9092                    on a port of your choice
  kaliper broker --brokers 3 --port 9092        three brokers on 9092, 9093 and 9094
  kaliper broker --retention-bytes 268435456    keep more for consumers that lag`,
		Args: exactly(0, "nothing"),
		RunE: func(c *cobra.Command, _ []string) error {
			ports, err := portsFrom(port, config.Brokers)
			if err != nil {
				return badInput(err)
			}
			if config.SegmentBytes < 1 || config.RetentionBytes < 1 {
				return badInput(fmt.Errorf("--segment-bytes and --retention-bytes must be 1 or more"))
			}
			config.Ports = ports
			if untilStdinCloses {
				config.Until = env.stdin
			}
			return kafka.ServeBroker(c.Context(), config, env.stdout)
		},
	}
	flags := command.Flags()
	flags.IntVar(&config.Brokers, "brokers", 1, "how many brokers")
	flags.IntVar(&port, "port", 0, "port of the first broker, the others follow; 0 for free ones")
	flags.Int64Var(&config.SegmentBytes, "segment-bytes", kafka.DefaultSegmentBytes, "size at which a partition begins a new segment, where its topic has none")
	flags.Int64Var(&config.RetentionBytes, "retention-bytes", kafka.DefaultRetentionBytes, "how much of a partition is kept, read or not, where its topic has none")
	flags.BoolVar(&untilStdinCloses, "until-stdin-closes", false, "end when standard input does, as the child of another process")
	return command
}

// portsFrom returns the ports of n brokers, none where the system is to choose them.
func portsFrom(first, n int) ([]int, error) {
	const mostBrokers = 100
	switch {
	case n < 1 || n > mostBrokers:
		return nil, fmt.Errorf("--brokers is %d; use 1 to %d", n, mostBrokers)
	case first == 0:
		return nil, nil
	case first < 0 || first+n-1 > math.MaxUint16:
		return nil, fmt.Errorf("--port is %d; use 1 to %d, or 0 for free ports", first, math.MaxUint16-n+1)
	}
	ports := make([]int, n)
	for i := range ports {
		ports[i] = first + i
	}
	return ports, nil
}
