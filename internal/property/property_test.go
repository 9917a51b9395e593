package property

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestEveryPropertyOfTheJarIsClassified(t *testing.T) {
	for role, least := range map[Role]int{Producer: 100, Consumer: 100, Common: 80} {
		all := All(role)
		if len(all) < least {
			t.Errorf("%d properties of a %s, where the jar has more than %d", len(all), role, least)
		}
		for _, p := range all {
			if p.How == "unknown to kaliper" {
				t.Errorf("%s property %s is not classified", role, p.Name)
			}
			if p.Class != Honoured && p.How == "" {
				t.Errorf("%s property %s is %s, and nothing says how", role, p.Name, p.Class)
			}
			if p.Class == Approximated && p.Default == "" && p.How == "" {
				t.Errorf("%s property %s lacks a sentence", role, p.Name)
			}
		}
	}
}

func TestNoClassificationIsOfAPropertyThatDoesNotExist(t *testing.T) {
	for _, role := range []Role{Producer, Consumer, Common} {
		for name := range roleClasses(role) {
			if _, ok := Lookup(role, name); !ok {
				t.Errorf("a %s has no property %s", role, name)
			}
		}
		for name := range clientRanges() {
			if _, p := Lookup(Producer, name); !p {
				if _, c := Lookup(Consumer, name); !c {
					t.Errorf("no client has the property %s", name)
				}
			}
		}
	}
}

func TestDefaultsAreLegalThemselves(t *testing.T) {
	for _, role := range []Role{Producer, Consumer, Common} {
		for _, p := range All(role) {
			if p.Class == Refused || p.Default == "" {
				continue
			}
			if _, wrong := check(p, p.Default); wrong != "" {
				t.Errorf("%s default of %s: %s", role, p.Name, wrong)
			}
		}
	}
}

func TestDefaultsAreThoseOfKafka43(t *testing.T) {
	producer, errs := Resolve(Producer, nil)
	if errs != nil {
		t.Fatal(errs)
	}
	consumer, errs := Resolve(Consumer, nil)
	if errs != nil {
		t.Fatal(errs)
	}
	for name, want := range map[string]string{
		"acks": "all", "linger.ms": "5", "batch.size": "16384", "buffer.memory": "33554432",
		"compression.type": "none", "enable.idempotence": "true", "delivery.timeout.ms": "120000",
		"partitioner.class": "",
	} {
		if got := producer.Get(name); got.Value.Text != want || got.Value.Origin != "Kafka 4.3 default" || got.UserSet {
			t.Errorf("%s is %+v, want %q", name, got.Value, want)
		}
	}
	if got := consumer.Int64("max.poll.records"); got != 500 {
		t.Errorf("max.poll.records is %d, want 500", got)
	}
	if got := consumer.Duration("session.timeout.ms"); got != 45*time.Second {
		t.Errorf("session.timeout.ms is %v, want 45s", got)
	}
	if got := consumer.List("partition.assignment.strategy"); len(got) != 2 || !strings.HasSuffix(got[0], ".RangeAssignor") {
		t.Errorf("partition.assignment.strategy is %q", got)
	}
}

func user(pairs ...string) map[string]Value {
	values := map[string]Value{}
	for i := 0; i < len(pairs); i += 2 {
		values[pairs[i]] = Value{Text: pairs[i+1], Origin: "test.yaml:1:1"}
	}
	return values
}

