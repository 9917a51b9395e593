package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"kaliper/internal/analysis"
	"kaliper/internal/measure"
	"kaliper/internal/pace"
	"kaliper/results"
	"kaliper/scenarios"
	"kaliper/workload"
)

// How long doctor --measure takes at the most: about 17 s with all rates, the ceiling and the
// timer.
const (
	rehearsalWarmup = 200 * time.Millisecond
	rehearsalWindow = time.Second
	rehearsalDrain  = 500 * time.Millisecond
	timerExamined   = time.Second
	timerEvery      = time.Millisecond
)

// rehearsedRates are the rates that are tried, in records per second, as far as the ceiling
// allows. The series ends after two that cannot be trusted.
func rehearsedRates() []float64 {
	return []float64{1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000}
}

// plainScenario is what is measured where no scenario is given: one client with the defaults of
// Kafka's Java client.
const plainScenario = `format: kaliper.scenario/1
name: doctor
description: What can be measured here?
target: embedded
topics: {records: {partitions: 6}}
producers:
  load: {topic: records, rate: 1000/s, value: {format: random, size: 100}}
`

// instrument is what doctor --measure found (kaliper.instrument/1): seconds, records per second
// and shares.
type instrument struct {
	Schema string `json:"schema"`
	// TrustedRecordsPerSecond is the highest rate tried up to which all were trusted; 0: none.
	TrustedRecordsPerSecond float64           `json:"trusted_records_per_second"`
	CeilingRecordsPerSecond float64           `json:"ceiling_records_per_second"`
	Settings                string            `json:"settings"` // whose they are, in words
	Rates                   []rehearsedRate   `json:"rates"`
	Clock                   pace.ClockQuality `json:"clock"`
	Timer                   pace.TimerQuality `json:"timer"`
	Machine                 examinedMachine   `json:"machine"`
}

// rehearsedRate is one rate against the null sink.
type rehearsedRate struct {
	RecordsPerSecond float64          `json:"records_per_second"`
	SlipP50Seconds   float64          `json:"slip_pacer_p50_seconds"`
	SlipP99Seconds   float64          `json:"slip_pacer_p99_seconds"`
	AckP99Seconds    results.Number   `json:"ack_p99_seconds"` // with the null sink: linger, and kaliper's own
	CPUShare         float64          `json:"cpu_share"`       // 1 is one processor; the null sink's is in it
	PacerCPUShare    float64          `json:"pacer_cpu_share"`
	Trust            results.Trust    `json:"trust"`
	Reasons          []results.Reason `json:"reasons"`
}

// examinedMachine is the machine, and what it withheld from this process meanwhile.
type examinedMachine struct {
	Processors       int     `json:"processors"`
	UsableProcessors int     `json:"usable_processors"` // by affinity and by Go's reading of the quota
	QuotaProcessors  float64 `json:"quota_processors"`  // of the cgroup; 0: none
	StealShare       float64 `json:"steal_share"`       // of one processor
	ThrottledShare   float64 `json:"throttled_share"`
	BusyShare        float64 `json:"busy_share"`     // of the processors that kaliper may use, itself included
	PressureShare    float64 `json:"pressure_share"` // some task waited for a processor
	OthersCPUShare   float64 `json:"others_cpu_share"`
	GapSeconds       float64 `json:"gap_seconds"`
	ClockStepSeconds float64 `json:"clock_step_seconds"`
}

