package property

import (
	"crypto/tls"
	"fmt"
	neturl "net/url"
	"slices"
	"strings"

	"kaliper/internal/jaas"
)

// OAuthHandler is the one callback handler whose work is done here: it fetches tokens.
const OAuthHandler = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler"

// isSecurity reports whether a property is about TLS or SASL.
func isSecurity(name string) bool {
	return strings.HasPrefix(name, "ssl.") || strings.HasPrefix(name, "sasl.")
}

// securityClasses are of ssl.* and sasl.*, the same for all clients. What is not here is
// refused as not built yet.
func securityClasses() map[string]classification {
	const (
		noJava       = "Java classes cannot run here"
		noKerberos   = "concerns Kerberos, which is not built yet"
		ownMachinery = "names a part of Java's own TLS; Go's is used"
		nextRenewal  = "the first connection after sasl.login.refresh.window.factor of a token's life gets a new one"
		ofBrokers    = "validates tokens, which is the broker's part; a client sends them as they are"
		alsoInJAAS   = "also as an option of sasl.jaas.config, which it wins over: "
	)
	return map[string]classification{
		"sasl.client.callback.handler.class":                  refused(noJava),
		"sasl.jaas.config":                                    honoured("one login module: PlainLoginModule, ScramLoginModule or OAuthBearerLoginModule, as sasl.mechanism asks for"),
		"sasl.kerberos.kinit.cmd":                             inert(noKerberos),
		"sasl.kerberos.min.time.before.relogin":               inert(noKerberos),
		"sasl.kerberos.service.name":                          inert(noKerberos),
		"sasl.kerberos.ticket.renew.jitter":                   inert(noKerberos),
		"sasl.kerberos.ticket.renew.window.factor":            inert(noKerberos),
		"sasl.login.callback.handler.class":                   honoured("OAuthBearerLoginCallbackHandler alone: other Java classes cannot run here"),
		"sasl.login.class":                                    refused(noJava),
		"sasl.login.refresh.buffer.seconds":                   inert(nextRenewal),
		"sasl.login.refresh.min.period.seconds":               inert(nextRenewal),
		"sasl.login.refresh.window.factor":                    approximated("a token is renewed by the first connection after this share of its life, where Java renews it in the background"),
		"sasl.login.refresh.window.jitter":                    inert(nextRenewal),
		"sasl.login.retry.backoff.ms":                         honoured("of a token endpoint; doubles with each try"),
		"sasl.login.retry.backoff.max.ms":                     approximated("of all tries at a token endpoint together, as in Java; at most 12 s"),
		"sasl.mechanism":                                      honoured("PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 and OAUTHBEARER; GSSAPI, the default, is not built yet"),
		"sasl.oauthbearer.token.endpoint.url":                 honoured("a file: URL, whose file is read anew for every connection, or an http or https URL, asked by the client credentials grant"),
		"sasl.login.connect.timeout.ms":                       approximated("of a token endpoint; 5 s where it is not set, Java without end"),
		"sasl.login.read.timeout.ms":                          approximated("of a token endpoint; 5 s where it is not set, Java without end"),
		"sasl.oauthbearer.client.credentials.client.id":       honoured(alsoInJAAS + "clientId"),
		"sasl.oauthbearer.client.credentials.client.secret":   honoured(alsoInJAAS + "clientSecret"),
		"sasl.oauthbearer.scope":                              honoured(alsoInJAAS + "scope"),
		"sasl.oauthbearer.header.urlencode":                   honoured(""),
		"sasl.oauthbearer.jwt.retriever.class":                honoured("DefaultJwtRetriever, ClientCredentialsJwtRetriever and FileJwtRetriever; the URL decides between the last two"),
		"sasl.oauthbearer.jwt.validator.class":                inert(ofBrokers),
		"sasl.oauthbearer.clock.skew.seconds":                 inert(ofBrokers),
		"sasl.oauthbearer.expected.audience":                  inert(ofBrokers),
		"sasl.oauthbearer.expected.issuer":                    inert(ofBrokers),
		"sasl.oauthbearer.jwks.endpoint.refresh.ms":           inert(ofBrokers),
		"sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms": inert(ofBrokers),
		"sasl.oauthbearer.jwks.endpoint.retry.backoff.ms":     inert(ofBrokers),
		"sasl.oauthbearer.jwks.endpoint.url":                  inert(ofBrokers),
		"sasl.oauthbearer.scope.claim.name":                   inert(ofBrokers),
		"sasl.oauthbearer.sub.claim.name":                     inert(ofBrokers),
		"ssl.cipher.suites":                                   approximated("the order is Go's own; a list with suites of TLS 1.3 needs all three of them; suites that Go lacks are refused"),
		"ssl.enabled.protocols":                               honoured("TLSv1.2 and TLSv1.3; TLSv1 and TLSv1.1 beside them are off, as in a current Java"),
		"ssl.endpoint.identification.algorithm":               honoured("https checks the host name, by the common name of a certificate without DNS names, empty does not; the chain is checked either way; a token endpoint and a schema registry need a DNS name"),
		"ssl.engine.factory.class":                            refused(noJava),
		"ssl.key.password":                                    honoured(""),
		"ssl.keymanager.algorithm":                            inert(ownMachinery),
		"ssl.keystore.certificate.chain":                      honoured(""),
		"ssl.keystore.key":                                    honoured("PKCS #8, encrypted or not"),
		"ssl.keystore.location":                               honoured("the first key of the store"),
		"ssl.keystore.password":                               honoured(""),
		"ssl.keystore.type":                                   honoured("PEM, JKS and PKCS12; of the last two what the file is counts, as in Java"),
		"ssl.protocol":                                        inert("ssl.enabled.protocols decides"),
		"ssl.provider":                                        inert(ownMachinery),
		"ssl.secure.random.implementation":                    inert(ownMachinery),
		"ssl.trustmanager.algorithm":                          inert(ownMachinery),
		"ssl.truststore.certificates":                         honoured(""),
		"ssl.truststore.location":                             honoured("without one the operating system's authorities are trusted, where Java trusts its own"),
		"ssl.truststore.password":                             honoured(""),
		"ssl.truststore.type":                                 honoured("PEM, JKS and PKCS12; of the last two what the file is counts, as in Java"),
	}
}

