package plot

import (
	"fmt"
	"math"
	"slices"

	gonum "gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Percentiles is latency by percentile, on a percentile axis that is logarithmic in what lies
// beyond: p90, p99 and p99.9 are equally far from each other.
type Percentiles struct {
	Head
	Unit   string  // of the values, for the left: c.Min.X, heading: milliseconds
	Symbol string  // for read-outs: ms
	Foot   string  // what the percentiles are of
	Few    float64 // nines beyond which fewer than 20 records lie; +Inf for nowhere
	Curves []Curve // the important first
}

// Curve is one latency of one case.
type Curve struct {
	Name   string
	Short  string // its name where there is little room
	Detail string // second line of its label; may be empty
	Tone   Tone
	Dashed bool
	Thin   bool
	Points []CurvePoint // in rising order
}

// CurvePoint is a latency at a percentile.
type CurvePoint struct {
	Nines     float64 // -log10(1-q): 1 for p90, 2 for p99
	Value     float64 // +Inf where failed or unresolved records are reached
	Low, High float64 // interval; NaN where there is none
}

// Nines returns the place of quantile q in [0, 1) on the percentile axis.
func Nines(q float64) float64 { return -math.Log10(1 - q) }

// PercentileName returns the name of a place on the percentile axis: p50, p99.9, ...
func PercentileName(nines float64) string {
	percent := 100 * (1 - math.Pow(10, -nines))
	decimals := max(0, int(math.Ceil(nines-1e-9))-2)
	return fmt.Sprintf("p%.*f", decimals, percent)
}

// percentileTicks is a gonum Ticker for the percentile axis.
type percentileTicks struct{}

// Ticks implements gonum's Ticker.
func (percentileTicks) Ticks(lowest, highest float64) []gonum.Tick {
	ticks := []gonum.Tick{{Value: Nines(0.5), Label: "p50"}}
	for n := 1.0; n <= highest+1e-9; n++ {
		ticks = append(ticks, gonum.Tick{Value: n, Label: PercentileName(n)})
	}
	return ticks
}

// Samples implements Figure.
func (f Percentiles) Samples() []Sample {
	from, to := f.domain()
	if len(f.Curves) == 0 {
		return nil
	}
	var samples []Sample
	for i, at := range f.Curves[0].Points {
		lines := []string{PercentileName(at.Nines)}
		for _, curve := range f.Curves {
			if curve.Name != "" && i < len(curve.Points) && len(lines) <= 8 {
				lines = append(lines, curve.Name+" "+f.text(curve.Points[i].Value))
			}
		}
		samples = append(samples, Sample{At: (at.Nines - from) / (to - from), Lines: lines})
	}
	return samples
}

func (f Percentiles) text(v float64) string {
	switch {
	case math.IsInf(v, 1):
		return "∞"
	case math.IsNaN(v):
		return "unknown"
	}
	digits := max(0, 2-int(math.Floor(math.Log10(max(v, 1e-9)))))
	scale := math.Pow(10, float64(min(digits, 4)))
	return number(math.Round(v*scale)/scale) + "\u00a0" + f.Symbol
}

func (f Percentiles) domain() (from, to float64) {
	from, to = Nines(0.5), 1
	for _, curve := range f.Curves {
		for _, pt := range curve.Points {
			from, to = min(from, pt.Nines), max(to, pt.Nines)
		}
	}
	return from, to
}

func (f Percentiles) values() (lowest, highest float64) {
	lowest, highest = math.Inf(1), math.Inf(-1)
	for _, curve := range f.Curves {
		for _, pt := range curve.Points {
			for _, v := range []float64{pt.Value, pt.Low, pt.High} {
				if finite(v) && v > 0 {
					lowest, highest = min(lowest, v), max(highest, v)
				}
			}
		}
	}
	return lowest, highest
}

func (f Percentiles) height(width vg.Length) vg.Length {
	if narrow(width) {
		return 400
	}
	return 450
}

func (f Percentiles) draw(c draw.Canvas) vg.Rectangle {
	p := newPanel()
	p.X.Min, p.X.Max = f.domain()
	p.Y.Min, p.Y.Max = logRange(f.values())
	p.Y.Scale = gonum.LogScale{}
	ticks := logSteps{count: 11}.Ticks(p.Y.Min, p.Y.Max)

	width := c.Max.X - c.Min.X
	room := vg.Length(30)
	for i, curve := range f.Curves {
		if narrow(width) && curve.Short != "" {
			curve.Name = curve.Short
			f.Curves = slices.Clone(f.Curves)
			f.Curves[i] = curve
		}
		room = max(room, lettering{bold: true}.width(curve.Name)+18, lettering{}.width(curve.Detail)+18)
	}
	room = min(room, width*0.34)

	foot := f.Foot
	if (lettering{bold: true}).width(foot) > width-room-20 {
		foot = "percentile, log scale"
	}
	if f.Few < p.X.Max {
		p.Add(wash{from: f.Few, to: p.X.Max, tone: Wash})
	}
	p.Add(frame{
		x: percentileTicks{}.Ticks(p.X.Min, p.X.Max), y: ticks, columns: true,
		heading: f.Unit + ", log scale", foot: foot,
	})
	// The important curves are drawn last, on top.
	for i := len(f.Curves) - 1; i >= 0; i-- {
		f.Curves[i].add(p)
	}
	area := draw.Crop(c, gutter(ticks), -room, footHeight+22, -headHeight)
	p.Draw(area)
	f.note(area, p)
	f.name(area, p, room)
	return area.Rectangle
}

func (curve Curve) add(p *gonum.Plot) {
	var band, below plotter.XYs
	var line plotter.XYs
	for _, pt := range curve.Points {
		value := pt.Value
		if !(value > 0) {
			value = math.NaN() // no place on a log axis
		}
		line = append(line, plotter.XY{X: pt.Nines, Y: value})
		if finite(pt.Low) && finite(pt.High) && pt.Low > 0 {
			band = append(band, plotter.XY{X: pt.Nines, Y: pt.High})
			below = append(below, plotter.XY{X: pt.Nines, Y: pt.Low})
		}
	}
	for i := len(below) - 1; i >= 0; i-- {
		band = append(band, below[i])
	}
	if len(band) > 2 && !curve.Dashed && !curve.Thin {
		p.Add(&plotter.Polygon{XYs: []plotter.XYs{band}, Color: tint{curve.Tone, 0.13}})
	}
	style := draw.LineStyle{Color: curve.Tone, Width: 2.2}
	if curve.Dashed {
		style.Width, style.Dashes = 1.4, []vg.Length{5, 3.5}
	}
	if curve.Thin {
		style.Width = 1.2
	}
	addLine(p, style, line)
}

// note says what the washed region is, where there is room for it.
func (f Percentiles) note(area draw.Canvas, p *gonum.Plot) {
	if f.Few >= p.X.Max {
		return
	}
	x, _ := p.Transforms(&area)
	label := lettering{tone: SecondInk, align: rightOf}
	const text = "fewer than 20 records beyond →"
	if edge := x(f.Few) - 6; edge-label.width(text) > area.Min.X {
		label.write(area, vg.Point{X: edge, Y: area.Max.Y - 14}, text)
	}
}

// name labels the curves at their right ends, and marks where they leave for infinity.
func (f Percentiles) name(area draw.Canvas, p *gonum.Plot, room vg.Length) {
	x, y := p.Transforms(&area)
	var labels []endLabel
	for _, curve := range f.Curves {
		if curve.Name == "" {
			continue // one of many, for the background
		}
		last := -1
		for i, pt := range curve.Points {
			if finite(pt.Value) && pt.Value > 0 {
				last = i
			}
		}
		lines := []string{curve.Name}
		if curve.Detail != "" {
			lines = append(lines, curve.Detail)
		}
		at := area.Max.Y
		if last >= 0 {
			at = y(curve.Points[last].Value)
		}
		if last >= 0 && last < len(curve.Points)-1 && math.IsInf(curve.Points[last+1].Value, 1) {
			from := vg.Point{X: x(curve.Points[last].Nines), Y: at}
			area.StrokeLines(draw.LineStyle{Color: curve.Tone, Width: 1.4, Dashes: []vg.Length{2, 3}},
				[]vg.Point{from, {X: from.X, Y: area.Max.Y}})
			lettering{tone: curve.Tone, bold: true, align: centred}.write(area, vg.Point{X: from.X, Y: area.Max.Y + 4}, "∞")
			at = area.Max.Y
		}
		labels = append(labels, endLabel{at: at, tone: curve.Tone, bold: !curve.Dashed && !curve.Thin, lines: lines})
	}
	writeEndLabels(area, area.Max.X, room, area.Min.Y, area.Max.Y+8, labels)
}
