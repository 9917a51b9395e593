package analysis

import (
	"math"

	"kaliper/results"
)

// followerMetrics adds which share of what groups fetched came from followers. Where a client
// did not know the leader of something that it fetched, the share is unknown. Share groups fetch
// from leaders alone: there is nothing to tell of them.
func (f *figures) followerMetrics(t *table) {
	var bytes, followers, unknown int64
	told := false
	for _, name := range f.consumerNames() {
		var one, fromFollowers, notKnown int64
		found := false
		for _, interval := range f.inWindow {
			for _, b := range interval.Consumers[name].FetchedFrom {
				found = true
				one += b.Bytes
				fromFollowers += b.FollowerBytes
				notKnown += b.UnknownBytes
			}
		}
		if !found {
			continue
		}
		told = true
		setFollowers(t, name, one, fromFollowers, notKnown)
		bytes, followers, unknown = bytes+one, followers+fromFollowers, unknown+notKnown
	}
	if told {
		setFollowers(t, "", bytes, followers, unknown)
	}
}

func setFollowers(t *table, group string, bytes, followers, unknown int64) {
	ratio := math.NaN()
	if unknown == 0 && bytes > 0 {
		ratio = float64(followers) / float64(bytes)
	}
	t.put(group, "fetch.follower.ratio", results.TrialValue{Value: results.Number(ratio)})
}
