package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/internal/analysis"
	"kaliper/internal/kafkatest"
)

// right is one right of a user.
type right struct {
	operation kadm.ACLOperation
	on        string // topic, group, transactional id or cluster
	name      string // of the topics, groups or ids, which begin with it
}

func (r right) builder(user string) *kadm.ACLBuilder {
	b := kadm.NewACLs().Allow("User:" + user).AllowHosts().Operations(r.operation).ResourcePatternType(kadm.ACLPatternPrefixed)
	switch r.on {
	case "topic":
		return b.Topics(r.name)
	case "group":
		return b.Groups(r.name)
	case "transactional id":
		return b.TransactionalIDs(r.name)
	default:
		return b.Clusters().ResourcePatternType(kadm.ACLPatternLiteral)
	}
}

// entitled is a command with exactly the rights that it needs, and what it tells with all of
// them. What it does where one lacks is in the order of the rights; a lack of nothing is left out,
// because another command shows it.
type entitled struct {
	name      string
	arguments func(t *testing.T, user string) []string
	rights    []right
	told      string
	lacking   []lack
	// before are a topic and a group that each user finds there; either may be empty.
	before func(user string) (topic, group string)
}

// users are the users that the i-th command is run as, by the index of the right that each lacks;
// -1 lacks none.
func (c entitled) users(i int) map[int]string {
	users := map[int]string{-1: fmt.Sprintf("u%d-0", i)}
	for without, lacking := range c.lacking {
		if lacking != (lack{}) {
			users[without] = fmt.Sprintf("u%d-%d", i, without+1)
		}
	}
	return users
}

// lack is what a command does where a right lacks: it refuses, or does without.
type lack struct {
	code analysis.Exit
	told string
}

func refused(told string) lack { return lack{analysis.ExitUnreachable, told} }

func without(told string) lack { return lack{analysis.ExitDone, told} }

// rightsOfARun are those of a run with topics of its own.
func rightsOfARun() []right {
	return []right{
		{kadm.OpCreate, "topic", "kaliper."}, {kadm.OpWrite, "topic", "kaliper."}, {kadm.OpRead, "topic", "kaliper."},
		{kadm.OpDelete, "topic", "kaliper."}, {kadm.OpRead, "group", "kaliper."}, {kadm.OpDelete, "group", "kaliper."},
	}
}

// leftBehind are a topic and a group of a killed run, whose short id it returns too.
func leftBehind(user string) (run, topic, group string) {
	run = strings.ReplaceAll(user, "-", "x")
	return run, "kaliper." + run + ".e3b0c442-1.orders", "kaliper." + run + ".e3b0c442-1.analytics"
}

