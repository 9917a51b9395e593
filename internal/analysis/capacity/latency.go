package capacity

import "math"

// Quantile is a percentile of the response latency.
type Quantile float64

// The quantiles that are modelled.
const (
	Median Quantile = 0.5
	P99    Quantile = 0.99
)

// name returns the metric that a quantile is.
func (q Quantile) name() string {
	if q == Median {
		return OfMedian
	}
	return OfP99
}

// of returns what an observation measured of a quantile, seconds.
func (q Quantile) of(o Observation) float64 {
	if q == Median {
		return o.P50
	}
	return o.P99
}

// Latency is the model of one quantile of the response latency:
//
//	q x wait + Base (1 + Replica (replicas-1)) + ByteSeconds x batch + Queueing x u / (1-u)
//
// wait is min(linger, the time in which a batch fills): records come to a batch evenly, so that a
// share q of them waits at most q of that. It is measured by nobody and known from the settings,
// which is why batching can make latency fall while the rate rises. u is the utilisation.
type Latency struct {
	Quantile    Quantile
	Base        float64 // seconds
	Replica     float64
	ByteSeconds float64 // per byte of a batch on the wire
	Queueing    float64 // seconds
}

// HighestLoad is the utilisation up to which latencies are fitted and predicted: above it they
// hang on the third digit of the capacity.
const HighestLoad = 0.8

// batch returns how long a batch waits for records, and how many bytes it has on the wire then.
func (c Configuration) batch(rate float64) (waits, wireBytes float64) {
	streams := float64(max(c.Producers, 1) * max(c.Spread, 1))
	bytesPerSecond := rate * c.RecordBytes / streams
	if bytesPerSecond <= 0 {
		return c.LingerSeconds, c.WireBytes
	}
	// A batch of one record is full when that record arrives.
	fills := max(c.BatchBytes-c.RecordBytes, 0) / bytesPerSecond
	waits = min(c.LingerSeconds, fills)
	records := 1 + waits*rate/streams
	return waits, records * c.WireBytes
}

// Predict returns the quantile at a rate and a utilisation, seconds.
func (l *Latency) Predict(c Configuration, rate, utilisation float64) float64 {
	waits, bytes := c.batch(rate)
	u := min(max(utilisation, 0), 0.98)
	return float64(l.Quantile)*waits + l.Base*(1+l.Replica*float64(c.ReplicationFactor-1)) + l.ByteSeconds*bytes + l.Queueing*u/(1-u)
}

// follow adds the derivatives of what is predicted for a trial by latencyParameters, times the
// weight.
func (l *Latency) follow(gradient []float64, weight float64, p latencyPoint) {
	_, bytes := p.c.batch(p.rate)
	u := min(max(p.load, 0), 0.98)
	replicas := float64(p.c.ReplicationFactor - 1)
	gradient[0] += weight * (1 + l.Replica*replicas)
	gradient[1] += weight * l.Base * replicas
	gradient[2] += weight * bytes
	gradient[3] += weight * u / (1 - u)
}

// LingerWait returns the part of the quantile that linger.ms and batch.size make, seconds.
func (l *Latency) LingerWait(c Configuration, rate float64) float64 {
	waits, _ := c.batch(rate)
	return float64(l.Quantile) * waits
}

// latencyPoint is one trial below the highest load.
type latencyPoint struct {
	group       int
	c           Configuration
	rate, load  float64
	seconds     float64
	observation Observation
}

// latencyPoints returns the trials from which latencies are learned: open-loop ones that came
// through, at up to the highest load by the throughput model.
func latencyPoints(groups []Group, m *Throughput, q Quantile) []latencyPoint {
	var points []latencyPoint
	for i, g := range groups {
		carries := m.Carries(g.Configuration)
		for _, o := range g.Observations {
			load := o.Offered / carries
			seconds := q.of(o)
			if o.Saturated || o.Offered <= 0 || load > HighestLoad*1.02 || !(seconds > 0) || math.IsInf(seconds, 1) {
				continue
			}
			points = append(points, latencyPoint{i, g.Configuration, o.Offered, load, seconds, o})
		}
	}
	return points
}

// latencyNoise is the spread that a logarithmic residual of a latency is weighed by.
const latencyNoise = 0.15

func latencyParameters() []parameter {
	return []parameter{
		{"base", 1e-5, 10, 2e-3, 2},
		{"replica", 1e-3, 10, 0.3, 1.5},
		{"byte_seconds", 1e-12, 1e-5, 1e-9, 2},
		{"queueing", 1e-6, 10, 1e-4, 2},
	}
}

// latencyOf makes a model of the values of latencyParameters.
func latencyOf(q Quantile, v []float64) *Latency { return &Latency{q, v[0], v[1], v[2], v[3]} }

// latencyLoss is that of a quantile's points.
func latencyLoss(points []latencyPoint, q Quantile) loss {
	return func(values, gradient []float64) float64 {
		l := latencyOf(q, values)
		sum := 0.0
		for _, p := range points {
			predicted := l.Predict(p.c, p.rate, p.load)
			off := math.Log(p.seconds/predicted) / latencyNoise
			sum += huber(off)
			if gradient != nil {
				l.follow(gradient, -huberSlope(off)/latencyNoise/predicted, p)
			}
		}
		return sum
	}
}

// fitLatency finds a quantile's parameters, from given ones or from scratch; nil without points.
func fitLatency(points []latencyPoint, q Quantile, from *Latency) *Latency {
	if len(points) == 0 {
		return nil
	}
	starts, draws := [][]float64{{2e-3, 0.3, 1e-9, 1e-4}}, 6
	if from != nil {
		starts, draws = [][]float64{{from.Base, from.Replica, from.ByteSeconds, from.Queueing}}, 0
	}
	values, _ := minimize(latencyParameters(), latencyLoss(points, q), starts, draws)
	return latencyOf(q, values)
}
