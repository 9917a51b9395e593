package scenarios

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// serviceFile is what a Java service has.
const serviceFile = `# the checkout service
bootstrap.servers=broker:9093
security.protocol=SASL_PLAINTEXT
sasl.mechanism=PLAIN
sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \
  username="me" password="hunter2";
request.timeout.ms=20000
client.id=${env:WHO}
key.serializer=org.apache.kafka.common.serialization.StringSerializer
linger.ms=7
schema.registry.url=http://registry
`

func parseConnected(target string, options Options) (*Scenario, error) {
	text := strings.Replace(minimal, "target: embedded", target, 1)
	read := func(path string) ([]byte, error) {
		if filepath.ToSlash(path) == "dir/client.properties" {
			return []byte(serviceFile), nil
		}
		return nil, fs.ErrNotExist
	}
	options.ReadFile = read
	options.LookupEnv = func(string) (string, bool) { return "checkout", true }
	return Parse(Source{Name: "dir/scenario.yaml", Data: []byte(text), ReadFile: read}, options)
}

func TestATargetTakesTheFileOfAJavaService(t *testing.T) {
	s, err := parseConnected("targets: {t: {command-config: client.properties, request.timeout.ms: 15000}}\ntarget: t", Options{})
	if err != nil {
		t.Fatal(err)
	}
	target := s.Cases[0].Load.Target
	if got := target.Bootstrap(); got != "broker:9093" {
		t.Errorf("bootstrap %q", got)
	}
	if got := target.Properties.Int64("request.timeout.ms"); got != 15000 {
		t.Errorf("the target's own key does not win over its file: %d", got)
	}
	if e := target.Properties.Get("client.id"); e.Value.Text != "checkout" || e.Printed() != "${env:WHO}" || e.Origin != filepath.Join("dir", "client.properties")+":8:1" {
		t.Errorf("client.id %+v", e.Value)
	}
	jaas := s.Cases[0].Load.Producers[0].Properties.Get("sasl.jaas.config")
	if jaas.Printed() != "[redacted]" || !strings.Contains(jaas.Value.Text, "hunter2") {
		t.Errorf("printed as %q", jaas.Printed())
	}
	if strings.Contains(s.Resolved, "hunter2") {
		t.Error("the resolved scenario holds the password")
	}
	warnings := strings.Join(s.Warnings, "\n")
	for _, want := range []string{":9:1: key.serializer: is inert", ":10:1: linger.ms: is of producers alone and left out", ":11:1: schema.registry.url: is no client property"} {
		if strings.Count(warnings, want) != 1 {
			t.Errorf("not told once: %q in\n%s", want, warnings)
		}
	}
	if got := s.Cases[0].Load.Producers[0].Properties.Int64("linger.ms"); got != 5 {
		t.Errorf("linger.ms of the file has an effect: %d", got)
	}
}

func TestFlagsOfTheConnectionLieBetweenTheTargetAndSet(t *testing.T) {
	const own = "targets: {t: {bootstrap.servers: 'a:1', client.id: own, retry.backoff.ms: 1}}\ntarget: t"
	overlay := Source{Name: "over.yaml", Data: []byte("producers: {checkout: {config: {client.id: overlay}}}")}
	file := Source{Name: "client.properties", Data: []byte("client.id=file\nretry.backoff.ms=2\nmetadata.max.age.ms=1000\n")}
	for _, test := range []struct {
		name    string
		options Options
		want    map[string]string
	}{
		{"the target alone", Options{}, map[string]string{"client.id": "own", "retry.backoff.ms": "1"}},
		{"a file over the target", Options{CommandConfig: file}, map[string]string{"client.id": "file", "retry.backoff.ms": "2"}},
		{"a single property over the file", Options{CommandConfig: file, CommandProperties: []string{"client.id=single"}}, map[string]string{"client.id": "single", "metadata.max.age.ms": "1000"}},
		{"a single property over an overlay", Options{Overlays: []Source{overlay}, CommandProperties: []string{"client.id=single"}}, map[string]string{"client.id": "single"}},
		{"--set over all", Options{CommandProperties: []string{"client.id=single"}, Sets: []string{"producers.checkout.config.client.id=set"}}, map[string]string{"client.id": "set"}},
		{"--bootstrap-server over all others", Options{Bootstrap: "b:2", CommandProperties: []string{"bootstrap.servers=c:3"}}, map[string]string{"bootstrap.servers": "b:2"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := parseConnected(own, test.options)
			if err != nil {
				t.Fatal(err)
			}
			for name, want := range test.want {
				if got := s.Cases[0].Load.Producers[0].Properties.String(name); got != want {
					t.Errorf("%s is %q, want %q", name, got, want)
				}
			}
		})
	}
}

func TestAFileWithACLusterIsEnoughForAScenarioWithoutOne(t *testing.T) {
	file := Source{Name: "client.properties", Data: []byte(serviceFile)}
	for _, target := range []string{"target: embedded", ""} {
		s, err := parseConnected(target, Options{CommandConfig: file})
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Cases[0].Load.Target; got.Embedded || got.Name != "command-config" || got.Bootstrap() != "broker:9093" {
			t.Errorf("target %q, %q", got.Name, got.Bootstrap())
		}
	}
}

