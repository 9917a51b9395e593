package plot

import (
	"fmt"
	"math"

	gonum "gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Histogram shows how latencies are spread: shares of the records in bins of equal width on a
// logarithmic axis. Shares start at 0.
type Histogram struct {
	Head
	Unit  string    // of the edges
	Edges []float64 // rising; one more than there are shares
	Sets  []Shares  // one, or two to compare; the important first
	Marks []Mark    // percentiles, on the latency axis
}

// Shares are the records of one case.
type Shares struct {
	Name    string
	Tone    Tone
	Percent []float64
}

// Mark is a place on an axis with a name.
type Mark struct {
	At   float64
	Name string // in bold
	Text string
	Tone Tone
}

// Samples implements Figure.
func (f Histogram) Samples() []Sample {
	var samples []Sample
	for i := range len(f.Edges) - 1 {
		from, to := f.Edges[0], f.Edges[len(f.Edges)-1]
		middle := math.Sqrt(f.Edges[i] * f.Edges[i+1])
		lines := []string{fmt.Sprintf("%s to %s %s", roundNumber(f.Edges[i]), roundNumber(f.Edges[i+1]), f.Unit)}
		for _, set := range f.Sets {
			lines = append(lines, fmt.Sprintf("%s %s%% of the records", set.Name, roundNumber(set.Percent[i])))
		}
		samples = append(samples, Sample{At: math.Log(middle/from) / math.Log(to/from), Lines: lines})
	}
	return samples
}

// roundNumber prints three significant digits.
func roundNumber(v float64) string {
	if v == 0 || !finite(v) {
		return number(v)
	}
	scale := math.Pow(10, 2-math.Floor(math.Log10(math.Abs(v))))
	return number(math.Round(v*scale) / scale)
}

func (f Histogram) height(width vg.Length) vg.Length { return 300 }

func (f Histogram) draw(c draw.Canvas) vg.Rectangle {
	p := newPanel()
	p.X.Min, p.X.Max = f.Edges[0], f.Edges[len(f.Edges)-1]
	p.X.Scale = gonum.LogScale{}
	highest := 0.0
	for _, set := range f.Sets {
		for _, share := range set.Percent {
			highest = max(highest, share)
		}
	}
	scale := fromZero{steps: 4}
	p.Y.Min, p.Y.Max = 0, scale.ceiling(highest)
	ticks := scale.Ticks(0, p.Y.Max)
	for i := range ticks {
		ticks[i].Label += "%"
	}
	width := c.Max.X - c.Min.X
	count := 12
	if narrow(width) {
		count = 6
	}
	p.Add(frame{
		x: logSteps{count: count}.Ticks(p.X.Min, p.X.Max), y: ticks,
		left: c.Min.X, heading: "share of the records", foot: f.Unit + ", log scale",
	})
	for i := len(f.Sets) - 1; i >= 0; i-- {
		f.bars(p, f.Sets[i])
	}
	area := draw.Crop(c, gutter(ticks), -16, footHeight+22, -headHeight-22)
	p.Draw(area)
	f.mark(area, p)
	return area.Rectangle
}

// bars adds one set: filled in slate when it is alone, outlined in its tone otherwise.
func (f Histogram) bars(p *gonum.Plot, set Shares) {
	outline := plotter.XYs{{X: f.Edges[0], Y: 0}}
	for i, share := range set.Percent {
		outline = append(outline, plotter.XY{X: f.Edges[i], Y: share}, plotter.XY{X: f.Edges[i+1], Y: share})
	}
	outline = append(outline, plotter.XY{X: f.Edges[len(f.Edges)-1], Y: 0})
	if len(f.Sets) == 1 {
		p.Add(&plotter.Polygon{XYs: []plotter.XYs{outline}, Color: Slate})
		p.Add(&plotter.Line{XYs: outline, LineStyle: draw.LineStyle{Color: Dim, Width: 1}})
		return
	}
	p.Add(&plotter.Polygon{XYs: []plotter.XYs{outline}, Color: tint{set.Tone, 0.13}})
	p.Add(&plotter.Line{XYs: outline, LineStyle: draw.LineStyle{Color: set.Tone, Width: 1.5}})
}

// mark names percentiles above the plot, and cases beside their peaks.
func (f Histogram) mark(area draw.Canvas, p *gonum.Plot) {
	x, y := p.Transforms(&area)
	row := placer{bounds: vg.Rectangle{
		Min: vg.Point{X: area.Min.X - 40, Y: area.Max.Y}, Max: vg.Point{X: area.Max.X + 16, Y: area.Max.Y + 36},
	}}
	for _, m := range f.Marks {
		at := x(m.At)
		if at < area.Min.X || at > area.Max.X {
			continue
		}
		look := lettering{tone: m.Tone, bold: true}
		text := m.Name + " " + m.Text
		size := look.width(text)
		for _, left := range []vg.Length{at + 4, at - 4 - size} {
			box := vg.Rectangle{Min: vg.Point{X: left, Y: area.Max.Y + 2}, Max: vg.Point{X: left + size + 6, Y: area.Max.Y + 16}}
			if !row.free(box) {
				continue
			}
			row.block(box)
			row.block(vg.Rectangle{Min: vg.Point{X: at - 3, Y: area.Max.Y}, Max: vg.Point{X: at + 3, Y: area.Max.Y + 16}})
			area.StrokeLines(draw.LineStyle{Color: m.Tone, Width: 1, Dashes: []vg.Length{2, 3}},
				[]vg.Point{{X: at, Y: area.Min.Y}, {X: at, Y: area.Max.Y + 14}})
			look.write(area, vg.Point{X: left, Y: area.Max.Y + 6}, text)
			break
		}
	}
	if len(f.Sets) < 2 {
		return
	}
	f.name(area, x, y)
}

// name writes the cases' names at the outer shoulders of their bars: the left one's on the left.
func (f Histogram) name(area draw.Canvas, x, y func(float64) vg.Length) {
	left, right := f.Sets[0], f.Sets[1]
	if right.peak() < left.peak() {
		left, right = right, left
	}
	write := func(set Shares, bin int, edge float64, side align, gap vg.Length) {
		look := lettering{tone: set.Tone, bold: true, align: side}
		at := vg.Point{X: x(edge) + gap, Y: y(set.Percent[bin]) - 9}
		size := look.width(set.Name)
		peak := set.peak()
		switch {
		case side == rightOf && at.X-size < area.Min.X: // no room outside: beside the peak
			look.align, at = leftOf, vg.Point{X: x(f.Edges[peak+1]) + 6, Y: y(set.Percent[peak]) - 9}
		case side == leftOf && at.X+size > area.Max.X:
			look.align, at = rightOf, vg.Point{X: x(f.Edges[peak]) - 6, Y: y(set.Percent[peak]) - 9}
		}
		for _, m := range f.Marks {
			if line := x(m.At); look.align == leftOf && at.X < line+4 && line < at.X+size && line+5+size < area.Max.X {
				at.X = line + 5
			}
		}
		look.write(area, at, set.Name)
	}
	bin := left.peak()
	for bin > 0 && left.Percent[bin] > 0.6*left.Percent[left.peak()] {
		bin--
	}
	write(left, bin, f.Edges[bin], rightOf, -6)
	bin = right.peak()
	for bin < len(right.Percent)-1 && right.Percent[bin] > 0.6*right.Percent[right.peak()] {
		bin++
	}
	write(right, bin, f.Edges[bin+1], leftOf, 6)
}

// peak returns the bin with the largest share.
func (s Shares) peak() int {
	best := 0
	for i, share := range s.Percent {
		if share > s.Percent[best] {
			best = i
		}
	}
	return best
}
