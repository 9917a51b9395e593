package localkafka

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// nodePorts are where one node listens on 127.0.0.1.
type nodePorts struct {
	broker, controller int
	more               []int // of Config.Listeners, in their order
}

// Listener is one more listener of every node, beside the plaintext one. Its security is set by
// Config.Properties: listener.name.<name in lower case>.ssl.keystore.location and so on.
type Listener struct {
	Name     string // in capitals, such as MUTUAL
	Protocol string // as security.protocol names it
	// Advertised is the host:port that clients are told; empty for the true one.
	Advertised string
}

// nodeID stands for the node's number in the value of a property.
const nodeID = "{node.id}"

// serverProperties returns the text of server.properties of node id (from 1) of a cluster:
// combined broker and controller, replication over all nodes, everything internal as small
// as it may be. The caller's properties replace any of these.
func serverProperties(id int, ports []nodePorts, logDirectory string, listeners []Listener, properties map[string]string) string {
	nodes := len(ports)
	own := ports[id-1]
	var voters []string
	for i, p := range ports {
		voters = append(voters, fmt.Sprintf("%d@127.0.0.1:%d", i+1, p.controller))
	}
	replicas := strconv.Itoa(min(nodes, 3))
	inSync := strconv.Itoa(min(nodes, 2))
	all := map[string]string{
		"process.roles":                                    "broker,controller",
		"node.id":                                          strconv.Itoa(id),
		"controller.quorum.voters":                         strings.Join(voters, ","),
		"listeners":                                        fmt.Sprintf("PLAINTEXT://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d", own.broker, own.controller),
		"advertised.listeners":                             fmt.Sprintf("PLAINTEXT://127.0.0.1:%d", own.broker),
		"controller.listener.names":                        "CONTROLLER",
		"listener.security.protocol.map":                   "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
		"log.dirs":                                         logDirectory,
		"default.replication.factor":                       replicas,
		"min.insync.replicas":                              inSync,
		"offsets.topic.replication.factor":                 replicas,
		"offsets.topic.num.partitions":                     "5",
		"transaction.state.log.replication.factor":         replicas,
		"transaction.state.log.min.isr":                    inSync,
		"transaction.state.log.num.partitions":             "5",
		"share.coordinator.state.topic.min.isr":            inSync,
		"group.initial.rebalance.delay.ms":                 "0",
		"auto.create.topics.enable":                        "false",
		"share.coordinator.state.topic.replication.factor": replicas,
	}
	if nodes == 1 {
		// Nobody takes over from a node that is alone: where the machine is busy for a while, it need
		// not lose its partitions for that.
		all["broker.session.timeout.ms"] = "60000"
	}
	for i, l := range listeners {
		address := fmt.Sprintf(",%s://127.0.0.1:%d", l.Name, own.more[i])
		all["listeners"] += address
		if l.Advertised != "" {
			address = "," + l.Name + "://" + l.Advertised
		}
		all["advertised.listeners"] += address
		all["listener.security.protocol.map"] += "," + l.Name + ":" + l.Protocol
	}
	if len(listeners) > 0 {
		all["inter.broker.listener.name"] = "PLAINTEXT"
	}
	maps.Copy(all, properties)
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&text, "%s=%s\n", name, escapeProperty(strings.ReplaceAll(all[name], nodeID, strconv.Itoa(id))))
	}
	return text.String()
}

// escapeProperty writes a value so that java.util.Properties reads it back.
func escapeProperty(value string) string {
	return strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(value)
}
