package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"software.sslmate.com/src/go-pkcs12"

	"kaliper/internal/analysis"
	"kaliper/internal/kafkatest"
	"kaliper/internal/kafkatest/credentials"
)

// patient is small, and waits for a broker that answers late.
var patient = strings.Replace(small, "drain: 5s", "drain: 40s", 1)

// planted is the password of everything: no output and no file of a run may hold it.
const planted = "hunter2-planted"

const security = "org.apache.kafka.common.security."

// secured is a real broker with a listener for each way of connecting, and what clients need.
type secured struct {
	*kafkatest.Cluster
	folder   string
	provider string // URL of a token endpoint
}

func startEveryListener(t *testing.T, version string) secured {
	t.Helper()
	on := secured{folder: t.TempDir(), provider: tokenProvider(t)}
	store, trust := credentials.SelfSigned(t, "broker").Files(t)
	on.stores(t, store, trust)
	properties := map[string]string{
		"ssl.keystore.type": "PEM", "ssl.keystore.location": store, "ssl.truststore.type": "PEM", "ssl.truststore.location": trust,
		"listener.name.mutual.ssl.client.auth": "required",
		"sasl.enabled.mechanisms":              "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
	}
	for _, listener := range []string{"login", "secure"} {
		for mechanism, config := range map[string]string{
			"plain":         `plain.PlainLoginModule required user_checkout="` + planted + `";`,
			"scram-sha-256": "scram.ScramLoginModule required;",
			"scram-sha-512": "scram.ScramLoginModule required;",
			"oauthbearer":   `oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="unused";`,
		} {
			properties["listener.name."+listener+"."+mechanism+".sasl.jaas.config"] = security + config
		}
	}
	on.Cluster = kafkatest.Start(t, kafkatest.Config{Version: version, Fast: true, Properties: properties, Listeners: []kafkatest.Listener{
		{Name: "TLS", Protocol: "SSL"}, {Name: "MUTUAL", Protocol: "SSL"}, {Name: "LOGIN", Protocol: "SASL_PLAINTEXT"}, {Name: "SECURE", Protocol: "SASL_SSL"},
	}})
	admin := adminOf(t, on.Addresses()...)
	for _, mechanism := range []kadm.ScramMechanism{kadm.ScramSha256, kadm.ScramSha512} { // one user, one request
		altered, err := admin.AlterUserSCRAMs(t.Context(), nil, []kadm.UpsertSCRAM{{User: "checkout", Mechanism: mechanism, Iterations: 4096, Password: planted}})
		if err == nil {
			err = altered.Error()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return on
}

// stores writes the same key and certificate as PEM, PKCS12 and JKS; the last two by Java's own
// keytool.
func (on secured) stores(t *testing.T, store, trust string) {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(store, store)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	data, err := pkcs12.Modern2023.Encode(pair.PrivateKey, leaf, nil, planted)
	if err != nil {
		t.Fatal(err)
	}
	for name, from := range map[string]string{"trust.pem": trust, "store.pem": store} {
		text, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		on.write(t, name, string(text))
	}
	on.write(t, "go.p12", string(data))
	on.write(t, "token", credentials.UnsignedToken("checkout"))
	for _, kind := range []string{"PKCS12", "JKS"} {
		keytool(t, "-importcert", "-noprompt", "-alias", "broker", "-file", trust, "-storetype", kind, "-keystore", on.path("trust."+kind), "-storepass", planted)
		keytool(t, "-importkeystore", "-srckeystore", on.path("go.p12"), "-srcstoretype", "PKCS12", "-srcstorepass", planted,
			"-destkeystore", on.path("store."+kind), "-deststoretype", kind, "-deststorepass", planted)
	}
}

func keytool(t *testing.T, arguments ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "keytool", arguments...).CombinedOutput(); err != nil {
		t.Fatalf("keytool: %v: %s", err, out)
	}
}

// withoutSecurity is the listener that needs neither TLS nor SASL.
const withoutSecurity = "PLAINTEXT"

func (on secured) bootstrapOf(listener string) string {
	if listener == withoutSecurity {
		return on.Bootstrap()
	}
	return on.BootstrapOf(listener)
}

func (on secured) path(name string) string { return filepath.Join(on.folder, name) }

func (on secured) write(t *testing.T, name, text string) string {
	t.Helper()
	if err := os.WriteFile(on.path(name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return on.path(name)
}

// tokenProvider answers the client credentials grant.
func tokenProvider(t *testing.T) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if id, secret, _ := r.BasicAuth(); id != "checkout" || secret != planted {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		fmt.Fprintf(w, `{"access_token":%q,"expires_in":60}`, credentials.UnsignedToken("checkout"))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// ways returns the properties files of all ways of connecting by name, to listeners of a broker;
// secrets are written out, as Java's users have them.
func (on secured) ways(bootstrapOf func(listener string) string) map[string]string {
	const bearer = "sasl.mechanism=OAUTHBEARER\nsasl.login.callback.handler.class=" + security + "oauthbearer.OAuthBearerLoginCallbackHandler\n"
	servers := func(listener, protocol string) string {
		return "bootstrap.servers=" + bootstrapOf(listener) + "\nsecurity.protocol=" + protocol + "\n"
	}
	trust := func(kind, path string) string {
		text := "ssl.truststore.type=" + kind + "\nssl.truststore.location=" + on.path(path) + "\n"
		if kind != "PEM" {
			text += "ssl.truststore.password=" + planted + "\n"
		}
		return text
	}
	store := func(kind, path string) string {
		return strings.ReplaceAll(trust(kind, path), "truststore", "keystore")
	}
	login := func(mechanism, module string) string {
		return "sasl.mechanism=" + mechanism + "\nsasl.jaas.config=" + security + module + " required \\\n  username=\"checkout\" password=\"" + planted + "\";\n"
	}
	file := bearer + "sasl.oauthbearer.token.endpoint.url=file://" + on.path("token") + "\nsasl.jaas.config=" + security + "oauthbearer.OAuthBearerLoginModule required;\n"
	endpoint := bearer + "sasl.oauthbearer.token.endpoint.url=" + on.provider + "\nsasl.jaas.config=" + security +
		"oauthbearer.OAuthBearerLoginModule required clientId=\"checkout\" clientSecret=\"" + planted + "\";\n"
	pem := trust("PEM", "trust.pem")
	ways := map[string]string{
		"PLAINTEXT":          "bootstrap.servers=" + bootstrapOf(withoutSecurity) + "\n",
		"SSL, PEM":           servers("TLS", "SSL") + pem,
		"SSL, PKCS12":        servers("TLS", "SSL") + trust("PKCS12", "trust.PKCS12"),
		"SSL, JKS":           servers("TLS", "SSL") + trust("JKS", "trust.JKS"),
		"mutual TLS, PEM":    servers("MUTUAL", "SSL") + pem + store("PEM", "store.pem"),
		"mutual TLS, PKCS12": servers("MUTUAL", "SSL") + pem + store("PKCS12", "store.PKCS12"),
		"mutual TLS, JKS":    servers("MUTUAL", "SSL") + pem + store("JKS", "store.JKS"),
	}
	for name, how := range map[string]string{
		"PLAIN":                           login("PLAIN", "plain.PlainLoginModule"),
		"SCRAM-SHA-256":                   login("SCRAM-SHA-256", "scram.ScramLoginModule"),
		"SCRAM-SHA-512":                   login("SCRAM-SHA-512", "scram.ScramLoginModule"),
		"OAUTHBEARER, token file":         file,
		"OAUTHBEARER, client credentials": endpoint,
	} {
		ways["SASL_PLAINTEXT, "+name] = servers("LOGIN", "SASL_PLAINTEXT") + how
		ways["SASL_SSL, "+name] = servers("SECURE", "SASL_SSL") + pem + how
	}
	return ways
}

func TestOnRealKafkaARunEndsOverEveryWayOfConnecting(t *testing.T) {
	t.Parallel()
	for _, version := range []string{kafkatest.Version3, kafkatest.Version4} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			on := startEveryListener(t, version)
			for name, properties := range on.ways(on.bootstrapOf) {
				if version != kafkatest.Version4 && !ofTheBroker(name) {
					continue
				}
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					on.runOver(t, properties)
				})
			}
			if version == kafkatest.Version4 {
				t.Run("the examples of the page", on.runExamples)
			}
		})
	}
}

