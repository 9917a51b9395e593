package report

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kaliper/internal/analysis"
	"kaliper/results"
)

// slower is another run of the same scenario whose candidate costs more.
func slower(factor float64) plan {
	p := twoCases()
	p.id, p.seed = "20261119T140512Z-codec-choice-8a4b", 11
	for i := range p.cases {
		p.cases[i].median *= factor
		p.cases[i].cpu *= factor
	}
	return p
}

// oneCase narrows a run to a case, as RUN#CASE does.
func oneCase(run *results.Run, i int) *results.Run {
	narrowed := *run
	narrowed.Summary.Cases = run.Summary.Cases[i : i+1]
	narrowed.Manifest.Cases = run.Manifest.Cases[i : i+1]
	narrowed.Trials = slices.DeleteFunc(slices.Clone(run.Trials), func(t results.Trial) bool { return t.Begin.Case != run.Manifest.Cases[i].ID })
	return &narrowed
}

func contrast(t *testing.T, base, candidate *results.Run) *Contrast {
	t.Helper()
	c, err := NewContrast(base, candidate, 0.05, nil)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestContrastsReadAsTheGoldenFilesDo(t *testing.T) {
	base := twoCases().shared(t)
	for name, c := range map[string]*Contrast{
		"contrast-runs":  contrast(t, base, slower(1.2).shared(t)),
		"contrast-cases": contrast(t, oneCase(base, 0), oneCase(base, 1)),
	} {
		t.Run(name, func(t *testing.T) {
			var text, markdown bytes.Buffer
			if err := c.Document().Text(&text, TextOptions{Width: 130}); err != nil {
				t.Fatal(err)
			}
			if err := c.Document().Markdown(&markdown, ""); err != nil {
				t.Fatal(err)
			}
			var page bytes.Buffer
			if err := c.Document().HTML(&page); err != nil {
				t.Fatal(err)
			}
			if *writeTo != "" {
				if err := os.WriteFile(filepath.Join(*writeTo, name+".html"), page.Bytes(), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			verdict, picture := strings.Index(page.String(), ">Worse</span>"), strings.Index(page.String(), `data-figure="changes"`)
			if verdict < 0 || picture < verdict {
				t.Errorf("the page has its verdict at %d and its picture at %d", verdict, picture)
			}
			golden(t, name+".txt", text.Bytes())
			golden(t, name+".md", markdown.Bytes())
		})
	}
}

func TestAContrastComesToAVerdict(t *testing.T) {
	base := twoCases().shared(t)
	simulated := slower(1)
	simulated.simulated = true
	few := slower(1.2)
	few.repeats = 1
	elsewhere := slower(1).build(t)
	elsewhere.Manifest.Machine.Processors = 64
	tests := []struct {
		name      string
		candidate *results.Run
		want      ContrastVerdict
		part      string // of the text
	}{
		{"20% slower is worse", slower(1.2).shared(t), ContrastWorse, "Worse: ack p50 of"},
		{"20% faster is not worse", slower(0.8).build(t), ContrastNotWorse, "Better: ack p50 of"},
		{"too few trials cannot tell", few.build(t), ContrastUnknown, "Cannot tell: ack p50"},
		{"an untrusted side is unsound", untrusted(slower(1).build(t)), ContrastUnsound, "is untrusted"},
		{"another machine is unsound", elsewhere, ContrastUnsound, "64 processors"},
		{"a simulated broker and a real one are unsound", simulated.build(t), ContrastUnsound, "simulated"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := contrast(t, base, test.candidate)
			var text bytes.Buffer
			if err := c.Document().Text(&text, TextOptions{Width: 200}); err != nil {
				t.Fatal(err)
			}
			if c.Verdict() != test.want || !strings.Contains(text.String(), test.part) {
				t.Errorf("%s, want %s with %q in:\n%s", c.Verdict(), test.want, test.part, text.String())
			}
		})
	}
}

func TestAContrastNamesWhatElseDiffers(t *testing.T) {
	candidate := slower(1).build(t)
	candidate.Manifest.Versions = map[string]string{"kaliper": "0.2.0", "go": "1.26.0", "franz-go": "1.22.2"}
	for i := range candidate.Trials {
		candidate.Trials[i].Begin.Cluster.Version = "4.4"
	}
	c := contrast(t, twoCases().shared(t), candidate)
	var whats []string
	for _, m := range c.Mismatches {
		whats = append(whats, m.What)
		if m.Unsound {
			t.Errorf("%s is called unsound", m.What)
		}
	}
	if want := []string{"broker version", "version of kaliper"}; !slices.Equal(whats, want) {
		t.Errorf("what differs is %q, want %q", whats, want)
	}
}

func TestAContrastRefuses(t *testing.T) {
	base := twoCases().shared(t)
	other := slower(1)
	for i := range other.cases {
		other.cases[i].settings = codec("zstd", 100+i)
	}
	tests := []struct {
		name            string
		base, candidate *results.Run
		margin          float64
		metrics         []string
		part            string
	}{
		{"a run and itself", base, base, 0.05, nil, "RUN#CASE"},
		{"a case and itself", oneCase(base, 0), oneCase(base, 0), 0.05, nil, "the same case"},
		{"runs without a case in common", base, other.build(t), 0.05, nil, "no case of"},
		{"a metric that nobody measured", base, slower(1).shared(t), 0.05, []string{"ack.p98"}, "ack.p98"},
		{"no margin", base, slower(1).shared(t), 0, nil, "margin"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := NewContrast(test.base, test.candidate, test.margin, test.metrics); err == nil || !strings.Contains(err.Error(), test.part) {
				t.Errorf("error %v, want one with %q", err, test.part)
			}
		})
	}
}

func TestAContrastAsJSONHasEveryMetric(t *testing.T) {
	base := twoCases().shared(t)
	c := contrast(t, base, slower(1.2).shared(t))
	var out bytes.Buffer
	if err := c.JSON(&out); err != nil {
		t.Fatal(err)
	}
	var read contrastJSON
	if err := json.Unmarshal(out.Bytes(), &read); err != nil {
		t.Fatal(err)
	}
	if read.Schema != ContrastSchema || read.Verdict != ContrastWorse || len(read.Cases) != 2 || read.Cases[0].Paired {
		t.Fatalf("%+v", read)
	}
	for _, m := range read.Cases[0].Metrics {
		if m.Metric == "cpu.seconds_per_record" {
			if m.Verdict != analysis.Worse || !m.Decides || m.Shift < 0.1 || m.Shift > 0.3 || m.Interval == nil {
				t.Errorf("%+v", m)
			}
			return
		}
	}
	t.Error("CPU per record is missing")
}
