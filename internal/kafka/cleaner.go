package kafka

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
)

// CleanerBackoff returns how long the brokers' log cleaners sleep where nothing is to be cleaned,
// the longest of all brokers; false where no broker tells, for want of DescribeConfigs on the
// cluster.
func (a *Admin) CleanerBackoff(ctx context.Context) (longest time.Duration, known bool) {
	ctx, cancel := context.WithTimeout(ctx, requestBound)
	defer cancel()
	brokers, err := a.kadm.ListBrokers(ctx)
	if err != nil {
		return 0, false
	}
	configs, _ := a.kadm.DescribeBrokerConfigs(ctx, brokers.NodeIDs()...) // what some do not tell is left out
	for _, broker := range configs {
		for _, c := range broker.Configs {
			if c.Key != "log.cleaner.backoff.ms" || c.Value == nil {
				continue
			}
			if ms, err := strconv.ParseInt(*c.Value, 10, 64); err == nil {
				longest, known = max(longest, time.Duration(ms)*time.Millisecond), true
			}
		}
	}
	return longest, known
}

// LogBytes returns how many bytes the logs of topics have, over all their replicas. partitions is
// how many each topic has. The error says what is missing where a broker does not tell.
func (a *Admin) LogBytes(ctx context.Context, partitions map[string]int) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, requestBound)
	defer cancel()
	var asked kadm.TopicsSet
	for topic, n := range partitions {
		for p := range int32(n) {
			asked.Add(topic, p)
		}
	}
	logs, err := a.kadm.DescribeAllLogDirs(ctx, asked)
	if errors.Is(err, kerr.ClusterAuthorizationFailed) {
		return 0, errors.New("the user may not see the brokers' logs: sizes need Describe on the cluster")
	}
	if err != nil {
		return 0, fmt.Errorf("not every broker tells its logs' sizes: %w", err)
	}
	total := int64(0)
	seen := map[string]map[int32]bool{}
	for _, directories := range logs {
		for _, directory := range directories {
			if directory.Err != nil {
				return 0, fmt.Errorf("broker %d does not tell the sizes in %s: %w", directory.Broker, directory.Dir, directory.Err)
			}
			for topic, of := range directory.Topics {
				if seen[topic] == nil {
					seen[topic] = map[int32]bool{}
				}
				for p, one := range of {
					if !one.IsFuture {
						total += one.Size
						seen[topic][p] = true
					}
				}
			}
		}
	}
	for topic, n := range partitions {
		if len(seen[topic]) < n {
			return 0, fmt.Errorf("no broker tells the sizes of all logs of %s", topic)
		}
	}
	return total, nil
}
