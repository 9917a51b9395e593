package scenarios

import (
	"errors"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"

	"kaliper/internal/property"
	"kaliper/internal/schema"
	"kaliper/internal/suggest"
)

// noRegistry stands in a registry's place where schemas are not registered anywhere.
const noRegistry = "none"

// registryTLS begins the names of a registry's own ssl.* properties.
const registryTLS = "schema.registry."

// strategies are the classes that name subjects, by the last part of their names.
var strategies = []string{"TopicNameStrategy", "RecordNameStrategy", "TopicRecordNameStrategy"}

func registryKeys() []string {
	return []string{
		"schema.registry.url", "basic.auth.credentials.source", "basic.auth.user.info",
		"bearer.auth.credentials.source", "bearer.auth.token", "auto.register.schemas",
		"use.latest.version", "latest.compatibility.strict", "normalize.schemas", "value.subject.name.strategy",
	}
}

// schemaOrError is a parsed schema, or why there is none.
type schemaOrError struct {
	schema *schema.Schema
	err    error
}

// typed reads what a value's schema and registry are.
func (d *decoder) typed(m fields, format string, v *Value) {
	t := &Typed{Message: m.text("message", ""), Subject: m.text("subject", "")}
	d.onlyWith(m, "message", format == string(schema.Protobuf), "format: protobuf")
	if t.Registry = d.registry(m); t.Subject != "" && len(t.Registry.URLs) == 0 {
		m.wrong("subject", "has a meaning with a registry only")
	}
	read := d.schema(m, format, t)
	if read.err != nil {
		d.schemaError(m, read.err)
		return
	}
	t.Schema = read.schema
	v.Typed = t
	if t.Registry.Strategy != strategies[0] && t.Schema.Name() == "" && t.Subject == "" {
		m.wrong("registry", "%s needs a schema that has a name; use TopicNameStrategy, or name the subject", t.Registry.Strategy)
	}
	d.tryToDraw(m, v)
}

// tryToDraw finds out whether values can be drawn at all, and of what size.
func (d *decoder) tryToDraw(m fields, v *Value) {
	random := rand.New(rand.NewPCG(1, 1))
	least := 0
	for range 3 {
		drawn, err := v.Typed.Schema.Draw(random, 0)
		if err == nil {
			var b []byte
			b, err = v.Typed.Schema.Append(nil, drawn)
			least = max(least, len(b))
		}
		if err != nil {
			m.wrong("schema", "%v", err)
			return
		}
	}
	drawn, err := v.Typed.Schema.Draw(random, 8*least+64)
	if err != nil {
		return
	}
	switch grown, _ := v.Typed.Schema.Append(nil, drawn); {
	case m.child("size") == nil:
	case v.Size.Distribution == SizeFixed && v.Size.Bytes == 0:
		v.Size.Bytes = least // asked for as they are; so much the estimate must know
	case v.Size.smallest() < least:
		m.warn("size", "values of this schema have about %d bytes at the least: smaller ones are that large", least)
	case len(grown) < 4*least:
		m.warn("size", "the schema has no text that may be as long as asked: values have about %d bytes", len(grown))
	}
}

// schema reads a schema's file, once, or the built-in one.
func (d *decoder) schema(m fields, format string, t *Typed) schemaOrError {
	path := m.text("schema", "")
	if t.Given = path != ""; !t.Given {
		made, err := schema.Order(schema.Format(format))
		if err == nil && t.Message != "" {
			made, err = schema.Parse(made.Format, "the built-in schema", made.Text, t.Message)
		}
		return schemaOrError{made, err}
	}
	at := m.position("schema")
	key := strings.Join([]string{at.file, path, format, t.Message}, "\x00")
	read, ok := d.schemas[key]
	if !ok {
		var data []byte
		if data, read.err = d.readBeside(path, at.file); read.err == nil {
			read.schema, read.err = schema.Parse(schema.Format(format), d.besidePath(path, at.file), string(data), t.Message)
		}
		d.schemas[key] = read
	}
	return read
}

// schemaError tells what is wrong with a schema's file where it stands.
func (d *decoder) schemaError(m fields, err error) {
	if e, ok := errors.AsType[*schema.Error](err); ok && m.child("schema") != nil {
		d.wrong(position{file: e.File, line: e.Line, column: max(e.Column, 1)}, "", "%s", e.Text)
		return
	}
	m.wrong("schema", "%v", err)
}

