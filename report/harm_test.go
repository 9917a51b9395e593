package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"kaliper/internal/analysis"
	"kaliper/results"
)

// harmful is a run of four cases of which those that are named process so many records twice.
func harmful(t *testing.T, twice map[int]int64) *results.Run {
	t.Helper()
	p := matrix()
	p.cases, p.repeats, p.seconds = p.cases[:6], 6, 4
	run := p.build(t)
	for k := range run.Trials {
		for i, n := range twice {
			if run.Trials[k].Begin.Case != run.Manifest.Cases[i].ID {
				continue
			}
			totals := run.Trials[k].End.Consumers["analytics"]
			totals.Integrity.ProcessedTwice = n + int64(run.Trials[k].Begin.Round)
			run.Trials[k].End.Consumers["analytics"] = totals
		}
	}
	summary, err := analysis.Summarize(run)
	if err != nil {
		t.Fatal(err)
	}
	run.Summary = summary
	return run
}

func TestTheCaseThatDoesHarmIsNamedAndNotPasted(t *testing.T) {
	best := newStudy([]*results.Run{harmful(t, nil)}).variation.best
	fastest, cheapest := best[1].Case, best[2].Case
	if fastest == cheapest {
		t.Fatal("one case is both fastest and cheapest: the test needs two")
	}
	d, err := New(harmful(t, map[int]int64{fastest: 900, cheapest: 300}))
	if err != nil {
		t.Fatal(err)
	}
	s := newStudy(d.sources)
	for _, i := range []int{fastest, cheapest} {
		for _, paste := range d.Pastes {
			if strings.HasPrefix(paste.Heading, s.subjects[i].name+":") {
				t.Errorf("pasted: %s", paste.Heading)
			}
		}
		if s.focus() == s.subjects[i] {
			t.Errorf("%s is the case in question", s.focus().name)
		}
	}
	if len(d.Pastes) == 0 {
		t.Error("nothing is pasted, though four cases do no harm")
	}
	var text, markdown, page bytes.Buffer
	for _, err := range []error{d.Text(&text, TextOptions{Width: 400}), d.Markdown(&markdown, ""), d.HTML(&page)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for renderer, out := range map[string]string{"text": text.String(), "Markdown": markdown.String(), "HTML": page.String()} {
		out = strings.NewReplacer("<strong class=\"alert\">", "", "<strong class=\"base\">", "", "</strong>", "", "<span class=\"interval\">", "", "</span>", "", "*", "").Replace(out)
		for i, n := range map[int]int{fastest: 900, cheapest: 300} {
			want := fmt.Sprintf("Left out: %s, with %d (%d–%d) records processed twice, against 0 with ", s.subjects[i].name, n+4, n+1, n+6)
			if !strings.Contains(out, want) {
				t.Errorf("the %s lacks %q", renderer, want)
			}
		}
		if n := strings.Count(out, "sustained, left out"); n != 2 {
			t.Errorf("the table of all cases of the %s marks %d cases that are left out", renderer, n)
		}
		if strings.Contains(out, "Processed twice: ") {
			t.Errorf("the %s says twice that records are processed twice", renderer)
		}
	}
}

func TestWhereEveryCaseDoesHarmNothingIsPasted(t *testing.T) {
	run := harmful(t, map[int]int64{0: 500, 1: 500, 2: 500})
	for k := range run.Trials {
		for _, info := range run.Manifest.Cases[3:] {
			if run.Trials[k].Begin.Case == info.ID {
				totals := run.Trials[k].End.Consumers["analytics"]
				totals.Integrity.Lost = 7
				run.Trials[k].End.Consumers["analytics"] = totals
			}
		}
	}
	var err error
	if run.Summary, err = analysis.Summarize(run); err != nil {
		t.Fatal(err)
	}
	d, err := New(run)
	if err != nil {
		t.Fatal(err)
	}
	var answer strings.Builder
	for _, sentence := range d.Answer {
		answer.WriteString(sentence.String() + " ")
	}
	for _, want := range []string{"Every case does harm that another does not; there is no best one.", "2 more cases are left out for the like"} {
		if !strings.Contains(answer.String(), want) {
			t.Errorf("the answer lacks %q: %s", want, answer.String())
		}
	}
	if len(d.Pastes) != 0 {
		t.Errorf("%d blocks to paste", len(d.Pastes))
	}
}
