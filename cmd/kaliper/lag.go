package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/spf13/cobra"

	"kaliper/internal/kafka"
	"kaliper/internal/lagexport"
	"kaliper/internal/unit"
)

// leastBetweenSamples keeps a watcher from being a load.
const leastBetweenSamples = 200 * time.Millisecond

// lagFlags are those of kaliper lag.
type lagFlags struct {
	clusterFlags
	all, watch bool
	every      string
	prometheus string
}

func newLagCommand(env *environment) *cobra.Command {
	var flags lagFlags
	command := &cobra.Command{
		Use:   "lag [GROUP...]",
		Short: "Show how far consumer groups are behind, and when they will have caught up",
		Long: `lag shows for any consumer group and each of its partitions the lag in records and in seconds
(the age of the first unconsumed record), how fast the group reads and how fast records come,
and the time to catch up at these rates. It joins no group and commits nothing.

Once, it takes two samples a second apart. With --watch it goes on until it is interrupted: a
table that is drawn anew on a terminal, a line a group and sample elsewhere. Rates are means over
up to 30 s; those of a group that commits every 5 s are known after two commits. What the user
may not see is unknown: the lag needs Describe on group and topics, its age sometimes Read on
the topics. With --prometheus it watches and answers scrapes at http://ADDRESS/metrics.

The exit code is 64 if a named group is not to be seen, 3 if the cluster or a right is missing.`,
		Example: `  kaliper lag analytics --bootstrap-server localhost:9092
  kaliper lag --all --watch --bootstrap-server localhost:9092
  kaliper lag analytics --watch --json --bootstrap-server localhost:9092       one line of JSON a sample
  kaliper lag --all --prometheus 127.0.0.1:9309 --bootstrap-server localhost:9092`,
		RunE: func(c *cobra.Command, args []string) error { return flags.run(c.Context(), env, args) },
	}
	flags.add(command)
	f := command.Flags()
	f.BoolVar(&flags.all, "all", false, "all groups that this user may see")
	f.BoolVar(&flags.watch, "watch", false, "go on until interrupted")
	f.StringVar(&flags.every, "every", "1s", "the time from one sample to the next, from 200ms")
	f.StringVar(&flags.prometheus, "prometheus", "", "watch, and answer scrapes at this host:port")
	return command
}

// run checks what was asked for, connects, and looks once or watches.
func (f *lagFlags) run(ctx context.Context, env *environment, groups []string) error {
	every, err := unit.ParseDuration(f.every)
	switch {
	case f.all && len(groups) > 0:
		return badInput(fmt.Errorf("--all and names of groups say different things: leave one out"))
	case !f.all && len(groups) == 0:
		return badInput(fmt.Errorf("kaliper lag takes the names of groups, or --all; see kaliper lag --help"))
	case err != nil:
		return badInput(fmt.Errorf("--every: %w", err))
	case every < leastBetweenSamples:
		return badInput(fmt.Errorf("--every is %s; use %s or more", f.every, unit.FormatDuration(leastBetweenSamples)))
	}
	var exporter *lagexport.Exporter
	var listener net.Listener
	if f.prometheus != "" {
		if listener, err = net.Listen("tcp", f.prometheus); err != nil {
			return badInput(fmt.Errorf("--prometheus %s cannot be listened at: %w; write host:port of this machine with a free port", f.prometheus, err))
		}
		defer listener.Close() // a second time where it was served
		exporter = lagexport.New()
	}
	admin, err := f.connect(ctx, env.stderr)
	if err != nil {
		return err
	}
	defer admin.Close()
	watcher := admin.WatchLag(groups...)
	defer watcher.Close()
	if exporter == nil && !f.watch {
		return f.once(ctx, env, watcher, every)
	}
	watching := &lagWatch{watcher: watcher, every: every, stderr: env.stderr, show: f.shows(env.stdout), exporter: exporter}
	if exporter == nil {
		return watching.until(ctx)
	}
	fmt.Fprintf(env.stderr, "metrics at http://%s/metrics\n", listener.Addr())
	served := make(chan error, 1)
	ctx, stop := context.WithCancel(ctx)
	go func() { defer stop(); served <- exporter.Serve(ctx, listener) }()
	err = watching.until(ctx)
	stop()
	return errors.Join(err, <-served)
}

// lagJSON is what lag prints with --json.
type lagJSON struct {
	Schema string `json:"schema"`
	kafka.LagSample
}

const lagSchema = "kaliper.lag/1"

// once shows the second of two samples: rates need both.
func (f *lagFlags) once(ctx context.Context, env *environment, watcher *kafka.LagWatcher, between time.Duration) error {
	if _, err := watcher.Sample(ctx); err != nil {
		return err
	}
	if err := pause(ctx, between); err != nil {
		return err
	}
	sample, err := watcher.Sample(ctx)
	if err != nil {
		return err
	}
	if f.json {
		err = printJSON(env.stdout, lagJSON{lagSchema, sample})
	} else {
		err = writeLag(env.stdout, sample)
	}
	if err != nil {
		return err
	}
	for _, g := range sample.Groups {
		if g.Err != nil {
			return g.Err
		}
	}
	return nil
}

// shows returns how a watcher shows samples.
func (f *lagFlags) shows(w io.Writer) func(kafka.LagSample) error {
	switch {
	case f.json:
		encoder := json.NewEncoder(w)
		return func(s kafka.LagSample) error { return encoder.Encode(lagJSON{lagSchema, s}) }
	case isTerminal(w):
		return func(s kafka.LagSample) error { return redrawLag(w, s) }
	default:
		return func(s kafka.LagSample) error { return writeLagLines(w, s) }
	}
}

// lagWatch samples again and again.
type lagWatch struct {
	watcher  *kafka.LagWatcher
	every    time.Duration
	stderr   io.Writer
	show     func(kafka.LagSample) error
	exporter *lagexport.Exporter // nil where nobody scrapes
}

// until watches until it is interrupted, which is no error: it is how watching ends. The first
// sample must succeed; a later one that the cluster does not answer is told and counted, for
// whoever watches wants to see the end of an outage too.
func (l *lagWatch) until(ctx context.Context) error {
	for first, answered := true, true; ; first = false {
		next := time.Now().Add(l.every)
		sample, err := l.watcher.Sample(ctx)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && first:
			return err
		case err != nil:
			if answered { // once an outage, not once a second
				fmt.Fprintf(l.stderr, "%s lag is unknown: %v\n", time.Now().Format(time.TimeOnly), err)
			}
			if l.exporter != nil {
				l.exporter.Failed()
			}
		default:
			if l.exporter != nil {
				l.exporter.Publish(sample)
			}
			if err := l.show(sample); err != nil {
				return err
			}
		}
		answered = err == nil
		if pause(ctx, time.Until(next)) != nil {
			return nil
		}
	}
}

// pause waits, or returns why it need not.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
