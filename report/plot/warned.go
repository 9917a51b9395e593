package plot

import (
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Warned is a figure with warnings above it, for files that leave their page.
type Warned struct {
	Figure
	Warnings []string
}

const warningHeight = vg.Length(17)

// lines breaks the warnings to the width of the figure.
func (f Warned) lines(width vg.Length) []string {
	look := lettering{bold: true}
	var lines []string
	for _, warning := range f.Warnings {
		line := ""
		for _, word := range strings.Fields(warning) {
			longer := strings.TrimSpace(line + " " + word)
			if line != "" && look.width(longer) > width {
				lines = append(lines, line)
				longer = word
			}
			line = longer
		}
		lines = append(lines, line)
	}
	return lines
}

func (f Warned) height(width vg.Length) vg.Length {
	return f.Figure.height(width) + vg.Length(len(f.lines(width)))*warningHeight + 6
}

func (f Warned) draw(c draw.Canvas) vg.Rectangle {
	lines := f.lines(c.Max.X - c.Min.X)
	for i, line := range lines {
		lettering{tone: Alert, bold: true}.write(c, vg.Point{X: c.Min.X, Y: c.Max.Y - 13 - vg.Length(i)*warningHeight}, line)
	}
	return f.Figure.draw(draw.Crop(c, 0, 0, 0, -vg.Length(len(lines))*warningHeight-6))
}
