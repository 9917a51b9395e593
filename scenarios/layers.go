package scenarios

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"kaliper/internal/property"
)

// layer says which of the files a node comes from; later layers win.
type layer int

const (
	layerFile    layer = iota // the scenario and what it extends
	layerOverlay              // above the target's properties
	layerFlag                 // --command-config and --command-property
	layerSet                  // --set, and the matrix
)

// Source is one file.
type Source struct {
	Name string // for messages; paths in the file are relative to its folder
	Data []byte
	// ReadFile reads the files that it names: what it extends, values, references. Without it
	// naming one is an error.
	ReadFile func(path string) ([]byte, error)
}

// Options change a scenario without changing its file.
type Options struct {
	Overlays  []Source
	Sets      []string // path=value
	Target    string   // the name of one of the targets, or embedded
	Bootstrap string   // bootstrap.servers of a cluster that is no target of the file
	// CommandConfig is a Java client's properties file, laid over the target's own properties;
	// none if its Name is empty.
	CommandConfig Source
	// CommandProperties are single properties, name=value, above CommandConfig.
	CommandProperties []string
	// ReadFile reads the files that CommandConfig and CommandProperties refer to; their paths
	// are relative to where kaliper was started, as in Java.
	ReadFile func(path string) ([]byte, error)
	// LookupEnv resolves ${env:NAME}; os.LookupEnv where it is nil.
	LookupEnv func(name string) (string, bool)
}

// The names of the targets that Options.Bootstrap makes, and Options.CommandConfig or
// CommandProperties where they name the cluster of a scenario that has none.
const (
	bootstrapTarget     = "bootstrap-server"
	commandConfigTarget = "command-config"
)

// mostExtends bounds a chain of extends.
const mostExtends = 10

// layered reads a scenario with all that lies above and below it, and returns the merged tree.
func (l *loader) layered(source Source, options Options) *node {
	root := l.extended(source, layerFile, nil)
	for _, overlay := range options.Overlays {
		if over := l.extended(overlay, layerOverlay, nil); over != nil && root != nil {
			root = merge(root, over)
		}
	}
	if root == nil {
		return nil
	}
	l.flags = l.commandFlags(options)
	root = l.target(root, options)
	for _, set := range options.Sets {
		root = l.set(root, set)
	}
	return root
}

// extended reads a file and what it extends.
func (l *loader) extended(source Source, at layer, chain []string) *node {
	root := read(source.Name, source.Data, at, &l.problems)
	if root == nil {
		return nil
	}
	l.readers[source.Name] = source.ReadFile
	base := root.get("extends")
	if base == nil || base.kind == nothing {
		return root
	}
	without := root.with("extends", base.at, &node{})
	name := filepath.Join(filepath.Dir(source.Name), base.text)
	if filepath.IsAbs(base.text) {
		name = base.text
	}
	chain = append(chain, source.Name)
	switch {
	case base.kind != scalar || base.text == "":
		l.problems.add(base.at, "extends", "is %s; name one file", base.kind)
	case slices.Contains(chain, name):
		l.problems.add(base.at, "extends", "%s extends itself, by way of %s", name, strings.Join(chain, ", "))
	case len(chain) > mostExtends:
		l.problems.add(base.at, "extends", "more than %d files extend one another", mostExtends)
	case source.ReadFile == nil:
		l.problems.add(base.at, "extends", "a scenario that does not come from a file cannot extend one")
	default:
		data, err := source.ReadFile(name)
		if err != nil {
			l.problems.add(base.at, "extends", "read %s: %v", name, err)
			return without
		}
		if below := l.extended(Source{Name: name, Data: data, ReadFile: source.ReadFile}, at, chain); below != nil {
			return merge(below, without)
		}
	}
	return without
}

