package plot

import (
	"cmp"
	"math"
	"slices"

	gonum "gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Front shows cost against latency: one point for each case, with both intervals, and the
// staircase of those that no other case beats in both. Panels share the x axis, which is
// logarithmic and on which less is better.
type Front struct {
	Head
	Foot   string // of the x axis, with its unit
	Symbol string // ms
	Limit  float64
	// LimitText says what the limit is; beyond it is washed. Empty for none.
	LimitText string
	Panels    []FrontPanel
}

// FrontPanel is one cost.
type FrontPanel struct {
	Heading string
	Higher  bool // more is better
	Points  []FrontPoint
}

// Standing is what is known of a point's place.
type Standing int

// The standings.
const (
	OnFront   Standing = iota // no other case is better in both
	NotProven                 // one is, but the intervals do not prove it
	Dominated                 // one is, and is proven to be in one of the two
)

// FrontPoint is one case.
type FrontPoint struct {
	Name         string
	X, XLow, XHi float64 // the interval's ends are NaN where there is none; +Inf is left out
	Y, YLow, YHi float64
	Standing     Standing
	Tone         Tone     // Ink, or Pick or Base
	Row          string   // id of its row in the table
	Text         []string // what is read out
}

func (p FrontPoint) drawn() bool { return finite(p.X) && p.X > 0 && finite(p.Y) }

// Samples implements Figure: the points of the first panel, from left to right.
func (f Front) Samples() []Sample {
	var samples []Sample
	if len(f.Panels) == 0 {
		return nil
	}
	from, to := f.xRange()
	for _, p := range f.ordered() {
		at := math.Log(p.X/from) / math.Log(to/from)
		samples = append(samples, Sample{At: at, Up: f.up(p.Y), Lines: append([]string{p.Name}, p.Text...), Row: p.Row})
	}
	return samples
}

// up returns how high in the area of all panels a value of the first one is.
func (f Front) up(value float64) float64 {
	whole := vg.Length(0)
	for i := range f.Panels {
		whole += f.panelHeight(i)
		if i > 0 {
			whole += headHeight + frontPanelBottom
		}
	}
	return 1 - (1-value/f.top(0))*float64(frontHeight/whole)
}

// top returns where the y axis of a panel ends.
func (f Front) top(i int) float64 {
	top := 0.0
	for _, p := range f.Panels[i].Points {
		if p.drawn() {
			top = max(top, p.Y)
			if finite(p.YHi) {
				top = max(top, p.YHi)
			}
		}
	}
	return f.steps(i).ceiling(top * 1.08)
}

func (f Front) steps(i int) fromZero { return fromZero{steps: 5 - 2*min(i, 1)} }

// ordered returns the points of the first panel from left to right: the order of the arrow keys.
func (f Front) ordered() []FrontPoint {
	points := slices.DeleteFunc(slices.Clone(f.Panels[0].Points), func(p FrontPoint) bool { return !p.drawn() })
	slices.SortStableFunc(points, func(a, b FrontPoint) int { return cmp.Compare(a.X, b.X) })
	return points
}

const (
	frontHeight      = vg.Length(300)
	frontHeightNext  = vg.Length(190)
	frontPanelBottom = vg.Length(12)
)

func (f Front) panelHeight(i int) vg.Length {
	if i == 0 {
		return frontHeight
	}
	return frontHeightNext
}

func (f Front) height(vg.Length) vg.Length {
	total := vg.Length(footHeight + 26)
	for i := range f.Panels {
		total += f.panelHeight(i) + headHeight + frontPanelBottom
	}
	return total
}

// xRange returns the ends of the shared axis, with room for the labels of the outermost points.
func (f Front) xRange() (from, to float64) {
	lowest, highest := math.Inf(1), 0.0
	for _, panel := range f.Panels {
		for _, p := range panel.Points {
			if !p.drawn() {
				continue
			}
			for _, v := range []float64{p.X, p.XLow, p.XHi} {
				if finite(v) && v > 0 {
					lowest, highest = min(lowest, v), max(highest, v)
				}
			}
		}
	}
	if f.LimitText != "" && f.Limit > 0 && f.Limit < highest*20 {
		highest, lowest = max(highest, f.Limit), min(lowest, f.Limit)
	}
	if highest == 0 {
		return 1, 10
	}
	room := math.Pow(max(highest/lowest, 2), 0.16)
	return lowest / room, highest * room
}

func (f Front) draw(c draw.Canvas) vg.Rectangle {
	from, to := f.xRange()
	xTicks := logSteps{count: 8}.Ticks(from, to)
	var yTicks [][]gonum.Tick
	for i := range f.Panels {
		yTicks = append(yTicks, f.steps(i).Ticks(0, f.top(i)))
	}
	left := gutter(yTicks...)
	var first vg.Rectangle
	top := c.Max.Y
	for i, panel := range f.Panels {
		last := i == len(f.Panels)-1
		p := newPanel()
		p.X.Min, p.X.Max, p.X.Scale = from, to, gonum.LogScale{}
		p.Y.Min, p.Y.Max = 0, f.top(i)
		if f.LimitText != "" && f.Limit < to {
			p.Add(wash{from: f.Limit, to: to, tone: Wash})
		}
		look := frame{x: xTicks, y: yTicks[i], left: c.Min.X, heading: panel.Heading, noLabels: !last}
		if last {
			look.foot = f.Foot
		}
		p.Add(look)
		top -= headHeight
		bottom := top - f.panelHeight(i)
		area := draw.Crop(c, left, -10, bottom-c.Min.Y, top-c.Max.Y)
		p.Draw(area)
		f.panel(area, p, panel, i == 0)
		if i == 0 {
			first = area.Rectangle
		}
		top = bottom - frontPanelBottom
		first.Min.Y = bottom // the read-out's line goes through all panels
	}
	return first
}

// panel draws the limit, the staircase, the points with their jaws, and their names.
func (f Front) panel(area draw.Canvas, p *gonum.Plot, panel FrontPanel, named bool) {
	x, y := p.Transforms(&area)
	labels := placer{bounds: area.Rectangle}
	if f.LimitText != "" && f.Limit < p.X.Max && f.Limit > p.X.Min {
		at := x(f.Limit)
		area.StrokeLine2(draw.LineStyle{Color: Alert, Width: 1.2, Dashes: []vg.Length{5, 4}}, at, area.Min.Y, at, area.Max.Y)
		if named {
			look := lettering{tone: Alert}
			box := vg.Rectangle{Min: vg.Point{X: at + 6, Y: area.Max.Y - 16}, Max: vg.Point{X: at + 6 + look.width(f.LimitText), Y: area.Max.Y}}
			if box.Max.X > area.Max.X {
				box.Min.X, box.Max.X = at-6-look.width(f.LimitText), at-6
			}
			look.write(area, vg.Point{X: box.Min.X, Y: area.Max.Y - 12}, f.LimitText)
			labels.block(box)
		}
	}
	points := slices.DeleteFunc(slices.Clone(panel.Points), func(p FrontPoint) bool { return !p.drawn() })
	f.staircase(area, x, y, panel.Higher, points, &labels)
	slices.SortStableFunc(points, func(a, b FrontPoint) int { return cmp.Compare(a.importance(), b.importance()) })
	for _, pt := range slices.Backward(points) { // the important on top
		pt.mark(area, x, y, &labels)
	}
	for _, pt := range points {
		pt.name(area, vg.Point{X: x(pt.X), Y: y(pt.Y)}, named, &labels)
	}
}

// importance orders labels: what does not fit is left out from the end.
func (p FrontPoint) importance() int {
	switch {
	case p.Tone == Pick:
		return 0
	case p.Tone == Base:
		return 1
	}
	return 2 + int(p.Standing)
}

// staircase joins the points of the front: nothing between them was measured, so it goes by
// the worse of two neighbours.
func (f Front) staircase(area draw.Canvas, x, y func(float64) vg.Length, higher bool, points []FrontPoint, labels *placer) {
	var front []FrontPoint
	for _, p := range points {
		if p.Standing == OnFront {
			front = append(front, p)
		}
	}
	slices.SortFunc(front, func(a, b FrontPoint) int { return cmp.Compare(a.X, b.X) })
	if len(front) == 0 {
		return
	}
	start := area.Max.Y
	if higher {
		start = area.Min.Y
	}
	line := []vg.Point{{X: x(front[0].X), Y: start}}
	for i, p := range front {
		if i > 0 {
			line = append(line, vg.Point{X: x(p.X), Y: y(front[i-1].Y)})
		}
		line = append(line, vg.Point{X: x(p.X), Y: y(p.Y)})
	}
	line = append(line, vg.Point{X: area.Max.X, Y: y(front[len(front)-1].Y)})
	area.StrokeLines(draw.LineStyle{Color: SecondInk, Width: 1.1}, line)
	for i := 1; i < len(line); i++ {
		labels.blockLine(line[i-1], line[i])
	}
}

func (p FrontPoint) tone() Tone {
	if p.Tone == Ink && p.Standing == Dominated {
		return Dim
	}
	return p.Tone
}

// mark draws a point with the jaws of both its intervals.
func (p FrontPoint) mark(area draw.Canvas, x, y func(float64) vg.Length, labels *placer) {
	at := vg.Point{X: x(p.X), Y: y(p.Y)}
	tone := p.tone()
	style := draw.LineStyle{Color: tone, Width: 1.1}
	const reach = 3
	if finite(p.XLow) && finite(p.XHi) && p.XLow > 0 {
		low, high := max(x(p.XLow), area.Min.X), min(x(p.XHi), area.Max.X)
		area.StrokeLines(style, []vg.Point{{X: low, Y: at.Y}, {X: high, Y: at.Y}},
			[]vg.Point{{X: low, Y: at.Y - reach}, {X: low, Y: at.Y + reach}}, []vg.Point{{X: high, Y: at.Y - reach}, {X: high, Y: at.Y + reach}})
		labels.block(vg.Rectangle{Min: vg.Point{X: low - 1, Y: at.Y - reach}, Max: vg.Point{X: high + 1, Y: at.Y + reach}})
	}
	if finite(p.YLow) && finite(p.YHi) {
		low, high := y(p.YLow), y(p.YHi)
		area.StrokeLines(style, []vg.Point{{X: at.X, Y: low}, {X: at.X, Y: high}},
			[]vg.Point{{X: at.X - reach, Y: low}, {X: at.X + reach, Y: low}}, []vg.Point{{X: at.X - reach, Y: high}, {X: at.X + reach, Y: high}})
		labels.block(vg.Rectangle{Min: vg.Point{X: at.X - reach, Y: low - 1}, Max: vg.Point{X: at.X + reach, Y: high + 1}})
	}
	if p.Standing == NotProven {
		ring(area, tone, at, 4.2)
	} else {
		radius := vg.Length(4.2)
		if tone == Dim {
			radius = 3.2
		}
		dot(area, tone, at, radius)
	}
	labels.block(vg.Rectangle{Min: at.Sub(vg.Point{X: 4, Y: 4}), Max: at.Add(vg.Point{X: 4, Y: 4})})
}

// name writes the point's name where there is room; of panels below the first the case in question
// and the baseline alone are worth a leader.
func (p FrontPoint) name(area draw.Canvas, at vg.Point, first bool, labels *placer) {
	tone := p.tone()
	if tone == Dim {
		tone = ThirdInk
	}
	look := lettering{tone: tone, bold: p.Tone != Ink}
	width := look.width(p.Name) + 5
	gaps := []vg.Length{9, 24, 42, 64} // further away with a line that leads to it
	if p.importance() > 2 || !first && p.importance() > 1 {
		gaps = gaps[:1]
	}
	for i, gap := range gaps {
		box, ok := labels.place(at, width, 13, gap)
		if !ok {
			continue
		}
		look.write(area, vg.Point{X: box.Min.X, Y: box.Min.Y + 3}, p.Name)
		if i > 0 {
			near := vg.Point{X: min(max(at.X, box.Min.X), box.Max.X), Y: min(max(at.Y, box.Min.Y), box.Max.Y)}
			area.StrokeLine2(draw.LineStyle{Color: tone, Width: 0.8}, at.X, at.Y, near.X, near.Y)
		}
		return
	}
}