// ofTheBroker says whether a way differs from the others for the broker: the formats of stores and
// the protocol under SASL do for the client alone. Over those TestOnRealKafkaEveryWayOfConnectingWorks
// of internal/kafka connects to every version, without a load.
func ofTheBroker(way string) bool {
	return way == "PLAINTEXT" || way == "mutual TLS, PEM" || strings.HasPrefix(way, "SASL_SSL")
}

func TestThePageSaysOverWhichWaysOfConnectingThereIsARun(t *testing.T) {
	page, err := os.ReadFile("../../docs/connecting.md")
	if err != nil {
		t.Fatal(err)
	}
	row := regexp.MustCompile(`(?m)^\| ([^|]+) \| (run|connects) \| (run|connects) \|\r?$`)
	told := map[string][2]string{} // on the older and on the newer version
	for _, cells := range row.FindAllStringSubmatch(string(page), -1) {
		told[cells[1]] = [2]string{cells[2], cells[3]}
	}
	ways := secured{}.ways(func(string) string { return "" })
	for name := range ways {
		want := [2]string{"connects", "run"}
		if ofTheBroker(name) {
			want[0] = "run"
		}
		if told[name] != want {
			t.Errorf("%s: the page says %q, want %q", name, told[name], want)
		}
	}
	if len(told) != len(ways) {
		t.Errorf("the page has %d ways, and %d are tested", len(told), len(ways))
	}
	header := fmt.Sprintf("| way | Apache Kafka %s | Apache Kafka %s |", kafkatest.Version3, kafkatest.Version4)
	if !strings.Contains(string(page), header) {
		t.Errorf("the page lacks %q", header)
	}
}