// target applies --target, --bootstrap-server and the cluster that --command-config names,
// which stand for what the file would say.
func (l *loader) target(root *node, options Options) *node {
	if options.Target != "" && options.Bootstrap != "" {
		l.problems.add(position{file: "--target"}, "", "--target and --bootstrap-server exclude each other; give one")
		return root
	}
	switch {
	case options.Target != "":
		l.oneCluster = "--target"
	case options.Bootstrap != "":
		l.oneCluster = "--bootstrap-server"
	case find(l.flags, "bootstrap.servers") != nil:
		l.oneCluster = find(l.flags, "bootstrap.servers").n.at.file
	}
	if options.Target != "" {
		at := position{file: "--target", layer: layerOverlay}
		return root.with("target", at, &node{at: at, kind: scalar, text: options.Target})
	}
	if options.Bootstrap != "" {
		return withTarget(root, bootstrapTarget, find(l.flags, "bootstrap.servers").n)
	}
	// A scenario that names no cluster, such as a built-in one, needs nothing but the file of a
	// service.
	if name := root.get("target"); name == nil || name.text == "" || name.text == "embedded" {
		if servers := find(l.flags, "bootstrap.servers"); servers != nil {
			return withTarget(root, commandConfigTarget, servers.n)
		}
	}
	return root
}

// withTarget returns the tree with one target instead of its own ones.
func withTarget(root *node, name string, servers *node) *node {
	at := servers.at
	properties := (&node{at: at, kind: mapping}).with("bootstrap.servers", at, servers)
	targets := (&node{at: at, kind: mapping}).with(name, at, properties)
	return root.with("targets", at, targets).with("target", at, &node{at: at, kind: scalar, text: name})
}

// set applies one path=value; the value is YAML.
func (l *loader) set(root *node, set string) *node {
	at := position{file: "--set", layer: layerSet}
	path, text, found := strings.Cut(set, "=")
	path = strings.TrimSpace(path)
	if !found || path == "" {
		l.problems.add(at, "", "%q is not path=value; write for example producers.checkout.rate=5000/s", set)
		return root
	}
	value, err := l.value(text)
	if err != nil {
		if keys := splitPath(path); property.Secret(keys[len(keys)-1]) || strings.Contains(path, ".dedup") {
			err = errors.New("is not one YAML value; it is a secret and not shown: write a reference, ${env:NAME}")
		}
		l.problems.add(at, path, "%v", err)
		return root
	}
	matches, err := matchPath(root, path)
	if err != nil {
		l.problems.add(at, "", "%v", err)
		return root
	}
	for _, keys := range matches {
		changed, err := assign(root, keys, value)
		if err != nil {
			l.problems.add(at, path, "%v", err)
			return root
		}
		root = changed
	}
	return root
}

// value reads the right side of --set.
func (l *loader) value(text string) (*node, error) {
	var found problems
	wrapped := read("--set", []byte("value: "+text), layerSet, &found)
	if len(found.list) == 0 && (wrapped == nil || len(wrapped.entries) != 1) {
		found.add(position{}, "", "is not one value")
	}
	if len(found.list) > 0 {
		return nil, fmt.Errorf("%q %s", text, found.list[0].Text)
	}
	return moved(wrapped.get("value"), position{file: "--set", layer: layerSet}), nil
}

// moved returns a copy of a tree, all of whose nodes are at one position.
func moved(n *node, at position) *node {
	copied := &node{at: at, kind: n.kind, text: n.text}
	for _, item := range n.items {
		copied.items = append(copied.items, moved(item, at))
	}
	for _, e := range n.entries {
		copied.entries = append(copied.entries, &entry{e.key, at, moved(e.value, at)})
	}
	return copied
}

// raised returns a copy of a tree that stays where it was written and counts as another layer.
func raised(n *node, to layer) *node {
	at := n.at
	at.layer = to
	copied := &node{at: at, kind: n.kind, text: n.text}
	for _, item := range n.items {
		copied.items = append(copied.items, raised(item, to))
	}
	for _, e := range n.entries {
		at := e.at
		at.layer = to
		copied.entries = append(copied.entries, &entry{e.key, at, raised(e.value, to)})
	}
	return copied
}
