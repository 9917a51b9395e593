package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/internal/analysis"
	"kaliper/internal/javaproperties"
	"kaliper/internal/kafkatest"
	"kaliper/internal/kafkatest/credentials"
)

const deployedBrokers = "../../deploy/brokers/"

// deployed reads one of the properties files of deploy/brokers.
func deployed(t *testing.T, name string) map[string]string {
	t.Helper()
	data, err := os.ReadFile(deployedBrokers + name)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := javaproperties.Parse(string(data))
	if err != nil {
		t.Fatal(name, err)
	}
	settings := map[string]string{}
	for _, e := range entries {
		if _, twice := settings[e.Key]; twice {
			t.Errorf("%s has %s twice", name, e.Key)
		}
		settings[e.Key] = e.Value
	}
	return settings
}

// ofHosts are settings that say where a broker is; brokers of a test have their own. All others
// must hold on any three brokers.
var ofHosts = []string{
	"process.roles", "controller.quorum.voters", "log.dirs", "listeners", "listener.security.protocol.map", "controller.listener.names",
	"ssl.keystore.location", "ssl.truststore.location",
}

func TestTheDeployedBrokersDifferInWhatIsTheirOwnAlone(t *testing.T) {
	common, seen := deployed(t, "common.properties"), map[string]bool{}
	for _, name := range []string{"broker-1.properties", "broker-2.properties", "broker-3.properties"} {
		own := deployed(t, name)
		if keys := slices.Sorted(maps.Keys(own)); !slices.Equal(keys, []string{"advertised.listeners", "broker.rack", "node.id"}) {
			t.Errorf("%s has %v", name, keys)
		}
		for key, value := range own {
			if _, twice := common[key]; twice || seen[value] {
				t.Errorf("%s: %s=%s is also that of others", name, key, value)
			}
			seen[value] = true
		}
		if voter := own["node.id"] + "@kafka-" + own["node.id"] + ".example:"; !strings.Contains(common["controller.quorum.voters"], voter) {
			t.Errorf("%s is no voter", voter)
		}
	}
	for name, want := range map[string]string{
		"default.replication.factor": "3", "min.insync.replicas": "2", "auto.create.topics.enable": "false", "unclean.leader.election.enable": "false",
		"allow.everyone.if.no.acl.found": "false", "listener.security.protocol.map": "CLIENTS:SASL_SSL,BROKERS:SSL,CONTROLLER:SSL",
		"offsets.topic.replication.factor": "3", "transaction.state.log.replication.factor": "3", "transaction.state.log.min.isr": "2",
	} {
		if common[name] != want {
			t.Errorf("%s is %q, want %s", name, common[name], want)
		}
	}
}

