package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestTextAndMarkdownReadAsTheGoldenFilesDo(t *testing.T) {
	for _, name := range documentNames() {
		t.Run(name, func(t *testing.T) {
			d := document(t, name)
			var text, markdown bytes.Buffer
			if err := d.Text(&text, TextOptions{Width: 100}); err != nil {
				t.Fatal(err)
			}
			if err := d.Markdown(&markdown, "plots"); err != nil {
				t.Fatal(err)
			}
			golden(t, name+".txt", text.Bytes())
			golden(t, name+".md", markdown.Bytes())
		})
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n"))) {
		t.Errorf("%s differs; run go test ./report -update and read the difference. Now:\n%s", path, got)
	}
}
