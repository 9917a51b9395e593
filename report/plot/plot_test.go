package plot

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"
)

// figures are one of each kind, with the values that hurt: infinite, missing, off the scale.
func figures() []Figure {
	nan, inf := math.NaN(), math.Inf(1)
	curve := func(name string, tone Tone, last float64) Curve {
		return Curve{Name: name, Detail: "14.7 ms at p99", Tone: tone, Points: []CurvePoint{
			{Nines(0.5), 2, 1.8, 2.2}, {1, 4, nan, nan}, {2, 14.7, 14, 15}, {3, last, nan, nan},
		}}
	}
	return []Figure{
		Percentiles{Head: Head{Name: "percentiles", Title: "a <b> & c"}, Unit: "milliseconds", Symbol: "ms", Foot: "percentile of 1,000 records a trial, log scale", Few: 1.7,
			Curves: []Curve{curve("response", Pick, 28), curve("failing", Base, inf), curve("third", Dim, 27.9)}},
		Histogram{Head: Head{Name: "histogram"}, Unit: "milliseconds", Edges: []float64{1, 2, 4, 8},
			Sets:  []Shares{{"one", Pick, []float64{10, 80, 10}}, {"two", Base, []float64{0, 0, 100}}},
			Marks: []Mark{{At: 2, Name: "p50", Text: "2 ms", Tone: Pick}, {At: 2.1, Name: "p60", Text: "2.1 ms", Tone: Pick}}},
		Timeline{Head: Head{Name: "timeline"}, Seconds: 4, WindowFrom: 1, WindowTo: 3, WindowLabel: "measured window, 2 s", Panels: []Panel{
			{Heading: "records/s", Unit: "/s", Series: []Series{{Name: "acknowledged", Seconds: []float64{0.5, 1.5, 2.5, 3.5}, Values: []float64{0, nan, 20, 0}}}},
			{Heading: "ack p99, ms", Unit: "ms", Log: true, Series: []Series{{Name: "ack p99", Peak: "9 ms", PeakAt: 2, Seconds: []float64{0.5, 1.5, 2.5, 3.5}, Values: []float64{1, 0, 9, nan}}}},
		}, Events: []Mark{{At: 1.2, Name: "stall", Text: "1.2 s", Tone: Alert}, {At: 1.25, Name: "error", Text: "1.25 s", Tone: Alert}}},
		Strip{Head: Head{Name: "strip"}, Heading: "ack p99", Dots: []Dot{{Percent: 1}, {Percent: -2}, {Percent: inf}, {Percent: nan}, {Percent: 300, Tone: Dim}},
			Rounds: []StripRound{{Name: "1", From: 0, To: 5, Median: 1}}},
		Effects{Head: Head{Name: "effects"}, Foot: "change", Groups: []EffectGroup{{Name: "ack p99", Rows: []Effect{
			{Name: "lz4", Ratio: 1.5, Low: 1.4, High: 1.6, Estimate: "+50%", Interval: "+40 to +60%", Clear: true},
			{Name: "without bound", Ratio: inf, Low: nan, High: nan, Estimate: "+∞"},
			{Name: "to nothing", Ratio: 0, Low: 0, High: 0.5, Estimate: "−100%"},
		}}}},
		Front{Head: Head{Name: "front"}, Foot: "ack p99, ms", Symbol: "ms", Limit: 30, LimitText: "over the limit", Panels: []FrontPanel{
			{Heading: "µs of CPU", Points: []FrontPoint{
				{Name: "none", X: 9, XLow: 8, XHi: 10, Y: 8, YLow: 7.9, YHi: 8.1, Tone: Base},
				{Name: "lz4", X: 15, XLow: nan, XHi: nan, Y: 3, YLow: nan, YHi: nan, Tone: Pick, Text: []string{"15 ms"}, Row: "case-2"},
				{Name: "zstd", X: 16, XLow: 15, XHi: inf, Y: 5, YLow: 4, YHi: inf, Standing: Dominated},
				{Name: "never", X: inf, XLow: nan, XHi: nan, Y: 5, YLow: nan, YHi: nan, Standing: Dominated},
			}},
			{Heading: "records/s", Higher: true, Points: []FrontPoint{{Name: "none", X: 9, XLow: nan, XHi: nan, Y: 100, YLow: nan, YHi: nan, Standing: NotProven}}},
		}},
	}
}

func TestEveryFigureIsAWellFormedFileAndAPicture(t *testing.T) {
	for _, f := range figures() {
		for _, f := range []Figure{f, Warned{f, []string{"SIMULATED BROKER: no figure here says anything about a real Kafka cluster, and this line is long enough to need a second one."}}} {
			var file bytes.Buffer
			if err := WriteSVG(&file, f); err != nil {
				t.Fatal(err)
			}
			wellFormed(t, f.Caption().Name, file.String())
			for _, bad := range []string{"NaN", "Inf", "var(", "http://www.w3.org/1999"} {
				if strings.Contains(file.String(), bad) {
					t.Errorf("the file of %s has %q in it", f.Caption().Name, bad)
				}
			}
			var picture bytes.Buffer
			if err := WritePNG(&picture, f); err != nil {
				t.Fatal(err)
			}
			config, err := png.DecodeConfig(&picture)
			if err != nil {
				t.Fatal(err)
			}
			if config.Width != pngScale*(WideWidth+2*14) {
				t.Errorf("the picture of %s is %d pixels wide", f.Caption().Name, config.Width)
			}
		}
	}
}