func TestOnRealKafkaARunWorksOverTheDeployedBrokersWithTheRightsOfARunAlone(t *testing.T) {
	t.Parallel()
	broker := credentials.SelfSigned(t, "broker-1")
	store, trust := broker.Files(t)
	settings := deployed(t, "common.properties")
	expected := maps.Clone(settings)
	maps.DeleteFunc(settings, func(name, _ string) bool { return slices.Contains(ofHosts, name) })
	settings["ssl.keystore.location"], settings["ssl.truststore.location"] = store, trust
	// The test's cluster needs a plaintext listener to see that it is up; on it nobody has any rights.
	settings["listener.security.protocol.map"] = "PLAINTEXT:PLAINTEXT," + expected["listener.security.protocol.map"]
	cluster := kafkatest.Start(t, kafkatest.Config{Nodes: 3, Fast: true, Properties: settings,
		Listeners: []kafkatest.Listener{{Name: "CLIENTS", Protocol: "SASL_SSL"}, {Name: "BROKERS", Protocol: "SSL"}}})

	admin := brokersAdmin(t, cluster, broker)
	altered, err := admin.AlterUserSCRAMs(t.Context(), nil, []kadm.UpsertSCRAM{{User: "load-test", Mechanism: kadm.ScramSha512, Iterations: 4096, Password: planted}})
	if err == nil {
		err = altered.Error()
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rightsOfARun() {
		if made, err := admin.CreateACLs(t.Context(), r.builder("load-test")); err != nil || made[0].Err != nil {
			t.Fatal(err, made)
		}
	}
	for name, got := range brokerConfigs(t, admin) {
		if want, set := expected[name]; set && !slices.Contains(ofHosts, name) && got != nil && *got != want {
			t.Errorf("the broker has %s=%q, want %q", name, *got, want)
		}
	}

	connection := []string{"--command-config", deployedBrokers + "client.properties", "--bootstrap-server", cluster.BootstrapOf("CLIENTS"),
		"--command-property", "ssl.truststore.location=" + trust}
	password, output := []string{"KAFKA_PASSWORD=" + planted}, t.TempDir()
	got := callAlone(t, "", password, slices.Concat([]string{"run", scenarioFile(t, patient+"expect: [lost == 0, errors.ratio == 0]\n"), "--json"}, allowed(output), connection)...)
	if got.code != analysis.ExitDone {
		t.Fatalf("exit %d: %s", got.code, got.stderr)
	}
	wantAllDelivered(t, output)
	if strings.Contains(got.stdout+got.stderr, planted) {
		t.Error("the password is in the output")
	}
	looked := callAlone(t, "", password, slices.Concat([]string{"doctor", "--json"}, connection)...)
	var doctor doctorJSON
	if err := json.Unmarshal([]byte(looked.stdout), &doctor); err != nil || looked.code != analysis.ExitDone || len(doctor.Brokers) != 3 {
		t.Fatalf("doctor: exit %d, %v: %s%s", looked.code, err, looked.stdout, looked.stderr)
	}
	for _, b := range doctor.Brokers {
		if b.Version == "" || b.RoundTrip == nil {
			t.Errorf("doctor does not know broker %d: %+v", b.ID, b)
		}
	}
	for _, refused := range []struct {
		name string
		args []string
		told string
	}{
		{"a topic of another name", slices.Concat([]string{"topics", "create", "orders"}, connection), "grant Create"},
		{"no login", []string{"topics", "list", "--bootstrap-server", cluster.BootstrapOf("CLIENTS")}, "security.protocol"},
		{"the brokers' listener without a certificate", []string{"topics", "list", "--bootstrap-server", cluster.BootstrapOf("BROKERS"),
			"--command-property", "security.protocol=SSL", "--command-property", "ssl.truststore.type=PEM", "--command-property", "ssl.truststore.location=" + trust}, "client certificate"},
	} {
		t.Run(refused.name, func(t *testing.T) {
			if got := callAlone(t, "", password, refused.args...); got.code != analysis.ExitUnreachable || !strings.Contains(got.stderr, refused.told) {
				t.Errorf("exit %d: %s", got.code, got.stderr)
			}
		})
	}
}

// brokersAdmin connects as the brokers do to each other, by their certificate.
func brokersAdmin(t *testing.T, cluster *kafkatest.Cluster, broker credentials.Issued) *kadm.Client {
	t.Helper()
	pool := x509.NewCertPool()
	pool.AddCert(broker.Certificate)
	client, err := kgo.NewClient(kgo.SeedBrokers(strings.Split(cluster.BootstrapOf("BROKERS"), ",")...),
		kgo.DialTLSConfig(&tls.Config{Certificates: []tls.Certificate{broker.TLS()}, RootCAs: pool}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return kadm.NewClient(client)
}

// brokerConfigs returns what broker 1 has; nil is a secret.
func brokerConfigs(t *testing.T, admin *kadm.Client) map[string]*string {
	t.Helper()
	described, err := admin.DescribeBrokerConfigs(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	effective := map[string]*string{}
	for _, c := range described[0].Configs {
		effective[c.Key] = c.Value
	}
	return effective
}
