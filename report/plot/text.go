package plot

import (
	"golang.org/x/image/font"

	gonum "gonum.org/v1/plot"
	plotfont "gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

const (
	textSize = vg.Length(12)
	boldSize = vg.Length(13)
	// widening is by how much a reader's system font may be wider than Liberation Sans, whose
	// metrics are all that is known when the figure is drawn.
	widening = 1.08
)

// align is where a text's anchor lies.
type align float64

const (
	leftOf  align = 0 // the anchor is the text's left end
	centred align = -0.5
	rightOf align = -1
)

// lettering is how one line of text looks.
type lettering struct {
	tone  Tone
	bold  bool
	big   bool
	align align
}

func (l lettering) style() text.Style {
	f := plotfont.Font{Typeface: "Liberation", Variant: "Sans", Size: textSize}
	if l.big {
		f.Size = boldSize
	}
	if l.bold {
		f.Weight = font.WeightBold
	}
	return text.Style{Color: l.tone, Font: f, XAlign: text.XAlignment(l.align), Handler: gonum.DefaultTextHandler}
}

// width returns how much room a line needs, whatever font it will be shown in.
func (l lettering) width(line string) vg.Length { return l.style().Width(line) * widening }

// write puts one line with its anchor on the baseline at pt. gonum's text handlers resolve the
// alignment by measuring; SVG keeps it, so that the reader's own font lines up.
func (l lettering) write(c draw.Canvas, pt vg.Point, line string) {
	if line == "" {
		return
	}
	style := l.style()
	c.SetColor(l.tone)
	if page, ok := rootOf(c).(*svgCanvas); ok {
		page.anchored(style.Font, pt, float64(l.align), line)
		return
	}
	face := style.Handler.Cache().Lookup(style.Font, style.Font.Size)
	pt.X += face.Width(line) * vg.Length(l.align)
	c.FillString(face, pt, line)
}

// cut shortens a line until it fits, with an ellipsis for what is gone.
func (l lettering) cut(line string, room vg.Length) string {
	if l.width(line) <= room {
		return line
	}
	runes := []rune(line)
	for n := len(runes) - 1; n > 0; n-- {
		if short := string(runes[:n]) + "…"; l.width(short) <= room {
			return short
		}
	}
	return ""
}
