package plot

import (
	"fmt"
	"html"
	"io"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// The widths at which every figure is drawn, in CSS pixels.
const (
	WideWidth   = 860
	NarrowWidth = 360
)

// fileMargin is the paper around a figure that leaves its page.
const fileMargin = vg.Length(14)

// pngScale makes PNG files sharp on the screens and slides of today.
const pngScale = 2

// Head is what every figure has beside its picture.
type Head struct {
	Name        string // of its files, and its id on a page: [a-z0-9-]
	Title       string // for those who cannot see it: what is shown
	Description string // and what is to be seen, in a sentence or two
}

// Caption returns the head of a figure.
func (h Head) Caption() Head { return h }

// Figure is one picture of a report.
type Figure interface {
	Caption() Head
	// Samples are the places on the x axis that have something to read out; nil for none.
	Samples() []Sample
	height(width vg.Length) vg.Length
	// draw returns the area that Samples refer to.
	draw(c draw.Canvas) vg.Rectangle
}

// Sample is what a figure tells about one place on its x axis.
type Sample struct {
	At    float64  `json:"at"`           // 0 at the left end of the plot's area, 1 at its right end
	Up    float64  `json:"up,omitempty"` // 1 at the top of the area; 0 where x alone is meant
	Lines []string `json:"lines"`
	Row   string   `json:"row,omitempty"` // the id of the table's row that says more
}

// PageSVG returns a figure as an <svg> element of a page, width units wide.
func PageSVG(f Figure, width int, class string) string {
	c, area := render(f, vg.Length(width))
	h := f.Caption()
	id := fmt.Sprintf("%s-%d", h.Name, width)
	var out strings.Builder
	fmt.Fprintf(&out, `<svg class="%s" viewBox="0 0 %s %s" role="img" aria-labelledby="t-%s" aria-describedby="d-%[4]s" data-figure="%[5]s"`,
		html.EscapeString(class), decimal(c.width), decimal(c.height), html.EscapeString(id), html.EscapeString(h.Name))
	fmt.Fprintf(&out, ` data-left="%s" data-width="%s" data-top="%s" data-bottom="%s">`,
		decimal(area.Min.X), decimal(area.Max.X-area.Min.X), decimal(c.height-area.Max.Y), decimal(c.height-area.Min.Y))
	fmt.Fprintf(&out, `<title id="t-%s">%s</title><desc id="d-%[1]s">%[3]s</desc>`+"\n",
		html.EscapeString(id), html.EscapeString(printable(h.Title)), html.EscapeString(printable(h.Description)))
	out.Write(c.body.Bytes())
	fmt.Fprintf(&out, `<path class="s-ink cross" d="M0 %sV%s" visibility="hidden"/></svg>`,
		decimal(c.height-area.Max.Y), decimal(c.height-area.Min.Y))
	return out.String()
}

// WriteSVG writes a figure as an SVG file that needs nothing else.
func WriteSVG(w io.Writer, f Figure) error {
	c := newSVGCanvas(WideWidth+2*fileMargin, f.height(WideWidth)+2*fileMargin)
	f.draw(withinMargin(c))
	_, err := c.WriteTo(w)
	return err
}

// WritePNG writes a figure as a PNG picture on white, at twice its size in pixels.
func WritePNG(w io.Writer, f Figure) error {
	size := vgimg.UseWH(WideWidth+2*fileMargin, f.height(WideWidth)+2*fileMargin)
	c := vgimg.PngCanvas{Canvas: vgimg.NewWith(size, vgimg.UseDPI(72*pngScale))}
	f.draw(withinMargin(c))
	_, err := c.WriteTo(w)
	return err
}

func withinMargin(c vg.CanvasSizer) draw.Canvas {
	return draw.Crop(draw.New(c), fileMargin, -fileMargin, fileMargin, -fileMargin)
}

func render(f Figure, width vg.Length) (*svgCanvas, vg.Rectangle) {
	c := newSVGCanvas(width, f.height(width))
	area := f.draw(draw.New(c))
	return c, area
}

// narrow says whether a figure is drawn for a phone.
func narrow(width vg.Length) bool { return width < 600 }
