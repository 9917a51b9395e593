package plot

import (
	"bytes"
	"fmt"
	"html"
	"image"
	"image/color"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// svgCanvas is a vg.Canvas that writes SVG for a page. gonum's own vgsvg is not used because it
// places every text by its left edge as measured in Liberation Sans, which tears right-aligned
// labels apart in a reader's system font, and because it writes colours as numbers, which no
// dark theme can change. The figures here neither rotate nor scale, so neither does it.
type svgCanvas struct {
	width, height vg.Length
	body          bytes.Buffer
	color         color.Color
	line          vg.Length
	dashes        []vg.Length
}

func newSVGCanvas(width, height vg.Length) *svgCanvas {
	return &svgCanvas{width: width, height: height}
}

// Size implements vg.CanvasSizer.
func (c *svgCanvas) Size() (width, height vg.Length) { return c.width, c.height }

// SetLineWidth, SetLineDash and SetColor implement vg.Canvas.
func (c *svgCanvas) SetLineWidth(w vg.Length)                     { c.line = w }
func (c *svgCanvas) SetLineDash(pattern []vg.Length, _ vg.Length) { c.dashes = pattern }
func (c *svgCanvas) SetColor(colour color.Color)                  { c.color = colour }
func (c *svgCanvas) Push()                                        {}
func (c *svgCanvas) Pop()                                         {}
func (c *svgCanvas) Rotate(float64)                               { panic("plot: figures do not rotate") }
func (c *svgCanvas) Translate(vg.Point)                           { panic("plot: figures do not translate") }
func (c *svgCanvas) Scale(float64, float64)                       { panic("plot: figures do not scale") }
func (c *svgCanvas) DrawImage(rect vg.Rectangle, picture image.Image) {
	panic("plot: figures hold no images")
}

// Stroke implements vg.Canvas.
func (c *svgCanvas) Stroke(path vg.Path) {
	if c.line <= 0 {
		return
	}
	class, opacity := c.paint()
	fmt.Fprintf(&c.body, `<path class="s-%s" d="%s"`, class, c.data(path))
	if c.line != 1 {
		fmt.Fprintf(&c.body, ` stroke-width="%s"`, decimal(c.line))
	}
	if len(c.dashes) > 0 {
		c.body.WriteString(` stroke-dasharray="`)
		for i, d := range c.dashes {
			if i > 0 {
				c.body.WriteByte(' ')
			}
			c.body.WriteString(decimal(d))
		}
		c.body.WriteByte('"')
	}
	if opacity < 1 {
		fmt.Fprintf(&c.body, ` stroke-opacity="%.2g"`, opacity)
	}
	c.body.WriteString("/>\n")
}

// Fill implements vg.Canvas.
func (c *svgCanvas) Fill(path vg.Path) {
	class, opacity := c.paint()
	fmt.Fprintf(&c.body, `<path class="f-%s" d="%s"`, class, c.data(path))
	if opacity < 1 {
		fmt.Fprintf(&c.body, ` fill-opacity="%.2g"`, opacity)
	}
	c.body.WriteString("/>\n")
}

// FillString implements vg.Canvas; pt is the left end of the baseline.
func (c *svgCanvas) FillString(face font.Face, pt vg.Point, text string) {
	c.anchored(face.Font, pt, -0, text)
}

// anchored writes text whose baseline has pt at its left (0), middle (-0.5) or right (-1) end.
func (c *svgCanvas) anchored(f font.Font, pt vg.Point, align float64, text string) {
	class, _ := c.paint()
	fmt.Fprintf(&c.body, `<text class="f-%s`, class)
	if f.Weight > 0 {
		c.body.WriteString(" bold")
	}
	fmt.Fprintf(&c.body, `" x="%s" y="%s"`, decimal(pt.X), decimal(c.height-pt.Y))
	switch align {
	case -0.5:
		c.body.WriteString(` text-anchor="middle"`)
	case -1:
		c.body.WriteString(` text-anchor="end"`)
	}
	if f.Size != textSize {
		fmt.Fprintf(&c.body, ` font-size="%s"`, decimal(f.Size))
	}
	fmt.Fprintf(&c.body, ">%s</text>\n", html.EscapeString(printable(text)))
}

// paint returns the name of the current tone and its opacity.
func (c *svgCanvas) paint() (name string, opacity float64) {
	switch t := c.color.(type) {
	case Tone:
		return t.shade().name, 1
	case tint:
		return t.shade().name, t.opacity
	default:
		return Ink.shade().name, 1
	}
}

// data returns a path's d attribute, with the y axis turned to SVG's direction.
func (c *svgCanvas) data(path vg.Path) string {
	var d bytes.Buffer
	to := func(command byte, pt vg.Point) {
		d.WriteByte(command)
		d.WriteString(decimal(pt.X))
		d.WriteByte(' ')
		d.WriteString(decimal(c.height - pt.Y))
	}
	for _, comp := range path {
		switch comp.Type {
		case vg.MoveComp:
			to('M', comp.Pos)
		case vg.LineComp:
			to('L', comp.Pos)
		case vg.ArcComp:
			// Quarters, because an SVG arc may not end where it begins.
			steps := int(math.Ceil(math.Abs(comp.Angle)/(math.Pi/2) - 1e-9))
			for i := 1; i <= steps; i++ {
				sin, cos := math.Sincos(comp.Start + comp.Angle*float64(i)/float64(steps))
				sweep := 0
				if comp.Angle < 0 {
					sweep = 1
				}
				r := decimal(comp.Radius)
				fmt.Fprintf(&d, "A%s %s 0 0 %d ", r, r, sweep)
				d.WriteString(decimal(comp.Pos.X + comp.Radius*vg.Length(cos)))
				d.WriteByte(' ')
				d.WriteString(decimal(c.height - comp.Pos.Y - comp.Radius*vg.Length(sin)))
			}
		case vg.CurveComp:
			command := "QC"[len(comp.Control)-1]
			for _, control := range comp.Control {
				to(command, control)
				command = ' '
			}
			to(' ', comp.Pos)
		case vg.CloseComp:
			d.WriteByte('Z')
		}
	}
	return d.String()
}

// WriteTo writes an SVG file that stands alone: light, with its own fonts and style sheet.
func (c *svgCanvas) WriteTo(w io.Writer) (int64, error) {
	var out bytes.Buffer
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" width="%s" height="%s" viewBox="0 0 %[1]s %[2]s">`+"\n",
		decimal(c.width), decimal(c.height))
	out.WriteString("<style>\n" +
		`text{font:12px -apple-system,BlinkMacSystemFont,"Segoe UI",Roboto,"Liberation Sans","Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums}` + "\n" +
		".bold{font-weight:600}\n")
	for _, t := range tones() {
		s := t.shade()
		colour := fmt.Sprintf("#%02x%02x%02x", s.light.R, s.light.G, s.light.B)
		fmt.Fprintf(&out, ".s-%s{fill:none;stroke:%s}.f-%[1]s{fill:%[2]s}\n", s.name, colour)
	}
	out.WriteString("</style>\n")
	fmt.Fprintf(&out, `<path class="f-bg" d="M0 0H%sV%sH0Z"/>`+"\n", decimal(c.width), decimal(c.height))
	out.Write(c.body.Bytes())
	out.WriteString("</svg>\n")
	return out.WriteTo(w)
}

// PageStyle returns the rules of a page's style sheet that give the figures their colours from
// custom properties: --ink, --pick, ...
func PageStyle() string {
	var out bytes.Buffer
	for _, t := range tones() {
		fmt.Fprintf(&out, ".s-%s{fill:none;stroke:var(--%[1]s)}.f-%[1]s{fill:var(--%[1]s)}\n", t.shade().name)
	}
	return out.String()
}

// printable takes out control characters, which XML forbids even as references.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == utf8.RuneError {
			return ' '
		}
		return r
	}, text)
}

// decimal prints a length with at most one decimal, which is a tenth of a pixel.
func decimal(l vg.Length) string {
	s := strconv.FormatFloat(math.Round(float64(l)*10)/10, 'f', -1, 64)
	if s == "-0" {
		return "0"
	}
	return s
}

var _ vg.CanvasWriterTo = (*svgCanvas)(nil)

// rootOf returns the canvas below gonum's crops of it.
func rootOf(c vg.Canvas) vg.Canvas {
	for {
		switch crop := c.(type) {
		case draw.Canvas:
			c = crop.Canvas
		case *draw.Canvas:
			c = crop.Canvas
		default:
			return c
		}
	}
}