// registry reads the value's own registry over the one at the top.
func (d *decoder) registry(m fields) Registry {
	list, none := d.registrySettings(d.top.child("registry"), "registry")
	if own := m.child("registry"); own != nil {
		over, without := d.registrySettings(own, m.path+".registry")
		if list, none = laidOver(list, over), without; without {
			list = nil
		}
	}
	r := Registry{AutoRegister: true, LatestStrict: true, Strategy: strategies[0]}
	if none {
		return r
	}
	texts := map[string]string{}
	var secure []written
	for _, w := range list {
		if name, own := strings.CutPrefix(w.name, registryTLS); own && strings.HasPrefix(name, "ssl.") {
			w.name = name
			secure = append(secure, w)
			continue
		}
		if !slices.Contains(registryKeys(), w.name) {
			hint := suggest.DidYouMean(w.name, registryKeys())
			if hint == "" {
				hint = "; there are " + strings.Join(registryKeys(), ", ") + ", and schema.registry.ssl.*"
			}
			d.wrong(w.n.at, w.path, "unknown property of a registry%s", hint)
			continue
		}
		if text, ok := d.registryValue(w); ok {
			texts[w.name] = text
			d.registryProperty(&r, w, text)
		}
	}
	d.registryAuth(&r, m, list, texts)
	if len(secure) > 0 {
		protocol := &node{at: secure[0].n.at, kind: scalar, text: "SSL"}
		r.TLS = d.resolve(property.Common, append(secure, written{name: "security.protocol", n: protocol, path: secure[0].path}), nil)
	}
	if len(r.URLs) == 0 && texts["schema.registry.url"] == "" {
		m.wrong("registry", "is missing; write registry: http://localhost:8081, or registry: none for schemas that are registered nowhere")
	}
	return r
}

// registryValue resolves references. A credentials source is no secret, though it is called so;
// nor is a user beside a password that is a reference.
func (d *decoder) registryValue(w written) (string, bool) {
	plain := strings.HasSuffix(w.name, ".credentials.source")
	if w.name == "basic.auth.user.info" {
		_, password, found := strings.Cut(reference.ReplaceAllString(w.n.text, ""), ":")
		if plain = found && password == ""; found && !plain {
			d.wrong(w.n.at, w.path, "has a secret in it, written out; write user:${env:NAME}")
			return "", false
		}
	}
	if plain {
		text, err := d.expand(w.n, true)
		if err != nil {
			d.wrong(w.n.at, w.path, "%v", err)
		}
		return text, err == nil
	}
	value, ok := d.propertyValue(w)
	return value.Text, ok
}

// registryProperty applies one property.
func (d *decoder) registryProperty(r *Registry, w written, text string) {
	flag := func(to *bool) {
		if text != "true" && text != "false" {
			d.wrong(w.n.at, w.path, "%q is neither true nor false", text)
			return
		}
		*to = text == "true"
	}
	switch w.name {
	case "schema.registry.url":
		for one := range strings.SplitSeq(text, ",") {
			d.registryURL(r, w, strings.TrimSpace(one))
		}
	case "auto.register.schemas":
		flag(&r.AutoRegister)
	case "use.latest.version":
		flag(&r.UseLatest)
	case "latest.compatibility.strict":
		flag(&r.LatestStrict)
	case "normalize.schemas":
		flag(&r.Normalize)
	case "value.subject.name.strategy":
		name := text[strings.LastIndexByte(text, '.')+1:]
		if !slices.Contains(strategies, name) {
			d.wrong(w.n.at, w.path, "%q does not run here; use one of %s", text, strings.Join(strategies, ", "))
			return
		}
		r.Strategy = name
	}
}

// registryURL adds one URL. A user in it would be printed with every error.
func (d *decoder) registryURL(r *Registry, w written, text string) {
	parsed, err := url.Parse(text)
	switch {
	case err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https":
		d.wrong(w.n.at, w.path, "is no URL of a registry; write for example http://localhost:8081")
	case parsed.User != nil:
		d.wrong(w.n.at, w.path, "has a user in it, who would be printed; write basic.auth.user.info: ${env:NAME} instead")
	default:
		r.URLs = append(r.URLs, text)
	}
}

// registryAuth makes sure that a secret has its source, as in Java, where it would be left out
// silently, and the other way round.
func (d *decoder) registryAuth(r *Registry, m fields, list []written, texts map[string]string) {
	for _, rule := range []struct {
		source, secret, legal string
		to                    *string
	}{
		{"basic.auth.credentials.source", "basic.auth.user.info", "USER_INFO", &r.BasicAuth},
		{"bearer.auth.credentials.source", "bearer.auth.token", "STATIC_TOKEN", &r.Token},
	} {
		source, secret := find(list, rule.source), find(list, rule.secret)
		switch {
		case source == nil && secret == nil:
		case source != nil && texts[rule.source] != rule.legal:
			d.wrong(source.n.at, source.path, "%s alone is built; use it with %s", rule.legal, rule.secret)
		case secret == nil:
			d.wrong(source.n.at, source.path, "needs %s; write it as a reference: ${env:NAME}", rule.secret)
		case source == nil:
			d.wrong(secret.n.at, secret.path, "has no effect in Java without %s: %s; write that too", rule.source, rule.legal)
		case rule.secret == "basic.auth.user.info" && texts[rule.secret] != "" && !strings.Contains(texts[rule.secret], ":"):
			d.wrong(secret.n.at, secret.path, "must be user:password")
		default:
			*rule.to = texts[rule.secret]
		}
	}
	if r.BasicAuth != "" && r.Token != "" {
		m.wrong("registry", "has both basic.auth.user.info and bearer.auth.token; use one of them")
	}
}

// registrySettings reads a URL, none, or a map of properties.
func (d *decoder) registrySettings(n *node, path string) (list []written, none bool) {
	switch {
	case n == nil || n.kind == nothing:
		return nil, false
	case n.kind == scalar && n.text == noRegistry:
		return nil, true
	case n.kind == scalar:
		return []written{{name: "schema.registry.url", n: n, path: path}}, false
	}
	return d.config(n, path), false
}
