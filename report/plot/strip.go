package plot

import (
	"math"

	"gonum.org/v1/plot/plotter"

	gonum "gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Strip is all trials in the order of their execution, each against its own case's median, so
// that drift shows.
type Strip struct {
	Head
	Heading string
	Dots    []Dot
	Rounds  []StripRound
}

// Dot is one trial.
type Dot struct {
	Percent float64 // against its case's median; NaN is not drawn, +Inf is pinned to the top
	Tone    Tone
	Text    string // what is to be read out
}

// StripRound is one round: the dots [From, To).
type StripRound struct {
	Name     string
	From, To int
	Median   float64 // percent; NaN for none
}

// Samples implements Figure.
func (f Strip) Samples() []Sample {
	var samples []Sample
	for i, d := range f.Dots {
		samples = append(samples, Sample{At: (float64(i) + 0.5) / float64(len(f.Dots)), Lines: []string{d.Text}})
	}
	return samples
}

// fewestForRound is the number of trials of a round from which on its median is drawn.
const fewestForRound = 4

func (f Strip) height(vg.Length) vg.Length { return 270 }

// reach returns the half-height of the axis: enough for nine dots in ten; the others are pinned.
func (f Strip) reach() float64 {
	var sizes plotter.Values
	for _, d := range f.Dots {
		if finite(d.Percent) {
			sizes = append(sizes, math.Abs(d.Percent))
		}
	}
	if len(sizes) == 0 {
		return 5
	}
	sortFloats(sizes)
	usual := sizes[(len(sizes)-1)*9/10]
	return max(niceStep(usual*1.15), 1)
}

func (f Strip) draw(c draw.Canvas) vg.Rectangle {
	p := newPanel()
	reach := f.reach()
	p.X.Min, p.X.Max = 0, float64(len(f.Dots))
	floor := max(-reach, -100) // nothing can be less than none at all
	p.Y.Min, p.Y.Max = floor, reach
	ticks := []gonum.Tick{}
	for _, share := range []float64{-1, -0.5, 0, 0.5, 1} {
		if share*reach < floor {
			continue
		}
		label := number(share*reach) + "%"
		if share > 0 {
			label = "+" + label
		}
		ticks = append(ticks, gonum.Tick{Value: share * reach, Label: label})
	}
	p.Add(frame{y: ticks, left: c.Min.X, heading: f.Heading, raised: 18})
	area := draw.Crop(c, gutter(ticks), -16, 30, -headHeight-20)
	p.Draw(area)
	x, y := p.Transforms(&area)
	area.StrokeLine2(draw.LineStyle{Color: Axis, Width: 1}, area.Min.X, y(0), area.Max.X, y(0))
	f.rounds(area, x, y)
	f.dots(area, x, y, reach)
	lettering{tone: SecondInk, bold: true, align: rightOf}.write(area,
		vg.Point{X: area.Max.X, Y: area.Min.Y - 20}, "trials in the order of execution")
	return area.Rectangle
}

func (f Strip) rounds(area draw.Canvas, x, y func(float64) vg.Length) {
	for i, r := range f.Rounds {
		from, to := x(float64(r.From)), x(float64(r.To))
		if i > 0 {
			area.StrokeLine2(draw.LineStyle{Color: Grid, Width: 1}, from, area.Min.Y, from, area.Max.Y+16)
		}
		label := lettering{tone: SecondInk, align: centred}
		for _, name := range []string{"round " + r.Name, r.Name} {
			if label.width(name) < to-from-4 {
				label.write(area, vg.Point{X: (from + to) / 2, Y: area.Max.Y + 6}, name)
				break
			}
		}
		if at := y(r.Median); finite(r.Median) && area.ContainsY(at) && r.To-r.From >= fewestForRound {
			jaws(area, Ink, vg.Point{X: from + 3, Y: at}, vg.Point{X: to - 3, Y: at}, 3)
		}
	}
}

func (f Strip) dots(area draw.Canvas, x, y func(float64) vg.Length, reach float64) {
	labels := placer{bounds: area.Rectangle}
	for i, d := range f.Dots {
		if finite(d.Percent) && math.Abs(d.Percent) <= reach {
			at := vg.Point{X: x(float64(i) + 0.5), Y: y(d.Percent)}
			labels.block(vg.Rectangle{Min: at.Sub(vg.Point{X: 4, Y: 4}), Max: at.Add(vg.Point{X: 4, Y: 4})})
		}
	}
	for i, d := range f.Dots {
		if math.IsNaN(d.Percent) {
			continue
		}
		at := vg.Point{X: x(float64(i) + 0.5), Y: y(min(max(d.Percent, -reach), reach))}
		radius := vg.Length(2.6)
		if d.Tone != Dim {
			radius = 3.4
		}
		if math.Abs(d.Percent) <= reach {
			dot(area, d.Tone, at, radius)
			continue
		}
		// Off the scale: pinned to the edge, with its value.
		point := vg.Length(4)
		if d.Percent < 0 {
			point = -4
		}
		area.FillPolygon(d.Tone, []vg.Point{{X: at.X - 4, Y: at.Y - point}, {X: at.X + 4, Y: at.Y - point}, {X: at.X, Y: at.Y + point}})
		text := "∞"
		if finite(d.Percent) {
			text = number(math.Round(d.Percent)) + "%"
			if d.Percent > 0 {
				text = "+" + text
			}
		}
		look := lettering{tone: Ink, bold: true}
		if box, ok := labels.place(at.Sub(vg.Point{Y: point * 1.8}), look.width(text), 13, 7); ok {
			look.write(area, vg.Point{X: box.Min.X, Y: box.Min.Y + 3}, text)
		}
	}
}
