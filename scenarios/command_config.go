package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"kaliper/internal/javaproperties"
	"kaliper/internal/property"
	"kaliper/internal/suggest"
)

// commandConfig is a Java client's properties file, as Kafka's own tools read it for
// --command-config: what of it concerns every client, and what is told of the rest.
type commandConfig struct {
	properties []written
	warnings   []Problem
}

// configKey says when reading a file again would give the same.
type configKey struct {
	path, from string
	layer      layer
}

// ParseTarget reads a cluster that flags alone describe: options.Bootstrap, CommandConfig and
// CommandProperties. The warnings tell what in a file no client has. The error is Errors.
func ParseTarget(options Options) (Target, []string, error) {
	l := newLoader(options)
	l.flags = l.commandFlags(options)
	d := &decoder{loader: l, problems: &l.problems}
	if len(l.problems.list) == 0 && find(l.flags, "bootstrap.servers") == nil {
		l.problems.add(position{file: "--bootstrap-server"}, "", "name the cluster: --bootstrap-server host:port")
	}
	target := Target{Name: bootstrapTarget, Properties: d.resolve(property.Common, l.flags, nil)}
	var warnings []string
	for _, p := range sorted(append(l.told, d.warnings.list...)) {
		if property.Known(p.Path) { // of no interest where no load is planned
			continue
		}
		warnings = append(warnings, p.String())
	}
	return target, warnings, l.problems.err()
}

// commandFlags returns what --command-config, --command-property and --bootstrap-server say, the
// later above.
func (l *loader) commandFlags(options Options) []written {
	const flag = "--command-property"
	var list []written
	declared := map[string]string{} // by either: they are one list of properties
	l.providers[flag], l.providers[options.CommandConfig.Name] = declared, declared
	if file := options.CommandConfig; file.Name != "" {
		l.started[file.Name], l.readers[file.Name] = true, options.ReadFile
		config := l.parseCommandConfig(file.Name, file.Data, layerFlag)
		list, l.told = config.properties, config.warnings
	}
	at := position{file: flag, layer: layerFlag}
	l.started[flag], l.readers[flag] = true, options.ReadFile
	var single []written
	for _, text := range options.CommandProperties {
		name, value, found := strings.Cut(text, "=")
		if !found || name == "" {
			l.problems.add(at, "", "write name=value")
			continue
		}
		single = append(single, written{name: name, n: &node{at: at, kind: scalar, text: value}, path: name, outside: true})
	}
	single = l.declareProviders(single)
	if options.Bootstrap != "" {
		at := position{file: "--bootstrap-server", layer: layerFlag}
		servers := &node{at: at, kind: scalar, text: options.Bootstrap}
		single = laidOver(single, []written{{name: "bootstrap.servers", n: servers, path: "bootstrap.servers", outside: true}})
	}
	return laidOver(list, single)
}

// targetConfig returns the properties that a target has of its own, and the node that names its
// properties file, nil for none.
func (d *decoder) targetConfig(n *node, path string) ([]written, *node) {
	list := d.config(n, path)
	i := slices.IndexFunc(list, func(w written) bool { return w.name == commandConfigTarget })
	if i < 0 {
		return list, nil
	}
	named := list[i].n
	return slices.Delete(list, i, i+1), named
}

// commandConfigOf reads the file that a target names, beside the scenario.
func (d *decoder) commandConfigOf(n *node, path string) []written {
	if n == nil {
		return []written{}
	}
	key := configKey{n.text, n.at.file, n.at.layer}
	config := d.configs[key]
	if config == nil {
		data, err := d.readBeside(n.text, n.at.file)
		if err != nil {
			d.wrong(n.at, path+"."+commandConfigTarget, "%v", err)
			return []written{}
		}
		name := d.besidePath(n.text, n.at.file)
		d.started[name], d.readers[name] = true, d.readerOf(n.at.file)
		config = d.parseCommandConfig(name, data, n.at.layer)
		d.configs[key] = config
	}
	d.warnings.list = append(d.warnings.list, config.warnings...)
	return config.properties
}

// parseCommandConfig reads a file. What producers or consumers alone have is left out, because
// a target says how to connect; what no Kafka client has is left out, as Java does. Both are
// told.
func (l *loader) parseCommandConfig(name string, data []byte, at layer) *commandConfig {
	config := &commandConfig{}
	entries, err := javaproperties.Parse(string(data))
	if err != nil {
		where := position{file: name}
		if e, ok := err.(*javaproperties.SyntaxError); ok {
			where.line, where.column = e.Line, 1
			err = fmt.Errorf("%s", e.Text)
		}
		l.problems.add(where, "", "%v", err)
		return config
	}
	var told problems
	for _, e := range entries {
		where := position{file: name, line: e.Line, column: e.Column, layer: at}
		w := written{name: e.Key, n: &node{at: where, kind: scalar, text: e.Value}, path: e.Key, outside: true}
		if len(l.declareProviders([]written{w})) == 0 {
			continue
		}
		if _, ok := property.Lookup(property.Common, e.Key); ok {
			config.properties = laidOver(config.properties, []written{w})
			continue
		}
		told.add(where, e.Key, "%s", leftOut(e.Key))
	}
	config.warnings = told.list
	return config
}

// leftOut says why a property of a file has no effect on a target.
func leftOut(name string) string {
	for _, role := range []property.Role{property.Producer, property.Consumer} {
		p, ok := property.Lookup(role, name)
		switch {
		case !ok:
		case p.Class == property.Inert:
			return "is inert: " + p.How
		default:
			return fmt.Sprintf("is of %ss alone and left out: a target says how to connect; it goes under defaults.%ss.config", role, role)
		}
	}
	return "is no client property" + suggest.DidYouMean(name, property.Names(property.Common)) + "; it is left out"
}

// laidOver returns base with each property of over in place of its namesake.
func laidOver(base, over []written) []written {
	merged := slices.DeleteFunc(slices.Clone(base), func(w written) bool { return find(over, w.name) != nil })
	if merged = append(merged, over...); merged == nil {
		merged = []written{}
	}
	return merged
}

// find returns the last property of a name, nil if there is none.
func find(list []written, name string) *written {
	for i := range slices.Backward(list) {
		if list[i].name == name {
			return &list[i]
		}
	}
	return nil
}