// securityRules check what security.protocol needs. Nothing in their texts is a value of a
// secret.
func (s Set) securityRules() []error {
	var errs []error
	protocol := strings.ToUpper(s.String("security.protocol"))
	if strings.HasPrefix(protocol, "SASL_") {
		errs = append(errs, s.saslRules()...)
	}
	if strings.HasSuffix(protocol, "SSL") {
		errs = append(errs, s.tlsRules()...)
	}
	return errs
}

// loginModules are the modules of the mechanisms that are built.
func loginModules() map[string]string {
	const security = "org.apache.kafka.common.security."
	return map[string]string{
		"PLAIN":         security + "plain.PlainLoginModule",
		"SCRAM-SHA-256": security + "scram.ScramLoginModule",
		"SCRAM-SHA-512": security + "scram.ScramLoginModule",
		"OAUTHBEARER":   security + "oauthbearer.OAuthBearerLoginModule",
	}
}

func (s Set) saslRules() []error {
	const name, config = "sasl.mechanism", "sasl.jaas.config"
	mechanism := s.String(name)
	module, built := loginModules()[mechanism]
	switch {
	case mechanism == "GSSAPI":
		return []error{s.blame("GSSAPI (Kerberos), Java's default, is not built yet; set sasl.mechanism to PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER", name, "security.protocol")}
	case !built:
		return []error{s.blame(fmt.Sprintf("%q is not one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER", mechanism), name)}
	case s.String(config) == "":
		return []error{s.blame(fmt.Sprintf("%s needs sasl.jaas.config: %s required and its options", mechanism, module), config, name, "security.protocol")}
	}
	entry, err := jaas.Parse(s.String(config))
	switch {
	case err != nil:
		return []error{s.blame(err.Error(), config)}
	case entry.Module != module:
		return []error{s.blame(fmt.Sprintf("names another login module than sasl.mechanism %s needs; write %s", mechanism, module), config)}
	}
	if mechanism == "OAUTHBEARER" {
		return s.oauthRules()
	}
	var errs []error
	for _, option := range []string{"username", "password"} {
		if value, _ := entry.Option(option); value == "" {
			errs = append(errs, s.blame(fmt.Sprintf("lacks %s=\"...\"", option), config))
		}
	}
	return errs
}

func (s Set) oauthRules() []error {
	const handler, url = "sasl.login.callback.handler.class", "sasl.oauthbearer.token.endpoint.url"
	switch {
	case s.String(handler) != OAuthHandler:
		return []error{s.blame("OAUTHBEARER needs sasl.login.callback.handler.class: "+OAuthHandler, handler, "sasl.mechanism", "security.protocol")}
	case s.String(url) == "":
		return []error{s.blame("OAUTHBEARER needs sasl.oauthbearer.token.endpoint.url: https://... of a token endpoint, or file:///PATH of a file with a token", url, "sasl.mechanism", "security.protocol")}
	}
	address, err := neturl.Parse(s.String(url))
	switch {
	case err == nil && address.Scheme == "file":
		return nil
	case err != nil, address.Scheme != "http" && address.Scheme != "https", address.Host == "":
		return []error{s.blame("is no URL of a token endpoint; write https://HOST/PATH, or file:///PATH of a file with a token", url)}
	}
	return s.clientCredentialRules()
}