func TestAPagesFigureTakesItsColoursFromThePage(t *testing.T) {
	for _, f := range figures() {
		for _, width := range []int{WideWidth, NarrowWidth} {
			page := PageSVG(f, width, "wide")
			wellFormed(t, f.Caption().Name, page)
			for _, bad := range []string{"NaN", "Inf", "#0", "style=", "font-family"} {
				if strings.Contains(page, bad) {
					t.Errorf("%s at %d has %q in it", f.Caption().Name, width, bad)
				}
			}
			if !strings.Contains(page, "<title") || !strings.Contains(page, "<desc") {
				t.Errorf("%s at %d says nothing to those who cannot see it", f.Caption().Name, width)
			}
		}
	}
}

func wellFormed(t *testing.T, name, document string) {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(document))
	for {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatalf("%s is not well formed: %v", name, err)
		}
	}
}

func TestSamplesLieOnTheFigure(t *testing.T) {
	for _, f := range figures() {
		for _, s := range f.Samples() {
			if s.At < -1e-9 || s.At > 1+1e-9 || len(s.Lines) == 0 {
				t.Errorf("%s reads out %q at %g", f.Caption().Name, s.Lines, s.At)
			}
		}
	}
}

func TestAFigureOfNothingStillDraws(t *testing.T) {
	for _, f := range []Figure{Percentiles{Few: math.Inf(1)}, Timeline{Seconds: 1, Panels: []Panel{{Heading: "records/s"}}}, Strip{}, Effects{}} {
		if page := PageSVG(f, WideWidth, "wide"); strings.Contains(page, "NaN") || strings.Contains(page, "Inf") {
			t.Errorf("an empty %T draws %s", f, page)
		}
	}
}

func TestPercentilesAreNamedAsPeopleDo(t *testing.T) {
	for q, want := range map[float64]string{0.5: "p50", 0.9: "p90", 0.99: "p99", 0.999: "p99.9", 0.99999: "p99.999"} {
		if got := PercentileName(Nines(q)); got != want {
			t.Errorf("quantile %g is %q, want %q", q, got, want)
		}
	}
}

func TestLogAxesEndOnNamedTicks(t *testing.T) {
	for _, test := range []struct{ lowest, highest, from, to float64 }{
		{2.7, 24, 2, 50}, {1, 1, 1, 2}, {0.3, 4200, 0.2, 5000}, {math.Inf(1), math.Inf(-1), 1, 10},
	} {
		from, to := logRange(test.lowest, test.highest)
		if math.Abs(from-test.from) > 1e-9*test.from || math.Abs(to-test.to) > 1e-9*test.to {
			t.Errorf("%g to %g has an axis from %g to %g, want %g to %g", test.lowest, test.highest, from, to, test.from, test.to)
		}
	}
}

func TestLinearAxesBeginAtZero(t *testing.T) {
	for _, highest := range []float64{0, 0.3, 7, 20000, 123456} {
		scale := fromZero{steps: 4}
		top := scale.ceiling(highest)
		ticks := scale.Ticks(0, top)
		if ticks[0].Value != 0 || math.Abs(ticks[len(ticks)-1].Value-top) > 1e-9*top || top < highest {
			t.Errorf("an axis for %g goes from %g to %g, with %g at its top", highest, ticks[0].Value, ticks[len(ticks)-1].Value, top)
		}
	}
}

func TestNumbersOfTicks(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 2.5: "2.5", -20: "−20", 1000: "1,000", 1234567: "1,234,567", 0.1 + 0.2: "0.3"} {
		if got := number(v); got != want {
			t.Errorf("%g is written %q, want %q", v, got, want)
		}
	}
}

func TestPlacedLabelsNeverOverlap(t *testing.T) {
	p := placer{bounds: vg.Rectangle{Max: vg.Point{X: 200, Y: 100}}}
	var boxes []vg.Rectangle
	for i := range 60 {
		at := vg.Point{X: vg.Length(10 + 17*i%190), Y: vg.Length(10 + 31*i%90)}
		box, ok := p.place(at, 40, 14, 5)
		if !ok {
			continue
		}
		for _, other := range boxes {
			if box.Min.X < other.Max.X && box.Max.X > other.Min.X && box.Min.Y < other.Max.Y && box.Max.Y > other.Min.Y {
				t.Fatalf("%v overlaps %v", box, other)
			}
		}
		if box.Min.X < 0 || box.Max.X > 200 || box.Min.Y < 0 || box.Max.Y > 100 {
			t.Fatalf("%v lies outside", box)
		}
		boxes = append(boxes, box)
	}
	if len(boxes) < 8 {
		t.Errorf("only %d of 60 labels found room", len(boxes))
	}
}

func TestEndLabelsKeepTheirOrderAndDistance(t *testing.T) {
	labels := []endLabel{{at: 50, lines: []string{"a", "b"}}, {at: 49, lines: []string{"c"}}, {at: 48, lines: []string{"d", "e"}}, {at: 2, lines: []string{"f"}}}
	centres := spread(labels, 0, 100)
	for i := 1; i < len(centres); i++ {
		if gap := centres[i-1] - centres[i]; gap < (labels[i-1].height()+labels[i].height())/2-1e-9 {
			t.Errorf("labels %d and %d are %g apart", i-1, i, float64(gap))
		}
	}
	if last := centres[len(centres)-1]; last < labels[3].height()/2 {
		t.Errorf("the last label lies below the floor, at %g", float64(last))
	}
}