func TestObjectionsAreJavasOwnAndSayWhatWouldBeRight(t *testing.T) {
	for _, c := range []struct {
		about string
		role  Role
		user  map[string]Value
		want  string // "" for none
	}{
		{"acks 1 alone turns idempotence off", Producer, user("acks", "1"), ""},
		{"acks 1 contradicts idempotence", Producer, user("acks", "1", "enable.idempotence", "true"), "acks: 1 excludes enable.idempotence: true; use all"},
		{"acks in capitals", Producer, user("acks", "ALL"), `acks: "ALL" is not one of all, -1, 0, 1`},
		{"retries 0 contradicts idempotence", Producer, user("retries", "0", "enable.idempotence", "true"), "retries: 0 excludes"},
		{"six in flight, though acks 1 turns idempotence off", Producer, user("max.in.flight.requests.per.connection", "6", "acks", "1"), "6 is above 5"},
		{"six in flight without idempotence", Producer, user("max.in.flight.requests.per.connection", "6", "enable.idempotence", "false"), ""},
		{"delivery timeout too short", Producer, user("delivery.timeout.ms", "30000"), "use 30005 or more"},
		{"a batch larger than a request", Producer, user("batch.size", "2000000"), "batch.size: a batch of 2000000 bytes does not fit into a request"},
		{"a request smaller than a batch", Producer, user("max.request.size", "2048"), "max.request.size: a batch of 16384 bytes"},
		{"a buffer smaller than a batch", Producer, user("buffer.memory", "1000"), "buffer.memory: a batch of 16384"},
		{"linger with a unit", Producer, user("linger.ms", "5ms"), "is not a whole number of milliseconds"},
		{"linger in days", Producer, user("linger.ms", "86400000"), "86400000 is more than the Go client takes; use 0 to 60000"},
		{"a linger that Java has not either", Producer, user("linger.ms", "-1"), "-1 is out of range; use 0 to 60000"},
		{"a session of a moment", Consumer, user("session.timeout.ms", "50", "heartbeat.interval.ms", "10"), "50 is less than the Go client takes; use 100 to 2147483647"},
		{"metadata that grow a week old", Common, user("metadata.max.age.ms", "604800000"), ""},
		{"metadata that are never asked for", Common, user("metadata.max.age.ms", "-1"), "-1 is too small; use 0 or more"},
		{"a fetch that does not wait", Consumer, user("fetch.max.wait.ms", "0"), ""},
		{"a fetch of everything", Consumer, user("fetch.max.bytes", "2147483647", "max.partition.fetch.bytes", "0"), ""},
		{"a fetch that no Java has", Consumer, user("fetch.max.bytes", "2147483648"), "2147483648 is out of range; use 0 to 2147483647"},
		{"a commit with every poll", Consumer, user("auto.commit.interval.ms", "0"), ""},
		{"batch size with a unit", Producer, user("batch.size", "16KiB"), "is not a whole number of bytes"},
		{"gzip level by default", Producer, user("compression.gzip.level", "-1"), ""},
		{"gzip level out of range", Producer, user("compression.gzip.level", "0"), "use 1 to 9, or -1"},
		{"a slip in a name", Producer, user("liner.ms", "5"), `did you mean "linger.ms"?`},
		{"an underscore for a point", Producer, user("linger_ms", "5"), `did you mean "linger.ms"?`},
		{"a consumer's property", Producer, user("max.poll.records", "5"), "is a property of consumers, not of producers"},
		{"a producer's property of a target", Common, user("linger.ms", "5"), "put it under defaults.producers.config"},
		{"a partitioner in Java", Producer, user("partitioner.class", "com.example.X"), "set partitioner:"},
		{"TLS", Common, user("security.protocol", "ssl"), ""},
		{"no such protocol", Common, user("security.protocol", "TLS"), "is not one of sasl_ssl, plaintext"},
		{"SASL without its mechanism", Common, user("security.protocol", "SASL_SSL"), "GSSAPI (Kerberos)"},
		{"a mechanism that nobody has", Common, user("security.protocol", "SASL_SSL", "sasl.mechanism", "PLAN"), "is not one of PLAIN"},
		{"SASL without a login", Common, user("security.protocol", "SASL_SSL", "sasl.mechanism", "PLAIN"), "needs sasl.jaas.config"},
		{"a login that does not read", Common, user("security.protocol", "SASL_SSL", "sasl.mechanism", "PLAIN", "sasl.jaas.config", "hunter2"), "sasl.jaas.config: lacks the control flag"},
		{"another mechanism's login", Common, user("security.protocol", "SASL_SSL", "sasl.mechanism", "PLAIN", "sasl.jaas.config", "org.apache.kafka.common.security.scram.ScramLoginModule required;"), "PlainLoginModule"},
		{"a login without a password", Consumer, user("security.protocol", "SASL_SSL", "sasl.mechanism", "SCRAM-SHA-256", "sasl.jaas.config", "org.apache.kafka.common.security.scram.ScramLoginModule required username=me;"), `lacks password="..."`},
		{"OAUTHBEARER without its handler", Common, user("security.protocol", "SASL_SSL", "sasl.mechanism", "OAUTHBEARER", "sasl.jaas.config", "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;"), "OAuthBearerLoginCallbackHandler"},
		{"a token by https", Common, user("security.protocol", "SASL_SSL", "sasl.mechanism", "OAUTHBEARER", "sasl.jaas.config", "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;", "sasl.login.callback.handler.class", OAuthHandler, "sasl.oauthbearer.token.endpoint.url", "https://x"), "a token endpoint needs sasl.oauthbearer.client.credentials.client.id"},
		{"a callback handler of one's own", Common, user("sasl.login.callback.handler.class", "com.example.Mine"), "Java classes cannot run here"},
		{"what is not built", Common, user("sasl.oauthbearer.assertion.file", "x"), "not built yet"},
		{"TLS of old", Common, user("security.protocol", "SSL", "ssl.enabled.protocols", "TLSv1.1,SSLv3"), `"SSLv3" is not one of`},
		{"an odd identification algorithm", Common, user("security.protocol", "SSL", "ssl.endpoint.identification.algorithm", "none"), "neither https nor empty"},
		{"no identification algorithm", Common, user("security.protocol", "SSL", "ssl.endpoint.identification.algorithm", ""), ""},
		{"an odd store", Common, user("security.protocol", "SSL", "ssl.truststore.type", "BKS"), "is not one of PEM, JKS, PKCS12"},
		{"inline certificates in JKS", Common, user("security.protocol", "SSL", "ssl.truststore.certificates", "x"), "needs ssl.truststore.type: PEM"},
		{"a key without a certificate", Common, user("security.protocol", "SSL", "ssl.keystore.type", "PEM", "ssl.keystore.key", "x"), "need each other"},
		{"a store beside inline certificates", Common, user("security.protocol", "SSL", "ssl.truststore.type", "PEM", "ssl.truststore.certificates", "x", "ssl.truststore.location", "y"), "leave one of them out"},
		{"a password for a PEM file", Common, user("security.protocol", "SSL", "ssl.keystore.type", "PEM", "ssl.keystore.location", "x", "ssl.keystore.password", "y"), "cannot be set with ssl.keystore.type: PEM"},
		{"a switch in words", Producer, user("enable.idempotence", "yes"), "neither true nor false"},
		{"a slow heartbeat", Consumer, user("heartbeat.interval.ms", "50000"), "must be below session.timeout.ms 45000"},
		{"the new protocol with a session timeout", Consumer, user("group.protocol", "CONSUMER", "session.timeout.ms", "5000"), "session.timeout.ms: cannot be set with group.protocol: consumer"},
		{"the old protocol with a remote assignor", Consumer, user("group.remote.assignor", "uniform"), "needs group.protocol: consumer"},
		{"an assignor of one's own", Consumer, user("partition.assignment.strategy", "com.example.Mine"), "is no assignor that runs here"},
		{"an assignor by its short name", Consumer, user("partition.assignment.strategy", "cooperative-sticky"), ""},
		{"reset by duration", Consumer, user("auto.offset.reset", "by_duration:P1DT2H3M4.5S"), ""},
		{"reset by no duration", Consumer, user("auto.offset.reset", "by_duration:1h"), `auto.offset.reset: "1h" is no duration; write for example by_duration:P1D`},
		{"reset by a negative duration", Consumer, user("auto.offset.reset", "by_duration:-PT1H"), "is no duration"},
		{"reset by nothing", Consumer, user("auto.offset.reset", "by_duration:PT"), "is no duration"},
		{"reset by a thousand years", Consumer, user("auto.offset.reset", "by_duration:P365000D"), "longer than 292 years; use earliest"},
		{"a reset that does not exist", Consumer, user("auto.offset.reset", "by_duration"), "is not one of latest, earliest, none, by_duration:PnDTnHnMn.nS"},
	} {
		t.Run(c.about, func(t *testing.T) {
			_, errs := Resolve(c.role, c.user)
			var text []string
			for _, err := range errs {
				text = append(text, err.Error())
			}
			all := strings.Join(text, "\n")
			if c.want == "" && all != "" || !strings.Contains(all, c.want) {
				t.Errorf("objections %q, want %q", all, c.want)
			}
		})
	}
}

