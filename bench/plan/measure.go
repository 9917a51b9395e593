package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"

	"kaliper/bench/internal/driver"
	"kaliper/internal/analysis"
	"kaliper/internal/analysis/capacity"
	"kaliper/results"
)

// quotaBytes is what the broker takes a second: a small part of what it could, so that the
// instrument, which shares its processors, is not starved.
const quotaBytes = 2_000_000

// loads are the shares of the highest rate at which latencies are measured.
func loads() []float64 { return []float64{0.4, 0.6, 0.8} }

// bench is a broker with a quota.
type bench struct {
	broker    *driver.Broker
	untrusted bool // trials count all the same
}

// startBench starts the broker. A quota looks back over its windows: with the usual eleven seconds
// of them a client borrows from the time before its trial.
func startBench(ctx context.Context, untrusted bool) (*bench, error) {
	broker, err := driver.StartBrokerWith(ctx, map[string]string{"quota.window.num": "3"})
	if err != nil {
		return nil, err
	}
	if err := broker.LimitProducers(ctx, quotaBytes); err != nil {
		return nil, errors.Join(err, broker.Close())
	}
	return &bench{broker, untrusted}, nil
}

func (b *bench) close() error { return b.broker.Close() }

// measure measures a configuration: its highest rate, then latencies below it.
func (b *bench) measure(ctx context.Context, c configuration) (measurement, error) {
	m := measurement{Configuration: c.String()}
	if err := b.observe(ctx, &m, c.set()); err != nil {
		return m, err
	}
	highest := 0.0
	for _, g := range capacity.Groups(m.Observations) {
		highest, _ = g.Capacity()
	}
	if highest == 0 {
		return m, fmt.Errorf("the highest rate was not measured: %v", m.LeftOut)
	}
	set, rates := c.set(), ""
	for _, load := range loads() {
		rates += fmt.Sprintf("%.0f/s, ", math.Floor(load*highest))
	}
	set["producers.source.rate"] = fmt.Sprintf("%.0f/s", math.Floor(loads()[0]*highest))
	set["matrix"] = "{vary: {producers.source.rate: [" + rates + "]}}"
	set["repeats"] = "1"
	set["warmup"] = "3s"
	set["duration"] = "8s"
	return m, b.observe(ctx, &m, set)
}

// observe runs kaliper and reads its trials as `kaliper plan` does.
func (b *bench) observe(ctx context.Context, m *measurement, set map[string]string) error {
	return driver.InFolder(func(folder string) error {
		measured, err := driver.Load{Scenario: "bench/scenarios/plan.yaml", Bootstrap: b.broker.Bootstrap(), Set: maps.Clone(set), Results: folder}.Run(ctx)
		if err != nil {
			return err
		}
		run, err := results.OpenRun(measured.Directory)
		if err != nil {
			return err
		}
		evidence, err := analysis.PlanEvidence([]*results.Run{run}, b.untrusted)
		if err != nil {
			return err
		}
		m.Observations = append(m.Observations, evidence.Observations...)
		m.LeftOut = append(m.LeftOut, evidence.LeftOut...)
		return nil
	})
}
