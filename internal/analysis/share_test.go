package analysis

import (
	"math"
	"testing"

	"kaliper/results"
)

// sharing makes analytics a share group.
func sharing(trial *results.Trial) {
	for i := range trial.Intervals {
		c := trial.Intervals[i].Consumers["analytics"]
		c.Share = &results.ShareCounts{Delivered: 100, Redelivered: 10, Accepted: 80, Released: 7, Rejected: 5, DeliveriesMax: int64(i%3) + 1}
		trial.Intervals[i].Consumers["analytics"] = c
	}
	changeConsumer(trial, func(c *results.ConsumerTotals) {
		c.Share = &results.ShareCounts{Delivered: 1300}
		c.Integrity = results.Integrity{Checked: true, Redelivered: 130}
	})
}

// besides puts a share group beside the other groups, which tell of the brokers that they read
// from.
func besides(trial *results.Trial) {
	for i := range trial.Intervals {
		trial.Intervals[i].Consumers["workers"] = results.ConsumerInterval{Share: &results.ShareCounts{Delivered: 1}}
		c := trial.Intervals[i].Consumers["analytics"]
		c.FetchedFrom = []results.BrokerFetches{{Broker: 1, Bytes: 100}}
		trial.Intervals[i].Consumers["analytics"] = c
	}
	trial.End.Consumers["workers"] = results.ConsumerTotals{Share: &results.ShareCounts{Delivered: 13}}
}

func TestMetricsOfAShareGroup(t *testing.T) {
	whole := cleanTrial(t)
	sharing(&whole)
	killed := whole
	killed.End = nil
	for name, trial := range map[string]results.Trial{"whole": whole, "killed": killed} {
		t.Run(name, func(t *testing.T) {
			metrics := Metrics(trial)
			for name, value := range map[string]float64{
				"analytics.share.delivered.count": 1000, "share.redelivered.count": 100, "share.accepted.count": 800,
				"analytics.share.released.count": 70, "share.rejected.count": 50, "share.deliveries.max": 3,
			} {
				if got, measured := metrics[name]; !measured || !near(float64(got.Value), value) {
					t.Errorf("%s is %v (measured: %v), want %v", name, got.Value, measured, value)
				}
			}
			for _, name := range []string{"reordered", "analytics.reordered", "rebalances.count", "analytics.rebalances.pause.max"} {
				if v, measured := metrics[name]; measured {
					t.Errorf("%s is %v of a share group", name, v.Value)
				}
			}
		})
	}
}

// Beside a consumer group, what is pooled is that group's.
func TestOrderIsPooledOverTheGroupsThatHaveOne(t *testing.T) {
	ordered, unordered := newIntegrity(results.Integrity{Checked: true, Reordered: 3, Lost: 1}), newIntegrity(results.Integrity{Checked: true, Lost: 2})
	unordered.unordered = true
	for _, order := range [][]integrity{{ordered, unordered}, {unordered, ordered}} {
		var sum integrity
		for _, one := range order {
			sum.add(one)
		}
		if sum.reordered != 3 || sum.unordered || sum.lost != 3 {
			t.Errorf("%+v", sum)
		}
	}
}

func TestTheShareThatCameFromFollowers(t *testing.T) {
	for name, c := range map[string]struct {
		from []results.BrokerFetches
		want float64
		told bool
	}{
		"nobody tells":               {nil, 0, false},
		"leaders alone":              {[]results.BrokerFetches{{Broker: 1, Bytes: 300}, {Broker: 2, Bytes: 100}}, 0, true},
		"three quarters":             {[]results.BrokerFetches{{Broker: 1, Bytes: 300, FollowerBytes: 250}, {Broker: 2, Bytes: 100, FollowerBytes: 50}}, 0.75, true},
		"a leader that is not known": {[]results.BrokerFetches{{Broker: 1, Bytes: 300, FollowerBytes: 250, UnknownBytes: 50}}, math.NaN(), true},
	} {
		t.Run(name, func(t *testing.T) {
			trial := cleanTrial(t)
			for i := range trial.Intervals {
				group := trial.Intervals[i].Consumers["analytics"]
				group.FetchedFrom = c.from
				trial.Intervals[i].Consumers["analytics"] = group
			}
			metrics := Metrics(trial)
			for _, name := range []string{"fetch.follower.ratio", "analytics.fetch.follower.ratio"} {
				got, told := metrics[name]
				if told != c.told || !near(float64(got.Value), c.want) && !(math.IsNaN(c.want) && math.IsNaN(float64(got.Value))) {
					t.Errorf("%s is %v (told: %v), want %v", name, got.Value, told, c.want)
				}
			}
		})
	}
}
