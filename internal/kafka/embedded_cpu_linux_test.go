package kafka

import "testing"

func TestProcessorTimeOfAProcess(t *testing.T) {
	for _, test := range []struct {
		name, stat string
		want       float64
		ok         bool
	}{
		{"a plain name", "42 (kaliper) S 1 42 42 0 -1 4194560 1 0 0 0 250 50 0 0 20 0 1 0", 3, true},
		{"a name with parentheses and spaces", "42 (a) b (c) S 1 42 42 0 -1 4194560 1 0 0 0 250 50 0 0", 3, true},
		{"too few fields", "42 (kaliper) S 1 42", 0, false},
		{"no name", "42 S 1", 0, false},
		{"no number", "42 (kaliper) S 1 42 42 0 -1 4194560 1 0 0 0 x 50 0 0", 0, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got, ok := parseStatCPU([]byte(test.stat)); got != test.want || ok != test.ok {
				t.Errorf("got %v, %v, want %v, %v", got, ok, test.want, test.ok)
			}
		})
	}
}

func FuzzProcessorTimeNeverPanics(f *testing.F) {
	f.Add([]byte("42 (kaliper) S 1 42 42 0 -1 4194560 1 0 0 0 250 50 0 0"))
	f.Fuzz(func(t *testing.T, stat []byte) {
		if seconds, ok := parseStatCPU(stat); !ok && seconds != 0 || seconds < 0 {
			t.Errorf("%v, %v", seconds, ok)
		}
	})
}
