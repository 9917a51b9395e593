package driver

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestASeriesGoesOnAfterALineThatWasCutOff(t *testing.T) {
	path := filepath.Join(t.TempDir(), "folder", "series.ndjson")
	if lines, err := ReadLines[int](path); err != nil || len(lines) != 0 {
		t.Fatalf("of no file %v, %v", lines, err)
	}
	if err := AppendLine(path, []int{1}); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(whole, "[2"...), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := AppendLine(path, []int{3}); err != nil {
		t.Fatal(err)
	}
	lines, err := ReadLines[[]int](path)
	if err != nil || !slices.Equal(slices.Concat(lines...), []int{1, 3}) {
		t.Errorf("%v, %v", lines, err)
	}
}
