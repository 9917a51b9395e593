package kafka

import (
	"fmt"
	"slices"

	"kaliper/results"
)

// Codes of what is uneven about one topic, beside those of the whole cluster.
const (
	TopicLeadersUneven  = "leaders_uneven"
	TopicReplicasUneven = "replicas_uneven"
	TopicSizesUneven    = "sizes_uneven"
	TopicRacksShared    = "racks_shared"
)

// unevenSize is how many times the mean a partition's log is when it is worth a word: keys
// alone spread by a few tens of percent.
const unevenSize = 2

// imbalance finds what is uneven or out of order about a topic.
func imbalance(d TopicDescription) []results.Reason {
	found := []results.Reason{}
	addf := func(code, format string, args ...any) {
		found = append(found, results.Reason{Code: code, Text: fmt.Sprintf(format, args...)})
	}
	var offline, underReplicated, notPreferred, replicas int
	for _, p := range d.Partitions {
		replicas += len(p.Replicas)
		switch {
		case p.Leader < 0:
			offline++
			continue
		case len(p.Replicas) > 0 && p.Leader != p.Replicas[0]:
			notPreferred++
		}
		if len(p.InSync) < len(p.Replicas) {
			underReplicated++
		}
	}
	all := len(d.Partitions)
	if offline > 0 {
		addf(ReasonOffline, "%d of %d partitions have no leader", offline, all)
	}
	if underReplicated > 0 {
		addf(ReasonUnderReplicated, "%d of %d partitions have replicas out of sync", underReplicated, all)
	}
	if notPreferred > 0 {
		addf(ReasonUnbalanced, "%d of %d partitions are not led by their preferred replica", notPreferred, all)
	}
	if b, even, uneven := unevenly(d.Brokers, all, func(b BrokerShare) int { return b.Leads }); uneven {
		addf(TopicLeadersUneven, "broker %d leads %d of %d partitions, where %d would be even", b.ID, b.Leads, all, even)
	}
	if b, even, uneven := unevenly(d.Brokers, replicas, func(b BrokerShare) int { return b.Replicas }); uneven && alikeRacks(d.Brokers) {
		addf(TopicReplicasUneven, "broker %d has %d of %d replicas, where %d would be even", b.ID, b.Replicas, replicas, even)
	}
	if shared := sharedRacks(d); shared > 0 {
		addf(TopicRacksShared, "%d of %d partitions have fewer racks than they could", shared, all)
	}
	if largest, times := largestPartition(d); times >= unevenSize {
		addf(TopicSizesUneven, "partition %d has %.1f times the mean partition's bytes", largest, times)
	}
	return found
}

// unevenly returns the broker with the most, if it has more than the even share rounded up.
func unevenly(brokers []BrokerShare, total int, of func(BrokerShare) int) (most BrokerShare, even int, uneven bool) {
	if len(brokers) == 0 {
		return most, 0, false
	}
	even = (total + len(brokers) - 1) / len(brokers)
	most = slices.MaxFunc(brokers, func(a, b BrokerShare) int { return of(a) - of(b) })
	return most, even, of(most) > even
}

// alikeRacks says whether all racks have equally many brokers. Where they have not, replicas
// that spread over racks must load the brokers of a small one more.
func alikeRacks(brokers []BrokerShare) bool {
	inRack := map[string]int{}
	for _, b := range brokers {
		inRack[b.Rack]++
	}
	for _, n := range inRack {
		if n*len(inRack) != len(brokers) {
			return false
		}
	}
	return true
}

// sharedRacks counts the partitions whose replicas lie in fewer racks than there are for them.
func sharedRacks(d TopicDescription) int {
	rackOf, racks := map[int32]string{}, map[string]bool{}
	for _, b := range d.Brokers {
		if b.Rack == "" {
			return 0 // racks are not set, or not of all brokers: nothing can be said
		}
		rackOf[b.ID], racks[b.Rack] = b.Rack, true
	}
	shared := 0
	for _, p := range d.Partitions {
		used := map[string]bool{}
		for _, id := range p.Replicas {
			used[rackOf[id]] = true
		}
		if len(used) < min(len(racks), len(p.Replicas)) {
			shared++
		}
	}
	return shared
}

// largestPartition returns the partition with the largest log, and how many times the mean
// that is; zero where sizes are unknown.
func largestPartition(d TopicDescription) (partition int32, times float64) {
	if d.Bytes == nil || *d.Bytes == 0 {
		return 0, 0
	}
	largest := slices.MaxFunc(d.Partitions, func(a, b PartitionDescription) int { return int(*a.Bytes - *b.Bytes) })
	return largest.Partition, float64(*largest.Bytes) * float64(len(d.Partitions)) / float64(*d.Bytes)
}
