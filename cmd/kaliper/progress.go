package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"kaliper/internal/unit"
	"kaliper/results"
	"kaliper/workload"
)

// plainEvery is how often progress is printed where nobody sees a live line.
const plainEvery = 10 * time.Second

// progress tells a person how a run goes: one live line on a terminal, a plain line every ten
// seconds elsewhere.
type progress struct {
	out      io.Writer
	live     bool
	quiet    bool
	width    int
	trials   int
	guessed  bool // how many trials there will be is not known
	perTrial time.Duration
	trial    int
	name     string
	started  time.Time
	printed  time.Time
	shown    bool // a live line stands on the terminal
}

func newProgress(out io.Writer, quiet bool, trials int, perTrial time.Duration) *progress {
	return &progress{
		out: out, live: isTerminal(out), quiet: quiet, width: width(out, 100),
		trials: trials, perTrial: perTrial, started: time.Now(),
	}
}

// say prints a line of its own.
func (p *progress) say(format string, arguments ...any) {
	if p.quiet {
		return
	}
	p.clear()
	fmt.Fprintf(p.out, format+"\n", arguments...)
}

// begin starts a trial.
func (p *progress) begin(name string) {
	p.trial++
	p.name = name
	p.printed = time.Now()
	if p.live {
		p.show(fmt.Sprintf("%s  %s  preparing", p.place(), name))
	}
}

// preparing shows how many producer clients are ready for the load, where that takes a while.
func (p *progress) preparing(ready, all int) {
	line := fmt.Sprintf("%s  %s  preparing: %d of %s ready", p.place(), p.name, ready, plural(all, "producer client"))
	switch {
	case p.live:
		p.show(line)
	case !p.quiet && time.Since(p.printed) >= plainEvery:
		p.printed = time.Now()
		fmt.Fprintln(p.out, line)
	}
}

// place says which trial goes on.
func (p *progress) place() string {
	if p.guessed {
		return fmt.Sprintf("trial %d of about %d", p.trial, max(p.trial, p.trials))
	}
	return fmt.Sprintf("trial %d of %d", p.trial, p.trials)
}

// observe shows an interval.
func (p *progress) observe(at workload.Progress) {
	if p.quiet {
		return
	}
	line := p.line(at)
	switch {
	case p.live:
		p.show(line)
	case time.Since(p.printed) >= plainEvery:
		p.printed = time.Now()
		fmt.Fprintln(p.out, line)
	}
}

// line puts an interval into words.
func (p *progress) line(at workload.Progress) string {
	if at.Text != "" {
		return strings.Join([]string{p.place(), p.name, at.Text}, "  ")
	}
	i := at.Interval
	seconds := i.End - i.Start
	var acked, errors int64
	worst := 0.0
	what := "ack p99"
	for _, producer := range i.Producers {
		acked += producer.Acked
		for _, n := range producer.Failed {
			errors += n
		}
		shown := producer.Ack
		if shown.Window.Count+shown.Outside.Count == 0 {
			shown, what = producer.Service, "service p99"
		}
		worst = max(worst, shown.Window.P99Seconds, shown.Outside.P99Seconds)
	}
	parts := []string{
		p.place(), p.name, at.Phase,
		unit.Format(float64(acked)/seconds, "records/s"),
		what + " " + unit.Format(worst, "s"),
	}
	if len(i.Consumers) > 0 {
		parts = append(parts, "lag "+lagText(i.Consumers))
	}
	if errors > 0 {
		parts = append(parts, fmt.Sprintf("%d errors", errors))
	}
	if left := p.left(i.End); left > 0 {
		parts = append(parts, "about "+left.Round(time.Second).String()+" left")
	}
	return strings.Join(parts, "  ")
}

// left estimates the time that the run still takes.
func (p *progress) left(seconds float64) time.Duration {
	trials := time.Duration(max(p.trials-p.trial, 0)) * p.perTrial
	return trials + max(p.perTrial-time.Duration(seconds*float64(time.Second)), 0)
}

func lagText(consumers map[string]results.ConsumerInterval) string {
	total, known := int64(0), false
	for _, c := range consumers {
		for _, lag := range c.Lag {
			for _, n := range lag.Records {
				if n >= 0 {
					total, known = total+n, true
				}
			}
		}
	}
	if !known {
		return "unknown"
	}
	return unit.Format(float64(total), "records")
}

func (p *progress) show(line string) {
	if p.quiet {
		return
	}
	if runes := []rune(line); len(runes) > p.width-1 {
		line = string(runes[:p.width-1])
	}
	fmt.Fprint(p.out, "\r\x1b[K"+line)
	p.shown = true
}

// clear takes the live line away, so that something else can be printed.
func (p *progress) clear() {
	if p.shown {
		fmt.Fprint(p.out, "\r\x1b[K")
		p.shown = false
	}
}
