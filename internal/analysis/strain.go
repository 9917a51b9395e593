package analysis

import (
	"math"

	"kaliper/internal/stats"
	"kaliper/results"
)

// Strain is what the instrument and the machine under it suffered in a trial's window: the
// figures that trust compares with its thresholds, and that the thresholds were set by
// (bench/trust records them). Shares are of the window's time.
type Strain struct {
	Pacers []PacerStrain `json:"pacers"` // of the open-loop groups, by name
	// HeadlineSeconds is the smallest p99 that a group promises; 0 where there is none.
	HeadlineSeconds results.Number `json:"headline_seconds"`
	// Medians over the intervals: the longest of an interval is an extreme value.
	CallbackDelaySeconds    float64 `json:"callback_delay_seconds"`
	SchedulerLatencySeconds float64 `json:"scheduler_latency_seconds"`

	PausedShare      float64 `json:"paused_share"` // by the garbage collector, at least
	GapShare         float64 `json:"gap_share"`    // the process did not run at all
	ClockStepSeconds float64 `json:"clock_step_seconds"`
	StealShare       float64 `json:"steal_share"`     // of one processor
	ThrottledShare   float64 `json:"throttled_share"` // by the cgroup's quota
	BusyShare        float64 `json:"busy_share"`      // of the processors that kaliper may use
	PressureShare    float64 `json:"pressure_share"`  // some task of the machine waited for a processor
	WaitShare        float64 `json:"wait_share"`      // kaliper's threads waited for a processor, summed over threads
	CPUShare         float64 `json:"cpu_share"`       // kaliper's own processor time; 1 is one processor
	// CeilingTimesOffered is the null sink's rate over the offered one; 0 where the closed loop
	// has none or it was not measured.
	CeilingTimesOffered float64 `json:"ceiling_times_offered"`
}

// PacerStrain is how late the timer of a producer group was, and what that is compared with.
type PacerStrain struct {
	Group             string         `json:"group"`
	SlipP99Seconds    float64        `json:"slip_p99_seconds"`
	LatencyP99Seconds results.Number `json:"latency_p99_seconds"` // infinite where records failed
}

// StrainOf returns the strain of a trial.
func StrainOf(trial *results.Trial) Strain { return readFigures(trial).strain() }

// Distrust returns what of the strain is over a threshold; none means TRUSTED, as far as it
// is not the books that are wrong.
func (s Strain) Distrust() []results.Reason { return s.distrust() }

func (f *figures) strain() Strain {
	s := Strain{HeadlineSeconds: results.Number(f.smallestHeadline()), CeilingTimesOffered: f.ceilingTimesOffered()}
	for _, name := range f.producerNames() {
		if p := f.producers[name]; p.openLoop && p.pacer.Count() > 0 {
			s.Pacers = append(s.Pacers, PacerStrain{name, p.pacer.QuantileSeconds(0.99, 0), results.Number(p.headline())})
		}
	}
	if f.seconds() <= 0 || len(f.inWindow) == 0 {
		return s
	}
	var callbacks, scheduling []float64
	var processors, spare float64
	for _, interval := range f.inWindow {
		p := interval.Process
		callbacks = append(callbacks, p.CallbackDelaySeconds)
		scheduling = append(scheduling, p.SchedulerLatencySeconds)
		s.PausedShare += p.PauseSecondsMax / f.seconds()
		if p.GapSecondsMax >= gapSecondsLeast {
			s.GapShare += p.GapSecondsMax / f.seconds()
		}
		if math.Abs(p.ClockStepSeconds) > math.Abs(s.ClockStepSeconds) {
			s.ClockStepSeconds = p.ClockStepSeconds
		}
		s.StealShare += p.StealSeconds / f.intervalSeconds
		s.ThrottledShare += p.ThrottledSeconds / f.intervalSeconds
		processors, spare = processors+p.ProcessorSeconds, spare+p.SpareSeconds
		s.PressureShare += p.PressureSeconds / f.intervalSeconds
		s.WaitShare += p.WaitSeconds / f.intervalSeconds
		s.CPUShare += p.CPUSeconds / f.intervalSeconds
	}
	if processors > 0 {
		s.BusyShare = max(1-spare/processors, 0)
	}
	s.CallbackDelaySeconds, s.SchedulerLatencySeconds = stats.Median(callbacks), stats.Median(scheduling)
	return s
}

// headline returns the p99 of what an open-loop group promises, or else of the service latency:
// the figure that delays of the instrument's own are compared with.
func (p producerFigures) headline() float64 {
	if p.openLoop && p.ack.Count()+p.infinite() > 0 {
		return p.ack.QuantileSeconds(0.99, p.infinite())
	}
	return p.service.QuantileSeconds(0.99, p.infinite())
}

// smallestHeadline returns the headline that a delay would distort most; 0 where there is
// none, so that the least thresholds apply.
func (f *figures) smallestHeadline() float64 {
	smallest := math.Inf(1)
	for _, p := range f.producers {
		if h := p.headline(); h < smallest {
			smallest = h
		}
	}
	for _, c := range f.consumers {
		if h := c.endToEnd.QuantileSeconds(0.99, c.totals.Unread); h < smallest {
			smallest = h
		}
	}
	if math.IsInf(smallest, 1) {
		return 0
	}
	return smallest
}

func (f *figures) ceilingTimesOffered() float64 {
	var offered float64
	for _, p := range f.trial.Begin.Producers {
		if !p.OpenLoop {
			return 0 // asks for all there is
		}
		offered += p.OfferedRecordsPerSecond
	}
	if offered == 0 {
		return 0
	}
	return f.trial.Begin.NullSinkRecordsPerSecond / offered
}

// CeilingTimesLeast is how many times the offered rate the null sink must take.
const CeilingTimesLeast = nullSinkLeastTimesOffered
