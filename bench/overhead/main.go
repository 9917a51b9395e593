// Command overhead measures what kaliper costs beside the measuring itself: the demo beyond
// its warm-ups and windows, `kaliper check`, also of a large matrix, and a report of 200 trials.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"kaliper/bench/internal/driver"
	"kaliper/results"
)

func main() { driver.Main(run) }

func run(ctx context.Context) error {
	repeats := flag.Int("repeats", 6, "how often each is measured")
	reportAlone := flag.Bool("report", false, "measure the report of many trials alone")
	flag.Parse()
	table := driver.Table{Title: "Fixed costs in seconds (median [interval] level)"}
	table.Row("what", "aim", "reached")
	if !*reportAlone {
		if err := shortCommands(ctx, &table, *repeats); err != nil {
			return err
		}
	}
	err := driver.InFolder(func(folder string) error {
		directory, err := manyTrials(ctx, folder)
		if err != nil {
			return err
		}
		var processor driver.Sample
		report, err := repeat(*repeats, func() (float64, error) {
			usage, _, err := driver.Meter(exec.CommandContext(ctx, driver.Binary, "report", directory))
			processor = append(processor, usage.CPUSeconds)
			return usage.Wall.Seconds(), err
		})
		table.Row(fmt.Sprintf("kaliper report of %d trials of 30 s in %d cases, %d x %d settings", len(lingers)*len(batches)*fixtureTrials, len(lingers)*len(batches), len(lingers), len(batches)), "< 5", report)
		table.Row("its processor time, which a busy machine changes less", "", processor)
		return err
	})
	if err != nil {
		return fmt.Errorf("the report: %w", err)
	}
	driver.PrintMachine(os.Stdout)
	return table.Print(os.Stdout)
}

// shortCommands measures the demo and the checks.
func shortCommands(ctx context.Context, table *driver.Table, repeats int) error {
	demo, err := repeat(repeats, func() (float64, error) { return demoOverhead(ctx) })
	if err != nil {
		return fmt.Errorf("the demo: %w", err)
	}
	table.Row("the demo beyond warm-up and measuring", "<= 3", demo)

	check, err := repeat(repeats, func() (float64, error) {
		usage, _, err := driver.Meter(exec.CommandContext(ctx, driver.Binary, "check", "demo"))
		return usage.Wall.Seconds(), err
	})
	if err != nil {
		return fmt.Errorf("check: %w", err)
	}
	table.Row("kaliper check", "< 0.1", check)

	matrix, err := repeat(repeats, func() (float64, error) {
		usage, _, err := driver.Meter(exec.CommandContext(ctx, driver.Binary, "check", "bench/scenarios/matrix.yaml"))
		return usage.Wall.Seconds(), err
	})
	if err != nil {
		return fmt.Errorf("check of a matrix: %w", err)
	}
	table.Row("kaliper check of a matrix of 10,000 cases", "< 1", matrix)
	return nil
}

// repeat measures something n times.
func repeat(n int, measure func() (float64, error)) (driver.Sample, error) {
	var sample driver.Sample
	for range n {
		value, err := measure()
		if err != nil {
			return nil, err
		}
		sample = append(sample, value)
	}
	return sample, nil
}

// demoOverhead returns the seconds of one demo that were neither warm-up nor window.
func demoOverhead(ctx context.Context) (seconds float64, err error) {
	err = driver.InFolder(func(folder string) error {
		measured, err := driver.Load{Scenario: "demo", Results: folder}.Run(ctx)
		if err != nil {
			return err
		}
		run, err := results.OpenRun(measured.Directory)
		if err != nil {
			return err
		}
		seconds = measured.Usage.Wall.Seconds()
		for _, trial := range run.Trials {
			seconds -= trial.Begin.WarmupSeconds + trial.Begin.DurationSeconds
		}
		driver.Sayf("demo: %.2f s in all, %.2f s beyond warm-up and measuring", measured.Usage.Wall.Seconds(), seconds)
		return nil
	})
	return seconds, err
}

// The run whose report is measured: a matrix of two settings, so that it has a heat map and
// interactions, and so many trials of each case.
var lingers, batches = []int{0, 5, 10, 50}, []int{16384, 131072}

const fixtureTrials = 25

// manyTrials measures one trial, and returns the directory of a run that has its journal 200
// times over.
func manyTrials(ctx context.Context, folder string) (directory string, err error) {
	driver.Sayf("measuring one trial of 30 s to copy")
	measured, err := driver.Load{Scenario: "bench/scenarios/steady.yaml", Results: folder, Set: map[string]string{
		"target": "embedded", "warmup": "2s", "duration": "30s", "producers.load.rate": "20000/s",
	}}.Run(ctx)
	if err != nil {
		return "", err
	}
	manifest, err := results.ReadManifest(measured.Directory)
	if err != nil {
		return "", err
	}
	// Not measured.Journal: that leaves out the histograms of the intervals.
	original, err := results.ReadJournal(filepath.Join(results.TrialDirectory(measured.Directory, manifest.Order[0]), "journal"))
	if err != nil {
		return "", err
	}
	manifest.ID += "-copied"
	if directory, err = results.CreateRun(folder, manifest.ID); err != nil {
		return "", err
	}
	effective := manifest.Cases[0].Effective
	manifest.Repeats, manifest.Cases, manifest.Order = fixtureTrials, nil, nil
	for c := range len(lingers) * len(batches) {
		id := fmt.Sprintf("%08x", c)
		manifest.Cases = append(manifest.Cases, results.CaseInfo{ID: id, Effective: effective, Settings: []results.Setting{
			{Label: "linger", Path: "producers.load.config.linger.ms", Value: fmt.Sprint(lingers[c/len(batches)])},
			{Label: "batch", Path: "producers.load.config.batch.size", Value: fmt.Sprint(batches[c%len(batches)])},
		}})
		for n := 1; n <= fixtureTrials; n++ {
			ref := results.TrialRef{Case: id, Trial: n, Round: n}
			if err := copyTrial(directory, manifest.ID, ref, original); err != nil {
				return "", err
			}
			manifest.Order = append(manifest.Order, ref)
		}
	}
	return directory, results.WriteManifest(directory, manifest)
}

// copyTrial writes a trial's frames again under another name.
func copyTrial(directory, run string, ref results.TrialRef, trial results.Trial) error {
	journal, err := results.CreateJournal(results.TrialDirectory(directory, ref))
	if err != nil {
		return err
	}
	defer journal.Close()
	begin := trial.Begin
	begin.Run, begin.Case, begin.Trial, begin.Round = run, ref.Case, ref.Trial, ref.Round
	if _, err := journal.Begin(begin); err != nil {
		return err
	}
	for _, interval := range trial.Intervals {
		if _, err := journal.Interval(interval); err != nil {
			return err
		}
	}
	if trial.End != nil {
		if _, err := journal.End(*trial.End); err != nil {
			return err
		}
	}
	return nil
}
