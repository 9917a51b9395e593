package analysis

// The thresholds of trust: what the instrument may spoil before its figures are no longer the
// system's. Headlines are p99s, which 1% of the records move; half of that is the spare that
// faults of time may use up. Delays that add to every latency are compared with the latency
// itself: 10% of it cannot turn one decision into another that the noise between trials
// (typically 3-10%) would not.
const (
	// The pacer's own lateness is in every ack.
	slipShareOfLatency = 0.10
	slipSecondsLeast   = 500e-6

	// Callbacks of one client run in one goroutine: the last record of a run of them waits
	// for the others. 1 ms is 10,000 records at the 100 ns that recording may cost.
	callbackShareOfLatency = 0.10
	callbackSecondsLeast   = 1e-3

	// Goroutines' wait to run. The runtime preempts after 10 ms; with a broker on the same two
	// cores a p99 of 1 ms is normal.
	schedulerShareOfLatency = 0.10
	schedulerSecondsLeast   = 2e-3

	// Stops of the world, gaps in which the process did not run, and a cgroup's throttling, as
	// a share of the window: half of the 1% beyond p99.
	spoiledShareOfWindow = 0.005
	// internal/measure's watchdog wakes every 10 ms; shorter lateness is the timer's.
	gapSecondsLeast = 50e-3

	// NTP slews by at most 0.5 ms a second (adjtimex); what moves faster was set.
	clockStepSecondsMost = 10e-3

	// Taken by the hypervisor, as a share of one processor over the window.
	stealShareOfWindow = 0.05
	// All processors at work. The machine's pressure (PSI) was tried and tells less: with a hog
	// on each of two processors it was 18% to 97%, beside background work 13% to 99% without.
	busyShareOfWindow = 0.95

	// The instrument must be able to do twice what it is asked for.
	nullSinkLeastTimesOffered = 2
)

// The thresholds of outcome.
const (
	// Where more records fail than not, the trial is no measurement of a system at work. Fewer
	// are a finding about one, and how many are too many is for expectations to say.
	failedShareOfFailure = 0.5
	// Less than this of what was offered is an overload. Of few records the window's edges alone
	// are half a per cent.
	achievedShareOfOffered = 0.995
	shortfallRecordsLeast  = 20
	// Records in flight at the window's edges, a lingering batch for example, count by when they
	// are acknowledged: 25 ms of the rate are no shortfall. It matters in windows under 5 s alone.
	windowEdgeSeconds = 25e-3
	// A lag that grows matters where the group reads less than the same share of what is sent.
	lagGrowthShareOfRate = 1 - achievedShareOfOffered
	// Brokers throttle by delaying responses; a hundredth of the window is no rounding.
	throttleShareOfWindow = 0.01
)

// intervalLevel is the level that intervals aim at; what is reached is stored beside them.
const intervalLevel = 0.95
