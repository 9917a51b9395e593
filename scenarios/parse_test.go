package scenarios

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"kaliper/internal/unit"
)

// parse reads a scenario that must be legal.
func parse(t testing.TB, text string, options Options) *Scenario {
	t.Helper()
	s, err := Parse(source(text, nil), options)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// source is a file dir/test.yaml that may name the files given, all in dir.
func source(text string, files map[string]string) Source {
	return Source{Name: "dir/test.yaml", Data: []byte(text), ReadFile: func(path string) ([]byte, error) {
		data, ok := files[strings.ReplaceAll(path, `\`, "/")]
		if !ok {
			return nil, fs.ErrNotExist
		}
		return []byte(data), nil
	}}
}

const minimal = `
format: kaliper.scenario/1
name: minimal
target: embedded
topics: {orders: {}}
producers: {checkout: {topic: orders, rate: 100/s}}
`

func TestEveryBuiltInScenarioIsLegal(t *testing.T) {
	files := Embedded()
	if len(files) < 12 {
		t.Errorf("%d built-in scenarios, want 12 or more", len(files))
	}
	template, err := Template("mine")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(files, BuiltInFile{Name: "mine", Data: template, Question: "Q?"}) {
		t.Run(f.Name, func(t *testing.T) {
			s, err := Parse(f.Source(), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if s.Name != f.Name || s.Description == "" {
				t.Errorf("the file %s names itself %q and asks %q", f.Name, s.Name, s.Description)
			}
			if len(s.Warnings) > 0 {
				t.Errorf("warnings: %q", s.Warnings)
			}
			if !strings.Contains(f.Question, "?") {
				t.Errorf("its first line asks nothing: %q", f.Question)
			}
		})
	}
}

func TestTheDemoEndsWithin25Seconds(t *testing.T) {
	demo, ok := BuiltIn("demo")
	if !ok {
		t.Fatal("there is no demo")
	}
	s, err := Parse(demo, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if e := s.Estimate(); e.Duration > 22*time.Second || e.Trials != 6 || !s.Cases[0].Load.Target.Embedded {
		t.Errorf("%+v", e)
	}
}

func TestGapsAreFilled(t *testing.T) {
	s := parse(t, minimal, Options{})
	load := s.Cases[0].Load
	if s.Repeats != 6 || s.Seed != 1 || load.Warmup != 10*time.Second || load.Duration != time.Minute || load.Drain != 30*time.Second {
		t.Errorf("defaults of the top level: %+v", s)
	}
	if topic := load.Topics[0]; topic.Partitions != 1 || topic.ReplicationFactor != 0 {
		t.Errorf("topic %+v", topic)
	}
	g := load.Producers[0]
	if g.Clients != 1 || g.Arrival != ArrivalConstant || g.Send != SendAsync || g.Key.Distribution != KeyNone ||
		g.Value.Format != ValueRandom || g.Value.Size.Bytes != 1024 || g.Partitioner.Kind != PartitionerDefault {
		t.Errorf("producer %+v", g)
	}
	if load.Integrity != IntegrityOff {
		t.Errorf("integrity is %s, though nobody reads", load.Integrity)
	}
	if timeout := load.Target.Properties.Int64("request.timeout.ms"); timeout != 30000 {
		t.Errorf("the embedded target's request.timeout.ms is %d, want Kafka's default", timeout)
	}
}

func TestEverythingThatTheFormatHolds(t *testing.T) {
	s, err := Parse(source(`
format: kaliper.scenario/1
name: everything
targets:
  laptop: {bootstrap.servers: "localhost:9092", client.id: load}
target: laptop
rest: 2s
seed: 7
keep_topics: true
defaults:
  producers: {clients: 2, config: {acks: 1}}
  consumers: {members: 3}
x-value: &value {size: {distribution: lognormal, median: 1KiB, sigma: 1, max: 64KiB}, compressibility: 50%}
topics:
  orders: {partitions: 12, replication.factor: 3, config: {min.insync.replicas: 2, retention.ms: 3_600_000}}
  old: {existing: load.team.old}
producers:
  ramped:
    topic: orders
    rate: [{for: 30s, at: 5000/s}, {name: up, for: 10s, from: 5000/s, to: 20000/s}]
    arrival: poisson
    key: {distribution: hot, cardinality: 100, hot_share: 0.9, size: 8}
    value: *value
    partitioner: {manual: [0, 11]}
    send: batch
    batch_records: 50
    headers: {source: kaliper}
    config: {linger.ms: 10}
  closed: {topic: orders, rate: max, clients: 1, key: sequence, value: {file: values.txt}, partitioner: md5}
consumers:
  late:
    topics: [orders]
    start: {from: earliest, after: 5s}
    processing: {time: 50us, distribution: lognormal, sigma: 0.5, per: batch}
    commit: interval
    commit_interval: 1s
  assigned: {topics: [orders], assigned: true, members: 4, start: {from: {offset: 17}}}
expect: [lost == 0, ramped.ack.p99 < 80ms]
`, map[string]string{"dir/values.txt": "one\n\ntwo\n"}), Options{})
	if err != nil {
		t.Fatal(err)
	}
	load := s.Cases[0].Load
	ramped, closed := load.Producers[0], load.Producers[1]
	if len(ramped.Rate) != 3 || ramped.Rate[1].To.PerSecond != 20_000 || ramped.Rate[2].From.PerSecond != 20_000 || ramped.Rate[2].For != 0 {
		t.Errorf("phases %+v", ramped.Rate)
	}
	if want := "5000/s for 30s, up 5000/s to 20000/s for 10s"; ramped.RateText != want {
		t.Errorf("rate %q, want %q", ramped.RateText, want)
	}
	if ramped.Clients != 2 || closed.Clients != 1 {
		t.Errorf("clients %d and %d, want the default 2 and the group's own 1", ramped.Clients, closed.Clients)
	}
	if ramped.Properties.String("acks") != "1" || ramped.Properties.Int64("linger.ms") != 10 || ramped.Properties.String("client.id") != "load" {
		t.Errorf("properties of ramped: %+v", ramped.Properties.UserSet())
	}
	if ramped.Properties.Bool("enable.idempotence") {
		t.Error("acks: 1 does not turn idempotence off")
	}
	if got := ramped.Properties.Get("linger.ms").Origin; got != "dir/test.yaml:28:25" {
		t.Errorf("linger.ms comes from %s", got)
	}
	if ramped.Value.Size.Max != 64<<10 || ramped.Value.Compressibility != 0.5 || ramped.Key.HotShare != 0.9 {
		t.Errorf("value %+v, key %+v", ramped.Value, ramped.Key)
	}
	if !closed.Rate[0].Max() || len(closed.Value.Lines) != 2 || string(closed.Value.Lines[1]) != "two" {
		t.Errorf("closed: %+v", closed)
	}
	late, assigned := load.Consumers[0], load.Consumers[1]
	if late.Members != 3 || late.Start.From != StartEarliest || late.Start.After != 5*time.Second || !late.Processing.PerBatch || late.CommitInterval != time.Second {
		t.Errorf("late: %+v", late)
	}
	if late.Properties.Bool("enable.auto.commit") || late.Properties.IsSet("group.id") {
		t.Error("commit: interval leaves enable.auto.commit on")
	}
	if assigned.Commit != CommitNone || assigned.Start.Offset != 17 || assigned.Members != 4 {
		t.Errorf("assigned: %+v", assigned)
	}
	if load.Topics[0].Config["retention.ms"] != "3_600_000" || load.Topics[1].Existing != "load.team.old" || !load.KeepTopics || s.Seed != 7 {
		t.Errorf("topics %+v", load.Topics)
	}
	if len(s.Expect) != 2 || load.Integrity != IntegrityFull {
		t.Errorf("expect %v, integrity %s", s.Expect, load.Integrity)
	}
}

func TestLaterLayersWin(t *testing.T) {
	files := map[string]string{
		"dir/base.yaml": minimal + "duration: 1s\nwarmup: 1s\ndrain: 1s\nrest: 1s\nrepeats: 1\n",
	}
	overlay := Source{Name: "overlay.yaml", Data: []byte("warmup: 3s\ndrain: 3s\nrest: null\n")}
	s, err := Parse(source("extends: base.yaml\nduration: 2s\nwarmup: 2s\ndrain: 2s\n", files),
		Options{Overlays: []Source{overlay}, Sets: []string{"drain=4s"}})
	if err != nil {
		t.Fatal(err)
	}
	load := s.Cases[0].Load
	if s.Repeats != 1 || load.Duration != 2*time.Second || load.Warmup != 3*time.Second || load.Drain != 4*time.Second {
		t.Errorf("extends < file < overlay < --set does not hold: %+v", load)
	}
	if s.Rest != 0 {
		t.Error("null in an overlay does not take a setting back")
	}
}

func TestATargetComesAboveItsFileAndBelowOverlaysAndSets(t *testing.T) {
	text := `
format: kaliper.scenario/1
name: layers
targets: {slow: {bootstrap.servers: "a:1", request.timeout.ms: 20000, retry.backoff.ms: 200, client.id: target}}
target: slow
topics: {orders: {}}
producers: {checkout: {topic: orders, rate: 1/s, config: {request.timeout.ms: 10000, retry.backoff.ms: 100, client.id: file}}}
`
	overlay := Source{Name: "overlay.yaml", Data: []byte("producers: {checkout: {config: {retry.backoff.ms: 300}}}")}
	p := parse(t, text, Options{Overlays: []Source{overlay}, Sets: []string{"producers.*.config.client.id=set"}}).Cases[0].Load.Producers[0].Properties
	for name, want := range map[string][2]string{
		"request.timeout.ms": {"20000", "dir/test.yaml:4:64"},
		"retry.backoff.ms":   {"300", "overlay.yaml:1:51"},
		"client.id":          {"set", "--set"},
	} {
		if e := p.Get(name); e.Value.Text != want[0] || e.Origin != want[1] {
			t.Errorf("%s is %s from %s, want %s from %s", name, e.Value.Text, e.Origin, want[0], want[1])
		}
	}
}

func TestListsReplaceAndMapsMerge(t *testing.T) {
	s := parse(t, minimal+"consumers: {reader: {topics: [orders]}}\nexpect: [lost == 0, corrupted == 0]\n",
		Options{Sets: []string{"expect=[duplicated == 0]", "producers.checkout.key={distribution: uniform, cardinality: 10}"}})
	if len(s.Expect) != 1 || s.Expect[0].String() != "duplicated == 0" {
		t.Errorf("expect is %v", s.Expect)
	}
	if g := s.Cases[0].Load.Producers[0]; g.Key.Cardinality != 10 || g.Topic != "orders" {
		t.Errorf("producer %+v", g)
	}
}

func TestABootstrapServerReplacesTheTarget(t *testing.T) {
	s := parse(t, minimal, Options{Bootstrap: "a:1,b:2"})
	target := s.Cases[0].Load.Target
	if target.Embedded || target.Bootstrap() != "a:1,b:2" {
		t.Errorf("target %+v", target)
	}
	if !strings.Contains(s.Resolved, "a:1,b:2") {
		t.Errorf("the resolved scenario does not say so:\n%s", s.Resolved)
	}
}

func TestReferencesAreResolvedAndStayReferencesInFiles(t *testing.T) {
	text := strings.Replace(minimal, "target: embedded", "targets: {t: {bootstrap.servers: '${env:HOST}:${file:secrets/port}', client.id: '${file:p.properties:id}'}}\ntarget: t", 1)
	s, err := Parse(source(text, map[string]string{"dir/secrets/port": "9092\n", "dir/p.properties": "# x=1\nid = me\n"}),
		Options{LookupEnv: func(name string) (string, bool) { return "broker", name == "HOST" }})
	if err != nil {
		t.Fatal(err)
	}
	e := s.Cases[0].Load.Producers[0].Properties.Get("client.id")
	if got := s.Cases[0].Load.Target.Bootstrap(); got != "broker:9092" || e.Value.Text != "me" || e.Printed() != "${file:p.properties:id}" {
		t.Errorf("bootstrap %q, client.id %+v", got, e.Value)
	}
	if strings.Contains(s.Resolved, "broker:9092") || !strings.Contains(s.Resolved, "${env:HOST}") {
		t.Errorf("the resolved scenario:\n%s", s.Resolved)
	}
}

func TestCasesAreInTheMatrixOrder(t *testing.T) {
	s := parse(t, minimal+`
matrix:
  vary:
    producers.*.config.compression.type: [none, lz4]
    producers.checkout.rate: [100/s, 200/s]
  zip:
    - label: batch
      producers.*.config.linger.ms: [0, 10]
      producers.*.config.batch.size: [16384, 131072]
  exclude:
    - {producers.*.config.compression.type: none, batch: 2}
  labels: {producers.*.config.compression.type: codec}
`, Options{})
	var got []string
	ids := map[string]bool{}
	for _, c := range s.Cases {
		got = append(got, describe(c.Settings))
		ids[c.ID] = true
		if len(c.ID) != 8 {
			t.Errorf("case %q", c.ID)
		}
	}
	want := []string{
		"codec=none, rate=100/s, linger.ms=0, batch.size=16384",
		"codec=none, rate=200/s, linger.ms=0, batch.size=16384",
		"codec=lz4, rate=100/s, linger.ms=0, batch.size=16384",
		"codec=lz4, rate=100/s, linger.ms=10, batch.size=131072",
		"codec=lz4, rate=200/s, linger.ms=0, batch.size=16384",
		"codec=lz4, rate=200/s, linger.ms=10, batch.size=131072",
	}
	if !slices.Equal(got, want) || len(ids) != len(want) {
		t.Errorf("cases\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	last := s.Cases[5].Load.Producers[0]
	if last.Rate[0].From != (unit.Rate{PerSecond: 200}) || last.Properties.Int64("batch.size") != 131072 || last.Properties.String("compression.type") != "lz4" {
		t.Errorf("the last case does not have its settings: %+v", last)
	}
	if first := s.Cases[0].Load.Producers[0]; first.Properties.Int64("linger.ms") != 0 {
		t.Error("the cases share their settings")
	}
	again, err := Parse(Source{Name: "resolved.yaml", Data: []byte(s.Resolved)}, Options{})
	if err != nil {
		t.Fatalf("%v\n%s", err, s.Resolved)
	}
	for i, c := range again.Cases {
		if c.ID != s.Cases[i].ID {
			t.Errorf("case %d of the resolved scenario has another id", i)
		}
	}
}

func TestAMatrixOfMoreThanTenThousandCasesIsRefused(t *testing.T) {
	if n := len(parse(t, big(100, 100), Options{}).Cases); n != 10_000 {
		t.Errorf("%d cases, want 10,000", n)
	}
	_, err := Parse(source(big(101, 100), nil), Options{})
	if err == nil || !strings.Contains(err.Error(), "more than 10000 cases") {
		t.Errorf("error %v", err)
	}
}

// big is a scenario with n times m cases.
func big(n, m int) string {
	values := func(k int) string {
		words := make([]string, k)
		for i := range words {
			words[i] = fmt.Sprint(i)
		}
		return strings.Join(words, ", ")
	}
	return minimal + "consumers: {reader: {topics: [orders]}}\nmatrix: {vary: {producers.*.config.linger.ms: [" + values(n) +
		"], consumers.*.config.fetch.min.bytes: [" + values(m) + "]}}\n"
}

func BenchmarkTenThousandCases(b *testing.B) {
	text := big(100, 100)
	for b.Loop() {
		if _, err := Parse(source(text, nil), Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func TestFilesThatExtendInACircleAreRefused(t *testing.T) {
	files := map[string]string{"dir/a.yaml": "extends: test.yaml\n"}
	_, err := Parse(source(minimal+"extends: a.yaml\n", files), Options{})
	if err == nil || !strings.Contains(err.Error(), "dir/a.yaml:1:10: extends: ") || !strings.Contains(err.Error(), "extends itself") {
		t.Errorf("error %v", err)
	}
}

func TestWrongOptionsSayWhatWouldBeRight(t *testing.T) {
	for _, c := range []struct {
		about   string
		options Options
		want    string
	}{
		{"a set without a value", Options{Sets: []string{"drain"}}, `--set: "drain" is not path=value`},
		{"a set of a group that is not there", Options{Sets: []string{"producers.chekout.rate=1/s"}}, `did you mean "checkout"?`},
		{"a set of an unknown key", Options{Sets: []string{"producers.*.rat=1/s"}}, `--set: producers.checkout.rat: unknown key; did you mean "rate"?`},
		{"a wildcard that matches nothing", Options{Sets: []string{"consumers.*.members=2"}}, "there are no consumers"},
		{"a set that is no YAML", Options{Sets: []string{"drain=["}}, "is not YAML"},
		{"a set below a value", Options{Sets: []string{"duration.x=1"}}, "cannot be set below a value"},
		{"two targets", Options{Target: "embedded", Bootstrap: "a:1"}, "exclude each other"},
		{"a target that is not there", Options{Target: "embeded"}, `--target: target: there is no "embeded" under targets; did you mean "embedded"?`},
		{"an ignored property that is not refused stays", Options{Sets: []string{"ignore=[linger.ms]", "producers.*.config.linger.ms=x"}}, "is not a whole number"},
	} {
		t.Run(c.about, func(t *testing.T) {
			_, err := Parse(source(minimal+"duration: 5s\n", nil), c.options)
			var wrong Errors
			if !errors.As(err, &wrong) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one that says %q", err, c.want)
			}
		})
	}
}

func TestARefusedPropertyCanBeIgnoredByName(t *testing.T) {
	s := parse(t, minimal+"ignore: [partitioner.class]\n", Options{Sets: []string{"producers.*.config.partitioner.class=com.example.X"}})
	if s.Cases[0].Load.Producers[0].Properties.IsSet("partitioner.class") || len(s.Warnings) != 1 {
		t.Errorf("warnings %q", s.Warnings)
	}
}

func TestLegalThingsThatPeopleRarelyWantAreWarnedOf(t *testing.T) {
	s := parse(t, `
format: kaliper.scenario/1
name: odd
target: embedded
warmup: 1s
duration: 1s
topics: {orders: {}, spare: {}}
producers: {checkout: {topic: orders, rate: [{for: 2s, at: 1/s}, {for: 1s, at: 2/s}], config: {compression.type: lz4}}}
consumers: {reader: {topics: [orders], members: 2}}
`, Options{})
	all := strings.Join(s.Warnings, "\n")
	for _, want := range []string{"random bytes do not compress", "1 of 2 members stay idle", "is never reached", "topics.spare: is written and read by nobody"} {
		if !strings.Contains(all, want) {
			t.Errorf("no warning says %q:\n%s", want, all)
		}
	}
}

// Who joins later is idle, too, where there is no partition left, and so is a pipeline's member.
func TestMembersThatStayIdleAreWarnedOf(t *testing.T) {
	const head = `
format: kaliper.scenario/1
name: idle
target: embedded
topics: {orders: {partitions: 3}, enriched: {partitions: 3}}
producers: {checkout: {topic: orders, rate: 100/s}}
`
	for _, c := range []struct{ name, text, want string }{
		{"members", "consumers: {readers: {topics: [orders], members: 4}}", "members: 1 of 4 members stay idle: there are 3 partitions"},
		{"who joins", "consumers: {readers: {topics: [orders], members: 2, schedule: [{at: 1s, leave: 1}, {at: 2s, join: 3}]}}",
			"schedule: 1 of 4 members stay idle when all have joined: there are 3 partitions"},
		{"who joins, of a pipeline", "pipelines: {enrich: {from: orders, to: enriched, members: 3, schedule: [{at: 1s, join: 2}]}}\nconsumers: {readers: {topics: [enriched]}}",
			"pipelines.enrich.schedule: 2 of 5 members stay idle when all have joined: there are 3 partitions"},
		{"who takes the place of another", "consumers: {readers: {topics: [orders], members: 3, schedule: [{at: 1s, crash: 1}, {at: 2s, join: 1}]}}", ""},
		{"two topics", "consumers: {readers: {topics: [orders, enriched], members: 6}}", ""},
		{"a share group", "consumers: {readers: {topics: [orders], members: 6, share: {}}}", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var idle []string
			for _, warning := range parse(t, head+c.text, Options{}).Warnings {
				if strings.Contains(warning, "stay idle") {
					idle = append(idle, warning)
				}
			}
			if c.want == "" && len(idle) > 0 || c.want != "" && (len(idle) != 1 || !strings.Contains(idle[0], c.want)) {
				t.Errorf("warnings %q, want %q", idle, c.want)
			}
		})
	}
}

func TestTheEstimateCountsWhatTheScheduleOffers(t *testing.T) {
	s := parse(t, `
format: kaliper.scenario/1
name: estimate
targets: {t: {bootstrap.servers: "a:1"}}
target: t
warmup: 10s
duration: 20s
drain: 0s
rest: 1s
topics: {orders: {replication.factor: 3}}
producers: {checkout: {topic: orders, value: {size: 100}, rate: [{for: 10s, at: 1000/s}, {for: 10s, from: 1000/s, to: 3000/s}, {for: 1s, at: 500/s}]}}
repeats: 2
`, Options{})
	e := s.Estimate()
	const records = 10_000 + 20_000 + 5_000
	if got := e.PerCase[0].Records; got != records {
		t.Errorf("%v records, want %v", got, records)
	}
	if e.TopicBytes != 2*3*100*records || e.PeakTopicBytes != 3*100*records {
		t.Errorf("topic bytes %v, peak %v", e.TopicBytes, e.PeakTopicBytes)
	}
	if e.Duration != 2*(30*time.Second+setUp+time.Second) || e.Trials != 2 || e.EnoughRepeats() {
		t.Errorf("%+v", e)
	}
}

// A matrix whose property the target sets too would otherwise compare equal cases.
func TestTheMatrixVariesAlsoWhatTheTargetSets(t *testing.T) {
	scenario, err := Parse(Source{Name: "s.yaml", Data: []byte(`format: kaliper.scenario/1
name: t
targets: {a: {bootstrap.servers: "localhost:9092", request.timeout.ms: 20000}}
target: a
topics: {orders: {partitions: 1}}
producers: {p: {topic: orders, rate: 10/s}}
matrix: {vary: {producers.p.config.request.timeout.ms: [1000, 2000]}}
`)}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"1000", "2000"} {
		if got := scenario.Cases[i].Load.Producers[0].Properties.String("request.timeout.ms"); got != want {
			t.Errorf("case %d has %s, want %s", i, got, want)
		}
	}
}

func TestAGroupStartsWhereAutoOffsetResetSaysUnlessItHasAStart(t *testing.T) {
	for reset, want := range map[string]Start{
		"latest": {From: StartLatest}, "earliest": {From: StartEarliest}, "by_duration:PT90M": {From: StartAgo, Ago: 90 * time.Minute},
	} {
		set := "consumers={analytics: {topics: [orders], config: {auto.offset.reset: '" + reset + "'}}}"
		if got := parse(t, minimal, Options{Sets: []string{set}}).Cases[0].Load.Consumers[0].Start; got != want {
			t.Errorf("%s: starts at %+v, want %+v", reset, got, want)
		}
		started := parse(t, minimal, Options{Sets: []string{set, "consumers.analytics.start={from: latest, after: 100ms}"}})
		if got := started.Cases[0].Load.Consumers[0].Start; got.From != StartLatest {
			t.Errorf("%s and start: latest: starts at %+v", reset, got)
		}
	}
}