// clientCredentialRules check what a token endpoint asks for, under the names of Kafka 4.1 or
// in the login module's options.
func (s Set) clientCredentialRules() []error {
	const config = "sasl.jaas.config"
	entry, err := jaas.Parse(s.String(config))
	if err != nil {
		return nil // told already
	}
	var errs []error
	for _, needed := range []struct{ property, option string }{
		{"sasl.oauthbearer.client.credentials.client.id", "clientId"},
		{"sasl.oauthbearer.client.credentials.client.secret", "clientSecret"},
	} {
		if value, _ := entry.Option(needed.option); value == "" && s.String(needed.property) == "" {
			errs = append(errs, s.blame(fmt.Sprintf("a token endpoint needs %s, or %s=\"...\" in %s", needed.property, needed.option, config), needed.property, "sasl.oauthbearer.token.endpoint.url"))
		}
	}
	return errs
}

func (s Set) tlsRules() []error {
	var errs []error
	object := func(text string, names ...string) { errs = append(errs, s.blame(text, names...)) }
	s.versionRules(object)
	if a := s.String("ssl.endpoint.identification.algorithm"); a != "" && !strings.EqualFold(a, "https") {
		object(fmt.Sprintf("%q is neither https nor empty", a), "ssl.endpoint.identification.algorithm")
	}
	for _, store := range []string{"keystore", "truststore"} {
		name := "ssl." + store + "."
		kind := strings.ToUpper(s.String(name + "type"))
		if !slices.Contains([]string{"PEM", "JKS", "PKCS12"}, kind) {
			object(fmt.Sprintf("%q is not one of PEM, JKS, PKCS12", kind), name+"type")
			continue
		}
		if kind == "PEM" && s.String(name+"password") != "" {
			object("cannot be set with "+name+"type: PEM, as in Java; ssl.key.password is for an encrypted key", name+"password")
		}
		inline := []string{"ssl.truststore.certificates"}
		if store == "keystore" {
			inline = []string{"ssl.keystore.key", "ssl.keystore.certificate.chain"}
		}
		for _, own := range inline {
			switch {
			case s.String(own) == "":
			case kind != "PEM":
				object("needs "+name+"type: PEM, as in Java", own)
			case s.String(name+"location") != "":
				object("cannot stand beside "+name+"location; leave one of them out", own)
			}
		}
	}
	const key, chain = "ssl.keystore.key", "ssl.keystore.certificate.chain"
	if (s.String(key) == "") != (s.String(chain) == "") {
		object(key+" and "+chain+" need each other", key, chain)
	}
	return errs
}

// versionRules check which versions and suites of TLS are left.
func (s Set) versionRules(object func(text string, names ...string)) {
	const versions, suites, context = "ssl.enabled.protocols", "ssl.cipher.suites", "ssl.protocol"
	enabled := map[uint16]bool{}
	for _, protocol := range s.List(versions) {
		switch protocol {
		case "TLSv1.2":
			enabled[tls.VersionTLS12] = true
		case "TLSv1.3":
			enabled[tls.VersionTLS13] = true
		case "TLSv1", "TLSv1.1": // off in Java's own security policy
		default:
			object(fmt.Sprintf("%q is not one of TLSv1.2, TLSv1.3", protocol), versions)
			return
		}
	}
	if len(enabled) == 0 {
		object("has neither TLSv1.2 nor TLSv1.3; use one of them or both", versions)
		return
	}
	if p := s.String(context); !slices.Contains([]string{"TLS", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"}, p) {
		object(fmt.Sprintf("%q is not one of TLS, TLSv1.2, TLSv1.3", p), context)
	}
	listed := s.List(suites)
	if len(listed) == 0 {
		return
	}
	common, ofNewest, allOfNewest := false, 0, 0
	for _, suite := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		newest := slices.Contains(suite.SupportedVersions, tls.VersionTLS13)
		if newest {
			allOfNewest++
		}
		at := slices.Index(listed, suite.Name)
		if at < 0 {
			continue
		}
		listed = slices.Delete(listed, at, at+1)
		for _, version := range suite.SupportedVersions {
			common = common || enabled[version]
		}
		if newest {
			ofNewest++
		}
	}
	switch {
	case len(listed) > 0:
		object(fmt.Sprintf("%q is no cipher suite of Go's TLS; leave it out", listed[0]), suites)
	case !common:
		object("has no suite of a version in ssl.enabled.protocols", suites)
	case enabled[tls.VersionTLS13] && ofNewest > 0 && ofNewest < allOfNewest:
		object("names some suites of TLS 1.3, among which Go's TLS cannot choose; name all three (TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384, TLS_CHACHA20_POLY1305_SHA256) or none", suites)
	}
}