// runOver produces and consumes to the end of a short load.
func (on secured) runOver(t *testing.T, properties string) {
	folder := t.TempDir()
	file := filepath.Join(folder, "client.properties")
	if err := os.WriteFile(file, []byte(properties), 0o600); err != nil {
		t.Fatal(err)
	}
	scenario := scenarioFile(t, patient+"expect: [lost == 0, errors.ratio == 0]\n")
	output := filepath.Join(folder, "results")
	got := call(t, append([]string{"run", scenario, "--command-config", file, "--json"}, allowed(output)...)...)
	if got.code != analysis.ExitDone {
		t.Fatalf("exit %d: %s", got.code, got.stderr)
	}
	wantAllDelivered(t, output)
	wantNoSecret(t, got.stdout+got.stderr, output)
}

// wantNoSecret looks for the planted password in what was printed and in all files of a folder.
func wantNoSecret(t *testing.T, printed, folder string, more ...string) {
	t.Helper()
	secrets := append([]string{planted}, more...)
	tells := func(text string) bool {
		return slices.ContainsFunc(secrets, func(secret string) bool { return strings.Contains(text, secret) })
	}
	if tells(printed) {
		t.Errorf("a secret is printed: %s", printed)
	}
	files := 0
	err := filepath.WalkDir(folder, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files++
		data, err := os.ReadFile(name)
		if tells(string(data)) {
			t.Errorf("%s holds a secret", name)
		}
		return err
	})
	if err != nil || files == 0 {
		t.Errorf("%d files, %v", files, err)
	}
}

