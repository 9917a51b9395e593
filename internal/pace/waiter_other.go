//go:build !linux

package pace

// WaiterName names the way of waiting in manifests and reports.
const WaiterName = "time.Sleep (fallback: overshoots by about 1 ms, its CPU is not metered apart)"

// NewWaiter returns the best waiter of this system.
func NewWaiter(clock Clock) Waiter { return NewSleeper(clock) }
