package docs_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	rules "kaliper/internal/analysis"
	"kaliper/internal/stats"
	"kaliper/internal/unit"
)

const (
	statisticsPage = "statistics.md"
	coverageHeader = "| figure of a trial | trials | level stored | covered |"
	coverageDraws  = 20_000
)

// trialFigure draws one trial's figure.
type trialFigure struct {
	name string
	draw func(*rand.Rand) float64
}

// trialFigures are what medians over trials are taken of. A p99 of N independent records is the
// distribution's quantile at a Beta-distributed place (order statistics), times the trial's own
// noise; it is then rounded to within 0.1%, as histograms do.
func trialFigures() []trialFigure {
	noise := func(r *rand.Rand, size float64) float64 { return math.Exp(size * r.NormFloat64()) }
	p99 := func(quantile func(q float64) float64) func(*rand.Rand) float64 {
		const records = 20_000
		place := func(r *rand.Rand) float64 {
			return distuv.Beta{Alpha: 0.99 * records, Beta: 0.01*records + 1, Src: r}.Rand()
		}
		return func(r *rand.Rand) float64 { return digits(quantile(place(r)) * noise(r, 0.05)) }
	}
	lognormal := distuv.LogNormal{Mu: math.Log(5e-3), Sigma: 0.5}
	return []trialFigure{
		{"CPU per record, 3% of noise", func(r *rand.Rand) float64 { return 3e-6 * noise(r, 0.03) }},
		{"CPU per record, every tenth trial 30% higher", func(r *rand.Rand) float64 {
			v := 3e-6 * noise(r, 0.03)
			if r.Float64() < 0.1 {
				v *= 1.3
			}
			return v
		}},
		{"p50, 10% of noise", func(r *rand.Rand) float64 { return digits(2.6e-3 * noise(r, 0.1)) }},
		{"p99 of 20,000 lognormal records, 5% of noise", p99(lognormal.Quantile)},
		{"p99 of 20,000 records with a heavy tail (Pareto, 2), 5% of noise", p99(func(q float64) float64 { return 1e-3 / math.Sqrt(1-q) })},
		{"p99, every tenth trial with a stall", func(r *rand.Rand) float64 {
			v := 15e-3 * noise(r, 0.05)
			if r.Float64() < 0.1 {
				v += 0.2 * r.ExpFloat64()
			}
			return digits(v)
		}},
	}
}

// digits rounds to a histogram's resolution.
func digits(v float64) float64 {
	step := math.Pow(10, math.Floor(math.Log10(v))-3)
	return math.Round(v/step) * step
}

// coverageRows simulates how often intervals for the median over trials hold the true one.
func coverageRows() (rows [][]string, covered []float64, levels []float64) {
	for k, figure := range trialFigures() {
		r := rand.New(rand.NewPCG(99, uint64(k)))
		many := make([]float64, 1_000_001)
		for i := range many {
			many[i] = figure.draw(r)
		}
		truth := stats.Median(many)
		for _, n := range []int{3, 5, 6, 8, 10, 20} {
			held, level := 0, 0.0
			sample := make([]float64, n)
			for range coverageDraws {
				for i := range sample {
					sample[i] = figure.draw(r)
				}
				interval, _ := stats.MedianInterval(sample, 0.95)
				level = interval.Level
				if !interval.Excludes(truth) {
					held++
				}
			}
			share := float64(held) / coverageDraws
			rows = append(rows, []string{figure.name, fmt.Sprint(n), percent(level), percent(share)})
			covered, levels = append(covered, share), append(levels, level)
		}
	}
	return rows, covered, levels
}

func percent(share float64) string { return fmt.Sprintf("%.1f%%", 100*share) }

// A level that is stored with an interval is the one it has, within a point: by simulation, of
// medians and of p99s over trials.
func TestInFullIntervalsOverTrialsHaveTheLevelThatIsStored(t *testing.T) {
	if testing.Short() && !*update {
		t.Skip("seconds of simulation")
	}
	rows, covered, levels := coverageRows()
	for i, row := range rows {
		if math.Abs(covered[i]-levels[i]) > 0.01 {
			t.Errorf("%s: %s of the intervals hold the truth, %s should", strings.Join(row[:2], ", "), row[3], row[2])
		}
	}
	if *update {
		compareGenerated(t, statisticsPage, "the simulation in statistics_test.go", markdownTable(strings.Split(strings.Trim(coverageHeader, "| "), " | "), rows))
		return
	}
	// Another processor rounds otherwise, so the page may differ in its last digit.
	found := tables(readPage(t, statisticsPage), coverageHeader)
	if len(found) != 1 || len(found[0]) != len(rows) {
		t.Fatalf("%s has not the %d rows of the simulation: run go test ./docs -update", statisticsPage, len(rows))
	}
	for i, row := range found[0] {
		written, err := strconv.ParseFloat(strings.TrimSuffix(row[3], "%"), 64)
		if err != nil || !slices.Equal(row[:3], rows[i][:3]) || math.Abs(written-100*covered[i]) > 0.3 {
			t.Errorf("%s says %q, the simulation %q: run go test ./docs -update", statisticsPage, row, rows[i])
		}
	}
}

// The smallest difference that is told from the best case is what `kaliper check` prints.
func TestStatisticsSayWhatSoManyRepeatsShow(t *testing.T) {
	repeats := []int{2, 3, 6, 12, 24}
	header := []string{"cases"}
	for _, n := range repeats {
		header = append(header, fmt.Sprintf("%d repeats", n))
	}
	header = append(header, "repeats for 10%", "repeats where 0 or infinite")
	var rows [][]string
	for _, cases := range []int{2, 4, 12, 24, 100, 1000} {
		row := []string{fmt.Sprint(cases)}
		for _, n := range repeats {
			if smallest := rules.SmallestDifference(cases, n, 0.05); math.IsInf(smallest, 1) {
				row = append(row, "nothing")
			} else {
				row = append(row, unit.Format(smallest, "ratio"))
			}
		}
		rows = append(rows, append(row, fmt.Sprint(rules.RoundsFor(cases, 0.05, 0.1, 10_000)), fmt.Sprint(rules.RoundsForSigns(cases))))
	}
	compareGenerated(t, statisticsPage, "the report's rule for the best case", markdownTable(header, rows))
}
