package report

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"kaliper/internal/analysis"
	"kaliper/results"
)

func TestOneTrialPerCaseClaimsNothing(t *testing.T) {
	var text bytes.Buffer
	if err := document(t, "one-trial").Text(&text, TextOptions{Width: 200}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"it cannot be known", "Lowest ack p99 seen"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the terminal does not say %q", want)
		}
	}
	for _, claim := range []string{"cannot be told from it", "What matters most", " better\n", " worse\n"} {
		if strings.Contains(text.String(), claim) {
			t.Errorf("one trial per case claims %q:\n%s", claim, text.String())
		}
	}
}

func TestTheBestIsAmongTheCasesThatMeetTheExpectations(t *testing.T) {
	run := study24().shared(t)
	s := newStudy([]*results.Run{run})
	for _, b := range s.variation.best {
		for _, i := range append(slices.Clone(b.Ties), b.Case) {
			if strings.Contains(s.subjects[i].name, "linger\u00a050") {
				t.Errorf("%s names %s, which misses ack.p99 < 25ms", b.Metric, s.subjects[i].name)
			}
		}
	}
	if got := s.focus().median("cpu.seconds_per_record"); got != s.subjects[s.variation.best[2].Case].median("cpu.seconds_per_record") {
		t.Errorf("the case in question takes %v of CPU", got)
	}
	interacts := slices.ContainsFunc(s.variation.influences, func(i analysis.Influence) bool {
		return i.Clear() && i.Interacts() && i.To == "50" && i.OtherTo == "131072" && i.Metric == "cpu.seconds_per_record"
	})
	if !interacts {
		t.Error("the interaction of linger 50 with large batches was not found")
	}
}

func TestNoQualifyingCaseIsSaidAndNothingIsPasted(t *testing.T) {
	p := matrix()
	p.repeats, p.seconds, p.expect = 3, 4, []string{"ack.p99 < 1us"}
	d, err := New(p.build(t))
	if err != nil {
		t.Fatal(err)
	}
	if text := d.Answer[0].String(); !strings.Contains(text, "No case meets every expectation") || len(d.Pastes) != 0 {
		t.Errorf("%q and %d blocks to paste", text, len(d.Pastes))
	}
}

func TestPropertiesToPasteAreWhatWasSetAndNoSecret(t *testing.T) {
	effective := func(group, name, value, origin, class string) results.EffectiveProperty {
		return results.EffectiveProperty{Group: group, Name: name, Value: value, Origin: origin, Class: class}
	}
	c := &subject{
		summary: results.SummaryCase{Settings: []results.Setting{
			{Path: "producers.*.config.linger.ms", Value: "5"}, {Path: "topics.orders.partitions", Value: "12"},
		}},
		info: results.CaseInfo{Effective: []results.EffectiveProperty{
			effective("producers.a", "acks", "all", "a.yaml:3:4", "honoured"),
			effective("producers.a", "linger.ms", "5", "matrix", "honoured"),
			effective("producers.a", "batch.size", "16384", "Kafka 4.3 default", "honoured"),
			effective("producers.a", "sasl.jaas.config", "[redacted]", "a.properties", "honoured"),
			effective("producers.a", "bootstrap.servers", "b:9092", "a.yaml:1:1", "honoured"),
			effective("producers.a", "interceptor.classes", `C:\x`, "a.yaml:4:4", "inert"),
			effective("producers.a", "transactional.id", `a\b`, "a.yaml:5:4", "honoured"),
			effective("consumers.b", "fetch.min.bytes", "1", "Kafka 4.3 default", "honoured"),
		}},
	}
	want := []string{"# topics.orders.partitions: 12", "# producers.a", "linger.ms=5", "acks=all", `transactional.id=a\\b`}
	if got := propertyLines(c); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAHeatMapHoldsMeasuredFiguresAlone(t *testing.T) {
	run := study24().shared(t)
	section := newStudy([]*results.Run{run}).heatSection()
	if section == nil || len(section.Table.Rows) != 3 || len(section.Table.Columns) != 5 {
		t.Fatalf("%+v", section)
	}
	if !strings.Contains(section.Notes[0], "batch 131072") {
		t.Errorf("the third setting is not said: %q", section.Notes)
	}
	if light, dark := section.Table.Rows[0].Cells[1].Shade, section.Table.Rows[2].Cells[1].Shade; light >= dark {
		t.Errorf("linger 0 has shade %d, linger 50 %d", light, dark)
	}
}

func TestUnsustainedCasesCompeteForTheRate(t *testing.T) {
	p := matrix()
	p.repeats, p.seconds = 3, 4
	run := p.build(t)
	run.Summary.Cases[0].Trials[0].Outcome = results.Overloaded
	s := newStudy([]*results.Run{run})
	if s.given(s.variation.best[0]) {
		t.Error("a rate that was not sustained is said to be given")
	}
}