// measureInstrument is doctor --measure, with the settings of a scenario or, of none, plain
// ones.
func measureInstrument(ctx context.Context, env *environment, argument string, rates []float64) (found instrument, err error) {
	load, settings, err := rehearsedLoad(env, argument)
	if err != nil {
		return instrument{}, err
	}
	found = instrument{Schema: "kaliper.instrument/1", Settings: settings, Rates: []rehearsedRate{}}
	folder, err := os.MkdirTemp("", "kaliper-doctor-")
	if err != nil {
		return instrument{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	machine := beginMachine(ctx)
	defer func() { found.Machine = machine.end() }()

	fmt.Fprintf(env.stderr, "measuring clock and timer\n")
	found.Clock = pace.ExamineClock()
	found.Timer = pace.ExamineTimer(ctx, timerEvery, timerExamined)
	ceilings := workload.NewCeilings() // the first rate's: it is of the settings
	refused := 0
	for i, rate := range rates {
		if i > 0 && rate > found.CeilingRecordsPerSecond/analysis.CeilingTimesLeast || refused == 2 {
			break
		}
		fmt.Fprintf(env.stderr, "rehearsing %s\n", rateText(rate))
		rehearsed, err := workload.Rehearse(ctx, workload.Trial{
			Case:      scenarios.Case{ID: "doctor", Load: workload.AtRate(load, rate, rehearsalWarmup, rehearsalWindow, rehearsalDrain)},
			Ref:       results.TrialRef{Case: "doctor", Trial: i + 1, Round: 1},
			Directory: filepath.Join(folder, strconv.Itoa(i)),
			Ceilings:  ceilings,
		})
		if err != nil {
			return instrument{}, fmt.Errorf("rehearse %s: %w", rateText(rate), err)
		}
		if ctx.Err() != nil {
			return instrument{}, context.Cause(ctx)
		}
		if i == 0 {
			found.CeilingRecordsPerSecond, ceilings = rehearsed.Begin.NullSinkRecordsPerSecond, nil
		}
		rehearsed.Begin.NullSinkRecordsPerSecond = found.CeilingRecordsPerSecond
		judged := judgeRehearsal(rate, &rehearsed)
		found.Rates = append(found.Rates, judged)
		switch {
		case judged.Trust == results.Untrusted:
			refused++
		case refused == 0:
			found.TrustedRecordsPerSecond = rate
		}
	}
	return found, nil
}

// rehearsedLoad returns the load whose settings are measured: of a scenario's first case, or
// the plain one.
func rehearsedLoad(env *environment, argument string) (load scenarios.Load, settings string, err error) {
	source, settings := scenarios.Source{Name: "doctor", Data: []byte(plainScenario)}, "one client with the defaults of Kafka's Java client, 100 B a record"
	if argument != "" {
		if source, err = findScenario(env, argument); err != nil {
			return load, "", err
		}
		settings = "the producers of " + argument
	}
	scenario, err := scenarios.Parse(source, scenarios.Options{Target: "embedded"})
	if err != nil {
		return load, "", err
	}
	first := scenario.Cases[0]
	if len(first.Load.Producers) == 0 {
		return load, "", badInput(fmt.Errorf("%s has no producers: doctor --measure measures those", argument))
	}
	if len(scenario.Cases) > 1 {
		settings += ", case " + caseName(first)
	}
	return first.Load, settings, nil
}

// judgeRehearsal judges a rehearsal as a trial is judged.
func judgeRehearsal(rate float64, trial *results.Trial) rehearsedRate {
	verdict := analysis.Judge(*trial)
	metrics := analysis.Metrics(*trial)
	strain := analysis.StrainOf(trial)
	value := func(name string) float64 { return float64(metrics[name].Value) }
	judged := rehearsedRate{
		RecordsPerSecond: rate,
		SlipP50Seconds:   value("slip.pacer.p50"), SlipP99Seconds: value("slip.pacer.p99"),
		AckP99Seconds: metrics["ack.p99"].Value, PacerCPUShare: value("pacer.cpu.ratio"), CPUShare: strain.CPUShare,
		Trust: verdict.Trust, Reasons: []results.Reason{},
	}
	if verdict.Outcome != results.Sustained {
		judged.Trust = results.Untrusted // nobody but kaliper can have fallen behind
	}
	judged.Reasons = append(judged.Reasons, verdict.Reasons...)
	return judged
}

// machineWatch watches the machine from its begin to its end.
type machineWatch struct {
	meter    *measure.Meter
	before   measure.Reading
	watchdog *measure.Watchdog
	stop     context.CancelFunc
	done     chan struct{}
}

func beginMachine(ctx context.Context) *machineWatch {
	ctx, stop := context.WithCancel(ctx)
	m := &machineWatch{meter: measure.NewMeter(), watchdog: measure.NewWatchdog(time.Now), stop: stop, done: make(chan struct{})}
	m.before, _ = m.meter.Read()
	go func() { defer close(m.done); m.watchdog.Run(ctx) }()
	return m
}

func (m *machineWatch) end() examinedMachine {
	m.stop()
	<-m.done
	after, _ := m.meter.Read()
	gap, step := m.watchdog.Take()
	seconds := after.At.Sub(m.before.At).Seconds()
	used := after.CPUSeconds - m.before.CPUSeconds
	busy := 0.0
	if all := after.ProcessorSeconds - m.before.ProcessorSeconds; all > 0 {
		busy = 1 - (after.SpareSeconds-m.before.SpareSeconds)/all
	}
	return examinedMachine{
		BusyShare:  busy,
		Processors: runtime.NumCPU(), UsableProcessors: runtime.GOMAXPROCS(0), QuotaProcessors: measure.ProcessorQuota(),
		StealShare:     (after.StealSeconds - m.before.StealSeconds) / seconds,
		ThrottledShare: (after.ThrottledSeconds - m.before.ThrottledSeconds) / seconds,
		PressureShare:  (after.PressureSeconds - m.before.PressureSeconds) / seconds,
		OthersCPUShare: max(after.MachineCPUSeconds-m.before.MachineCPUSeconds-used, 0) / seconds,
		GapSeconds:     gap.Seconds(), ClockStepSeconds: step.Seconds(),
	}
}
