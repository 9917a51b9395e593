package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"

	"kaliper/internal/analysis"
	"kaliper/internal/kafkatest"
)

// right is one right of a user.
type right struct {
	operation kadm.ACLOperation
	on        string // topic, group or cluster
	name      string // of the topics or groups, which begin with it
}

func (r right) builder(user string) *kadm.ACLBuilder {
	b := kadm.NewACLs().Allow("User:" + user).AllowHosts().Operations(r.operation).ResourcePatternType(kadm.ACLPatternPrefixed)
	switch r.on {
	case "topic":
		return b.Topics(r.name)
	case "group":
		return b.Groups(r.name)
	default:
		return b.Clusters().ResourcePatternType(kadm.ACLPatternLiteral)
	}
}

// entitled is a command with exactly the rights that it needs. What is told where one lacks is
// in the order of the rights.
type entitled struct {
	name      string
	arguments func(t *testing.T, user string) []string
	rights    []right
	lacking   []string
}

func commandsWithRights() []entitled {
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
	return []entitled{
		{"topics describe", fixed("topics", "describe", "load.seen"), []right{{kadm.OpDescribe, "topic", "load."}}, []string{"grant"}},
		{"topics create", own("create"), []right{{kadm.OpCreate, "topic", "load."}, {kadm.OpDescribe, "topic", "load."}}, []string{"grant", "grant"}},
		{"topics alter", own("alter"), []right{{kadm.OpAlter, "topic", "load."}}, []string{"grant"}},
		{"topics delete", own("delete"), []right{{kadm.OpDelete, "topic", "load."}}, []string{"grant"}},
		{"run", run("{partitions: 2}"), []right{
			{kadm.OpCreate, "topic", "kaliper."}, {kadm.OpWrite, "topic", "kaliper."}, {kadm.OpRead, "topic", "kaliper."},
			{kadm.OpDelete, "topic", "kaliper."}, {kadm.OpRead, "group", "kaliper."}, {kadm.OpDelete, "group", "kaliper."},
		}, []string{"grant Create", "grant Write", "grant it Read", "grant Delete", "grant it Read", "grant Delete on the group"}},
		{"run on existing topics", run("{existing: load.seen}"), []right{
			{kadm.OpWrite, "topic", "load.seen"}, {kadm.OpRead, "topic", "load.seen"}, {kadm.OpRead, "group", "kaliper."}, {kadm.OpDelete, "group", "kaliper."},
		}, []string{"grant Write", "grant it Read", "grant it Read", "grant Delete on the group"}},
	}
}

// A user with exactly the rights of the table of docs/connecting.md succeeds; one who lacks any
// of them is told which.
func TestEveryCommandNeedsTheRightsOfTheTableAndNoOthers(t *testing.T) {
	commands := commandsWithRights()
	users, login := map[string][]right{}, security+"plain.PlainLoginModule required"
	for i, c := range commands {
		for without := -1; without < len(c.rights); without++ {
			user := fmt.Sprintf("u%d-%d", i, without+1)
			for j, r := range c.rights {
				if j != without {
					users[user] = append(users[user], r)
				}
			}
			login += fmt.Sprintf(" user_%s=%q", user, planted)
		}
	}
	cluster := kafkatest.Start(t, kafkatest.Config{Fast: true, Listeners: []kafkatest.Listener{{Name: "LOGIN", Protocol: "SASL_PLAINTEXT"}},
		Properties: map[string]string{
			"authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer", "super.users": "User:ANONYMOUS",
			"sasl.enabled.mechanisms": "PLAIN", "listener.name.login.plain.sasl.jaas.config": login + ";",
		}})
	admin := adminOf(t, cluster.Addresses()...)
	topics := []string{"load.seen"}
	for user, rights := range users {
		for _, r := range rights {
			if made, err := admin.CreateACLs(t.Context(), r.builder(user)); err != nil || made[0].Err != nil {
				t.Fatal(err, made)
			}
		}
		if i := strings.SplitN(user, "-", 2)[0]; i == "u2" || i == "u3" { // altered, deleted
			topics = append(topics, "load."+user)
		}
	}
	if _, err := admin.CreateTopics(t.Context(), 1, 1, nil, topics...); err != nil {
		t.Fatal(err)
	}
	for i, c := range commands {
		for without := -1; without < len(c.rights); without++ {
			user, name := fmt.Sprintf("u%d-%d", i, without+1), c.name+" with all"
			if without >= 0 {
				name = fmt.Sprintf("%s without %s on the %s", c.name, c.rights[without].operation, c.rights[without].on)
			}
			t.Run(name, func(t *testing.T) {
				file := filepath.Join(t.TempDir(), "client.properties")
				writeFile(t, file, "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.jaas.config="+security+
					"plain.PlainLoginModule required username=\""+user+"\" password=\""+planted+"\";\n")
				got := call(t, append(c.arguments(t, user), "--bootstrap-server", cluster.BootstrapOf("LOGIN"), "--command-config", file)...)
				text := got.stdout + got.stderr
				switch {
				case without < 0 && got.code != analysis.ExitDone:
					t.Errorf("exit %d: %s", got.code, text)
				case without >= 0 && !strings.Contains(text, c.lacking[without]):
					t.Errorf("exit %d, no %q: %s", got.code, c.lacking[without], text)
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