func TestAllObjectionsComeAtOnce(t *testing.T) {
	_, errs := Resolve(Producer, user("linger.ms", "x", "acks", "2", "nonsense", "1"))
	if len(errs) != 3 {
		t.Errorf("%d objections, want 3: %v", len(errs), errs)
	}
}

func TestWhatFollowsFromOtherSettingsSaysSo(t *testing.T) {
	s, errs := Resolve(Producer, user("acks", "1", "linger.ms", "60000", "request.timeout.ms", "90000"))
	if errs != nil {
		t.Fatal(errs)
	}
	if e := s.Get("enable.idempotence"); e.Value.Text != "false" || e.UserSet || e.Value.Origin != "acks 1 turns it off, as in Java" {
		t.Errorf("enable.idempotence is %+v", e)
	}
	if e := s.Get("delivery.timeout.ms"); e.Value.Text != "150000" || e.UserSet {
		t.Errorf("delivery.timeout.ms is %+v", e)
	}
}

func TestTheUsersApproximatedAndInertPropertiesCanBeListed(t *testing.T) {
	s, errs := Resolve(Producer, user("batch.size", "32768", "acks", "all", "metric.reporters", "x"))
	if errs != nil {
		t.Fatal(errs)
	}
	var names []string
	for _, e := range s.UserSet(Approximated, Inert) {
		names = append(names, e.Name)
	}
	if got := strings.Join(names, " "); got != "batch.size metric.reporters" {
		t.Errorf("got %q", got)
	}
	if len(s.UserSet()) != 3 {
		t.Errorf("the user set %d properties, want 3", len(s.UserSet()))
	}
}

