package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

// writeTo makes the tests leave the reports of the synthetic runs in a directory, to look at.
var writeTo = flag.String("write", "", "directory for the reports of the synthetic runs")

// TestEveryPlannedRunRendersInEveryFormat leaves the contents to the other tests.
func TestEveryPlannedRunRendersInEveryFormat(t *testing.T) {
	directory := *writeTo
	if directory == "" {
		directory = t.TempDir()
	}
	for _, name := range documentNames() {
		t.Run(name, func(t *testing.T) {
			document := document(t, name)
			for format, render := range map[string]func(*bytes.Buffer) error{
				"html": func(out *bytes.Buffer) error { return document.HTML(out) },
				"md":   func(out *bytes.Buffer) error { return document.Markdown(out, name) },
				"txt":  func(out *bytes.Buffer) error { return document.Text(out, TextOptions{Width: 100}) },
				"json": func(out *bytes.Buffer) error { return document.JSON(out) },
				"csv":  func(out *bytes.Buffer) error { return document.CSV(out) },
			} {
				var out bytes.Buffer
				if err := render(&out); err != nil {
					t.Fatal(err)
				}
				if out.Len() == 0 {
					t.Errorf("the %s is empty", format)
				}
				if err := os.WriteFile(filepath.Join(directory, name+"."+format), out.Bytes(), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			formats := []Format{SVG}
			if name == "demo" || *writeTo != "" {
				formats = append(formats, PNG) // slow: a second for a document
			}
			for _, format := range formats {
				paths, err := document.Plots(filepath.Join(directory, name), format)
				if err != nil {
					t.Fatal(err)
				}
				if len(paths) != len(document.Figures()) {
					t.Errorf("%d figures became %d files", len(document.Figures()), len(paths))
				}
			}
		})
	}
}
