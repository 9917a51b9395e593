package localkafka

import (
	"slices"
	"strings"
	"testing"
)

func TestServerProperties(t *testing.T) {
	one := []nodePorts{{broker: 20001, controller: 20002, more: []int{20003}}}
	three := []nodePorts{{broker: 20001, controller: 20011}, {broker: 20002, controller: 20012}, {broker: 20003, controller: 20013}}
	tests := []struct {
		name       string
		id         int
		ports      []nodePorts
		listeners  []Listener
		properties map[string]string
		want       []string // lines
	}{
		{"one node replicates once", 1, one, nil, nil, []string{
			"default.replication.factor=1", "min.insync.replicas=1", "offsets.topic.replication.factor=1",
			"controller.quorum.voters=1@127.0.0.1:20002"}},
		{"three nodes replicate thrice with two in sync", 2, three, nil, nil, []string{
			"node.id=2", "default.replication.factor=3", "min.insync.replicas=2", "transaction.state.log.min.isr=2",
			"controller.quorum.voters=1@127.0.0.1:20011,2@127.0.0.1:20012,3@127.0.0.1:20013",
			"listeners=PLAINTEXT://127.0.0.1:20002,CONTROLLER://127.0.0.1:20012"}},
		{"the caller's properties replace the defaults", 1, one, nil,
			map[string]string{"auto.create.topics.enable": "true", "broker.session.timeout.ms": "2000"},
			[]string{"auto.create.topics.enable=true", "broker.session.timeout.ms=2000"}},
		{"a listener may advertise another address than its own", 1, one, []Listener{{Name: "GHOST", Protocol: "PLAINTEXT", Advertised: "127.0.0.1:1"}}, nil, []string{
			"listeners=PLAINTEXT://127.0.0.1:20001,CONTROLLER://127.0.0.1:20002,GHOST://127.0.0.1:20003",
			"advertised.listeners=PLAINTEXT://127.0.0.1:20001,GHOST://127.0.0.1:1",
		}},
		{"another listener stands beside the plaintext one", 1, one, []Listener{{Name: "MUTUAL", Protocol: "SSL"}}, nil, []string{
			"listeners=PLAINTEXT://127.0.0.1:20001,CONTROLLER://127.0.0.1:20002,MUTUAL://127.0.0.1:20003",
			"advertised.listeners=PLAINTEXT://127.0.0.1:20001,MUTUAL://127.0.0.1:20003",
			"listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,MUTUAL:SSL",
			"inter.broker.listener.name=PLAINTEXT"}},
		{"a property may name its node", 3, three, nil, map[string]string{"broker.rack": "zone-{node.id}"}, []string{"broker.rack=zone-3"}},
		{"a backslash survives java.util.Properties", 1, one, nil,
			map[string]string{"x": `a\b`}, []string{`x=a\\b`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			lines := strings.Split(serverProperties(test.id, test.ports, "/data", test.listeners, test.properties), "\n")
			names := make(map[string]int)
			for _, line := range lines {
				name, _, _ := strings.Cut(line, "=")
				names[name]++
			}
			for _, want := range test.want {
				name, _, _ := strings.Cut(want, "=")
				if !slices.Contains(lines, want) || names[name] != 1 {
					t.Errorf("%q is not there just once in:\n%s", want, strings.Join(lines, "\n"))
				}
			}
		})
	}
}
