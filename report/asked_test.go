package report

import (
	"bytes"
	"strings"
	"testing"

	"kaliper/results"
)

// asked are metrics of which the general tables have none.
func asked() []string {
	return []string{"checkout.requests.per_second", "analytics.e2e.p50", "analytics.consumed.records_per_second", "errors.not_enough_replicas.count", "lag.slope", "analytics.dedup.p99"}
}

func TestWhatAScenarioAsksStandsRightAfterTheAnswer(t *testing.T) {
	small := func(cases int) plan {
		p := matrix()
		p.cases, p.repeats, p.seconds, p.rate, p.show = p.cases[:cases], 6, 4, 100, asked()
		return p
	}
	for name, runs := range map[string][]*results.Run{
		"one case": {small(1).build(t)}, "two cases": {small(2).build(t)}, "five cases": {small(5).build(t)},
		"two runs": {small(2).build(t), small(2).build(t)},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := New(runs...)
			if err != nil {
				t.Fatal(err)
			}
			var text, markdown, page bytes.Buffer
			for _, err := range []error{d.Text(&text, TextOptions{Width: 60}), d.Markdown(&markdown, ""), d.HTML(&page)} {
				if err != nil {
					t.Fatal(err)
				}
			}
			unescaped := strings.ReplaceAll(markdown.String(), `\_`, "_")
			for renderer, out := range map[string]string{"text": text.String(), "Markdown": unescaped, "HTML": strings.ReplaceAll(page.String(), "<wbr>", "")} {
				heading := strings.Index(out, d.Asked.Caption)
				answer := strings.LastIndex(out[:max(heading, 0)], d.Answer[len(d.Answer)-1][0].Text[:12])
				if heading < 0 || answer < 0 {
					t.Errorf("the %s does not have %q after its answer", renderer, d.Asked.Caption)
					continue
				}
				after := out[heading:]
				for _, metric := range asked() {
					at := strings.Index(after, metric)
					if at < 0 {
						t.Errorf("the %s lacks %s", renderer, metric)
					} else if general := strings.Index(after, "client CPU"); general >= 0 && general < at {
						t.Errorf("the %s has %s behind a general table", renderer, metric)
					}
				}
			}
			c := d.Asked.Rows[0].Cells[1]
			if len(d.Asked.Columns) > 4 || name == "one case" || name == "two cases" {
				if want := quantityOf(runs[0].Summary.Cases[0].Metrics[asked()[0]]); c.Text != want.number || c.Interval == "" || c.Interval != want.interval {
					t.Errorf("the first figure is %+v, want %+v", c, want)
				}
			}
		})
	}
}

// A kind of error that did not occur is none, and a metric that no case has is not known.
func TestAskedErrorsThatDidNotOccurAreNone(t *testing.T) {
	p := matrix()
	p.cases, p.repeats, p.seconds, p.rate, p.show = p.cases[:2], 2, 4, 100, asked()
	d, err := New(p.build(t))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range map[int]string{3: "0", 5: "–"} {
		if cell := d.Asked.Rows[i].Cells[1]; cell.Text != want {
			t.Errorf("%s is %+v, want %s", asked()[i], cell, want)
		}
	}
}

func TestAScenarioThatAsksNothingHasNoTableForIt(t *testing.T) {
	if d := document(t, "single"); d.Asked != nil {
		t.Errorf("%+v", d.Asked)
	}
}
