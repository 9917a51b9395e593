// Command slip measures how late kaliper's own timer is while the client was ready, and what
// waiting costs, at a rate that wakes it for every record and at one that makes it wake on a
// coarser grid.
package main

import (
	"context"
	"errors"
	"flag"
	"os"

	"kaliper/bench/internal/driver"
)

func main() { driver.Main(run) }

func run(ctx context.Context) (err error) {
	repeats := flag.Int("repeats", 6, "runs of each rate")
	flag.Parse()
	broker, err := driver.StartBroker(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, broker.Close()) }()

	rates := []struct{ rate, aim string }{
		{"2000/s", "p99 <= 200 us"},
		{"20000/s", "p99 <= 400 us, under 30% of a core"},
	}
	measured := make([]figures, len(rates))
	for range *repeats {
		for n, r := range rates {
			if err := measured[n].add(ctx, broker, r.rate); err != nil {
				return err
			}
		}
	}

	driver.PrintMachine(os.Stdout)
	table := driver.Table{Title: "The pacer, loaded by its own client and a real broker on the same machine (median [interval] level)"}
	table.Row("rate", "aim", "slip.pacer p50 in us", "slip.pacer p99 in us", "wakes/s", "pacer's share of a core in %")
	for n, r := range rates {
		f := measured[n]
		table.Row(r.rate, r.aim, f.p50.Times(1e6).Format("%.0f"), f.p99.Times(1e6).Format("%.0f"), f.wakes.Format("%.0f"), f.share.Times(100).Format("%.1f"))
	}
	return table.Print(os.Stdout)
}

// figures are those of one rate.
type figures struct{ p50, p99, share, wakes driver.Sample }

// add runs the load once.
func (f *figures) add(ctx context.Context, broker *driver.Broker, rate string) error {
	return driver.InFolder(func(folder string) error {
		measured, err := driver.Load{Scenario: "bench/scenarios/slip.yaml", Bootstrap: broker.Bootstrap(), Results: folder,
			Set: map[string]string{"producers.load.rate": rate}}.Run(ctx)
		if err != nil {
			return err
		}
		for _, figure := range []struct {
			name   string
			sample *driver.Sample
		}{{"slip.pacer.p50", &f.p50}, {"slip.pacer.p99", &f.p99}, {"pacer.cpu.ratio", &f.share}} {
			value, err := measured.Metric(figure.name)
			if err != nil {
				return err
			}
			*figure.sample = append(*figure.sample, value)
		}
		trial, err := measured.Journal()
		if err != nil {
			return err
		}
		var wakes int64
		var seconds float64
		for _, interval := range trial.Intervals {
			wakes += interval.Process.PacerWakes
			seconds += interval.End - interval.Start
		}
		f.wakes = append(f.wakes, float64(wakes)/seconds)
		driver.Sayf("%s: slip.pacer p99 %.0f us, %.1f%% of a core; %s", rate, 1e6*f.p99[len(f.p99)-1], 100*f.share[len(f.share)-1], measured.Verdict())
		return nil
	})
}
