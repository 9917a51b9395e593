package scenarios

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// mostNodes bounds a file's tree, whose aliases can multiply a few lines into gigabytes.
const mostNodes = 200_000

// reader turns YAML into a tree.
type reader struct {
	file     string
	layer    layer
	problems *problems
	nodes    int
	open     map[*yaml.Node]bool // anchors on the way down: an alias to one of them never ends
}

// read parses one file. It returns nil after a problem that leaves nothing to check.
func read(file string, data []byte, l layer, found *problems) *node {
	r := &reader{file: file, layer: l, problems: found, open: map[*yaml.Node]bool{}}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document yaml.Node
	if err := decoder.Decode(&document); err != nil {
		if errors.Is(err, io.EOF) {
			found.add(position{file: file, layer: l}, "", "is empty; a scenario starts with format: %s", Format)
		} else {
			r.syntaxError(err)
		}
		return nil
	}
	var second yaml.Node
	if err := decoder.Decode(&second); err == nil {
		found.add(r.position(&second), "", "a second document; a file is one scenario, remove the ---")
	} else if !errors.Is(err, io.EOF) {
		r.syntaxError(err)
	}
	if len(document.Content) == 0 {
		return nil
	}
	root := r.node(document.Content[0], "")
	if root.kind != mapping {
		found.add(root.at, "", "is %s; a scenario is a map that starts with format: %s", root.kind, Format)
		return nil
	}
	return root
}

func (r *reader) position(n *yaml.Node) position {
	return position{file: r.file, line: n.Line, column: n.Column, layer: r.layer}
}

var yamlLine = regexp.MustCompile(`line (\d+): `)

// syntaxError moves the line that the YAML library writes into its text to where it belongs.
func (r *reader) syntaxError(err error) {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	at := position{file: r.file, layer: r.layer}
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		at.line, _ = strconv.Atoi(m[1])
		at.column = 1
		text = strings.Replace(text, m[0], "", 1)
	}
	r.problems.add(at, "", "is not YAML: %s", text)
}

func (r *reader) node(from *yaml.Node, path string) *node {
	n := &node{at: r.position(from)}
	if r.nodes++; r.nodes > mostNodes {
		if r.nodes == mostNodes+1 {
			r.problems.add(n.at, path, "the file has more than %d nodes once its aliases are followed", mostNodes)
		}
		return n
	}
	switch from.Kind {
	case yaml.ScalarNode:
		r.scalar(n, from, path)
	case yaml.SequenceNode:
		n.kind = list
		for i, item := range from.Content {
			n.items = append(n.items, r.node(item, path+"["+strconv.Itoa(i)+"]"))
		}
	case yaml.MappingNode:
		n.kind = mapping
		r.mapping(n, from, path)
	case yaml.AliasNode:
		if r.open[from.Alias] {
			r.problems.add(n.at, path, "*%s contains itself", from.Value)
			return n
		}
		r.open[from.Alias] = true
		target := r.node(from.Alias, path)
		delete(r.open, from.Alias)
		return target
	}
	return n
}

func (r *reader) scalar(n *node, from *yaml.Node, path string) {
	switch from.ShortTag() {
	case "!!null":
		return
	case "!!str", "!!int", "!!float", "!!bool", "!!timestamp":
	default:
		r.problems.add(n.at, path, "has the tag %s; write a plain value", from.Tag)
		return
	}
	n.kind, n.text = scalar, from.Value
}

// mapping reads the keys of a map. Keys that << brings in are the weakest.
func (r *reader) mapping(n *node, from *yaml.Node, path string) {
	seen := map[string]position{}
	var inherited []*node
	r.open[from] = true
	defer delete(r.open, from)
	for i := 0; i+1 < len(from.Content); i += 2 {
		key, value := from.Content[i], from.Content[i+1]
		if key.ShortTag() == "!!merge" {
			inherited = append(inherited, r.inherited(value, path)...)
			continue
		}
		at := r.position(key)
		if key.Kind != yaml.ScalarNode {
			r.problems.add(at, path, "a key must be a plain name")
			continue
		}
		below := joinPath(path, key.Value)
		if first, again := seen[key.Value]; again {
			r.problems.add(at, below, "is there twice; first at %s", first)
			continue
		}
		seen[key.Value] = at
		if strings.HasPrefix(key.Value, "x-") {
			continue
		}
		n.entries = append(n.entries, &entry{key.Value, at, r.node(value, below)})
	}
	for _, source := range inherited {
		for _, e := range source.entries {
			if _, own := seen[e.key]; !own {
				seen[e.key] = e.at
				n.entries = append(n.entries, e)
			}
		}
	}
}

// inherited returns the maps of a merge key, the strongest first.
func (r *reader) inherited(from *yaml.Node, path string) []*node {
	n := r.node(from, path)
	switch {
	case n.kind == mapping:
		return []*node{n}
	case n.kind == list:
		for _, item := range n.items {
			if item.kind != mapping {
				r.problems.add(item.at, path, "<< takes maps; this is %s", item.kind)
				return nil
			}
		}
		return n.items
	default:
		r.problems.add(n.at, path, "<< takes a map or a list of maps; this is %s", n.kind)
		return nil
	}
}