func TestAValueThatTheGoClientDoesNotTakeIsApproximatedAndOneThatItTakesIsHonoured(t *testing.T) {
	for _, test := range []struct {
		role        Role
		name, value string
		want        Class
		how         string
	}{
		{Common, "metadata.max.age.ms", "3600001", Approximated, "less than 10 ms works as 10 ms, and more than 3600000 ms as 3600000 ms: the Go client's limits"},
		{Common, "metadata.max.age.ms", "3600000", Honoured, ""},
		{Common, "metadata.max.age.ms", "9", Approximated, "less than 10 ms works as 10 ms"},
		{Common, "connections.max.idle.ms", "-1", Approximated, "never (-1) works as the longest; less than 100 ms"},
		{Common, "connections.max.idle.ms", "900000", Honoured, ""},
		{Consumer, "fetch.max.wait.ms", "0", Approximated, "less than 10 ms works as 10 ms: the Go client's limit"},
		{Consumer, "auto.offset.reset", "by_duration:PT1H", Approximated, "by_duration counts back from the newest record"},
		{Consumer, "fetch.max.bytes", "1000000000", Approximated, "more than 536870912 as 536870912"},
		{Consumer, "auto.commit.interval.ms", "100", Honoured, ""},
		{Consumer, "auto.commit.interval.ms", "99", Approximated, "less than 100 ms works as 100 ms"},
		// What is refused has its range in the sentence, and the class that it has anyway.
		{Consumer, "session.timeout.ms", "6000", Honoured, "less than 100 ms is refused: the Go client's limit"},
		{Producer, "request.timeout.ms", "5000", Approximated, "less than 100 ms and more than 900000 ms are refused: the Go client's limits"},
	} {
		t.Run(test.name+" "+test.value, func(t *testing.T) {
			s, errs := Resolve(test.role, user(test.name, test.value))
			if errs != nil {
				t.Fatal(errs)
			}
			e := s.Get(test.name)
			if e.Class != test.want || !strings.Contains(e.How, test.how) || test.how == "" && e.How != "" {
				t.Errorf("it is %s: %s", e.Class, e.How)
			}
			if e.Value.Text != test.value { // as it was written: what is told is told beside it
				t.Errorf("the value became %s", e.Value.Text)
			}
		})
	}
	s, errs := Resolve(Consumer, nil)
	if errs != nil {
		t.Fatal(errs)
	}
	if e := s.Get("metadata.max.age.ms"); e.Class != Honoured {
		t.Errorf("Kafka's default is %s", e.Class)
	}
}

func TestResetsByDurationAreReadAsInJava(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"PT0S": 0, "P1D": 24 * time.Hour, "pt1h": time.Hour, "PT90M": 90 * time.Minute, "PT0.25S": 250 * time.Millisecond,
		"P1DT2H3M4.5S": 26*time.Hour + 3*time.Minute + 4500*time.Millisecond,
	} {
		if got, by, err := ResetDuration("by_duration:" + text); err != nil || !by || got != want {
			t.Errorf("%s is %v (%v), want %v", text, got, err, want)
		}
	}
	if _, by, err := ResetDuration("earliest"); by || err != nil {
		t.Errorf("earliest is by duration: %v, %v", by, err)
	}
}

func TestANameThatDoesNotExistCannotPassForUnset(t *testing.T) {
	s, _ := Resolve(Producer, nil)
	defer func() {
		if recover() == nil {
			t.Error("String of a wrong name did not panic")
		}
	}()
	_ = s.String("linger")
}

func TestTheZeroSetIsEmpty(t *testing.T) {
	var s Set
	if s.String("bootstrap.servers") != "" || s.All() != nil || s.IsSet("acks") || s.Has("acks") {
		t.Error("the zero Set has something in it")
	}
}

