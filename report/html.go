package report

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"math"
	"strings"
	"unicode"

	"kaliper/report/plot"
)

//go:embed page
var page embed.FS

// HTML writes the document as one page that needs nothing else: no network, no other file.
// Figures are drawn twice, for a desk and for a phone; scripts only add (read-outs, sorting,
// the theme) and the page is whole without them.
func (d *Document) HTML(w io.Writer) error {
	style, err := page.ReadFile("page/page.css")
	if err != nil {
		return err
	}
	script, err := page.ReadFile("page/page.js")
	if err != nil {
		return err
	}
	t, err := template.New("page.html").Funcs(template.FuncMap{
		"wide":      func(f plot.Figure) template.HTML { return template.HTML(plot.PageSVG(f, plot.WideWidth, "wide")) },
		"narrow":    func(f plot.Figure) template.HTML { return template.HTML(plot.PageSVG(f, plot.NarrowWidth, "narrow")) },
		"samples":   samplesOf,
		"number":    sortValue,
		"kinds":     asJSON[[]string],
		"filters":   asJSON[[]Filter],
		"bar":       barSVG,
		"breakable": breakable,
	}).ParseFS(page, "page/page.html")
	if err != nil {
		return err
	}
	var out bytes.Buffer
	err = t.Execute(&out, map[string]any{
		"Document": d,
		"Style":    template.CSS(string(style) + plot.PageStyle()),
		"Script":   template.JS(script),
		"Run":      runTitle(d),
	})
	if err != nil {
		return fmt.Errorf("render report: %w", err)
	}
	// The template escapes markup; control characters have no business in a page either.
	_, err = w.Write(bytes.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return ' '
		}
		return r
	}, out.Bytes()))
	return err
}

func runTitle(d *Document) string { return enumerate(d.Runs, "and") }

// samplesOf returns what a figure reads out, for the page's script.
func samplesOf(f plot.Figure) (template.JS, error) {
	samples := f.Samples()
	for i := range samples {
		samples[i].At = math.Round(samples[i].At*1e4) / 1e4
	}
	data, err := json.Marshal(samples) // escapes <, > and & for a script element
	return template.JS(data), err
}

// asJSON is for data attributes; the template escapes it.
func asJSON[T any](v T) (string, error) {
	data, err := json.Marshal(v)
	return string(data), err
}

// sortValue is what the script sorts a cell by; cells without a value sort last.
func sortValue(v float64) string {
	switch {
	case math.IsNaN(v):
		return ""
	case math.IsInf(v, 1):
		return "1e308"
	}
	return fmt.Sprintf("%.9g", v)
}

// barSVG draws a bar from 0 with the jaws of its interval.
func barSVG(b *Bar) template.HTML {
	const width, height = 96.0, 10.0
	out := fmt.Sprintf(`<svg class="cell" width="%g" height="%g" viewBox="0 0 %g %g" aria-hidden="true"><path class="b" d="M0 2H%.1fV8H0Z"/>`,
		width, height, width, height, b.Value*width)
	if !math.IsNaN(b.Low) && !math.IsNaN(b.High) {
		low, high := b.Low*(width-1), b.High*(width-1)
		out += fmt.Sprintf(`<path class="j" d="M%.1f 0.5V9.5M%.1f 0.5V9.5M%.1f 5H%.1f"/>`, low, high, low, high)
	}
	return template.HTML(out + "</svg>")
}

// breakable lets the name of a metric wrap between its parts, and not within a word.
func breakable(name string) template.HTML {
	escaped := template.HTMLEscapeString(name)
	if !strings.Contains(name, " ") {
		escaped = strings.NewReplacer(".", ".<wbr>", "_", "_<wbr>").Replace(escaped)
	}
	return template.HTML(escaped)
}
