package property

import (
	"fmt"
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
		freshTokens  = "a token is fetched anew for every connection"
	)
	return map[string]classification{
		"sasl.client.callback.handler.class":       refused(noJava),
		"sasl.jaas.config":                         honoured("one login module: PlainLoginModule, ScramLoginModule or OAuthBearerLoginModule, as sasl.mechanism asks for"),
		"sasl.kerberos.kinit.cmd":                  inert(noKerberos),
		"sasl.kerberos.min.time.before.relogin":    inert(noKerberos),
		"sasl.kerberos.service.name":               inert(noKerberos),
		"sasl.kerberos.ticket.renew.jitter":        inert(noKerberos),
		"sasl.kerberos.ticket.renew.window.factor": inert(noKerberos),
		"sasl.login.callback.handler.class":        honoured("OAuthBearerLoginCallbackHandler alone: other Java classes cannot run here"),
		"sasl.login.class":                         refused(noJava),
		"sasl.login.refresh.buffer.seconds":        inert(freshTokens),
		"sasl.login.refresh.min.period.seconds":    inert(freshTokens),
		"sasl.login.refresh.window.factor":         inert(freshTokens),
		"sasl.login.refresh.window.jitter":         inert(freshTokens),
		"sasl.login.retry.backoff.ms":              inert(freshTokens),
		"sasl.login.retry.backoff.max.ms":          inert(freshTokens),
		"sasl.mechanism":                           honoured("PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 and OAUTHBEARER; GSSAPI, the default, is not built yet"),
		"sasl.oauthbearer.token.endpoint.url":      honoured("a file: URL, whose file is read anew for every connection; https is not built yet"),
		"ssl.enabled.protocols":                    honoured("TLSv1.2 and TLSv1.3"),
		"ssl.endpoint.identification.algorithm":    honoured("https checks the host name, empty does not; the chain is checked either way"),
		"ssl.engine.factory.class":                 refused(noJava),
		"ssl.key.password":                         honoured(""),
		"ssl.keymanager.algorithm":                 inert(ownMachinery),
		"ssl.keystore.certificate.chain":           honoured(""),
		"ssl.keystore.key":                         honoured("PKCS #8, encrypted or not"),
		"ssl.keystore.location":                    honoured("the first key of the store"),
		"ssl.keystore.password":                    honoured(""),
		"ssl.keystore.type":                        honoured("PEM, JKS and PKCS12; of the last two what the file is counts, as in Java"),
		"ssl.protocol":                             inert("ssl.enabled.protocols decides"),
		"ssl.provider":                             inert(ownMachinery),
		"ssl.secure.random.implementation":         inert(ownMachinery),
		"ssl.trustmanager.algorithm":               inert(ownMachinery),
		"ssl.truststore.certificates":              honoured(""),
		"ssl.truststore.location":                  honoured("without one the operating system's authorities are trusted, where Java trusts its own"),
		"ssl.truststore.password":                  honoured(""),
		"ssl.truststore.type":                      honoured("PEM, JKS and PKCS12; of the last two what the file is counts, as in Java"),
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
		return []error{s.blame("OAUTHBEARER needs sasl.oauthbearer.token.endpoint.url: file:///PATH of a file with a token", url, "sasl.mechanism", "security.protocol")}
	case !strings.HasPrefix(s.String(url), "file:"):
		return []error{s.blame("only file: URLs are built yet; write file:///PATH of a file with a token", url)}
	}
	return nil
}

func (s Set) tlsRules() []error {
	var errs []error
	object := func(text string, names ...string) { errs = append(errs, s.blame(text, names...)) }
	for _, protocol := range s.List("ssl.enabled.protocols") {
		if protocol != "TLSv1.2" && protocol != "TLSv1.3" {
			object(fmt.Sprintf("%q is not one of TLSv1.2, TLSv1.3", protocol), "ssl.enabled.protocols")
		}
	}
	if len(s.List("ssl.enabled.protocols")) == 0 {
		object("is empty; use TLSv1.2, TLSv1.3 or both", "ssl.enabled.protocols")
	}
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
