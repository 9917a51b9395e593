package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"kaliper/internal/suggest"
)

func joinPath(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// splitPath cuts a path into its keys. What follows config, or a target's name, or
// matrix.vary, or a registry, is one key although it has points; so is replication.factor.
func splitPath(path string) []string {
	words := strings.Split(path, ".")
	var keys []string
	for i := 0; i < len(words); i++ {
		rest := strings.Join(words[i:], ".")
		switch {
		case i > 0 && (words[i-1] == "config" || words[i-1] == "headers"),
			i == 1 && words[0] == "registry", i > 1 && words[i-1] == "registry" && words[i-2] == "value",
			i == 2 && words[0] == "targets",
			i == 2 && words[0] == "matrix" && (words[1] == "vary" || words[1] == "labels"):
			return append(keys, rest)
		case words[i] == "replication" && i+1 < len(words) && words[i+1] == "factor":
			keys = append(keys, "replication.factor")
			i++
		default:
			keys = append(keys, words[i])
		}
	}
	return keys
}

// named are the top-level maps whose keys are names that the user gives.
var named = []string{"targets", "topics", "producers", "consumers", "pipelines", "variables"}

// matchPath returns the paths that a path with wildcards stands for: * is any name of a
// group, topic or target that is there. A name that is not there is an error, for otherwise
// a slip would make a new group.
func matchPath(root *node, path string) ([][]string, error) {
	keys := splitPath(path)
	if slices.Contains(keys, "") {
		return nil, fmt.Errorf("%q is not a path; write for example producers.*.config.linger.ms", path)
	}
	if len(keys) < 2 || !slices.Contains(named, keys[0]) {
		if slices.Contains(keys, "*") {
			return nil, fmt.Errorf("%q: * stands for a name under %s only", path, strings.Join(named, ", "))
		}
		return [][]string{keys}, nil
	}
	names := root.get(keys[0]).keys()
	if keys[1] != "*" {
		if keys[0] != "targets" && !slices.Contains(names, keys[1]) {
			return nil, fmt.Errorf("%q: there is no %q under %s%s", path, keys[1], keys[0], suggest.DidYouMean(keys[1], names))
		}
		return [][]string{keys}, nil
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%q matches nothing: there are no %s", path, keys[0])
	}
	var matches [][]string
	for _, name := range names {
		match := slices.Clone(keys)
		match[1] = name
		matches = append(matches, match)
	}
	return matches, nil
}

// assign returns the tree in which the path has the value.
func assign(n *node, keys []string, value *node) (*node, error) {
	if len(keys) == 0 {
		return value, nil
	}
	if n == nil || n.kind == nothing {
		n = &node{at: value.at, kind: mapping}
	}
	if n.kind != mapping {
		return nil, fmt.Errorf("%s cannot be set below %s, written at %s", keys[0], n.kind, n.at)
	}
	below, err := assign(n.get(keys[0]), keys[1:], value)
	if err != nil {
		return nil, err
	}
	return n.with(keys[0], value.at, below), nil
}
