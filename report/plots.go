package report

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"kaliper/report/plot"
	"kaliper/results"
)

// Format is a format of plots.
type Format string

// The formats of plots.
const (
	SVG Format = "svg"
	PNG Format = "png"
)

// Plots writes every figure of the document as a file of its own into a directory, which it
// makes, and returns the files' paths in reading order. Each file appears whole or not at all.
func (d *Document) Plots(directory string, format Format) ([]string, error) {
	write := plot.WriteSVG
	switch format {
	case SVG:
	case PNG:
		write = plot.WritePNG
	default:
		return nil, fmt.Errorf("write plots: format %q is none of svg, png", format)
	}
	if err := os.MkdirAll(directory, 0o777); err != nil {
		return nil, fmt.Errorf("write plots: %w", err)
	}
	var paths []string
	for _, f := range d.Figures() {
		path := filepath.Join(directory, f.Caption().Name+"."+string(format))
		var out bytes.Buffer
		if err := write(&out, withWarning(f, d.Warnings)); err != nil {
			return paths, fmt.Errorf("write plot %s: %w", path, err)
		}
		if err := results.ReplaceFile(path, out.Bytes()); err != nil {
			return paths, fmt.Errorf("write plot %s: %w", path, err)
		}
		paths = append(paths, path)
	}
	return paths, nil
}

// withWarning gives a figure that leaves its page what the page says at its top.
func withWarning(f plot.Figure, warnings []string) plot.Figure {
	if len(warnings) == 0 {
		return f
	}
	return plot.Warned{Figure: f, Warnings: warnings}
}
