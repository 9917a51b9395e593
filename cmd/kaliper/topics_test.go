package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"kaliper/internal/analysis"
	"kaliper/internal/kafka"
)

func TestTopicsDelete(t *testing.T) {
	bootstrap := simulate(t)
	admin, err := connectAdmin(t.Context(), bootstrap)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	for _, owner := range []string{"x7k2", "other"} {
		name, err := kafka.TopicName(owner, "c0ffee00", 1, "orders")
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
