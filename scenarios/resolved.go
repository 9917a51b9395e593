package scenarios

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// resolvedText writes a merged tree as YAML. References stay references: what they stand for
// never was in the tree.
func resolvedText(root *node) (string, error) {
	text, err := yaml.Marshal(toYAML(root))
	if err != nil {
		return "", fmt.Errorf("write the resolved scenario: %w", err)
	}
	return string(text), nil
}

func toYAML(n *node) *yaml.Node {
	switch n.kind {
	case scalar:
		to := &yaml.Node{}
		to.SetString(n.text) // quotes what would read as something else, and texts of many lines
		if plain := (&yaml.Node{Kind: yaml.ScalarNode, Value: n.text}); plain.ShortTag() != "!!null" && plain.ShortTag() != "!!merge" {
			// A number stays a number: the reader takes both alike, and people like it better.
			to.Tag = plain.ShortTag()
		}
		return to
	case list:
		to := &yaml.Node{Kind: yaml.SequenceNode}
		if flat(n) {
			to.Style = yaml.FlowStyle
		}
		for _, item := range n.items {
			to.Content = append(to.Content, toYAML(item))
		}
		return to
	case mapping:
		to := &yaml.Node{Kind: yaml.MappingNode}
		for _, e := range n.entries {
			key := &yaml.Node{}
			key.SetString(e.key)
			to.Content = append(to.Content, key, toYAML(e.value))
		}
		return to
	default:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
	}
}

// flat reports whether a list is of plain values, which read best on one line.
func flat(n *node) bool {
	for _, item := range n.items {
		if item.kind != scalar {
			return false
		}
	}
	return true
}
