package main

import (
	"errors"
	"io"

	"kaliper/bench/internal/driver"
)

// printTables writes every side's figures, and the ratios that are aimed at.
func printTables(w io.Writer, samples map[string][]sample) error {
	figure := func(name string, of func(sample) float64) driver.Sample {
		var figures driver.Sample
		for _, s := range samples[name] {
			figures = append(figures, of(s))
		}
		return figures
	}
	rate := func(s sample) float64 { return s.recordsPerSecond }
	window := func(s sample) float64 { return s.windowCPUSeconds }
	process := func(s sample) float64 { return s.processCPU }
	memory := func(s sample) float64 { return s.maxRSSBytes }

	driver.PrintMachine(w)
	sides := driver.Table{Title: "Producing 100 B, acks all, linger 5 ms, batches of 16 KiB, 6 partitions, one real broker on the same machine (median [interval] level)"}
	sides.Row("side", "records/s", "CPU us/record in the window", "CPU us/record of the process", "largest RSS in MiB")
	for _, name := range []string{kaliperSide, integritySide, bareSide, javaSide} {
		own := figure(name, window).Times(1e6).String()
		if name == javaSide {
			own = "-"
		}
		sides.Row(name, figure(name, rate).Format("%.0f"), own, figure(name, process).Times(1e6), figure(name, memory).Times(1.0/(1<<20)).Format("%.0f"))
	}

	ratios := driver.Table{Title: "Ratios within a round"}
	ratios.Row("figure", "aim", "reached")
	add := func(what, aim, a, b string, of func(sample) float64) {
		ratios.Row(what, aim, driver.Ratios(figure(a, of), figure(b, of)))
	}
	add("records/s of kaliper / bare franz-go", ">= 0.95", kaliperSide, bareSide, rate)
	add("CPU in the window of kaliper / bare franz-go", "<= 1.15", kaliperSide, bareSide, window)
	add("CPU in the window of kaliper with integrity / bare franz-go", "<= 1.25", integritySide, bareSide, window)
	add("CPU of the process of kaliper / bare franz-go", "", kaliperSide, bareSide, process)
	add("records/s of kaliper / kafka-producer-perf-test", ">= 1.7", kaliperSide, javaSide, rate)
	add("CPU of the process of kaliper / kafka-producer-perf-test", "<= 0.4", kaliperSide, javaSide, process)
	return errors.Join(sides.Print(w), ratios.Print(w))
}
