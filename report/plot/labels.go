package plot

import (
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// placer finds room for labels, greedily: who comes first gets the best place.
type placer struct {
	bounds vg.Rectangle
	taken  []vg.Rectangle
}

// block keeps labels off a rectangle.
func (p *placer) block(r vg.Rectangle) { p.taken = append(p.taken, r) }

// blockLine keeps labels off a straight line.
func (p *placer) blockLine(from, to vg.Point) {
	const reach = 1.5
	length := to.Sub(from)
	steps := max(6, int(math.Hypot(float64(length.X), float64(length.Y))/4))
	for i := range steps + 1 {
		at := from.Add(to.Sub(from).Scale(vg.Length(i) / vg.Length(steps)))
		p.block(vg.Rectangle{Min: at.Sub(vg.Point{X: reach, Y: reach}), Max: at.Add(vg.Point{X: reach, Y: reach})})
	}
}

// place returns where a box of the given size fits around a point in one of eight directions,
// and takes the room; ok is false where nothing fits.
func (p *placer) place(at vg.Point, width, height, gap vg.Length) (box vg.Rectangle, ok bool) {
	diagonal := gap * 0.7
	for _, corner := range []vg.Point{
		{X: -width / 2, Y: gap},                       // above
		{X: gap, Y: -height / 2},                      // right
		{X: -gap - width, Y: -height / 2},             // left
		{X: diagonal, Y: diagonal},                    // above, to the right
		{X: -diagonal - width, Y: diagonal},           // above, to the left
		{X: diagonal, Y: -diagonal - height},          // below, to the right
		{X: -diagonal - width, Y: -diagonal - height}, // below, to the left
		{X: -width / 2, Y: -gap - height},             // below
	} {
		low := at.Add(corner)
		box = vg.Rectangle{Min: low, Max: low.Add(vg.Point{X: width, Y: height})}
		if p.free(box) {
			p.block(box)
			return box, true
		}
	}
	return vg.Rectangle{}, false
}

func (p *placer) free(box vg.Rectangle) bool {
	if box.Min.X < p.bounds.Min.X || box.Max.X > p.bounds.Max.X || box.Min.Y < p.bounds.Min.Y || box.Max.Y > p.bounds.Max.Y {
		return false
	}
	return !slices.ContainsFunc(p.taken, func(t vg.Rectangle) bool {
		return box.Min.X < t.Max.X && box.Max.X > t.Min.X && box.Min.Y < t.Max.Y && box.Max.Y > t.Min.Y
	})
}

// endLabel names a line at its right end.
type endLabel struct {
	at    vg.Length // the line's height there
	tone  Tone
	bold  bool
	lines []string // the first in tone, the others in second ink
}

func (l endLabel) height() vg.Length { return vg.Length(len(l.lines))*14 + 4 }

// writeEndLabels names lines right of x, the important first; labels that would overlap are
// moved apart and tied to their lines, and what does not fit is left out.
func writeEndLabels(c draw.Canvas, x, room, bottom, top vg.Length, labels []endLabel) {
	kept, used := []endLabel(nil), vg.Length(0)
	for _, l := range labels {
		if used+l.height() > top-bottom {
			continue
		}
		used += l.height()
		kept = append(kept, l)
	}
	slices.SortStableFunc(kept, func(a, b endLabel) int {
		switch {
		case a.at > b.at:
			return -1
		case a.at < b.at:
			return 1
		}
		return 0
	})
	centres := spread(kept, bottom, top)
	for i, l := range kept {
		centre := centres[i]
		if l.at-centre > 3 || centre-l.at > 3 {
			c.StrokeLines(draw.LineStyle{Color: l.tone, Width: 0.8},
				[]vg.Point{{X: x + 1, Y: l.at}, {X: x + 11, Y: centre}})
		}
		baseline := centre + l.height()/2 - 13
		for n, line := range l.lines {
			look := lettering{tone: l.tone, bold: l.bold}
			if n > 0 {
				look = lettering{tone: SecondInk}
			}
			look.write(c, vg.Point{X: x + 14, Y: baseline}, look.cut(line, room-14))
			baseline -= 14
		}
	}
}

// spread returns the centres of labels, from the top down, as near to their lines as they can
// be without overlapping.
func spread(labels []endLabel, bottom, top vg.Length) []vg.Length {
	centres := make([]vg.Length, len(labels))
	for i, l := range labels {
		centres[i] = l.at
		if i > 0 {
			centres[i] = min(centres[i], centres[i-1]-(labels[i-1].height()+l.height())/2)
		} else {
			centres[i] = min(centres[i], top-l.height()/2)
		}
	}
	// What was pushed through the floor pushes back up.
	for i := len(labels) - 1; i >= 0; i-- {
		floor := bottom + labels[i].height()/2
		if i < len(labels)-1 {
			floor = centres[i+1] + (labels[i].height()+labels[i+1].height())/2
		}
		centres[i] = max(centres[i], floor)
	}
	return centres
}
