package plot

import (
	"fmt"
	"math"

	gonum "gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Timeline is one trial over time: panels below each other that share their x axis, with event
// marks through all of them.
type Timeline struct {
	Head
	Seconds     float64 // the right end of the axis; it begins at 0
	WindowFrom  float64 // the measured window; outside of it all is washed
	WindowTo    float64
	WindowLabel string
	Panels      []Panel
	Events      []Mark // in order of time
}

// Panel is one quantity over time.
type Panel struct {
	Heading string // with its unit; " , log scale" is added where it is one
	Unit    string // for read-outs
	Log     bool
	Tall    bool
	Series  []Series // the important first
}

// Series is one line of a panel.
type Series struct {
	Name    string
	Tone    Tone
	Wide    bool   // a broad pale line below another
	Peak    string // names the value at PeakAt; empty for none
	PeakAt  int
	Seconds []float64
	Values  []float64 // NaN where nothing is known
}

// Samples implements Figure.
func (f Timeline) Samples() []Sample {
	if len(f.Panels) == 0 || len(f.Panels[0].Series) == 0 {
		return nil
	}
	var samples []Sample
	for i, second := range f.Panels[0].Series[0].Seconds {
		lines := []string{"second " + number(math.Round(second*10)/10)}
		for _, panel := range f.Panels {
			for _, s := range panel.Series {
				if i < len(s.Values) && finite(s.Values[i]) {
					lines = append(lines, fmt.Sprintf("%s %s\u00a0%s", s.Name, roundNumber(s.Values[i]), panel.Unit))
				}
			}
		}
		for _, e := range f.Events {
			if math.Abs(e.At-second) <= 0.5 && len(lines) < 10 {
				lines = append(lines, e.Name)
			}
		}
		samples = append(samples, Sample{At: second / f.Seconds, Lines: lines})
	}
	return samples
}

const (
	timelineTop    = vg.Length(42) // for the names of events
	timelineBottom = vg.Length(74) // for the x axis and the window
	panelGap       = vg.Length(34)
)

func (p Panel) height() vg.Length {
	if p.Tall {
		return 130
	}
	return 96
}

func (f Timeline) height(vg.Length) vg.Length {
	total := timelineTop + timelineBottom + headHeight - panelGap
	for _, panel := range f.Panels {
		total += panel.height() + panelGap
	}
	return total
}

func (f Timeline) draw(c draw.Canvas) vg.Rectangle {
	width := c.Max.X - c.Min.X
	scales := make([][]gonum.Tick, len(f.Panels))
	plots := make([]*gonum.Plot, len(f.Panels))
	room := vg.Length(20)
	for i, panel := range f.Panels {
		plots[i] = newPanel()
		plots[i].X.Min, plots[i].X.Max = 0, f.Seconds
		scales[i] = panel.scale(plots[i])
		for _, s := range panel.Series {
			room = max(room, lettering{bold: true}.width(s.Name)+16)
		}
	}
	room = min(room, width*0.3)
	left := gutter(scales...)

	steps := 9
	if narrow(width) {
		steps = 5
	}
	top := c.Max.Y - timelineTop - headHeight
	var whole vg.Rectangle
	for i, panel := range f.Panels {
		area := draw.Canvas{Canvas: c, Rectangle: vg.Rectangle{
			Min: vg.Point{X: c.Min.X + left, Y: top - panel.height()},
			Max: vg.Point{X: c.Max.X - room, Y: top},
		}}
		heading := panel.Heading
		if panel.Log {
			heading += ", log scale"
		}
		plots[i].Add(
			wash{from: 0, to: f.WindowFrom, tone: Wash},
			wash{from: f.WindowTo, to: f.Seconds, tone: Wash},
			frame{
				x: fromZero{steps: steps}.Ticks(0, f.Seconds), y: scales[i],
				left: c.Min.X, heading: heading, noLabels: i < len(f.Panels)-1,
			})
		panel.add(plots[i])
		plots[i].Draw(area)
		f.name(area, panel, plots[i], room)
		if i == 0 {
			whole.Max = area.Max
		}
		whole.Min = area.Min
		top = area.Min.Y - panelGap
	}
	all := draw.Canvas{Canvas: c, Rectangle: whole}
	f.events(all, c.Max)
	f.window(all)
	return whole
}

// scale gives a panel its y axis and returns the ticks of it.
func (p Panel) scale(panel *gonum.Plot) []gonum.Tick {
	lowest, highest := math.Inf(1), math.Inf(-1)
	for _, s := range p.Series {
		for _, v := range s.Values {
			if finite(v) && (v > 0 || !p.Log) {
				lowest, highest = min(lowest, v), max(highest, v)
			}
		}
	}
	if p.Log {
		panel.Y.Min, panel.Y.Max = logRange(lowest, highest)
		panel.Y.Scale = gonum.LogScale{}
		return logSteps{count: 5}.Ticks(panel.Y.Min, panel.Y.Max)
	}
	scale := fromZero{steps: 3}
	panel.Y.Min, panel.Y.Max = 0, scale.ceiling(highest)
	return scale.Ticks(0, panel.Y.Max)
}

func (p Panel) add(panel *gonum.Plot) {
	for i := len(p.Series) - 1; i >= 0; i-- {
		s := p.Series[i]
		points := make(plotter.XYs, len(s.Values))
		for k, v := range s.Values {
			if p.Log && v <= 0 {
				v = math.NaN()
			}
			points[k] = plotter.XY{X: s.Seconds[k], Y: v}
		}
		style := draw.LineStyle{Color: s.Tone, Width: 1.5}
		if s.Wide {
			style = draw.LineStyle{Color: tint{s.Tone, 0.45}, Width: 3.4}
		}
		addLine(panel, style, points)
	}
}

// name labels the series at their right ends, and the peak of those that have one.
// A series is named at its height at the window's end: in the drain, rates fall to 0.
func (f Timeline) name(area draw.Canvas, p Panel, panel *gonum.Plot, room vg.Length) {
	x, y := panel.Transforms(&area)
	var labels []endLabel
	for _, s := range p.Series {
		at := math.NaN()
		for k, v := range s.Values {
			if drawable(p, v) && (math.IsNaN(at) || s.Seconds[k] <= f.WindowTo) {
				at = v
			}
		}
		if math.IsNaN(at) {
			continue
		}
		labels = append(labels, endLabel{at: y(at), tone: s.Tone, bold: !s.Wide, lines: []string{s.Name}})
		if s.Peak != "" {
			look := lettering{tone: Ink, bold: true}
			labels := placer{bounds: vg.Rectangle{Min: area.Min, Max: vg.Point{X: area.Max.X, Y: area.Max.Y + 12}}}
			for _, e := range f.Events {
				line := x(e.At)
				labels.block(vg.Rectangle{Min: vg.Point{X: line - 2, Y: area.Min.Y}, Max: vg.Point{X: line + 2, Y: area.Max.Y + 12}})
			}
			for k := range s.Values {
				if k > 0 && drawable(p, s.Values[k-1]) && drawable(p, s.Values[k]) {
					labels.blockLine(vg.Point{X: x(s.Seconds[k-1]), Y: y(s.Values[k-1])}, vg.Point{X: x(s.Seconds[k]), Y: y(s.Values[k])})
				}
			}
			if box, ok := labels.place(vg.Point{X: x(s.Seconds[s.PeakAt]), Y: y(s.Values[s.PeakAt])}, look.width(s.Peak), 14, 7); ok {
				look.write(area, vg.Point{X: box.Min.X, Y: box.Min.Y + 4}, s.Peak)
			}
		}
	}
	writeEndLabels(area, area.Max.X, room, area.Min.Y-6, area.Max.Y+6, labels)
}

// drawable says whether a value has a place on a panel's axis.
func drawable(p Panel, v float64) bool { return finite(v) && (!p.Log || v > 0) }

// events draws the marks through all panels, and names those that find room, in two lines above
// the first panel.
func (f Timeline) events(area draw.Canvas, corner vg.Point) {
	at := func(seconds float64) vg.Length { return area.X(seconds / f.Seconds) }
	names := placer{bounds: vg.Rectangle{
		Min: vg.Point{X: area.Min.X - 40, Y: area.Max.Y}, Max: vg.Point{X: corner.X, Y: corner.Y},
	}}
	for _, e := range f.Events {
		x := at(e.At)
		if x < area.Min.X || x > area.Max.X {
			continue
		}
		area.StrokeLine2(draw.LineStyle{Color: e.Tone, Width: 1}, x, area.Min.Y, x, area.Max.Y+headHeight+4)
		area.FillPolygon(e.Tone, []vg.Point{
			{X: x - 4, Y: area.Max.Y + headHeight + 10}, {X: x + 4, Y: area.Max.Y + headHeight + 10}, {X: x, Y: area.Max.Y + headHeight + 2},
		})
	}
	base := area.Max.Y + headHeight
	for _, e := range f.Events {
		names.block(vg.Rectangle{Min: vg.Point{X: at(e.At) - 5, Y: base}, Max: vg.Point{X: at(e.At) + 5, Y: base + 10}})
	}
	for _, e := range f.Events {
		x := at(e.At)
		if x < area.Min.X || x > area.Max.X {
			continue
		}
		bold, plain := lettering{tone: e.Tone, bold: true}, lettering{tone: SecondInk}
		size := max(bold.width(e.Name), plain.width(e.Text)) + 6
		for _, left := range []vg.Length{x + 7, x - 7 - size} {
			box := vg.Rectangle{Min: vg.Point{X: left, Y: base + 2}, Max: vg.Point{X: left + size, Y: base + 34}}
			if !names.free(box) {
				continue
			}
			names.block(box)
			bold.write(area, vg.Point{X: left, Y: base + 20}, e.Name)
			plain.write(area, vg.Point{X: left, Y: base + 6}, e.Text)
			break
		}
	}
}

// window draws the measured window with jaws below the x axis, and names it.
func (f Timeline) window(area draw.Canvas) {
	from, to := area.X(f.WindowFrom/f.Seconds), area.X(f.WindowTo/f.Seconds)
	y := area.Min.Y - 32
	if to > from {
		jaws(area, Ink, vg.Point{X: from, Y: y}, vg.Point{X: to, Y: y}, 4)
	}
	label := lettering{tone: Ink, align: centred}
	half := label.width(f.WindowLabel) / 2
	middle := min(max((from+to)/2, area.Min.X+half), area.Max.X-half)
	label.write(area, vg.Point{X: middle, Y: y - 21}, f.WindowLabel)
	unit := lettering{tone: SecondInk, bold: true, align: rightOf}
	const seconds = "seconds of the trial"
	if edge := area.Max.X + 60; edge-unit.width(seconds) > middle+half+8 {
		unit.write(area, vg.Point{X: edge, Y: y - 21}, seconds)
	} else {
		lettering{tone: SecondInk, bold: true, align: rightOf}.write(area, vg.Point{X: area.Min.X - tickGap, Y: area.Min.Y - 17}, "s")
	}
	warmup := lettering{tone: SecondInk, align: rightOf}
	if from-6-warmup.width("warm-up") > 0 && f.WindowFrom > 0 {
		warmup.write(area, vg.Point{X: from - 6, Y: y - 4}, "warm-up")
	}
	drain := lettering{tone: SecondInk}
	if f.WindowTo < f.Seconds && area.Max.X+60-to > drain.width("drain")+8 {
		drain.write(area, vg.Point{X: to + 6, Y: y - 4}, "drain")
	}
}
