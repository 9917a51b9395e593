package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"kaliper/internal/kafka"
	"kaliper/internal/unit"
)

// writeLag writes a sample as a table a group.
func writeLag(w io.Writer, sample kafka.LagSample) error {
	if len(sample.Groups) == 0 {
		_, err := fmt.Fprintln(w, "no consumer groups that this user may see")
		return err
	}
	for i, g := range sample.Groups {
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "group %s%s: %s\n", g.Group, stateText(g), lagSentence(g))
		if len(g.Partitions) == 0 {
			continue
		}
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintln(t, "topic\tpartition\tcommitted\tend\tlag\ttime lag\treads\tcome\tcaught up in")
		for _, p := range g.Partitions {
			fmt.Fprintf(t, "%s\t%d\t%d\t%s\t%s\t%s\t%s\t%s\t%s\n", p.Topic, p.Partition, p.Committed,
				countText(p.End), countText(p.Records), amount(p.Seconds, "s"),
				amount(p.ConsumedPerSecond, "records/s"), amount(p.ProducedPerSecond, "records/s"), catchUpText(p.Lag))
		}
		if err := t.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// writeLagLines writes one line a group, for logs.
func writeLagLines(w io.Writer, sample kafka.LagSample) error {
	for _, g := range sample.Groups {
		if _, err := fmt.Fprintf(w, "%s %s: %s\n", sample.At.Format(time.TimeOnly), g.Group, lagSentence(g)); err != nil {
			return err
		}
	}
	return nil
}

// redrawLag draws a sample over the one before: the cursor goes home, each line's rest is
// cleared, then the rest of the screen, so that nothing flickers.
func redrawLag(w io.Writer, sample kafka.LagSample) error {
	var text strings.Builder
	fmt.Fprintf(&text, "%s   took %s   Ctrl-C ends\n\n", sample.At.Format(time.TimeOnly), unit.Format(sample.TookSeconds, "s"))
	if err := writeLag(&text, sample); err != nil {
		return err
	}
	_, err := fmt.Fprint(w, "\x1b[H"+strings.ReplaceAll(text.String(), "\n", "\x1b[K\n")+"\x1b[J")
	return err
}

func stateText(g kafka.GroupLag) string {
	if g.State == "" {
		return ""
	}
	return " (" + g.State + ")"
}

// lagSentence is a group's lag in words.
func lagSentence(g kafka.GroupLag) string {
	switch {
	case g.Problem != "":
		return "unknown: " + g.Problem
	case len(g.Partitions) == 0:
		// Of topics that the user may not see brokers leave the offsets out, and do not say so.
		return "has committed no offsets on topics that this user may see"
	}
	lag := "unknown"
	if g.Records != nil {
		lag = unit.Format(float64(*g.Records), "records")
	}
	text := fmt.Sprintf("lag %s, time lag %s, reads %s, %s come", lag, amount(g.Seconds, "s"),
		amount(g.ConsumedPerSecond, "records/s"), amount(g.ProducedPerSecond, "records/s"))
	switch g.Trend {
	case kafka.CaughtUp:
		return text + "; caught up"
	case kafka.CatchingUp:
		return text + "; caught up in " + unit.Format(*g.CatchUpSeconds, "s") + " at these rates"
	case kafka.NotCatchingUp:
		return text + "; not catching up at these rates"
	}
	return text + "; when it will have caught up is unknown"
}

func catchUpText(l kafka.Lag) string {
	switch l.Trend {
	case kafka.CaughtUp:
		return "is"
	case kafka.NotCatchingUp:
		return "never"
	}
	return amount(l.CatchUpSeconds, "s")
}

func countText(n *int64) string {
	if n == nil {
		return "unknown"
	}
	return unit.Number(float64(*n))
}

// amount is a figure with its unit, or that it is unknown.
func amount(value *float64, base string) string {
	if value == nil {
		return "unknown"
	}
	return unit.Format(*value, base)
}
