package pace

import (
	"math"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"
)

func collect(s *Schedule) []int64 {
	var times []int64
	for t, ok := s.Next(); ok; t, ok = s.Next() {
		times = append(times, t)
		s.Advance()
	}
	return times
}

func TestConstantScheduleSpacesRecordsEvenlyOverAllClients(t *testing.T) {
	profile := NewProfile([]Segment{{From: 1000, To: 1000}}, 2*time.Second)
	seen := map[int64]bool{}
	for client := range 4 {
		times := collect(NewConstant(profile, client, 4))
		if len(times) != 500 {
			t.Fatalf("client %d has %d records, want 500", client, len(times))
		}
		for _, at := range times {
			seen[at/int64(time.Millisecond)] = true
		}
	}
	if len(seen) != 2000 {
		t.Fatalf("%d of 2000 milliseconds have a record", len(seen))
	}
}

func TestProfileAccountsForRampsStepsAndSpikes(t *testing.T) {
	profile := NewProfile([]Segment{
		{Name: "step", For: 2 * time.Second, From: 100, To: 100},
		{Name: "ramp", For: 4 * time.Second, From: 100, To: 500},
		{Name: "spike", For: time.Second, From: 2000, To: 2000},
		{Name: "rest", From: 10, To: 10},
	}, 10*time.Second)
	for _, check := range []struct {
		at  time.Duration
		due float64
	}{{0, 0}, {time.Second, 100}, {2 * time.Second, 200}, {4 * time.Second, 200 + 400}, {6 * time.Second, 1400},
		{6500 * time.Millisecond, 2400}, {7 * time.Second, 3400}, {10 * time.Second, 3430}, {20 * time.Second, 3430}} {
		if got := profile.Due(int64(check.at)); math.Abs(got-check.due) > 1e-6 {
			t.Errorf("due by %v: %v, want %v", check.at, got, check.due)
		}
	}
	times := collect(NewConstant(profile, 0, 1))
	if len(times) != 3430 {
		t.Fatalf("%d records, want 3430", len(times))
	}
	for i, at := range times {
		if due := profile.Due(at); math.Abs(due-float64(i)) > 1e-3 {
			t.Fatalf("record %d comes when %v are due", i, due)
		}
	}
	if marks := profile.Marks(); len(marks) != 3 || marks[1] != (Mark{"spike", int64(6 * time.Second)}) {
		t.Errorf("marks %v", marks)
	}
	if peak := profile.Peak(); math.Abs(peak-2000) > 1e-6 {
		t.Errorf("peak %v, want 2000", peak)
	}
}

func TestProfileThatDecreasesToZeroStillEnds(t *testing.T) {
	profile := NewProfile([]Segment{{For: 2 * time.Second, From: 1000, To: 0}}, 2*time.Second)
	times := collect(NewConstant(profile, 0, 1))
	if len(times) != 1000 {
		t.Fatalf("%d records, want 1000", len(times))
	}
	for i := 1; i < len(times); i++ {
		if times[i] <= times[i-1] || times[i] > profile.End() {
			t.Fatalf("record %d at %d after %d", i, times[i], times[i-1])
		}
	}
}

// Known truth: counts of a Poisson process in equal cells have a variance equal to their mean,
// and the gaps of the superposition are exponential.
func TestPoissonSchedulesAddUpToAPoissonProcess(t *testing.T) {
	const clients, rate, seconds = 5, 2000.0, 50
	profile := NewProfile([]Segment{{From: rate, To: rate}}, seconds*time.Second)
	cells := make([]float64, seconds*100)
	total := 0
	for client := range clients {
		schedule := NewPoisson(profile, clients, rand.New(rand.NewPCG(7, uint64(client))))
		for _, at := range collect(schedule) {
			cells[at/int64(10*time.Millisecond)]++
			total++
		}
	}
	if math.Abs(float64(total)-rate*seconds) > 4*math.Sqrt(rate*seconds) {
		t.Errorf("%d records, want about %v", total, rate*seconds)
	}
	mean, variance := float64(total)/float64(len(cells)), 0.0
	for _, n := range cells {
		variance += (n - mean) * (n - mean) / float64(len(cells)-1)
	}
	// The index of dispersion of 5,000 cells has a standard error of sqrt(2/5000) = 0.02.
	if dispersion := variance / mean; math.Abs(dispersion-1) > 0.08 {
		t.Errorf("index of dispersion %v, want 1", dispersion)
	}
}

func TestTheSameSeedGivesTheSameTimes(t *testing.T) {
	profile := NewProfile([]Segment{{From: 500, To: 500}}, time.Second)
	one := collect(NewPoisson(profile, 2, rand.New(rand.NewPCG(1, 2))))
	two := collect(NewPoisson(profile, 2, rand.New(rand.NewPCG(1, 2))))
	if len(one) == 0 || len(one) != len(two) || one[len(one)-1] != two[len(two)-1] {
		t.Errorf("%d and %d records", len(one), len(two))
	}
}

func TestRemainingCountsWhatWasNotSent(t *testing.T) {
	schedule := NewConstant(NewProfile([]Segment{{From: 100, To: 100}}, time.Second), 0, 1)
	schedule.Advance()
	if n := schedule.Remaining(); n != 99 {
		t.Errorf("%d remain, want 99", n)
	}
}

func TestSleeperWakesAtTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := NewClock(time.Now())
		sleeper := NewSleeper(clock)
		sleeper.WaitUntil(int64(3 * time.Second))
		if now := clock.Now(); now != int64(3*time.Second) {
			t.Errorf("woke at %v", time.Duration(now))
		}
		sleeper.WaitUntil(int64(time.Second))
		if sleeper.Wakes() != 1 {
			t.Errorf("%d wakes, want 1: a time that has passed needs none", sleeper.Wakes())
		}
	})
}

func TestWaiterNeverWakesEarlyAndMetersItself(t *testing.T) {
	clock := NewClock(time.Now())
	waiter := NewWaiter(clock)
	defer waiter.Close()
	for i := range int64(50) {
		at := clock.Now() + 200_000 + i
		waiter.WaitUntil(at)
		// A microsecond for the two clocks' readings that were matched.
		if now := clock.Now(); now < at-1000 {
			t.Fatalf("woke %d ns early", at-now)
		}
	}
	if waiter.Wakes() != 50 {
		t.Errorf("%d wakes, want 50", waiter.Wakes())
	}
}

func BenchmarkScheduleNext(b *testing.B) {
	b.ReportAllocs()
	schedule := NewConstant(NewProfile([]Segment{{From: 1e6, To: 1e6}}, time.Duration(math.MaxInt64)), 0, 1)
	for b.Loop() {
		schedule.Next()
		schedule.Advance()
	}
}

func BenchmarkClockNow(b *testing.B) {
	clock := NewClock(time.Now())
	for b.Loop() {
		clock.Now()
	}
}

func TestTheClockAndTheTimerAreExamined(t *testing.T) {
	clock := ExamineClock()
	if clock.ReadSeconds <= 0 || clock.ReadSeconds > 1e-3 || clock.ResolutionSeconds <= 0 || clock.ResolutionSeconds > 0.1 {
		t.Errorf("clock %+v", clock)
	}
	timer := ExamineTimer(t.Context(), time.Millisecond, 20*time.Millisecond)
	if timer.Waits < 1 || timer.Waits > 20 || timer.LateP50Seconds < 0 || timer.LateMaxSeconds < timer.LateP99Seconds || timer.LateP99Seconds < timer.LateP50Seconds {
		t.Errorf("timer %+v", timer)
	}
}