func TestWhatIsWrongWithAConnectionIsToldWhereItStands(t *testing.T) {
	const named = "targets: {t: {command-config: client.properties}}\ntarget: t"
	for _, test := range []struct {
		name, target string
		options      Options
		want         string
	}{
		{"a missing file", strings.Replace(named, "client.properties", "nowhere.properties", 1), Options{}, "targets.t.command-config: read nowhere.properties"},
		{"a wrong escape", named, Options{CommandConfig: Source{Name: "x.properties", Data: []byte("\n a=\\u12")}}, `x.properties:2:1: has a \u`},
		{"an illegal value", named, Options{CommandConfig: Source{Name: "x.properties", Data: []byte("\n  request.timeout.ms=soon")}}, "x.properties:2:3: request.timeout.ms: "},
		{"a property without a value", named, Options{CommandProperties: []string{"client.id"}}, "--command-property: write name=value"},
		{"a property of producers", named, Options{CommandProperties: []string{"linger.ms=5"}}, "put it under defaults.producers.config"},
		{"the simulated broker", "target: embedded", Options{CommandProperties: []string{"client.id=x"}}, "--bootstrap-server host:port"},
		{"a secret that is no YAML", named, Options{Sets: []string{"targets.t.ssl.key.password=*hunter2"}}, "is a secret and not shown"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := parseConnected(test.target, test.options)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestTheFileOfATargetThatIsNotChosenIsNotRead(t *testing.T) {
	s, err := parseConnected("targets: {t: {bootstrap.servers: 'a:1'}, prod: {command-config: nowhere.properties, security.protocol: SASL_SSL}}\ntarget: prod", Options{Target: "t"})
	if err != nil || s.Cases[0].Load.Target.Name != "t" {
		t.Error(err)
	}
}

// Config providers under the names that a file declares, as Java services have them.
const providedFile = `bootstrap.servers=${vars:BROKERS}
config.providers=vars, secrets,mounted
config.providers.vars.class=org.apache.kafka.common.config.provider.EnvVarConfigProvider
config.providers.vars.param.allowlist.pattern=.*
config.providers.secrets.class = org.apache.kafka.common.config.provider.FileConfigProvider
config.providers.mounted.class = org.apache.kafka.common.config.provider.DirectoryConfigProvider
config.providers.vault.class = com.example.VaultConfigProvider
security.protocol=SASL_PLAINTEXT
sasl.mechanism=PLAIN
sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \
  username="${secrets:/run/kafka.properties:user}" password="${mounted:/run/secrets:password}";
ssl.truststore.location=${dir:/run/secrets:name}
`

func readProvided(path string) ([]byte, error) {
	text, found := map[string]string{"/run/kafka.properties": "user = me\n", "/run/secrets/password": "hunter2", "/run/secrets/name": "checkout\n"}[filepath.ToSlash(path)]
	if !found {
		return nil, fs.ErrNotExist
	}
	return []byte(text), nil
}

func TestConfigProvidersAreThoseThatAFileDeclares(t *testing.T) {
	options := Options{ReadFile: readProvided, LookupEnv: func(string) (string, bool) { return "broker:9093", true },
		CommandConfig: Source{Name: "client.properties", Data: []byte(providedFile)}, CommandProperties: []string{"client.id=${mounted:/run/secrets:name}"}}
	target, warnings, err := ParseTarget(options)
	if err != nil || len(warnings) > 0 {
		t.Fatal(err, warnings)
	}
	const login = `org.apache.kafka.common.security.plain.PlainLoginModule required username="me" password="hunter2";`
	for name, want := range map[string]string{"bootstrap.servers": "broker:9093", "client.id": "checkout", "ssl.truststore.location": "checkout", "sasl.jaas.config": login} {
		if got := target.Properties.String(name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	// The same under a target of a scenario.
	own := "targets:\n  t:\n"
	for _, line := range []string{"bootstrap.servers: ${vars:BROKERS}", "config.providers: [vars, s]", "config.providers.vars.class: org.apache.kafka.common.config.provider.EnvVarConfigProvider",
		"config.providers.s.class: org.apache.kafka.common.config.provider.DirectoryConfigProvider", "client.id: ${s:/run/secrets:name}"} {
		own += "    " + line + "\n"
	}
	s, err := Parse(Source{Name: "x.yaml", Data: []byte(strings.Replace(minimal, "target: embedded", own+"target: t", 1)), ReadFile: readProvided}, Options{LookupEnv: options.LookupEnv})
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Cases[0].Load.Producers[0].Properties.String("client.id"); got != "checkout" {
		t.Errorf("client.id is %q", got)
	}
}

func TestAReferenceThatCannotBeResolvedIsToldWithoutTheSecret(t *testing.T) {
	const jaas = `sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="me" password="`
	for _, test := range []struct{ name, line, want string }{
		{"a provider of one's own", "client.id=${vault:a/b:key}", "${vault:a/b:key}: the config provider vault is com.example.VaultConfigProvider, and Java classes cannot run here"},
		{"a provider that nobody declares", "client.id=${consul:a:b}", "${consul:a:b} is no reference; write ${env:NAME}"},
		{"a placeholder of a framework", "client.id=${NAME}", "${NAME} is no reference"},
		{"a folder without a file", "client.id=${dir:/run/secrets}", "write ${dir:FOLDER:key}"},
		{"a way out of the folder", "client.id=${dir:/run/secrets:../kafka.properties}", "write ${dir:FOLDER:key}"},
		{"a file that is not there", "client.id=${mounted:/run/secrets:nmae}", "${mounted:/run/secrets:nmae}: read "},
		{"a password that looks like one", jaas + `a${hunter2}b";`, "has a ${...} in it that is no reference"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := ParseTarget(Options{ReadFile: readProvided, LookupEnv: func(string) (string, bool) { return "broker:9093", true },
				CommandConfig: Source{Name: "client.properties", Data: []byte(providedFile + test.line)}})
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}
