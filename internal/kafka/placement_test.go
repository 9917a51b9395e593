package kafka

import (
	"reflect"
	"slices"
	"testing"
)

func TestPlacementBalancesLeadersAndReplicas(t *testing.T) {
	for _, test := range []struct {
		name                           string
		brokers                        []broker
		first, partitions, replication int
	}{
		{"one broker", brokersOf("-"), 0, 6, 1},
		{"three brokers, three replicas", brokersOf("---"), 0, 12, 3},
		{"five brokers, three replicas", brokersOf("-----"), 0, 60, 3},
		{"two racks", brokersOf("aabb"), 0, 24, 2},
		{"three racks of different size", brokersOf("aaabbc"), 0, 60, 3},
		{"a second topic of a case", brokersOf("---"), 4, 3, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			placement := place(test.brokers, test.first, test.partitions, test.replication)
			leads, holds := map[int32]int{}, map[int32]int{}
			for p, replicas := range placement {
				leads[replicas[0]]++
				sorted := slices.Sorted(slices.Values(replicas))
				if len(slices.Compact(sorted)) != test.replication {
					t.Errorf("partition %d lies on %v", p, replicas)
				}
				for _, id := range replicas {
					holds[id]++
				}
			}
			for _, b := range test.brokers {
				even := float64(test.partitions) / float64(len(test.brokers))
				if got := float64(leads[b.id]); got < even-1 || got > even+1 {
					t.Errorf("broker %d leads %v of %d partitions", b.id, got, test.partitions)
				}
				if holds[b.id] == 0 && test.partitions >= len(test.brokers) {
					t.Errorf("broker %d holds nothing", b.id)
				}
			}
		})
	}
}

func TestReplicasLieInDifferentRacks(t *testing.T) {
	rackOf := map[int32]string{}
	brokers := brokersOf("aaabbc")
	for _, b := range brokers {
		rackOf[b.id] = b.rack
	}
	for p, replicas := range place(brokers, 0, 30, 3) {
		racks := map[string]bool{}
		for _, id := range replicas {
			racks[rackOf[id]] = true
		}
		if len(racks) != 3 {
			t.Errorf("partition %d lies on %v, in %d racks", p, replicas, len(racks))
		}
	}
}

func TestPlacementIsTheSameForEveryCase(t *testing.T) {
	brokers := brokersOf("abcab")
	one := place(brokers, 0, 20, 3)
	slices.Reverse(brokers) // metadata come in any order
	if other := place(brokers, 0, 20, 3); !reflect.DeepEqual(one, other) {
		t.Errorf("got\n%v and\n%v", one, other)
	}
}

// brokersOf returns a broker for every letter, its rack; a hyphen is no rack.
func brokersOf(racks string) []broker {
	var brokers []broker
	for i, rack := range racks {
		b := broker{id: int32(i + 1)}
		if rack != '-' {
			b.rack = string(rack)
		}
		brokers = append(brokers, b)
	}
	return brokers
}
