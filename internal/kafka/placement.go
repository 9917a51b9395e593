package kafka

import (
	"cmp"
	"slices"
)

// broker is what placement needs to know of a broker.
type broker struct {
	id   int32
	rack string
}

// place returns the replicas of every partition, the leader first. It is a function of its
// arguments alone, so that the topics of every case of a run lie alike: partition p leads
// where the brokers' round robin stands after first + p partitions, and the shift of the
// followers grows with every turn, so that no pair of brokers shares all of its partitions
// (as in Kafka's AdminUtils). Replicas spread over racks as far as there are any.
// replication must not exceed the number of brokers.
func place(brokers []broker, first, partitions, replication int) [][]int32 {
	ring := alternateRacks(brokers)
	placement := make([][]int32, partitions)
	for p := range placement {
		position := first + p
		placement[p] = replicas(ring, position%len(ring), position/len(ring), replication)
	}
	return placement
}

// replicas chooses followers after the leader, first one of each further rack, then others.
func replicas(ring []broker, leader, turn, replication int) []int32 {
	var followers []broker
	for i := range len(ring) - 1 {
		step := 1 + (turn+i)%(len(ring)-1)
		followers = append(followers, ring[(leader+step)%len(ring)])
	}
	chosen := []int32{ring[leader].id}
	racks := map[string]bool{ring[leader].rack: true}
	var later []int32
	for _, b := range followers {
		if racks[b.rack] {
			later = append(later, b.id)
			continue
		}
		racks[b.rack] = true
		chosen = append(chosen, b.id)
	}
	return append(chosen, later...)[:replication]
}

// alternateRacks orders brokers so that neighbours differ in rack where that is possible.
func alternateRacks(brokers []broker) []broker {
	byRack := map[string][]broker{}
	for _, b := range slices.SortedFunc(slices.Values(brokers), func(a, b broker) int { return cmp.Compare(a.id, b.id) }) {
		byRack[b.rack] = append(byRack[b.rack], b)
	}
	racks := make([]string, 0, len(byRack))
	for rack := range byRack {
		racks = append(racks, rack)
	}
	slices.Sort(racks)
	ring := make([]broker, 0, len(brokers))
	for i := 0; len(ring) < len(brokers); i++ {
		for _, rack := range racks {
			if i < len(byRack[rack]) {
				ring = append(ring, byRack[rack][i])
			}
		}
	}
	return ring
}
