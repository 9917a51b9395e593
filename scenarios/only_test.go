package scenarios

import (
	"slices"
	"strings"
	"testing"
)

func TestOnlyKeepsTheCasesThatItNames(t *testing.T) {
	matrix := func() *Scenario {
		s := &Scenario{}
		for _, codec := range []string{"none", "lz4", "zstd"} {
			for _, linger := range []string{"0", "5"} {
				s.Cases = append(s.Cases, Case{ID: codec + linger, Settings: []Setting{
					{Label: "codec", Path: "producers.*.config.compression.type", Value: codec},
					{Label: "linger.ms", Path: "producers.*.config.linger.ms", Value: linger},
				}})
			}
		}
		return s
	}
	tests := []struct {
		name  string
		only  []string
		cases []string
		err   string
	}{
		{"nothing named keeps all", nil, []string{"none0", "none5", "lz40", "lz45", "zstd0", "zstd5"}, ""},
		{"one value", []string{"codec=lz4"}, []string{"lz40", "lz45"}, ""},
		{"values of one label are alternatives", []string{"codec=lz4", "codec=none"}, []string{"none0", "none5", "lz40", "lz45"}, ""},
		{"labels go together", []string{"codec=lz4", "linger.ms=5"}, []string{"lz45"}, ""},
		{"a path stands for its label", []string{"producers.*.config.linger.ms=0"}, []string{"none0", "lz40", "zstd0"}, ""},
		{"a label that nobody varies", []string{"codek=lz4"}, nil, `did you mean "codec"?`},
		{"a value that no case has", []string{"codec=lz5"}, nil, `did you mean "lz4"?; it has none, lz4, zstd`},
		{"no value at all", []string{"codec"}, nil, "write label=value, as in --only codec=none"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := matrix()
			err := s.Only(test.only)
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Fatalf("error %v, want one with %q", err, test.err)
				}
				return
			}
			var ids []string
			for _, c := range s.Cases {
				ids = append(ids, c.ID)
			}
			if err != nil || !slices.Equal(ids, test.cases) {
				t.Errorf("%v, %v; want %v", ids, err, test.cases)
			}
		})
	}
}