func TestSecretsAreKnownByName(t *testing.T) {
	for name, want := range map[string]bool{
		"sasl.jaas.config": true, "ssl.keystore.password": true, "ssl.key.password": true,
		"sasl.oauthbearer.client.credentials.client.secret": true, "ssl.truststore.certificates": true,
		"sasl.oauthbearer.client.credentials.client.id": false, "sasl.oauthbearer.token.endpoint.url": false,
		"acks": false, "basic.auth.user.info": true, "schema.registry.ssl.keystore.password": true, "my.api.key": true,
	} {
		if got := Secret(name); got != want {
			t.Errorf("Secret(%q) = %v, want %v", name, got, want)
		}
	}
}

func TestReferencesArePrintedAsTheyWereWritten(t *testing.T) {
	s, errs := Resolve(Common, map[string]Value{"bootstrap.servers": {Text: "broker:9092", Written: "${env:BOOTSTRAP}", Origin: "x"}})
	if errs != nil {
		t.Fatal(errs)
	}
	if e := s.Get("bootstrap.servers"); e.Printed() != "${env:BOOTSTRAP}" || e.Value.Text != "broker:9092" {
		t.Errorf("got %+v, printed %q", e.Value, e.Printed())
	}
	e := Entry{Property: Property{Name: "sasl.jaas.config"}, Value: Value{Text: "hunter2"}}
	if e.Printed() != Redacted {
		t.Errorf("a secret is printed as %q", e.Printed())
	}
}

func TestSecretsAreWrittenAsReferences(t *testing.T) {
	const module = "org.apache.kafka.common.security.plain.PlainLoginModule required "
	for _, c := range []struct {
		name, written string
		exposed       bool
	}{
		{"ssl.key.password", "hunter2", true},
		{"ssl.key.password", "${env:KEY}", false},
		{"ssl.key.password", "hunter2${env:KEY}", true},
		{"ssl.truststore.certificates", "${file:a.pem} ${file:b.pem}", false},
		{"client.id", "hunter2", false},
		{"sasl.jaas.config", module + `username="me" password="hunter2";`, true},
		{"sasl.jaas.config", module + `username="${env:ME}" password="hunter2";`, true},
		{"sasl.jaas.config", module + `username="me" password="${env:SECRET}";`, false},
		{"sasl.jaas.config", module + `username="me" tokenauth=true password="${env:SECRET}";`, false},
		{"sasl.jaas.config", "${file:jaas.conf}", false},
	} {
		if wrong := Exposed(c.name, c.written); (wrong != "") != c.exposed || strings.Contains(wrong, "hunter2") {
			t.Errorf("%s: %s: got %q", c.name, c.written, wrong)
		}
	}
}

func TestVersionsAndSuitesOfTLSAreThoseThatGoCanSpeak(t *testing.T) {
	const newest = "TLS_AES_128_GCM_SHA256,TLS_AES_256_GCM_SHA384,TLS_CHACHA20_POLY1305_SHA256"
	for _, test := range []struct{ name, property, value, want string }{
		{"a suite of TLS 1.2", "ssl.cipher.suites", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", ""},
		{"all suites of TLS 1.3", "ssl.cipher.suites", newest, ""},
		{"some suites of TLS 1.3", "ssl.cipher.suites", "TLS_AES_128_GCM_SHA256", "name all three"},
		{"a suite that Go lacks", "ssl.cipher.suites", "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384", "no cipher suite of Go's TLS"},
		{"versions that Java has turned off", "ssl.enabled.protocols", "TLSv1,TLSv1.1,TLSv1.2", ""},
		{"nothing but them", "ssl.enabled.protocols", "TLSv1", "neither TLSv1.2 nor TLSv1.3"},
		{"a version that does not exist", "ssl.enabled.protocols", "TLSv1.4", `"TLSv1.4" is not one of`},
		{"a context that does not exist", "ssl.protocol", "SSL9", `"SSL9" is not one of`},
		{"a check of names that Java lacks", "ssl.endpoint.identification.algorithm", "http", "neither https nor empty"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, errs := Resolve(Common, map[string]Value{"security.protocol": {Text: "SSL"}, test.property: {Text: test.value}})
			if text := errors.Join(errs...); (text == nil) != (test.want == "") || text != nil && !strings.Contains(text.Error(), test.want) {
				t.Errorf("got %v, want %q", text, test.want)
			}
		})
	}
	_, errs := Resolve(Common, map[string]Value{"security.protocol": {Text: "SSL"}, "ssl.enabled.protocols": {Text: "TLSv1.3"}, "ssl.cipher.suites": {Text: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"}})
	if len(errs) != 1 || !strings.Contains(errs[0].Error(), "no suite of a version") {
		t.Error(errs)
	}
}