func commandsWithRights(version string) []entitled {
	fixed := func(arguments ...string) func(*testing.T, string) []string {
		return func(*testing.T, string) []string { return arguments }
	}
	own := func(kind string) func(*testing.T, string) []string {
		return func(_ *testing.T, user string) []string {
			return append([]string{"topics", kind, "load." + user}, map[string][]string{
				"create": nil, "alter": {"--partitions", "2"}, "delete": {"--confirm", "load." + user},
			}[kind]...)
		}
	}
	run := func(topic string) func(*testing.T, string) []string {
		return func(t *testing.T, _ string) []string {
			text := strings.Replace(small, "{partitions: 2}", topic, 1)
			return append([]string{"run", scenarioFile(t, text)}, allowed(t.TempDir())...)
		}
	}
	exactlyOnce := func(t *testing.T, _ string) []string {
		text := strings.Replace(small, "{orders: {partitions: 2}}", "{orders: {partitions: 2}, enriched: {partitions: 2}}", 1)
		text = strings.Replace(text, "topics: [orders]", "topics: [enriched]", 1) + "pipelines: {enrich: {from: orders, to: enriched, guarantee: exactly-once}}\n"
		return append([]string{"run", scenarioFile(t, text)}, allowed(t.TempDir())...)
	}
	applied := func(t *testing.T, user string) []string {
		text := strings.Replace(small, "{partitions: 2}", "{partitions: 2, name: load.applied-"+user+"}", 1)
		return []string{"topics", "apply", scenarioFile(t, text)}
	}
	altered := func(t *testing.T, user string) []string {
		text := strings.Replace(small, "{partitions: 2}", "{partitions: 2, name: load.differs-"+user+", config: {retention.ms: 60000}}", 1)
		return []string{"topics", "apply", scenarioFile(t, text), "--yes"}
	}
	ofARun := func(_ *testing.T, user string) []string {
		run, _, _ := leftBehind(user)
		return []string{"topics", "delete", "--run", run}
	}
	transacting := func(t *testing.T, _ string) []string {
		text := strings.Replace(small, "rate: 500/s,", "rate: 500/s, send: transaction,", 1)
		return append([]string{"run", scenarioFile(t, text)}, allowed(t.TempDir())...)
	}
	sharing := func(t *testing.T, _ string) []string {
		text := strings.Replace(small, "config: {session.timeout.ms: 6000, heartbeat.interval.ms: 1000}", "share: true", 1)
		return append([]string{"run", scenarioFile(t, text)}, allowed(t.TempDir())...)
	}
	named := func(beginning string) func(string) (string, string) {
		return func(user string) (string, string) { return beginning + user, "" }
	}
	failed := func(told string) lack { return lack{analysis.ExitFailed, told} }
	describe, sample := fixed("topics", "describe", "load.seen"), func(t *testing.T, _ string) []string {
		return []string{"topics", "sample", "load.seen", "--output", filepath.Join(t.TempDir(), "seen.kts")}
	}
	commands := []entitled{
		{"topics list", fixed("topics", "list"), []right{{kadm.OpDescribe, "topic", "load."}}, "load.seen", []lack{without("no topics")}, nil},
		{"topics describe", describe, []right{{kadm.OpDescribe, "topic", "load."}}, "configs: unknown", []lack{refused("grant Describe")}, nil},
		{"topics describe of sizes and configs", describe,
			[]right{{kadm.OpDescribe, "topic", "load."}, {kadm.OpDescribeConfigs, "topic", "load."}, {kadm.OpDescribe, "cluster", ""}},
			"B with replicas", []lack{refused("grant Describe"), without("configs: unknown"), without("unknown: ")}, nil},
		{"topics create", own("create"), []right{{kadm.OpCreate, "topic", "load."}, {kadm.OpDescribe, "topic", "load."}}, "topic load.", []lack{refused("grant Create"), refused("grant Describe")}, nil},
		{"topics alter", own("alter"), []right{{kadm.OpAlter, "topic", "load."}}, "2 partitions", []lack{refused("grant")}, named("load.")},
		{"topics delete", own("delete"), []right{{kadm.OpDelete, "topic", "load."}}, "deleted", []lack{refused("grant")}, named("load.")},
		{"topics alter of configs", fixed("topics", "alter", "load.seen", "--config", "retention.ms=60000"), []right{{kadm.OpAlterConfigs, "topic", "load."}, {kadm.OpDescribe, "topic", "load."}},
			"topic load.seen", []lack{refused("grant"), refused("grant Describe")}, nil},
		{"topics apply", applied, []right{{kadm.OpCreate, "topic", "load."}, {kadm.OpDescribe, "topic", "load."}}, "created", []lack{refused("grant Create"), refused("grant Describe")}, nil},
		{"topics apply to one that differs", altered, []right{{kadm.OpAlter, "topic", "load."}, {kadm.OpAlterConfigs, "topic", "load."}}, "retention.ms: is",
			[]lack{refused("grant Describe"), without("the configs may not be seen")}, named("load.differs-")},
		// What the user may not see stays, and is not told.
		{"topics delete of a run", ofARun, []right{{kadm.OpDelete, "topic", "kaliper."}, {kadm.OpDelete, "group", "kaliper."}}, "deleted group kaliper.",
			[]lack{without("deleted group kaliper."), without("deleted topic kaliper.")}, func(user string) (string, string) {
				_, topic, group := leftBehind(user)
				return topic, group
			}},
		{"lag", fixed("lag", "group-of-others"), []right{{kadm.OpDescribe, "group", "group-of-others"}, {kadm.OpRead, "topic", "load."}},
			"load.seen", []lack{refused("grant it Describe on group"), without("on topics that this user may see")}, nil},
		{"topics sample", sample, []right{{kadm.OpRead, "topic", "load.seen"}}, "written to", []lack{refused("grant")}, nil},
		{"doctor", fixed("doctor"), []right{{kadm.OpDescribe, "cluster", ""}, {kadm.OpDescribeConfigs, "cluster", ""}, {kadm.OpRead, "topic", "load.seen"}},
			"on the cluster: Describe, DescribeConfigs\nthis user may on the 1 topics: Describe, Read\nthis user may on topics named kaliper.*: nothing; a run of its own needs Create, Delete, Read, Write too\n" +
				"this user may on groups named kaliper.*: nothing; a run of its own needs Delete, Read too\nthis user may on transactional ids named kaliper.*: nothing\nquota: user=<default> producer_byte_rate = 1e+09\n",
			[]lack{without("unknown: rights on the cluster"), without("unknown: quotas"), without("0 topics")}, nil},
		{"doctor of who may run", fixed("doctor"), append(rightsOfARun(), right{kadm.OpDescribe, "transactional id", "kaliper."}),
			"this user may on topics named kaliper.*: Create, Delete, Describe, Read, Write\nthis user may on groups named kaliper.*: Delete, Describe, Read\nunknown: ",
			[]lack{0: without("Delete, Describe, Read, Write; a run of its own needs Create too"), 5: without("Describe, Read; a run of its own needs Delete too"),
				6: without("this user may on transactional ids named kaliper.*: nothing")}, nil},
		{"run", run("{partitions: 2}"), rightsOfARun(), "", []lack{refused("grant Create"), failed("grant Write"), refused("grant it Read"), refused("grant Delete"), refused("grant it Read"), refused("grant Delete on the group")}, nil},
		{"run of an exactly-once pipeline", exactlyOnce, append(rightsOfARun(), right{kadm.OpWrite, "transactional id", "kaliper."}), "",
			[]lack{refused("grant Create"), failed("grant Write"), refused("grant it Read"), refused("grant Delete"), refused("grant it Read"), refused("grant Delete on the group"), refused("transactional id")}, nil},
		{"run of producers that send in transactions", transacting, append(rightsOfARun(), right{kadm.OpWrite, "transactional id", "kaliper."}), "",
			[]lack{6: refused("transactional id")}, nil},
		{"run on existing topics", run("{existing: load.seen}"), []right{
			{kadm.OpWrite, "topic", "load.seen"}, {kadm.OpRead, "topic", "load.seen"}, {kadm.OpRead, "group", "kaliper."}, {kadm.OpDelete, "group", "kaliper."},
		}, "", []lack{failed("grant Write"), refused("grant it Read"), refused("grant it Read"), refused("grant Delete on the group")}, nil},
	}
	if version != kafkatest.Version3 { // which has none
		commands = append(commands, entitled{"run of a share group", sharing, append(rightsOfARun(), right{kadm.OpAlterConfigs, "group", "kaliper."}), "",
			[]lack{2: refused("grant it Read"), 4: refused("grant it Read"), 5: refused("grant Delete on the group"), 6: refused("grant it AlterConfigs on the group")}, nil})
	}
	return commands
}

