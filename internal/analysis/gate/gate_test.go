package gate

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

var p50 = Metric{Name: "ack.p50", Tolerate: 0.05, Detect: 0.10}

// decide adds differences until the gate knows.
func decide(t *testing.T, g *Gate, next func(i int) []float64) Decision {
	t.Helper()
	for i := range MostPairs {
		verdict, err := g.Add(next(i)...)
		if err != nil {
			t.Fatal(err)
		}
		if verdict != Undecided {
			return g.Decision()
		}
	}
	t.Fatal("the gate never decided")
	return Decision{}
}

func newGate(t *testing.T, pairs int, metrics ...Metric) *Gate {
	t.Helper()
	g, err := New(pairs, metrics...)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestAGateDecides(t *testing.T) {
	higher := Metric{Name: "acked.records_per_second", HigherBetter: true, Tolerate: 0.05, Detect: 0.10}
	inf := math.Inf(1)
	tests := []struct {
		name            string
		metric          Metric
		pairs           int
		base, candidate []float64 // repeated
		verdict         Verdict
		advisory        bool
		most            int // pairs
	}{
		{"that equal sides pass", p50, 30, []float64{1}, []float64{1}, Pass, false, 8},
		{"that 20% more latency fails", p50, 30, []float64{1, 1.02}, []float64{1.2, 1.21}, Fail, false, 8},
		{"that 20% less latency passes", p50, 30, []float64{1}, []float64{0.8}, Pass, false, 8},
		{"that 20% less throughput fails", higher, 30, []float64{1000}, []float64{800}, Fail, false, 8},
		{"that 20% more throughput passes", higher, 30, []float64{1000}, []float64{1200}, Pass, false, 8},
		{"that a latency without bound fails", p50, 30, []float64{1}, []float64{inf}, Fail, false, 8},
		{"that two latencies without bound are equal", p50, 30, []float64{inf}, []float64{inf}, Pass, false, 8},
		{"that errors out of nothing fail", p50, 30, []float64{0}, []float64{3}, Fail, false, 8},
		{"after 8 pairs that it cannot know, where noise has no end", p50, 12,
			[]float64{1, 5, 1, 5, 2, 7}, []float64{5, 1, 7, 1, 4, 3}, Inconclusive, true, 8},
		{"before the budget ends that nothing will be known", p50, 30,
			[]float64{1}, []float64{1.07, 0.70, 1.5, 1.2, 0.85, 1.4, 0.9, 1.3}, Inconclusive, false, 29},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := decide(t, newGate(t, test.pairs, test.metric), func(i int) []float64 {
				difference, err := test.metric.Difference(test.base[i%len(test.base)], test.candidate[i%len(test.candidate)])
				if err != nil {
					t.Fatal(err)
				}
				return []float64{difference}
			})
			if d.Verdict != test.verdict || d.Decided > test.most || d.Metrics[0].Advisory != test.advisory {
				t.Errorf("%s after %d pairs (advisory: %v: %s), want %s after at most %d (advisory: %v)",
					d.Verdict, d.Decided, d.Metrics[0].Advisory, d.Metrics[0].Why, test.verdict, test.most, test.advisory)
			}
		})
	}
}

func TestChangesAreToldAsTheCandidatesAgainstTheBase(t *testing.T) {
	higher := Metric{Name: "rate", HigherBetter: true, Tolerate: 0.05, Detect: 0.10}
	g := newGate(t, 30, higher)
	random := rand.New(rand.NewPCG(1, 2))
	for range 8 {
		d, err := higher.Difference(1000, 800*math.Exp(0.01*random.NormFloat64()))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := g.Add(d); err != nil {
			t.Fatal(err)
		}
	}
	m := g.Decision().Metrics[0]
	if math.Abs(m.Change+0.2) > 0.02 || !(m.Lo < m.Change && m.Change < m.Hi) || m.Hi > -0.15 {
		t.Errorf("change %v in [%v, %v], want about -20%%", m.Change, m.Lo, m.Hi)
	}
	if !(m.Prospect.SmallestDetectable > 0.05 && m.Prospect.SmallestDetectable < 0.10) || m.Prospect.PairsNeeded != LeastPairs {
		t.Errorf("prospect %+v of little noise", m.Prospect)
	}
}

