package plot

import (
	"math"

	gonum "gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Band shows a prediction as a line within the band of its interval, and measurements as points,
// on two logarithmic axes.
type Band struct {
	Head
	Heading string // the y axis, with its unit
	Foot    string // the x axis, with its unit
	Line    []BandPoint
	Points  []BandPoint
	// Limit is a line across with its name; 0 for none. Mark is one upwards.
	Limit     float64
	LimitText string
	Mark      float64
	MarkText  string
}

// BandPoint is a value with its interval.
type BandPoint struct {
	X, Y, Low, High float64 // Low and High are NaN where there is none
	Text            []string
}

func (p BandPoint) drawn() bool { return finite(p.X) && p.X > 0 && finite(p.Y) && p.Y > 0 }

// Samples implements Figure: the line's points, or where there is none the measured ones.
func (f Band) Samples() []Sample {
	xFrom, xTo, yFrom, yTo := f.ranges()
	points := f.Line
	if len(f.Points) > 0 && len(f.Points[0].Text) > 0 {
		points = f.Points
	}
	var samples []Sample
	for _, p := range points {
		if p.drawn() && len(p.Text) > 0 {
			samples = append(samples, Sample{At: math.Log(p.X/xFrom) / math.Log(xTo/xFrom), Up: math.Log(p.Y/yFrom) / math.Log(yTo/yFrom), Lines: p.Text})
		}
	}
	return samples
}

// ranges returns the axes' ends, with room around the outermost points.
func (f Band) ranges() (xFrom, xTo, yFrom, yTo float64) {
	xFrom, yFrom = math.Inf(1), math.Inf(1)
	include := func(x, y float64) {
		if finite(x) && x > 0 {
			xFrom, xTo = min(xFrom, x), max(xTo, x)
		}
		if finite(y) && y > 0 {
			yFrom, yTo = min(yFrom, y), max(yTo, y)
		}
	}
	for _, points := range [][]BandPoint{f.Line, f.Points} {
		for _, p := range points {
			if p.drawn() {
				include(p.X, p.Y)
				include(p.X, p.Low)
				include(p.X, p.High)
			}
		}
	}
	include(f.Mark, f.Limit)
	if xTo == 0 || yTo == 0 {
		return 1, 10, 1, 10
	}
	room := func(from, to float64) (float64, float64) {
		by := math.Pow(max(to/from, 1.5), 0.06)
		return from / by, to * by
	}
	xFrom, xTo = room(xFrom, xTo)
	yFrom, yTo = room(yFrom, yTo)
	return xFrom, xTo, yFrom, yTo
}

func (f Band) height(width vg.Length) vg.Length {
	if narrow(width) {
		return 300
	}
	return 340
}

func (f Band) draw(c draw.Canvas) vg.Rectangle {
	p := newPanel()
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = f.ranges()
	p.X.Scale, p.Y.Scale = gonum.LogScale{}, gonum.LogScale{}
	yTicks := logSteps{count: 9}.Ticks(p.Y.Min, p.Y.Max)
	var line plotter.XYs
	var upper, lower plotter.XYs
	for _, pt := range f.Line {
		if !pt.drawn() {
			continue
		}
		line = append(line, plotter.XY{X: pt.X, Y: pt.Y})
		if finite(pt.Low) && finite(pt.High) && pt.Low > 0 {
			upper, lower = append(upper, plotter.XY{X: pt.X, Y: pt.High}), append(lower, plotter.XY{X: pt.X, Y: pt.Low})
		}
	}
	for i := len(lower) - 1; i >= 0; i-- {
		upper = append(upper, lower[i])
	}
	if len(upper) > 2 {
		p.Add(&plotter.Polygon{XYs: []plotter.XYs{upper}, Color: tint{Pick, 0.13}})
	}
	foot := f.Foot
	if (lettering{bold: true}).width(foot) > c.Max.X-c.Min.X-20 {
		foot = ""
	}
	p.Add(frame{x: logSteps{count: 8}.Ticks(p.X.Min, p.X.Max), y: yTicks, left: c.Min.X, heading: f.Heading, foot: foot})
	addLine(p, draw.LineStyle{Color: Pick, Width: 2.2}, line)
	area := draw.Crop(c, gutter(yTicks), -10, footHeight+22, -headHeight)
	p.Draw(area)
	f.annotate(area, p)
	return area.Rectangle
}

// annotate draws the points, the limit and the mark.
func (f Band) annotate(area draw.Canvas, p *gonum.Plot) {
	x, y := p.Transforms(&area)
	dashed := draw.LineStyle{Color: Alert, Width: 1.2, Dashes: []vg.Length{5, 4}}
	if f.Limit > 0 && f.LimitText != "" {
		at := y(f.Limit)
		area.StrokeLine2(dashed, area.Min.X, at, area.Max.X, at)
		lettering{tone: Alert}.write(area, vg.Point{X: area.Min.X + 6, Y: at + 4}, f.LimitText)
	}
	if f.Mark > 0 && f.MarkText != "" {
		at := x(f.Mark)
		area.StrokeLine2(draw.LineStyle{Color: Pick, Width: 1.2, Dashes: []vg.Length{5, 4}}, at, area.Min.Y, at, area.Max.Y)
		look := lettering{tone: Pick, bold: true}
		left := at + 6
		if left+look.width(f.MarkText) > area.Max.X {
			left = at - 6 - look.width(f.MarkText)
		}
		look.write(area, vg.Point{X: left, Y: area.Min.Y + 6}, f.MarkText)
	}
	for _, pt := range f.Points {
		if !pt.drawn() {
			continue
		}
		if finite(pt.Low) && finite(pt.High) && pt.Low > 0 {
			area.StrokeLine2(draw.LineStyle{Color: Dim, Width: 1.1}, x(pt.X), y(pt.Low), x(pt.X), y(pt.High))
		}
		dot(area, Ink, vg.Point{X: x(pt.X), Y: y(pt.Y)}, 3.2)
	}
}
