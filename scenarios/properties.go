package scenarios

import (
	"slices"
	"strings"

	"kaliper/internal/property"
)

// written is a client property as a scenario has it.
type written struct {
	name string
	n    *node
	path string
	// outside: of a properties file or a flag, where Java's users write secrets out. They are
	// redacted instead of refused.
	outside bool
}

// setKey makes equal settings resolve once: most cases of a matrix share most groups. Nodes
// are never changed, so their identity will do.
type setKey struct {
	role   property.Role
	config string
}

// resolved is the outcome of resolving one set of properties.
type resolved struct {
	set  property.Set
	errs []error
}

// target reads the chosen target.
func (d *decoder) target(root fields) (Target, []written) {
	name := root.text("target", "")
	targets := root.names("targets")
	for _, e := range targets {
		if e.key == "embedded" {
			d.wrong(e.at, "targets.embedded", "is the name of the simulated broker; call the target something else")
		}
	}
	switch name {
	case "":
		if len(targets) > 0 {
			root.wrong("target", "is missing; write target: %s, or give --target", targets[0].key)
		} else {
			root.wrong("target", "is missing; write target: embedded for the simulated broker, or give --bootstrap-server host:port")
		}
		return Target{}, nil
	case "embedded":
		d.checkTargets(targets, "")
		if len(d.flags) > 0 {
			d.wrong(d.flags[0].n.at, d.flags[0].name, "the simulated broker has no client properties of its own; give --bootstrap-server host:port, or --target with the name of a cluster")
		}
		return Target{Name: name, Embedded: true, Properties: d.resolve(property.Common, nil, nil)}, nil
	}
	own := d.checkTargets(targets, name)
	if own == nil {
		var names []string
		for _, e := range targets {
			names = append(names, e.key)
		}
		root.wrong("target", "there is no %q under targets%s", name, known(name, append(names, "embedded")))
		return Target{Name: name}, nil
	}
	own = laidOver(own, d.flags)
	t := Target{Name: name}
	if !slices.ContainsFunc(own, func(w written) bool { return w.name == "bootstrap.servers" }) {
		root.wrong("target", "targets.%s lacks bootstrap.servers; write host:port of its brokers there, or into its command-config", name)
		return t, own
	}
	t.Properties = d.resolve(property.Common, own, nil)
	return t, own
}

// checkTargets reads all targets and returns the properties of the one that is named; nil if
// there is none.
func (d *decoder) checkTargets(targets []*entry, name string) []written {
	var own []written
	for _, e := range targets {
		path := "targets." + e.key
		list, config := d.targetConfig(e.value, path)
		if e.key == name {
			list = d.declareProviders(list)
			own = laidOver(d.commandConfigOf(config, path), list)
			continue
		}
		// Those of the other targets are checked as far as that needs no references, which may
		// be known elsewhere only.
		known := slices.DeleteFunc(slices.Clone(list), func(w written) bool {
			return strings.Contains(w.n.text, "${") || strings.HasPrefix(w.name, providerPrefix)
		})
		if len(known) < len(list) || config != nil { // what the protocol needs may be among them
			known = slices.DeleteFunc(known, func(w written) bool { return w.name == "security.protocol" })
		}
		list = known
		d.resolve(property.Common, list, nil)
	}
	return own
}

// config reads a map of client properties.
func (d *decoder) config(n *node, path string) []written {
	if n == nil || n.kind == nothing {
		return nil
	}
	if n.kind != mapping {
		d.wrong(n.at, path, "is %s; write a map from property names to values", n.kind)
		return nil
	}
	var list []written
	for _, e := range n.entries {
		below := joinPath(path, e.key)
		switch {
		case e.value.kind == nothing:
			continue
		case e.value.kind == scalar:
		case e.value.kind == mapping:
			d.wrong(e.value.at, below, "is a map; a property's name is one word with points in it, such as linger.ms")
			continue
		default:
			text := make([]string, len(e.value.items))
			for i, item := range e.value.items {
				text[i] = item.short()
			}
			e = &entry{e.key, e.at, &node{at: e.value.at, kind: scalar, text: strings.Join(text, ",")}}
		}
		list = append(list, written{name: e.key, n: e.value, path: below})
	}
	return list
}

// groupProperties resolves the properties of a group over those of its target. The target
// comes above the scenario's file and below overlays and --set.
func (d *decoder) groupProperties(role property.Role, config, target []written) property.Set {
	inGroup := map[string]layer{}
	for _, w := range config {
		inGroup[w.name] = w.n.at.layer
	}
	merged := make([]written, 0, len(config)+len(target))
	inTarget := map[string]bool{}
	for _, w := range target {
		if at, both := inGroup[w.name]; both && at > layerFile && at >= w.n.at.layer {
			continue
		}
		if _, ok := property.Lookup(role, w.name); ok { // others concern admin clients alone
			merged = append(merged, w)
			inTarget[w.name] = true
		}
	}
	for _, w := range config {
		if w.name == "bootstrap.servers" {
			d.wrong(w.n.at, w.path, "belongs to a target, not to a group of clients")
			continue
		}
		if !inTarget[w.name] {
			merged = append(merged, w)
		}
	}
	return d.resolve(role, merged, target)
}

// resolve completes properties with defaults and notes the objections. Those to what a
// target says are its own: inherited are not told again.
func (d *decoder) resolve(role property.Role, list []written, inherited []written) property.Set {
	values := make(map[string]property.Value, len(list))
	at := make(map[string]written, len(list))
	var key strings.Builder
	for _, w := range list {
		value, ok := d.propertyValue(w)
		if !ok {
			continue
		}
		if p, known := property.Lookup(role, w.name); known && p.Class == property.Refused && slices.Contains(d.ignored, w.name) {
			d.warn(w.n.at, w.path, "is ignored, as asked for: %s", p.How)
			continue
		}
		values[w.name], at[w.name] = value, w
		key.WriteString(w.name + "=" + value.Text + "\x00" + value.Written + "\x00" + value.Origin + "\x00")
	}
	cached, ok := d.sets[setKey{role, key.String()}]
	if !ok {
		cached.set, cached.errs = property.Resolve(role, values)
		d.sets[setKey{role, key.String()}] = cached
	}
	for _, err := range cached.errs {
		e, ok := err.(*property.Error)
		if !ok {
			continue
		}
		w, ok := at[e.Name]
		if !ok {
			continue
		}
		if !slices.ContainsFunc(inherited, func(t written) bool { return t.n == w.n }) {
			d.wrong(w.n.at, w.path, "%s", e.Text)
		}
	}
	return cached.set
}

// propertyValue resolves references, and refuses secrets that are written out.
func (d *decoder) propertyValue(w written) (property.Value, bool) {
	value := property.Value{Text: w.n.text, Origin: w.n.at.String()}
	exposed := property.Exposed(w.name, w.n.text)
	if exposed != "" && !w.outside {
		d.wrong(w.n.at, w.path, "%s", exposed)
		return value, false
	}
	if !strings.Contains(w.n.text, "${") {
		return value, true
	}
	text, err := d.expand(w.n, property.Secret(w.name))
	if err != nil {
		d.wrong(w.n.at, w.path, "%v", err)
		return value, false
	}
	value.Text = text
	if exposed == "" { // else it is a secret that only begins as a reference, and redacted
		value.Written = w.n.text
	}
	return value, true
}
