package suggest

import "testing"

func TestNearest(t *testing.T) {
	candidates := []string{"linger.ms", "batch.size", "buffer.memory", "acks", "producers", "consumers", "ssl.key.password", "ssl.truststore.location"}
	for _, c := range []struct{ about, name, want string }{
		{"a letter missing", "linger.m", "linger.ms"},
		{"two letters swapped", "bacth.size", "batch.size"},
		{"another separator", "linger_ms", "linger.ms"},
		{"another case", "Buffer.Memory", "buffer.memory"},
		{"plural missing", "producer", "producers"},
		{"one letter of a short word", "ack", "acks"},
		{"the unit left out", "linger", "linger.ms"},
		{"one of several", "ssl", ""},
		{"nothing like it", "colour", ""},
		{"nothing at all", "", ""},
		{"the name itself is no suggestion", "acks", ""},
	} {
		t.Run(c.about, func(t *testing.T) {
			if got := Nearest(c.name, candidates); got != c.want {
				t.Errorf("Nearest(%q) = %q, want %q", c.name, got, c.want)
			}
		})
	}
}

func TestDistanceCountsEdits(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"abc", "abc", 0}, {"abc", "acb", 1}, {"abc", "abd", 1}, {"abc", "xabc", 1}, {"kitten", "sitting", 3}} {
		if got := distance(c.a, c.b, 100); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
