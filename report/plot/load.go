package plot

import (
	"math"

	gonum "gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Load is latency over the offered rate, both logarithmic: one dot for each trial, a line through
// the medians of each rate, the interval of the highest rate that holds, and the knee.
type Load struct {
	Head
	Heading string // of the y axis, with its unit
	Foot    string // of the x axis
	Trials  []LoadTrial
	Line    []LoadMedian // in rising order of the rate
	// Low and High are the interval of the answer; High is infinite where nothing but the
	// instrument bounds it, both are 0 where there is no answer.
	Low, High float64
	Knee      float64 // 0 for none
	Limit     float64 // on the y axis; 0 for none
	LimitText string
}

// LoadTrial is one trial.
type LoadTrial struct {
	Rate, Value float64 // a value that is infinite is pinned to the top
	Standing    LoadStanding
	Row         string   // id of its row in the table
	Text        []string // what is read out
}

// LoadStanding is what a trial showed.
type LoadStanding int

// The standings.
const (
	LoadPasses LoadStanding = iota
	LoadFails
	LoadSpoiled // by the instrument: it says nothing about the system
)

// LoadMedian is the median of the trials at a rate.
type LoadMedian struct{ Rate, Value float64 }

// Samples implements Figure.
func (f Load) Samples() []Sample {
	from, to := f.rates()
	lowest, highest := f.values()
	var samples []Sample
	for _, t := range f.Trials {
		if !(t.Rate > 0) || math.IsNaN(t.Value) {
			continue
		}
		up := 1.0
		if finite(t.Value) {
			up = math.Log(max(t.Value, lowest)/lowest) / math.Log(highest/lowest)
		}
		samples = append(samples, Sample{At: math.Log(t.Rate/from) / math.Log(to/from), Up: max(up, 1e-3), Lines: t.Text, Row: t.Row})
	}
	return samples
}

// rates is the x axis, with some room for the dots at its ends.
func (f Load) rates() (from, to float64) {
	from, to = math.Inf(1), 0
	for _, t := range f.Trials {
		if t.Rate > 0 {
			from, to = min(from, t.Rate), max(to, t.Rate)
		}
	}
	if !(to > 0) {
		return 1, 10
	}
	return from / 1.15, to * 1.15
}

func (f Load) values() (lowest, highest float64) {
	lowest, highest = math.Inf(1), 0
	for _, t := range f.Trials {
		if finite(t.Value) && t.Value > 0 {
			lowest, highest = min(lowest, t.Value), max(highest, t.Value)
		}
	}
	if f.Limit > 0 {
		lowest, highest = min(lowest, f.Limit), max(highest, f.Limit)
	}
	return logRange(lowest, highest)
}

func (f Load) height(width vg.Length) vg.Length {
	if narrow(width) {
		return 330
	}
	return 370
}

func (f Load) draw(c draw.Canvas) vg.Rectangle {
	p := newPanel()
	p.X.Min, p.X.Max = f.rates()
	p.Y.Min, p.Y.Max = f.values()
	p.X.Scale, p.Y.Scale = gonum.LogScale{}, gonum.LogScale{}
	ticks := logSteps{count: 9}.Ticks(p.Y.Min, p.Y.Max)
	f.band(p)
	p.Add(frame{
		x: logSteps{count: 14}.Ticks(p.X.Min, p.X.Max), y: ticks, left: c.Min.X, heading: f.Heading, foot: f.Foot, raised: 16,
	})
	var line plotter.XYs
	for _, m := range f.Line {
		value := m.Value
		if !(value > 0) {
			value = math.NaN() // no place on a log axis
		}
		line = append(line, plotter.XY{X: m.Rate, Y: value})
	}
	addLine(p, draw.LineStyle{Color: Dim, Width: 1.4}, line)
	area := draw.Crop(c, gutter(ticks), -16, footHeight+22, -headHeight-18)
	p.Draw(area)
	x, y := p.Transforms(&area)
	f.limit(area, y)
	f.dots(area, x, y)
	f.marks(area, x)
	return area.Rectangle
}

// band washes the rates that do not hold, or, where the limit was not seen, those not known to.
func (f Load) band(p *gonum.Plot) {
	if f.Low > 0 {
		p.Add(wash{from: f.Low, to: p.X.Max, tone: Wash})
	}
}

func (f Load) limit(area draw.Canvas, y func(float64) vg.Length) {
	if !(f.Limit > 0) {
		return
	}
	at := y(f.Limit)
	area.StrokeLine2(draw.LineStyle{Color: Alert, Width: 1, Dashes: []vg.Length{5, 4}}, area.Min.X, at, area.Max.X, at)
	lettering{tone: Alert, bold: true}.write(area, vg.Point{X: area.Min.X + 6, Y: at + 5}, f.LimitText)
}

func (f Load) dots(area draw.Canvas, x, y func(float64) vg.Length) {
	for _, t := range f.Trials {
		if !(t.Rate > 0) || math.IsNaN(t.Value) || t.Value <= 0 {
			continue
		}
		at := vg.Point{X: x(t.Rate), Y: area.Max.Y}
		if finite(t.Value) {
			at.Y = y(t.Value)
		}
		switch t.Standing {
		case LoadPasses:
			dot(area, Ink, at, 3.6)
		case LoadFails:
			ring(area, Alert, at, 4.2)
		default:
			dot(area, Dim, at, 2.4)
		}
	}
}

// marks name the answer and the knee above the panel.
func (f Load) marks(area draw.Canvas, x func(float64) vg.Length) {
	answer := lettering{tone: Pick, bold: true, align: centred}
	if f.Low > 0 {
		from, to := x(f.Low), area.Max.X
		text := "holds up to here"
		if finite(f.High) {
			to = x(f.High)
		} else {
			text = "holds at least to here"
		}
		area.FillPolygon(tint{Pick, 0.18}, rectangle(from, area.Min.Y, max(to, from+1), area.Max.Y))
		area.StrokeLine2(draw.LineStyle{Color: Pick, Width: 1.6}, from, area.Min.Y, from, area.Max.Y+4)
		half := answer.width(text) / 2
		answer.write(area, vg.Point{X: min(max(from, area.Min.X+half), area.Max.X-half), Y: area.Max.Y + 8}, text)
	}
	if f.Knee > 0 {
		at := x(f.Knee)
		area.StrokeLine2(draw.LineStyle{Color: SecondInk, Width: 1.2, Dashes: []vg.Length{2, 3}}, at, area.Min.Y, at, area.Max.Y)
		look := lettering{tone: SecondInk, align: rightOf}
		if at-look.width("knee")-6 < area.Min.X {
			look.align = leftOf
			at += 12
		}
		look.write(area, vg.Point{X: at - 6, Y: area.Min.Y + 8}, "knee")
	}
}
