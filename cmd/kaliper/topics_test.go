package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"kaliper/internal/analysis"
	"kaliper/internal/kafka"
)

func TestTopicsDelete(t *testing.T) {
	bootstrap := simulate(t)
	admin, err := (&clusterFlags{connectionFlags: connectionFlags{servers: bootstrap}}).connect(t.Context(), t.Output())
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	for _, owner := range []string{"x7k2", "other"} {
		name, err := kafka.TopicName(owner, "c0ffee00", "1", "orders")
		if err != nil {
			t.Fatal(err)
		}
		spec := kafka.TopicSpec{Logical: "orders", Name: name, Partitions: 1, ReplicationFactor: 1}
		if _, _, err := admin.CreateTopics(t.Context(), owner, []kafka.TopicSpec{spec}, time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		name string
		args []string
		code analysis.Exit
		want string
	}{
		{"without a cluster it says how to name one", nil, analysis.ExitBadInput, "--bootstrap-server host:port"},
		{"with a wrong address it says what would be right", []string{"--bootstrap-server", "localhost"}, analysis.ExitBadInput, "host:port"},
		{"an unreachable cluster is no bad input", []string{"--bootstrap-server", "127.0.0.1:1", "--run", "x7k2"}, analysis.ExitUnreachable, "start the broker"},
		{"without a run it names those that there are", []string{"--bootstrap-server", bootstrap}, analysis.ExitBadInput, "--run x7k2    topics: 1"},
		{"a run that is not there is bad input", []string{"--bootstrap-server", bootstrap, "--run", "z"}, analysis.ExitBadInput, "nothing on the cluster"},
		{"a run goes by its directory's name", []string{"--bootstrap-server", bootstrap, "--run", "results/20261123T170000Z-codec-choice-x7k2/"}, analysis.ExitDone, "deleted topic kaliper.x7k2.c0ffee00-1.orders"},
		{"another run stays", []string{"--bootstrap-server", bootstrap}, analysis.ExitBadInput, "--run other    topics: 1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var out bytes.Buffer
			code := run(t.Context(), append([]string{"topics", "delete"}, test.args...), strings.NewReader(""), &out, &out)
			if code != int(test.code) || !strings.Contains(out.String(), test.want) {
				t.Errorf("got exit code %d, want %d, and\n%s\nwant %q", code, test.code, out.String(), test.want)
			}
		})
	}
}

func TestATopicsLifeByHand(t *testing.T) {
	bootstrap := simulate(t)
	for _, test := range []struct {
		name string
		args []string
		code analysis.Exit
		want string
	}{
		{"an empty cluster has none", []string{"list"}, analysis.ExitDone, "no topics"},
		{"it is created with what was asked for", []string{"create", "orders", "--partitions", "3", "--replication-factor", "1", "--config", "retention.ms=3600000"}, analysis.ExitDone, "3600000   topic"},
		{"it is not created twice", []string{"create", "orders"}, analysis.ExitBadInput, "exists already"},
		{"it is in the list", []string{"list"}, analysis.ExitDone, "orders  3           1"},
		{"it is described", []string{"describe", "orders"}, analysis.ExitDone, "topic orders: 3 partitions with 0 B, replication factor 1"},
		{"a similar name is not it", []string{"describe", "order"}, analysis.ExitBadInput, `did you mean "orders"?`},
		{"partitions are added", []string{"alter", "orders", "--partitions", "5"}, analysis.ExitDone, "topic orders: 5 partitions"},
		{"partitions are not removed", []string{"alter", "orders", "--partitions", "2"}, analysis.ExitBadInput, "never removes any"},
		{"configs are taken back", []string{"alter", "orders", "--delete-config", "retention.ms"}, analysis.ExitDone, "topic orders: 5 partitions"},
		{"it is not deleted without its name once more", []string{"delete", "orders"}, analysis.ExitBadInput, "--confirm orders"},
		{"it is not deleted by another name", []string{"delete", "orders", "--confirm", "order"}, analysis.ExitBadInput, "topic orders stays"},
		{"it is deleted", []string{"delete", "orders", "--confirm", "orders"}, analysis.ExitDone, "deleted topic orders\n"},
		{"it is gone", []string{"describe", "orders"}, analysis.ExitBadInput, "does not exist"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := call(t, append([]string{"topics"}, append(test.args, "--bootstrap-server", bootstrap)...)...)
			if text := got.stdout + got.stderr; got.code != test.code || !strings.Contains(text, test.want) {
				t.Errorf("got exit code %d, want %d, and\n%s\nwant %q", got.code, test.code, text, test.want)
			}
		})
	}
}

