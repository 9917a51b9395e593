package capacity

import "math"

// Miss is a measurement beside the prediction by a model that did not know its configuration.
type Miss struct {
	Configuration
	Quantity  string  // throughput, or ack.p50 and ack.p99
	Load      float64 // of the capacity, for latencies
	Measured  float64 // records/s or seconds
	Predicted Prediction
}

// Error returns how far the prediction misses, as a share of what was measured.
func (m Miss) Error() float64 { return math.Abs(m.Predicted.Value-m.Measured) / m.Measured }

// The quantities of misses.
const (
	OfThroughput = "throughput"
	OfMedian     = "ack.p50"
	OfP99        = "ack.p99"
)

// LeaveOneOut predicts every configuration by the fit of all others, and its interval by the
// misses of all others in turn: nothing of a configuration is in its own prediction.
func LeaveOneOut(observations []Observation) ([]Miss, error) {
	var misses []Miss
	groups := Groups(observations)
	for i, g := range groups {
		var rest []Observation
		for j, other := range groups {
			if j != i {
				rest = append(rest, other.Observations...)
			}
		}
		f, err := NewFit(rest)
		if err != nil {
			return nil, err
		}
		capacity, measured := g.Capacity()
		if !measured {
			continue
		}
		misses = append(misses, Miss{Configuration: g.Configuration, Quantity: OfThroughput, Measured: capacity, Predicted: f.Carries(g.Configuration)})
		for _, o := range g.Observations {
			load := o.Offered / capacity
			if o.Saturated || o.Offered <= 0 || load > HighestLoad*1.02 {
				continue
			}
			for _, q := range []Quantile{Median, P99} {
				p, known := f.Wait(q, g.Configuration, o.Offered)
				if seconds := q.of(o); known && seconds > 0 && !math.IsInf(seconds, 1) {
					misses = append(misses, Miss{g.Configuration, q.name(), load, seconds, p})
				}
			}
		}
	}
	return misses, nil
}

// Score is what the misses of a quantity come to.
type Score struct {
	Predictions, Configurations int
	MeanError                   float64 // share of what was measured
	Coverage                    float64 // share that lies in its interval
	Level                       float64 // mean of the intervals' levels
}

// ScoreOf returns the score of one quantity.
func ScoreOf(misses []Miss, quantity string) Score {
	var s Score
	seen := map[string]bool{}
	for _, m := range misses {
		if m.Quantity != quantity {
			continue
		}
		seen[m.Configuration.group()] = true
		s.Predictions++
		s.MeanError += m.Error()
		s.Level += m.Predicted.Level
		if !m.Predicted.Excludes(m.Measured) {
			s.Coverage++
		}
	}
	if n := float64(s.Predictions); n > 0 {
		s.MeanError, s.Coverage, s.Level = s.MeanError/n, s.Coverage/n, s.Level/n
	}
	s.Configurations = len(seen)
	return s
}