// A user with exactly the rights of the table of docs/connecting.md succeeds; one who lacks any
// of them is told which.
func TestOnRealKafkaEveryCommandNeedsTheRightsOfTheTableAndNoOthers(t *testing.T) {
	t.Parallel()
	for _, version := range []string{kafkatest.Version3, kafkatest.Version4} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			testRights(t, version)
		})
	}
}

func testRights(t *testing.T, version string) {
	commands := commandsWithRights(version)
	users, login := map[string][]right{}, security+"plain.PlainLoginModule required"
	topics, groups := []string{"load.seen"}, []string{"group-of-others"}
	for i, c := range commands {
		for without, user := range c.users(i) {
			for j, r := range c.rights {
				if j != without {
					users[user] = append(users[user], r)
				}
			}
			login += fmt.Sprintf(" user_%s=%q", user, planted)
			if c.before == nil {
				continue
			}
			topic, group := c.before(user)
			topics = append(topics, topic)
			if group != "" {
				groups = append(groups, group)
			}
		}
	}
	cluster := kafkatest.Start(t, kafkatest.Config{Version: version, Fast: true, Listeners: []kafkatest.Listener{{Name: "LOGIN", Protocol: "SASL_PLAINTEXT"}},
		Properties: map[string]string{
			"authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer", "super.users": "User:ANONYMOUS",
			"sasl.enabled.mechanisms": "PLAIN", "listener.name.login.plain.sasl.jaas.config": login + ";",
			// Members of a share group are told their partitions with a heartbeat.
			"group.share.min.heartbeat.interval.ms": "500", "group.share.heartbeat.interval.ms": "500",
		}})
	admin := adminOf(t, cluster.Addresses()...)
	for user, rights := range users {
		for _, r := range rights {
			if made, err := admin.CreateACLs(t.Context(), r.builder(user)); err != nil || made[0].Err != nil {
				t.Fatal(err, made)
			}
		}
	}
	if _, err := admin.CreateTopics(t.Context(), 1, 1, nil, topics...); err != nil {
		t.Fatal(err)
	}
	seen, err := kgo.NewClient(kgo.SeedBrokers(cluster.Addresses()...), kgo.DefaultProduceTopic("load.seen"))
	if err != nil {
		t.Fatal(err)
	}
	defer seen.Close()
	if err := seen.ProduceSync(t.Context(), kgo.StringRecord("a record")).FirstErr(); err != nil {
		t.Fatal(err)
	}
	committed := kadm.Offsets{}
	committed.AddOffset("load.seen", 0, 0, -1)
	for _, group := range groups {
		if err := admin.CommitAllOffsets(t.Context(), group, committed); err != nil {
			t.Fatal(err)
		}
	}
	limits := []kadm.AlterClientQuotaEntry{{Entity: kadm.ClientQuotaEntity{{Type: "user"}}, Ops: []kadm.AlterClientQuotaOp{{Key: "producer_byte_rate", Value: 1e9}}}}
	if altered, err := admin.AlterClientQuotas(t.Context(), limits); err != nil || altered[0].Err != nil {
		t.Fatal(err, altered)
	}
	for i, c := range commands {
		for without, user := range c.users(i) {
			name := c.name + " with all"
			if without >= 0 {
				name = fmt.Sprintf("%s without %s on the %s", c.name, c.rights[without].operation, c.rights[without].on)
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				file := filepath.Join(t.TempDir(), "client.properties")
				writeFile(t, file, "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.jaas.config="+security+
					"plain.PlainLoginModule required username=\""+user+"\" password=\""+planted+"\";\n")
				got := call(t, append(c.arguments(t, user), "--bootstrap-server", cluster.BootstrapOf("LOGIN"), "--command-config", file)...)
				want := lack{analysis.ExitDone, c.told}
				if without >= 0 {
					want = c.lacking[without]
				}
				if text := got.stdout + got.stderr; got.code != want.code || !strings.Contains(text, want.told) {
					t.Errorf("exit %d, want %d and %q: %s", got.code, want.code, want.told, text)
				}
			})
		}
	}
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
