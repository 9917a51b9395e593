package driver

import (
	"strings"
	"testing"
)

func TestASampleIsPrintedWithTheLevelThatItHas(t *testing.T) {
	tests := []struct {
		name   string
		sample Sample
		want   string
	}{
		{"nothing", nil, "-"},
		{"one value has no interval", Sample{2}, "2"},
		{"six values reach 97%", Sample{1, 2, 3, 4, 5, 6}, "3.5 [1, 6] 97%"},
		{"scaled to microseconds", Sample{1e-6}.Times(1e6), "1"},
		{"pairs are divided within their round", Ratios(Sample{2, 9, 5}, Sample{1, 3}), "2.5 [2, 3] 50%"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := test.sample.String(); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func TestATableIsAligned(t *testing.T) {
	table := Table{Title: "Title"}
	table.Row("side", "records/s")
	table.Row("bare franz-go", 1)
	var text strings.Builder
	if err := table.Print(&text); err != nil {
		t.Fatal(err)
	}
	want := "\nTitle\n\n  side           records/s\n  bare franz-go  1\n"
	if text.String() != want {
		t.Errorf("%q, want %q", text.String(), want)
	}
}
