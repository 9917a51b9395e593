package plot

import (
	gonum "gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	tickGap    = vg.Length(7)  // between an axis and its labels
	headHeight = vg.Length(28) // above a panel, for its heading
	footHeight = vg.Length(24) // below a panel, for the labels of its x axis
	lineHeight = vg.Length(16)
)

// newPanel returns a gonum plot without axes of its own: its data area is all of the canvas that
// it is drawn on.
func newPanel() *gonum.Plot {
	p := gonum.New()
	p.BackgroundColor = nil
	p.HideAxes()
	p.X.Padding, p.Y.Padding = 0, 0
	p.X.LineStyle.Width, p.Y.LineStyle.Width = 0, 0
	return p
}

// frame is the plotter of hairlines, ticks and headings around a panel.
type frame struct {
	x, y     []gonum.Tick // y ticks are hairlines; x ticks stand below the panel
	columns  bool         // hairlines at x ticks too
	heading  string       // above the panel
	left     vg.Length    // the figure's left edge, where the heading begins
	foot     string       // below the x axis, right-aligned
	raised   vg.Length    // by how much the heading is higher than usual
	noLabels bool         // x ticks without their labels: another panel below has them
}

// Plot implements gonum's Plotter.
func (f frame) Plot(c draw.Canvas, p *gonum.Plot) {
	x, y := p.Transforms(&c)
	hairline := draw.LineStyle{Color: Grid, Width: 1}
	for _, t := range f.y {
		at := y(t.Value)
		c.StrokeLine2(hairline, c.Min.X, at, c.Max.X, at)
		lettering{tone: SecondInk, align: rightOf}.write(c, vg.Point{X: c.Min.X - tickGap, Y: at - 4}, t.Label)
	}
	edge := draw.LineStyle{Color: Axis, Width: 1}
	free := c.Min.X - 1000 // where the last label ended
	for _, t := range f.x {
		at := x(t.Value)
		if f.columns {
			c.StrokeLine2(hairline, at, c.Min.Y, at, c.Max.Y)
		}
		if f.noLabels {
			continue
		}
		c.StrokeLine2(edge, at, c.Min.Y, at, c.Min.Y-4)
		label := lettering{tone: SecondInk, align: centred}
		half := label.width(t.Label) / 2
		if at-half < free+6 {
			continue
		}
		free = at + half
		label.write(c, vg.Point{X: at, Y: c.Min.Y - 17}, t.Label)
	}
	c.StrokeLine2(edge, c.Min.X, c.Min.Y, c.Max.X, c.Min.Y)
	lettering{tone: SecondInk, bold: true}.write(c, vg.Point{X: f.left, Y: c.Max.Y + 14 + f.raised}, f.heading)
	lettering{tone: SecondInk, bold: true, align: rightOf}.write(c, vg.Point{X: c.Max.X, Y: c.Min.Y - 40}, f.foot)
}

// gutter returns the room that y labels need left of a panel.
func gutter(panels ...[]gonum.Tick) vg.Length {
	room := vg.Length(28)
	for _, ticks := range panels {
		for _, t := range ticks {
			room = max(room, lettering{}.width(t.Label)+tickGap)
		}
	}
	return room
}

// wash is the plotter of a region that does not count.
type wash struct {
	from, to float64 // on the x axis
	tone     Tone
}

// Plot implements gonum's Plotter.
func (w wash) Plot(c draw.Canvas, p *gonum.Plot) {
	x, _ := p.Transforms(&c)
	from, to := max(x(w.from), c.Min.X), min(x(w.to), c.Max.X)
	if to > from {
		c.FillPolygon(w.tone, rectangle(from, c.Min.Y, to, c.Max.Y))
	}
}

func rectangle(left, bottom, right, top vg.Length) []vg.Point {
	return []vg.Point{{X: left, Y: bottom}, {X: right, Y: bottom}, {X: right, Y: top}, {X: left, Y: top}}
}

// addLine adds a line to a panel, broken where a value is missing.
func addLine(p *gonum.Plot, style draw.LineStyle, points plotter.XYs) {
	for _, part := range unbroken(points) {
		p.Add(&plotter.Line{XYs: part, LineStyle: style})
	}
}

// unbroken cuts a line at values that cannot be drawn.
func unbroken(points plotter.XYs) []plotter.XYs {
	var parts []plotter.XYs
	var part plotter.XYs
	for _, pt := range points {
		if finite(pt.X) && finite(pt.Y) {
			part = append(part, pt)
			continue
		}
		if len(part) > 0 {
			parts = append(parts, part)
		}
		part = nil
	}
	if len(part) > 0 {
		parts = append(parts, part)
	}
	return parts
}

// dot fills a circle.
func dot(c draw.Canvas, tone Tone, at vg.Point, radius vg.Length) {
	c.DrawGlyphNoClip(draw.GlyphStyle{Color: tone, Radius: radius, Shape: draw.CircleGlyph{}}, at)
}

// ring draws a circle whose inside is paper.
func ring(c draw.Canvas, tone Tone, at vg.Point, radius vg.Length) {
	dot(c, tone, at, radius)
	dot(c, Paper, at, radius-1.4)
}

// jaws draw an interval: |-----|.
func jaws(c draw.Canvas, tone Tone, from, to vg.Point, reach vg.Length) {
	style := draw.LineStyle{Color: tone, Width: 1.5}
	c.StrokeLines(style, []vg.Point{from, to},
		[]vg.Point{{X: from.X, Y: from.Y - reach}, {X: from.X, Y: from.Y + reach}},
		[]vg.Point{{X: to.X, Y: to.Y - reach}, {X: to.X, Y: to.Y + reach}})
}
