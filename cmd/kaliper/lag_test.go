package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/internal/analysis"
	"kaliper/internal/kafka"
	"kaliper/internal/kafkatest"
)

// laggedGroup makes a topic with records and a group that has read some of them.
func laggedGroup(t testing.TB, bootstrap, topic, group string, records int, committed int64) *kgo.Client {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(bootstrap, ",")...), kgo.DefaultProduceTopic(topic))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	admin := kadm.NewClient(client)
	if _, err := admin.CreateTopic(t.Context(), 1, 1, nil, topic); err != nil {
		t.Fatal(err)
	}
	for range records {
		if err := client.ProduceSync(t.Context(), kgo.StringRecord("v")).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	offsets := kadm.Offsets{}
	offsets.AddOffset(topic, 0, committed, -1)
	if err := admin.CommitAllOffsets(t.Context(), group, offsets); err != nil {
		t.Fatal(err)
	}
	return client
}

func TestLagShowsAGroupAndItsPartitions(t *testing.T) {
	bootstrap := simulate(t)
	laggedGroup(t, bootstrap, "orders", "analytics", 10, 4)
	got := call(t, "lag", "analytics", "--every", "200ms", "--bootstrap-server", bootstrap)
	for _, want := range []string{"group analytics (Empty): lag 6", "time lag ", "reads unknown, 0", "caught up is unknown", "caught up in\n", "orders  0"} {
		if got.code != analysis.ExitDone || !strings.Contains(strings.ReplaceAll(got.stdout, "\u00a0", " "), want) {
			t.Errorf("exit code %d, no %q in:\n%s%s", got.code, want, got.stdout, got.stderr)
		}
	}
	machine := call(t, "lag", "--all", "--json", "--every", "200ms", "--bootstrap-server", bootstrap)
	var answer lagJSON
	if err := json.Unmarshal([]byte(machine.stdout), &answer); err != nil || answer.Schema != lagSchema {
		t.Fatalf("exit code %d, %v: %s%s", machine.code, err, machine.stdout, machine.stderr)
	}
	if len(answer.Groups) != 1 || *answer.Groups[0].Records != 6 || answer.Groups[0].Partitions[0].Committed != 4 {
		t.Errorf("got %s", machine.stdout)
	}
}

func TestWhatIsWrongWithLagIsSaid(t *testing.T) {
	bootstrap := simulate(t)
	laggedGroup(t, bootstrap, "orders", "analytics", 1, 0)
	for _, test := range []struct {
		args string
		code analysis.Exit
		want string
	}{
		{"", analysis.ExitBadInput, "names of groups, or --all"},
		{"analytics --all", analysis.ExitBadInput, "leave one out"},
		{"analytics --every 5", analysis.ExitBadInput, "--every"},
		{"analytics --every 1ms", analysis.ExitBadInput, "200ms or more"},
		{"analytics --prometheus nowhere", analysis.ExitBadInput, "host:port"},
		{"analytics --bootstrap-server 127.0.0.1:1", analysis.ExitUnreachable, "start the broker"},
		{"analytcs --every 200ms --bootstrap-server " + bootstrap, analysis.ExitBadInput, `did you mean "analytics"`},
	} {
		t.Run(test.args, func(t *testing.T) {
			if got := call(t, append([]string{"lag"}, strings.Fields(test.args)...)...); got.code != test.code || !strings.Contains(got.stderr, test.want) {
				t.Errorf("exit code %d: %s", got.code, got.stderr)
			}
		})
	}
}

// watchLag runs kaliper lag until end is called, and decodes what it prints.
func watchLag(t testing.TB, flags ...string) (samples *json.Decoder, end func() analysis.Exit) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, stdout := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, append([]string{"lag", "--watch", "--json"}, flags...), strings.NewReader(""), stdout, io.Discard)
		stdout.Close()
	}()
	return json.NewDecoder(out), func() analysis.Exit {
		cancel()
		go io.Copy(io.Discard, out)
		return analysis.Exit(<-code)
	}
}

// nextLag reads samples until one holds.
func nextLag(t testing.TB, samples *json.Decoder, holds func(kafka.GroupLag) bool) kafka.GroupLag {
	t.Helper()
	for {
		var sample lagJSON
		if err := samples.Decode(&sample); err != nil {
			t.Fatal(err)
		}
		if i := slices.IndexFunc(sample.Groups, holds); i >= 0 {
			return sample.Groups[i]
		}
	}
}

func behindBy(records int64) func(kafka.GroupLag) bool {
	return func(g kafka.GroupLag) bool { return g.Records != nil && *g.Records == records }
}

