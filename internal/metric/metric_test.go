package metric

import (
	"math"
	"strings"
	"testing"
)

func TestEveryMetricIsNamedOnceAndCanBeParsed(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range All() {
		if seen[d.Name] {
			t.Errorf("%s is there twice", d.Name)
		}
		seen[d.Name] = true
		if d.Unit == "" || d.Direction == "" || d.Owner == "" || d.Text == "" {
			t.Errorf("%s is incomplete: %+v", d.Name, d)
		}
		name := strings.Replace(d.Name, "KIND", "request_timed_out", 1)
		ref, err := Parse(name, nil)
		if err != nil || ref.String() != name || ref.Group != "" {
			t.Errorf("Parse(%q) = %v, %v", name, ref, err)
		}
		if d.Owner == OfProcess || d.Owner == OfCluster {
			continue
		}
		ref, err = Parse("checkout."+name, []string{"analytics", "checkout"})
		if err != nil || ref.String() != "checkout."+name || ref.Group != "checkout" {
			t.Errorf("Parse(%q) = %v, %v", "checkout."+name, ref, err)
		}
	}
}

func TestUnknownMetricsSayWhatWasMeant(t *testing.T) {
	groups := []string{"checkout", "analytics"}
	for name, hint := range map[string]string{
		"ack.p999":                        `did you mean "ack.p99_9"?`,
		"ack.p98":                         "did you mean",
		"ack":                             "lacks its statistic; write one of ack.p50",
		"chekout.ack.p99":                 `no group "chekout"; did you mean "checkout"?`,
		"billing.ack.p99":                 "the groups are checkout, analytics",
		"checkout.akc.p99":                `did you mean "ack.p99"?`,
		"checkout.colour":                 "for example checkout.ack.p99",
		"colour":                          "for example ack.p99",
		"checkout.cpu.seconds_per_record": `write "cpu.seconds_per_record"`,
		"errors.KIND.count":               "unknown metric",
		"":                                "unknown metric",
	} {
		if ref, err := Parse(name, groups); err == nil || !strings.Contains(err.Error(), hint) {
			t.Errorf("Parse(%q) = %v, error %v, want one that says %q", name, ref, err, hint)
		}
	}
}

func TestConditionsAreReadInTheMetricsUnit(t *testing.T) {
	groups := []string{"checkout"}
	for _, c := range []struct {
		text, printed string
		value         float64
	}{
		{"ack.p99 < 50ms", "ack.p99 < 50ms", 0.05},
		{"checkout.ack.p99<=1.5s", "checkout.ack.p99 <= 1.5s", 1.5},
		{" lost == 0 ", "lost == 0", 0},
		{"lag.records.max < 1000 records", "lag.records.max < 1000 records", 1000},
		{"errors.ratio <= 0.1%", "errors.ratio <= 0.1%", 0.001},
		{"acked.records_per_second >= 20k/s", "acked.records_per_second >= 20k/s", 20_000},
		{"acked.bytes_per_second > 20MB/s", "acked.bytes_per_second > 20MB/s", 20e6},
		{"memory.rss.max < 200MiB", "memory.rss.max < 200MiB", 200 << 20},
		{"cpu.seconds_per_record < 2us", "cpu.seconds_per_record < 2us", 2e-6},
		{"wire.bytes_per_record < 120", "wire.bytes_per_record < 120", 120},
		{"lag.slope <= 0", "lag.slope <= 0", 0},
		{"lag.slope < -5/s", "lag.slope < -5/s", -5},
		{"errors.timeout.count != 3", "errors.timeout.count != 3", 3},
		{"rebalances.count == 0", "rebalances.count == 0", 0},
	} {
		got, err := ParseCondition(c.text, groups)
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		if got.Value != c.value || got.String() != c.printed {
			t.Errorf("%q is %v, printed %q; want %v, %q", c.text, got.Value, got, c.value, c.printed)
		}
	}
}

func TestWrongConditionsSayWhatWouldBeRight(t *testing.T) {
	for text, hint := range map[string]string{
		"ack.p99":                        "has no comparison",
		"ack.p99 = 50ms":                 "write ==",
		"ack.p99 < 50":                   "ack.p99 is in seconds: duration",
		"ack.p99 < 50MB":                 "ack.p99 is in seconds",
		"< 50ms":                         "lacks one of its sides",
		"ack.p99 <":                      "lacks one of its sides",
		"akc.p99 < 5ms":                  `did you mean "ack.p99"?`,
		"lost == none":                   `"none" is not a number`,
		"lost == NaN":                    "is not a number",
		"errors.ratio < 5ms":             "is in ratios",
		"acked.bytes_per_second > 20k/s": "is in records per second; write for example 20MB/s",
		"acked.records_per_second > max": "no figure to compare with",
	} {
		if _, err := ParseCondition(text, nil); err == nil || !strings.Contains(err.Error(), hint) {
			t.Errorf("ParseCondition(%q): error %v, want one that says %q", text, err, hint)
		}
	}
}

func TestConditionsOverInfiniteAndUnknownValues(t *testing.T) {
	for _, c := range []struct {
		text         string
		value        float64
		holds, known bool
	}{
		{"ack.p99 < 50ms", 0.049, true, true},
		{"ack.p99 < 50ms", 0.05, false, true},
		{"ack.p99 <= 50ms", 0.05, true, true},
		{"ack.p99 < 50ms", math.Inf(1), false, true},
		{"ack.p99 > 50ms", math.Inf(1), true, true},
		{"ack.p99 < 50ms", math.NaN(), false, false},
		{"lost == 0", 0, true, true},
		{"lost != 0", 0, false, true},
		{"lost >= 1", 1, true, true},
	} {
		condition, err := ParseCondition(c.text, nil)
		if err != nil {
			t.Fatal(err)
		}
		if holds, known := condition.Holds(c.value); holds != c.holds || known != c.known {
			t.Errorf("%s at %v: holds %v, known %v; want %v, %v", c.text, c.value, holds, known, c.holds, c.known)
		}
	}
}

func FuzzParseCondition(f *testing.F) {
	for _, s := range []string{"ack.p99 < 50ms", "lost == 0", "a.b.c<=", "errors.x.count>1", "lag.slope<-5/s"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		condition, err := ParseCondition(text, []string{"a"})
		if err != nil {
			return
		}
		again, err := ParseCondition(condition.String(), []string{"a"})
		if err != nil || again != condition {
			t.Fatalf("%q is read as %+v, and its print as %+v, %v", text, condition, again, err)
		}
	})
}
