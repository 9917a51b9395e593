package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

// writeTo makes the tests leave the pages of the synthetic runs in a directory, to look at.
var writeTo = flag.String("write", "", "directory for the pages of the synthetic runs")

// TestEveryPlannedRunRendersInEveryFormat renders what the other tests check in detail.
func TestEveryPlannedRunRendersInEveryFormat(t *testing.T) {
	for name, document := range documents(t) {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			if err := document.HTML(&out); err != nil {
				t.Fatal(err)
			}
			if *writeTo != "" {
				if err := os.WriteFile(filepath.Join(*writeTo, name+".html"), out.Bytes(), 0o666); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}