// runExamples runs a scenario over each target that docs/connecting.md shows, as it stands there
// but for what the reader replaces: addresses, and who one is.
func (on secured) runExamples(t *testing.T) {
	page, err := os.ReadFile("../../docs/connecting.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(strings.ReplaceAll(string(page), "\r\n", "\n"), -1)
	if len(examples) < 15 {
		t.Fatalf("the page has %d examples", len(examples))
	}
	folder := on.folderOfThePage(t) // stores are relative to where kaliper is started
	environment := []string{"KAFKA_LOGIN=" + security + "oauthbearer.OAuthBearerLoginModule required;"}
	for _, name := range []string{"TRUSTSTORE_PASSWORD", "KEYSTORE_PASSWORD", "KEY_PASSWORD", "KAFKA_PASSWORD", "CLIENT_SECRET"} {
		environment = append(environment, name+"="+planted)
	}
	replaced := strings.NewReplacer("https://id.example/oauth2/token", on.provider, "file:///run/secrets/kafka-token", "file://"+on.path("token"),
		`username="me"`, `username="checkout"`, "client.credentials.client.id: load-test", "client.credentials.client.id: checkout")
	for i, example := range examples[1:] { // the first shows where the others belong
		text := example[1]
		listener := "SECURE"
		switch {
		case strings.Contains(text, "security.protocol: PLAINTEXT"):
			listener = withoutSecurity
		case strings.Contains(text, "security.protocol: SASL_PLAINTEXT"):
			listener = "LOGIN"
		case strings.Contains(text, "ssl.keystore"):
			listener = "MUTUAL"
		case strings.Contains(text, "security.protocol: SSL"):
			listener = "TLS"
		}
		t.Run(fmt.Sprintf("%d %s", i+1, listener), func(t *testing.T) {
			t.Parallel()
			target := "target: staging\ntargets:\n  staging:\n    bootstrap.servers: '" + on.bootstrapOf(listener) + "'\n"
			if listener == "SECURE" && !strings.Contains(text, "command-config") { // what the page's section on TLS says goes before
				target += "    ssl.truststore.type: PEM\n    ssl.truststore.location: ca.pem\n"
			}
			for line := range strings.Lines(replaced.Replace(text)) {
				target += "    " + line
			}
			scenario := strings.Replace(patient, "target: embedded\n", target, 1) + "expect: [lost == 0, errors.ratio == 0]\n"
			file := filepath.Join(folder, fmt.Sprintf("scenario-%d.yaml", i+1)) // where its files are
			writeFile(t, file, scenario)
			output := t.TempDir()
			got := callAlone(t, folder, environment, append([]string{"run", file}, allowed(output)...)...)
			if got.code != analysis.ExitDone {
				t.Fatalf("exit %d: %s", got.code, got.stderr)
			}
			wantNoSecret(t, got.stdout+got.stderr, output)
		})
	}
}

// folderOfThePage has the files that the page's examples name.
func (on secured) folderOfThePage(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for name, from := range map[string]string{
		"ca.pem": "trust.pem", "client.pem": "store.pem", "truststore.p12": "trust.PKCS12", "truststore.jks": "trust.JKS",
		"keystore.p12": "store.PKCS12", "keystore.jks": "store.JKS",
	} {
		data, err := os.ReadFile(on.path(from))
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(folder, name), string(data))
	}
	pair, err := tls.LoadX509KeyPair(on.path("store.pem"), on.path("store.pem"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	login := security + `plain.PlainLoginModule required username="checkout" password="` + planted + `";`
	writeFile(t, filepath.Join(folder, "client.key"), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})))
	writeFile(t, filepath.Join(folder, "client.crt"), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Certificate[0]})))
	writeFile(t, filepath.Join(folder, "jaas.conf"), login+"\n")
	writeFile(t, filepath.Join(folder, "client.properties"), "security.protocol=SASL_SSL\nssl.truststore.type=PEM\nssl.truststore.location=ca.pem\n"+
		"sasl.mechanism=PLAIN\nsasl.jaas.config="+login+"\nkey.serializer="+security+"X\n")
	return folder
}