func TestTopicsSpeakJSON(t *testing.T) {
	bootstrap := simulate(t)
	for _, test := range []struct {
		schema string
		args   []string
		want   []string // keys
	}{
		{"kaliper.topic/1", []string{"create", "orders", "--partitions", "2"}, []string{"name", "partitions", "brokers", "configs", "imbalance", "unknown"}},
		{"kaliper.topics/1", []string{"list"}, []string{"topics"}},
		{"kaliper.topic/1", []string{"describe", "orders"}, []string{"bytes", "replicated_bytes"}},
		{"kaliper.topic/1", []string{"alter", "orders", "--partitions", "3"}, []string{"partitions"}},
		{"kaliper.topics.deleted/1", []string{"delete", "orders", "--confirm", "orders"}, []string{"topics", "groups"}},
	} {
		t.Run(test.args[0], func(t *testing.T) {
			got := call(t, append([]string{"topics"}, append(test.args, "--json", "--bootstrap-server", bootstrap)...)...)
			var answer map[string]any
			if err := json.Unmarshal([]byte(got.stdout), &answer); err != nil || got.code != analysis.ExitDone {
				t.Fatalf("exit code %d, %v: %s%s", got.code, err, got.stdout, got.stderr)
			}
			if answer["schema"] != test.schema {
				t.Errorf("the schema is %v, want %s", answer["schema"], test.schema)
			}
			for _, key := range test.want {
				if value, ok := answer[key]; !ok || value == nil {
					t.Errorf("%s is missing in %s", key, got.stdout)
				}
			}
		})
	}
}

func TestWhatIsWrongWithATopicsCommandIsSaidBeforeAnythingIsContacted(t *testing.T) {
	for _, test := range []struct {
		args string
		want string
	}{
		{"", "list, describe, create, alter, delete"},
		{"lst", `did you mean "list"?`},
		{"create", "a name for the topic"},
		{"create orders --partitions 0", "a number from 1"},
		{"create orders --partitions 2 --replica-assignment 1:2", "leave one out"},
		{"create orders --replica-assignment 1:2,2", "equally many brokers"},
		{"create orders --config retention.ms", "name=value"},
		{"create orders --config a=1 --config a=2", "twice"},
		{"alter orders", "say what to alter"},
		{"alter orders --partitions 0", "new number of all partitions"},
		{"alter orders --config a=1 --delete-config a", "both set and deleted"},
		{"delete orders payments", "one topic, not 2"},
		{"delete orders --run x7k2", "not both"},
		{"delete --confirm orders", "delete orders --confirm orders"},
	} {
		t.Run(test.args, func(t *testing.T) {
			got := call(t, append([]string{"topics"}, strings.Fields(test.args)...)...)
			if got.code != analysis.ExitBadInput || !strings.Contains(got.stderr, test.want) {
				t.Errorf("got exit code %d and %q, want %q", got.code, got.stderr, test.want)
			}
		})
	}
}

func TestAPlacementIsReadAsKafkasOwnToolsWriteIt(t *testing.T) {
	got, err := parsePlacement("1:2, 2:3,3:1")
	if err != nil || !slices.EqualFunc(got, [][]int32{{1, 2}, {2, 3}, {3, 1}}, slices.Equal) {
		t.Errorf("got %v, %v", got, err)
	}
	for _, wrong := range []string{"", "1:", "a", "-1", "1:1", "1,1:2", "99999999999"} {
		if got, err := parsePlacement(wrong); err == nil {
			t.Errorf("%q is read as %v", wrong, got)
		}
	}
}

func TestATypedNameIsReadUntilTheEndOfTheLine(t *testing.T) {
	for typed, want := range map[string]string{"orders\n": "orders", "orders\r\nmore": "orders", "orders": "orders", "": ""} {
		if got, err := readLine(t.Context(), strings.NewReader(typed)); err != nil || got != want {
			t.Errorf("%q is read as %q, %v", typed, got, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	nothing, end := io.Pipe()
	defer end.Close()
	if _, err := readLine(ctx, nothing); !errors.Is(err, context.Canceled) {
		t.Errorf("an interruption gives %v", err)
	}
}
