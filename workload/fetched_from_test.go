package workload

import (
	"slices"
	"testing"

	"kaliper/results"
	"kaliper/scenarios"
)

func TestWhatCameFromFollowersIsCountedByBroker(t *testing.T) {
	var f fetchedFrom
	f.add(2, 1, 10, 100) // a follower's
	f.add(2, 2, 5, 50)
	f.add(1, 1, 1, 10)
	f.add(1, -1, 2, 20) // nobody knows the leader
	want := []results.BrokerFetches{
		{Broker: 1, Records: 3, Bytes: 30, UnknownBytes: 20},
		{Broker: 2, Records: 15, Bytes: 150, FollowerRecords: 10, FollowerBytes: 100},
	}
	if got := f.take(); !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := f.take(); len(got) != 0 {
		t.Errorf("%+v was counted twice", got)
	}
}

func TestEveryRecordHasABrokerThatItCameFrom(t *testing.T) {
	t.Parallel()
	trial := execute(t, load([]scenarios.ProducerGroup{producers(t, "500/s")}, consumers(t)))
	var sum results.BrokerFetches
	for _, i := range trial.Intervals {
		for _, b := range i.Consumers["analytics"].FetchedFrom {
			sum.Records += b.Records
			sum.FollowerBytes += b.FollowerBytes
			sum.UnknownBytes += b.UnknownBytes
		}
	}
	if read := trial.End.Consumers["analytics"].Consumed; sum.Records != read || sum.FollowerBytes != 0 || sum.UnknownBytes != 0 {
		t.Errorf("%+v of %d records", sum, read)
	}
}