func TestWatchedLagFollowsTheGroupUntilItIsInterrupted(t *testing.T) {
	bootstrap := simulate(t)
	client := laggedGroup(t, bootstrap, "orders", "analytics", 3, 3)
	samples, end := watchLag(t, "analytics", "--every", "200ms", "--bootstrap-server", bootstrap)
	if g := nextLag(t, samples, behindBy(0)); g.Trend != kafka.CaughtUp {
		t.Errorf("got %+v", g)
	}
	if err := client.ProduceSync(t.Context(), kgo.StringRecord("v")).FirstErr(); err != nil {
		t.Fatal(err)
	}
	if g := nextLag(t, samples, behindBy(1)); g.Seconds == nil {
		t.Errorf("the age of a record that came while it was watched is unknown: %+v", g)
	}
	if code := end(); code != analysis.ExitDone {
		t.Errorf("interrupted watching exits %d", code)
	}
}

func TestLagAnswersScrapes(t *testing.T) {
	bootstrap := simulate(t)
	laggedGroup(t, bootstrap, "orders", "analytics", 10, 4)
	ctx, cancel := context.WithCancel(t.Context())
	stderr, told := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, []string{"lag", "--all", "--prometheus", "127.0.0.1:0", "--every", "200ms", "--bootstrap-server", bootstrap}, strings.NewReader(""), io.Discard, told)
		told.Close()
	}()
	line := make([]byte, 200)
	n, err := stderr.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	go io.Copy(io.Discard, stderr)
	_, url, _ := strings.Cut(strings.TrimSpace(string(line[:n])), " at ")
	const want = `kaliper_group_lag_records{group="analytics"} 6`
	for body := ""; !strings.Contains(body, want); {
		answer, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		body = string(data)
	}
	cancel()
	if got := <-code; got != int(analysis.ExitDone) {
		t.Errorf("exit code %d", got)
	}
}

func TestALagOfATerminalIsDrawnOverTheOneBefore(t *testing.T) {
	records, seconds := int64(5), 1.5
	sample := kafka.LagSample{At: time.Unix(0, 0), Groups: []kafka.GroupLag{
		{Group: "a", State: "Stable", Lag: kafka.Lag{Records: &records, Seconds: &seconds, Trend: kafka.NotCatchingUp}, Partitions: make([]kafka.PartitionLag, 1)},
		{Group: "b", Lag: kafka.Lag{Trend: kafka.Unknown}},
		{Group: "c", Problem: "the user may not see it"},
	}}
	var out bytes.Buffer
	if err := redrawLag(&out, sample); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	if !strings.HasPrefix(text, "\x1b[H") || !strings.HasSuffix(text, "\x1b[J") || strings.Count(text, "\n") != strings.Count(text, "\x1b[K\n") {
		t.Errorf("got %q", text)
	}
	for _, want := range []string{"a (Stable): lag 5", "not catching up", "b: has committed no offsets", "c: unknown: the user may not see it"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in %q", want, text)
		}
	}
}

// Lag of a group on real Kafka, from the acknowledgement of the record that makes it until a
// line says so: make bench-lag. The sampler's phase is not the records', so they come at any
// time of its second.
func BenchmarkTimeUntilLagIsReported(b *testing.B) {
	bootstrap := kafkatest.Start(b, kafkatest.Config{Fast: true}).Bootstrap()
	client := laggedGroup(b, bootstrap, "orders", "analytics", 0, 0)
	samples, end := watchLag(b, "analytics", "--bootstrap-server", bootstrap)
	defer end()
	behind, total, longest := int64(0), time.Duration(0), time.Duration(0)
	nextLag(b, samples, behindBy(behind))
	for b.Loop() {
		behind++
		// Golden-ratio steps spread the records' times evenly over the second.
		_, phase := math.Modf(float64(behind) * 0.6180339887)
		time.Sleep(time.Duration(phase * float64(time.Second)))
		if err := client.ProduceSync(b.Context(), kgo.StringRecord("v")).FirstErr(); err != nil {
			b.Fatal(err)
		}
		acknowledged := time.Now()
		nextLag(b, samples, behindBy(behind))
		took := time.Since(acknowledged)
		total, longest = total+took, max(longest, took)
	}
	b.ReportMetric(total.Seconds()/float64(b.N), "mean-s")
	b.ReportMetric(longest.Seconds(), "max-s")
	b.ReportMetric(0, "ns/op") // the wait for the next record is none of it
}
