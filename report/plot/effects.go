package plot

import (
	"math"
	"slices"

	gonum "gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Effects are differences against one case, of all metrics on one ratio axis: halved and doubled
// are equally far from no change.
type Effects struct {
	Head
	Foot   string
	Groups []EffectGroup
}

// EffectGroup is one metric.
type EffectGroup struct {
	Name string
	Rows []Effect
}

// Effect is one difference.
type Effect struct {
	Name      string
	Ratio     float64 // 1 for no change; +Inf and 0 are pinned to the edge
	Low, High float64 // NaN without an interval
	Estimate  string  // +47.9%
	Interval  string  // +46.5 to +52.2%
	Clear     bool    // the interval excludes 1
	Tone      Tone
}

func sortFloats(values []float64) { slices.Sort(values) }

// Samples implements Figure.
func (f Effects) Samples() []Sample { return nil }

const (
	effectHead   = vg.Length(30)
	effectRow    = vg.Length(22)
	effectRowTwo = vg.Length(44) // on a phone: text above, jaws below
	effectBand   = 1.05          // differences within 5% hardly ever matter
)

func (f Effects) row(width vg.Length) vg.Length {
	if narrow(width) {
		return effectRowTwo
	}
	return effectRow
}

func (f Effects) height(width vg.Length) vg.Length {
	total := vg.Length(52)
	for _, g := range f.Groups {
		total += g.head() + vg.Length(len(g.Rows))*f.row(width)
	}
	return total
}

// head returns the room for a group's name.
func (g EffectGroup) head() vg.Length {
	if g.Name == "" {
		return 8
	}
	return effectHead
}

// reach returns by how much the axis goes up and down, as a factor.
func (f Effects) reach() float64 {
	reach := 1.1
	for _, g := range f.Groups {
		for _, r := range g.Rows {
			for _, v := range []float64{r.Ratio, r.Low, r.High} {
				if finite(v) && v > 0 {
					reach = max(reach, v, 1/v)
				}
			}
		}
	}
	return min(reach*1.08, 100)
}

// ratioTicks is a gonum Ticker for changes in per cent on a ratio axis.
type ratioTicks struct{ sparse bool }

// Ticks implements gonum's Ticker.
func (r ratioTicks) Ticks(lowest, highest float64) []gonum.Tick {
	share := 3.0 // of the half-axis between two ticks, at least
	if r.sparse {
		share = 2
	}
	var up []float64
	last := 1.0
	for _, c := range []float64{1.1, 1.25, 1.5, 2, 4, 8, 16, 32, 64} {
		if c <= highest && math.Log(c/last) >= math.Log(highest)/(share+0.5) {
			up = append(up, c)
			last = c
		}
	}
	ticks := []gonum.Tick{{Value: 1, Label: "0"}}
	for _, u := range up {
		ticks = append(ticks,
			gonum.Tick{Value: 1 / u, Label: number(math.Round(1000*(1/u-1))/10) + "%"},
			gonum.Tick{Value: u, Label: "+" + number(math.Round(1000*(u-1))/10) + "%"})
	}
	slices.SortFunc(ticks, func(a, b gonum.Tick) int {
		if a.Value < b.Value {
			return -1
		}
		return 1
	})
	return ticks
}

func (f Effects) draw(c draw.Canvas) vg.Rectangle {
	width := c.Max.X - c.Min.X
	phone := narrow(width)
	p := newPanel()
	reach := f.reach()
	p.X.Min, p.X.Max = 1/reach, reach
	p.X.Scale = gonum.LogScale{}
	p.Y.Min, p.Y.Max = 0, 1
	p.Add(wash{from: 1 / effectBand, to: effectBand, tone: Wash},
		frame{x: ratioTicks{sparse: phone}.Ticks(p.X.Min, p.X.Max), columns: true, foot: f.Foot})

	left, right := vg.Length(0), vg.Length(0)
	estimate := vg.Length(0)
	if !phone {
		for _, g := range f.Groups {
			for _, r := range g.Rows {
				left = max(left, lettering{}.width(r.Name)+16)
				right = max(right, lettering{}.width(r.Interval)+16)
				estimate = max(estimate, lettering{bold: true, big: true}.width(r.Estimate)+16)
			}
		}
		left = min(left, width*0.3)
		right = min(right, width*0.4)
	}
	area := draw.Crop(c, left+8, -right-estimate-8, 46, -6)
	p.Draw(area)
	x, _ := p.Transforms(&area)
	y := c.Max.Y
	for _, g := range f.Groups {
		y -= g.head()
		lettering{tone: Ink, bold: true}.write(c, vg.Point{X: c.Min.X, Y: y + 8}, g.Name)
		for _, r := range g.Rows {
			y -= f.row(width)
			if phone {
				f.words(c, r, y+26, c.Min.X, c.Max.X-90, c.Max.X)
				r.jaws(area, x, y+10)
				continue
			}
			f.words(c, r, y+7, c.Min.X, area.Max.X+estimate, c.Max.X)
			r.jaws(area, x, y+11)
		}
	}
	return area.Rectangle
}

// words writes a row's name, estimate and interval. On a phone the interval is left to the jaws
// and to the table.
func (f Effects) words(c draw.Canvas, r Effect, baseline, left, numbers, edge vg.Length) {
	name := lettering{tone: Ink}
	figure := lettering{tone: Ink, bold: true, big: true, align: rightOf}
	if narrow(c.Max.X - c.Min.X) {
		figure.write(c, vg.Point{X: edge, Y: baseline}, r.Estimate)
		name.write(c, vg.Point{X: left, Y: baseline}, name.cut(r.Name, edge-left-figure.width(r.Estimate)-12))
		return
	}
	name.write(c, vg.Point{X: left, Y: baseline}, name.cut(r.Name, (c.Max.X-c.Min.X)*0.3))
	figure.write(c, vg.Point{X: numbers, Y: baseline}, r.Estimate)
	interval := lettering{tone: SecondInk}
	interval.write(c, vg.Point{X: numbers + 12, Y: baseline}, interval.cut(r.Interval, edge-numbers-12))
}

func (r Effect) jaws(area draw.Canvas, x func(float64) vg.Length, y vg.Length) {
	place := func(ratio float64) vg.Length {
		switch {
		case math.IsNaN(ratio):
			return x(1)
		case ratio <= 0:
			return area.Min.X
		}
		return min(max(x(min(ratio, 1e6)), area.Min.X), area.Max.X)
	}
	if math.IsNaN(r.Ratio) {
		return
	}
	at := place(r.Ratio)
	area.StrokeLine2(draw.LineStyle{Color: Slate, Width: 2}, x(1), y, at, y)
	if !math.IsNaN(r.Low) && !math.IsNaN(r.High) {
		tone := r.Tone
		if !r.Clear {
			tone = Dim
		}
		jaws(area, tone, vg.Point{X: place(r.Low), Y: y}, vg.Point{X: place(r.High), Y: y}, 4)
	}
	if r.Clear {
		dot(area, r.Tone, vg.Point{X: at, Y: y}, 3.6)
	} else {
		ring(area, Dim, vg.Point{X: at, Y: y}, 3.8)
	}
}