func TestSeveralMetrics(t *testing.T) {
	cpu := Metric{Name: "cpu", Tolerate: 0.05, Detect: 0.10}
	random := rand.New(rand.NewPCG(3, 4))
	noise := func(spread float64) float64 { return spread * random.NormFloat64() }
	tests := []struct {
		name    string
		next    func() []float64
		verdict Verdict
	}{
		{"all pass: the gate passes", func() []float64 { return []float64{noise(.01), noise(.01)} }, Pass},
		{"one fails: the gate fails", func() []float64 { return []float64{noise(.01), 0.3 + noise(.01)} }, Fail},
		{"one is too noisy: the other one decides", func() []float64 { return []float64{noise(3), noise(.04)} }, Pass},
		{"all are too noisy: nothing is known", func() []float64 { return []float64{noise(3), noise(3)} }, Inconclusive},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := decide(t, newGate(t, 16, p50, cpu), func(int) []float64 { return test.next() })
			if d.Verdict != test.verdict {
				t.Errorf("%s, want %s: %+v", d.Verdict, test.verdict, d.Metrics)
			}
		})
	}
}

func TestAGateRefuses(t *testing.T) {
	many := make([]Metric, 16)
	for i := range many {
		many[i] = Metric{Name: strings.Repeat("m", i+1), Tolerate: 0.05, Detect: 0.1}
	}
	tests := []struct {
		name    string
		pairs   int
		metrics []Metric
		part    string
	}{
		{"no metric", 30, nil, "at least one"},
		{"a budget in which nothing can be decided", 7, []Metric{p50}, "decides nothing"},
		{"a budget in which so many metrics can never fail", 8, many, "can never fail"},
		{"a budget beyond all tables", 100, []Metric{p50}, "8 to 60"},
		{"margins that meet", 30, []Metric{{Name: "m", Tolerate: 0.1, Detect: 0.1}}, "more than tolerate"},
		{"a negative margin", 30, []Metric{{Name: "m", Tolerate: -0.1, Detect: 0.1}}, "0% or more"},
		{"a fall by more than all", 30, []Metric{{Name: "m", HigherBetter: true, Detect: 1}}, "less than 100%"},
		{"one metric twice", 30, []Metric{p50, p50}, "twice"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := New(test.pairs, test.metrics...); err == nil || !strings.Contains(err.Error(), test.part) {
				t.Errorf("error %v, want one with %q", err, test.part)
			}
		})
	}
	g := newGate(t, 8, p50)
	for _, differences := range [][]float64{{}, {0, 0}, {math.NaN()}} {
		if _, err := g.Add(differences...); err == nil {
			t.Errorf("differences %v are no error", differences)
		}
	}
	for _, pair := range [][2]float64{{-1, 1}, {1, math.NaN()}} {
		if _, err := p50.Difference(pair[0], pair[1]); err == nil {
			t.Errorf("the pair %v is no error", pair)
		}
	}
}

func TestAProspectSaysWhatABudgetCanShow(t *testing.T) {
	const spread = 0.05 * math.Sqrt2 // trials of 5% noise
	p, err := NewProspect(p50, spread, 30, 1)
	if err != nil || !p.Decidable || p.PairsNeeded < 26 || p.PairsNeeded > 28 || math.Abs(p.SmallestDetectable-0.0972) > 0.001 {
		t.Errorf("%+v, %v; want about 27 pairs for 10%%", p, err)
	}
	if two, _ := NewProspect(p50, spread, 30, 2); two.SmallestDetectable <= p.SmallestDetectable {
		t.Errorf("two metrics show %v, one %v", two.SmallestDetectable, p.SmallestDetectable)
	}
	if loud, _ := NewProspect(p50, 1, 30, 1); loud.Decidable || loud.PairsNeeded != 0 {
		t.Errorf("%+v of hopeless noise", loud)
	}
	if _, err := NewProspect(p50, math.NaN(), 30, 1); err == nil {
		t.Error("a spread that is not known is no error")
	}
}

func TestSortedMergesAreSorted(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	w := newWatch(p50, MostPairs, Table{}, Table{}, Table{})
	var walsh []float64
	var all []float64
	for range 20 {
		d := random.NormFloat64()
		all = append(all, d)
		for _, other := range all {
			walsh = append(walsh, average(d, other))
		}
		w.add(d)
		if !sortedAlike(w.walsh, walsh) {
			t.Fatalf("after %d differences: %v", len(all), w.walsh)
		}
	}
}

// sortedAlike says whether the first one holds the values of the second in ascending order.
func sortedAlike(sorted, values []float64) bool {
	values = slices.Clone(values)
	slices.Sort(values)
	return slices.Equal(sorted, values)
}
