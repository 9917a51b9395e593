package compose

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

// load validates a compose file against the specification's schema and resolves it, with the
// variables of env and no others.
func load(t *testing.T, path string, env ...string) (*types.Project, error) {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{path}, cli.WithEnv(env), cli.WithProfiles([]string{"*"}),
		cli.WithLoadOptions(func(o *loader.Options) { o.SkipValidation = false }))
	if err != nil {
		t.Fatal(err)
	}
	return options.LoadProject(t.Context())
}

func project(t *testing.T, env ...string) *types.Project {
	t.Helper()
	p, err := load(t, filepath.Join("..", "..", "docker-compose.yml"), env...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var brokers = []string{"kafka-1", "kafka-2", "kafka-3"}

func TestTheComposeFileFollowsTheSpecification(t *testing.T) {
	p := project(t)
	want := append(slices.Clone(brokers), "grafana", "kafka-exporter", "kafka-ui", "prometheus", "redis", "schema-registry")
	slices.Sort(want)
	got := p.ServiceNames()
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the services are %v, want %v", got, want)
	}
}

// The check must be able to say no.
func TestAComposeFileThatDoesNotIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"an unknown key":     "services: {a: {image: x, helthcheck: {}}}",
		"a port that is not": "services: {a: {image: x, ports: {b: c}}}",
	} {
		path := filepath.Join(t.TempDir(), "docker-compose.yml")
		if err := os.WriteFile(path, []byte("name: wrong\n"+text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := load(t, path); err == nil {
			t.Errorf("%s is not refused", name)
		}
	}
}

func TestOnlyTheBrokersAndTheirInterfaceStartWithoutAProfile(t *testing.T) {
	for name, service := range project(t).Services {
		always := slices.Contains(brokers, name) || name == "kafka-ui"
		if always != (len(service.Profiles) == 0) {
			t.Errorf("%s has the profiles %v", name, service.Profiles)
		}
	}
}

func TestTheVersionOfKafkaIsAVariable(t *testing.T) {
	for _, test := range []struct{ env, want string }{{"", "apache/kafka:4.3.1"}, {"KAFKA_VERSION=3.9.1", "apache/kafka:3.9.1"}} {
		for _, name := range brokers {
			if got := project(t, test.env).Services[name].Image; got != test.want {
				t.Errorf("with %q %s runs %s, want %s", test.env, name, got, test.want)
			}
		}
	}
}

func TestThreeBrokersFindEachOtherAndAreFoundFromTheHost(t *testing.T) {
	p := project(t)
	for i, name := range brokers {
		service := p.Services[name]
		setting := func(name string) string {
			if v := service.Environment[name]; v != nil {
				return *v
			}
			t.Errorf("%s is not set", name)
			return ""
		}
		if got := setting("KAFKA_NODE_ID"); got != fmt.Sprint(i+1) {
			t.Errorf("%s has the id %s", name, got)
		}
		if id, err := base64.RawURLEncoding.DecodeString(setting("CLUSTER_ID")); err != nil || len(id) != 16 {
			t.Errorf("%s has a cluster id that is no UUID as Kafka writes them: %v", name, err)
		}
		if got, want := setting("KAFKA_CONTROLLER_QUORUM_VOTERS"), "1@kafka-1:29092,2@kafka-2:29092,3@kafka-3:29092"; got != want {
			t.Errorf("%s votes with %s, want %s", name, got, want)
		}
		port := fmt.Sprint(9092 + i)
		if got, want := setting("KAFKA_ADVERTISED_LISTENERS"), "HOST://localhost:"+port+",INTERNAL://"+name+":19092"; got != want {
			t.Errorf("%s advertises %s, want %s", name, got, want)
		}
		for _, listener := range []string{"HOST://:9092", "INTERNAL://:19092", "CONTROLLER://:29092"} {
			if !strings.Contains(setting("KAFKA_LISTENERS"), listener) {
				t.Errorf("%s does not listen on %s", name, listener)
			}
		}
		if len(service.Ports) != 1 || service.Ports[0].Published != port || service.Ports[0].Target != 9092 || service.Ports[0].HostIP != "127.0.0.1" {
			t.Errorf("%s publishes %+v", name, service.Ports)
		}
		if service.HealthCheck == nil || service.Hostname != name {
			t.Errorf("%s has no health check, or the host name %s", name, service.Hostname)
		}
		if len(service.Volumes) != 1 || service.Volumes[0].Type != types.VolumeTypeVolume || service.Volumes[0].Source != name || service.Volumes[0].Target != setting("KAFKA_LOG_DIRS") {
			t.Errorf("%s keeps its data in %+v", name, service.Volumes)
		}
	}
}

func TestFilesThatAreMountedExist(t *testing.T) {
	for name, service := range project(t).Services {
		for _, volume := range service.Volumes {
			if volume.Type != types.VolumeTypeBind {
				continue
			}
			if info, err := os.Stat(volume.Source); err != nil || !info.Mode().IsRegular() {
				t.Errorf("%s mounts %s: %v", name, volume.Source, err)
			}
		}
	}
}
