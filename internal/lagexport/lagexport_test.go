package lagexport

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"kaliper/internal/kafka"
)

func pointer[T any](v T) *T { return &v }

// scrape returns the lines that are no comments.
func scrape(t *testing.T, e *Exporter) string {
	t.Helper()
	answer := httptest.NewRecorder()
	e.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if answer.Code != http.StatusOK {
		t.Fatalf("status %d: %s", answer.Code, answer.Body)
	}
	var lines []string
	for line := range strings.Lines(answer.Body.String()) {
		if !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}

func sampleOf(at time.Time) kafka.LagSample {
	whole := kafka.Lag{
		Records: pointer(int64(120)), Seconds: pointer(4.5), Trend: kafka.CatchingUp,
		ConsumedPerSecond: pointer(300.0), ProducedPerSecond: pointer(100.0), CatchUpSeconds: pointer(0.6),
	}
	return kafka.LagSample{At: at, TookSeconds: 0.25, Groups: []kafka.GroupLag{
		{Group: "analytics", Lag: whole, Partitions: []kafka.PartitionLag{
			{Topic: "orders", Partition: 3, Committed: 880, End: pointer(int64(1000)), Lag: whole},
		}},
		{Group: "slow", Lag: kafka.Lag{Records: pointer(int64(9)), Trend: kafka.NotCatchingUp}},
		{Group: "unseen", Lag: kafka.Lag{Trend: kafka.Unknown}, Problem: "no right"},
	}}
}

func TestASampleIsPublishedAndWhatIsUnknownIsAbsent(t *testing.T) {
	e := New()
	e.Publish(sampleOf(time.Now()))
	e.Failed()
	got := scrape(t, e)
	for _, want := range []string{
		`kaliper_lag_records{group="analytics",partition="3",topic="orders"} 120`,
		`kaliper_lag_seconds{group="analytics",partition="3",topic="orders"} 4.5`,
		`kaliper_committed_offset{group="analytics",partition="3",topic="orders"} 880`,
		`kaliper_end_offset{group="analytics",partition="3",topic="orders"} 1000`,
		`kaliper_group_lag_records{group="analytics"} 120`,
		`kaliper_group_catch_up_seconds{group="analytics"} 0.6`,
		`kaliper_group_catch_up_seconds{group="slow"} +Inf`,
		`kaliper_lag_sample_failures_total 1`,
		`kaliper_lag_sample_duration_seconds 0.25`,
	} {
		if !strings.Contains(got, want+"\n") {
			t.Errorf("no line %s in\n%s", want, got)
		}
	}
	for _, never := range []string{`group="unseen"`, `kaliper_group_lag_seconds{group="slow"}`} {
		if strings.Contains(got, never) {
			t.Errorf("%s is published though it is unknown:\n%s", never, got)
		}
	}
}

func TestASampleThatIsTooOldIsNotPublished(t *testing.T) {
	e := New()
	if got := scrape(t, e); got != "kaliper_lag_sample_failures_total 0\n" {
		t.Errorf("before any sample:\n%s", got)
	}
	e.Publish(sampleOf(time.Now().Add(-2 * Staleness)))
	if got := scrape(t, e); strings.Contains(got, "group") || !strings.Contains(got, "kaliper_lag_sample_timestamp_seconds") {
		t.Errorf("an old sample:\n%s", got)
	}
}

// The page is where people learn of the names.
func TestEveryMetricIsOnThePage(t *testing.T) {
	page, err := os.ReadFile("../../docs/lag.md")
	if err != nil {
		t.Fatal(err)
	}
	e := New()
	e.Publish(sampleOf(time.Now()))
	for line := range strings.Lines(scrape(t, e)) {
		if name := line[:strings.IndexAny(line, "{ ")]; !strings.Contains(string(page), "`"+name+"`") {
			t.Errorf("docs/lag.md lacks %s", name)
		}
	}
}

func TestItServesUntilItIsToldToEnd(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- New().Serve(ctx, listener) }()
	answer, err := http.Get("http://" + listener.Addr().String() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if body, err := io.ReadAll(answer.Body); err != nil || !strings.Contains(string(body), "kaliper_lag_sample_failures_total") {
		t.Errorf("%v: %s", err, body)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
