package kafka

import (
	"strings"
	"testing"
)

func TestNamesOfARun(t *testing.T) {
	topic := must(TopicName("x7k2", "0f3a9c11", "3", "orders"))(t)
	if want := "kaliper.x7k2.0f3a9c11-3.orders"; topic != want {
		t.Errorf("got %s, want %s", topic, want)
	}
	if group := must(GroupName("x7k2", "0f3a9c11", "3", "analytics"))(t); group != "kaliper.x7k2.0f3a9c11-3.analytics" {
		t.Errorf("got %s", group)
	}
}

func TestNamesThatKafkaWouldNotTake(t *testing.T) {
	for _, test := range []struct{ name, run, caseID, logical, want string }{
		{"a logical name that is too long", "x7k2", "0f3a9c11", strings.Repeat("o", 240), "Kafka allows 249 bytes"},
		{"a logical name with a dot", "x7k2", "0f3a9c11", "a.b", "lower-case letters"},
		{"a run with a dot, which would be another run", "x7.k2", "0f3a9c11", "a", "lower-case letters"},
		{"no run", "", "0f3a9c11", "a", "lower-case letters"},
		{"a case with a space", "x7k2", "0f 3a", "a", "lower-case letters"},
	} {
		t.Run(test.name, func(t *testing.T) {
			name, err := TopicName(test.run, test.caseID, "1", test.logical)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %q, %v, want an error with %q", name, err, test.want)
			}
		})
	}
}

func TestOwnersOfNames(t *testing.T) {
	for name, want := range map[string]string{
		"kaliper.x7k2.0f3a9c11-3.orders": "x7k2",
		"kaliper.x7k2.none-12.order-log": "x7k2",
		"kaliper.orders":                 "",
		"kaliper.x7k2.orders":            "",
		"kaliper.x7k2.case-x.orders":     "",
		"kaliper.x7k2.case-1.Orders":     "",
		"kaliper.x7k2.case-1.orders.log": "",
		"my.kaliper.x7k2.case-1.orders":  "",
		"kaliperXx7k2.case-1.orders":     "",
		"__consumer_offsets":             "",
		"":                               "",
	} {
		t.Run(name, func(t *testing.T) {
			if got, ok := OwnerOf(name); got != want || ok != (want != "") {
				t.Errorf("got %q, %v, want %q", got, ok, want)
			}
		})
	}
}

func FuzzOwnedNamesCarryTheirRunsPrefix(f *testing.F) {
	f.Add("kaliper.x7k2.0f3a9c11-3.orders", "x7k2")
	f.Add("kaliper..a-1.b", "")
	f.Fuzz(func(t *testing.T, name, run string) {
		if owned(run, []string{name}) == nil && !strings.HasPrefix(name, "kaliper."+run+".") {
			t.Errorf("%q counts as run %q's", name, run)
		}
		if owned(run, []string{name}) == nil && run == "" {
			t.Errorf("%q counts as nobody's run's", name)
		}
	})
}
