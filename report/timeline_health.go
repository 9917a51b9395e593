package report

import (
	"math"

	"kaliper/report/plot"
	"kaliper/results"
)

// health is the panel of what was wrong with the cluster, second by second; nil where nothing
// was: a healthy cluster needs no picture.
func (t timeline) health(series func(string, plot.Tone, func(results.Interval) float64) plot.Series) *plot.Panel {
	of := func(read func(*results.ClusterHealth) int64) func(results.Interval) float64 {
		return func(i results.Interval) float64 {
			if i.Health == nil {
				return math.NaN()
			}
			return float64(read(i.Health))
		}
	}
	panel := &plot.Panel{Heading: "partitions", Unit: "partitions"}
	for _, s := range []plot.Series{
		series("replicas out of sync", plot.Ink, of(func(h *results.ClusterHealth) int64 { return h.UnderReplicated })),
		series("without a leader", plot.Pick, of(func(h *results.ClusterHealth) int64 { return h.Offline })),
	} {
		if highest := peak(s.Values); highest >= 0 && s.Values[highest] > 0 {
			s.Peak, s.PeakAt = count(int64(s.Values[highest]))+" partitions", highest
			panel.Series = append(panel.Series, s)
		}
	}
	if len(panel.Series) == 0 {
		return nil
	}
	return panel
}

// throttling is the panel of the throttle time that brokers asked for, in each second; nil
// where they asked for none.
func (t timeline) throttling(series func(string, plot.Tone, func(results.Interval) float64) plot.Series) *plot.Panel {
	s := series("throttle time", plot.Ink, func(i results.Interval) float64 {
		sum := 0.0
		for _, p := range i.Producers {
			sum += p.Client.ThrottleSeconds
		}
		for _, c := range i.Consumers {
			sum += c.Client.ThrottleSeconds
		}
		return sum
	})
	highest := peak(s.Values)
	if highest < 0 || s.Values[highest] == 0 {
		return nil
	}
	s.Peak, s.PeakAt = value(s.Values[highest], "s"), highest
	return &plot.Panel{Heading: "throttle time, s", Unit: "s", Series: []plot.Series{s}}
}
