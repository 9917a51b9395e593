package scenarios

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"kaliper/internal/metric"
)

func TestWhatIsShownMustBeKnownInOneCaseAlone(t *testing.T) {
	s := parse(t, minimal+"matrix: {vary: {producers.checkout.send: [async, transaction]}}\nshow: [checkout.commit.p50, ack.p99]\n", Options{})
	var names []string
	for _, ref := range s.Show {
		names = append(names, ref.String())
	}
	if !slices.Equal(names, []string{"checkout.commit.p50", "ack.p99"}) {
		t.Errorf("shown are %v", names)
	}
	for text, want := range map[string]string{
		"show: []":          `dir/test.yaml:7:7: show: is empty; name a metric, or leave it out`,
		"show: ack.p99":     `dir/test.yaml:7:7: show: is a value; write a list such as [a, b]`,
		"show: [commit.p5]": `dir/test.yaml:7:8: show: unknown metric "commit.p5"; did you mean "commit.p50"?`,
	} {
		if _, err := Parse(source(minimal+text+"\n", nil), Options{}); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

// generally are metrics that the report shows of every run, pooled over all groups.
var generally = []string{"ack.", "e2e.p99", "cpu.seconds_per_record", "wire.bytes_per_record", "acked.records_per_second", "batch.records", "lag.records.max", "errors.ratio", "compaction."}

var dotted = regexp.MustCompile(`[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_]*)+`)

// A comment that says how to read the answer by a metric which the report does not show leaves its
// reader alone.
func TestBuiltInScenariosShowTheMetricsThatTheirCommentsName(t *testing.T) {
	named := 0
	for _, f := range Embedded() {
		s, err := Parse(f.Source(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(s.Cases) == 1 && s.Show == nil {
			continue // the report of a single case lists more than the general tables of several
		}
		var groups, shown []string
		for _, c := range s.Cases {
			groups = append(groups, c.Load.Groups()...)
		}
		for _, ref := range s.Show {
			shown = append(shown, ref.String(), ref.Definition.Name)
		}
		comment, _, _ := strings.Cut(string(f.Data), "\nformat: ")
		for _, name := range dotted.FindAllString(comment, -1) {
			if !isMetric(name, groups) {
				continue
			}
			named++
			beginsWith := func(listed string) bool {
				return listed == name || strings.HasPrefix(listed, strings.TrimSuffix(name, ".")+".")
			}
			if !slices.ContainsFunc(shown, beginsWith) && !slices.ContainsFunc(generally, func(listed string) bool { return strings.HasPrefix(name, listed) }) {
				t.Errorf("%s: its comment names %s, and neither show nor a general table has it", f.Name, name)
			}
		}
	}
	if named < 40 {
		t.Errorf("%d metrics were found in the comments", named)
	}
}

// isMetric says whether a name is a metric, or one without its statistic.
func isMetric(name string, groups []string) bool {
	for _, suffix := range []string{"", ".p50"} {
		if _, err := metric.Parse(name+suffix, groups); err == nil {
			return true
		}
	}
	return false
}
