package scenarios

import "strings"

// kind is what a node is.
type kind int

const (
	nothing kind = iota // null: as if it were not written; in a later layer it takes a setting back
	scalar
	list
	mapping
)

func (k kind) String() string { return [...]string{"nothing", "a value", "a list", "a map"}[k] }

// node is one node of a scenario's tree. Trees are never changed once they are read: changes
// return a new root that shares what stays the same.
type node struct {
	at      position
	kind    kind
	text    string   // scalar
	items   []*node  // list
	entries []*entry // mapping, in the file's order
}

// entry is one key of a mapping.
type entry struct {
	key   string
	at    position // of the key
	value *node
}

// get returns the value of a key, nil if the node is no mapping or lacks it.
func (n *node) get(key string) *node {
	if n == nil {
		return nil
	}
	for _, e := range n.entries {
		if e.key == key {
			return e.value
		}
	}
	return nil
}

// keys returns the keys of a mapping, in the file's order.
func (n *node) keys() []string {
	if n == nil {
		return nil
	}
	keys := make([]string, len(n.entries))
	for i, e := range n.entries {
		keys[i] = e.key
	}
	return keys
}

// with returns a copy of a mapping in which key has the value; without the key, if the value
// is nothing.
func (n *node) with(key string, at position, value *node) *node {
	changed := &node{at: n.at, kind: mapping, entries: make([]*entry, 0, len(n.entries)+1)}
	found := false
	for _, e := range n.entries {
		switch {
		case e.key != key:
			changed.entries = append(changed.entries, e)
		case value.kind != nothing:
			changed.entries = append(changed.entries, &entry{key, at, value})
			found = true
		default:
			found = true
		}
	}
	if !found && value.kind != nothing {
		changed.entries = append(changed.entries, &entry{key, at, value})
	}
	return changed
}

// merge lays over above base: maps merge, everything else replaces.
func merge(base, over *node) *node {
	if base == nil || base.kind != mapping || over.kind != mapping {
		return over
	}
	merged := base
	for _, e := range over.entries {
		value := e.value
		if below := base.get(e.key); below != nil && value.kind != nothing {
			value = merge(below, value)
		}
		merged = merged.with(e.key, e.at, value)
	}
	return merged
}

// short returns a node on one line, for people and for hashing.
func (n *node) short() string {
	var b strings.Builder
	n.writeShort(&b)
	return b.String()
}

func (n *node) writeShort(b *strings.Builder) {
	switch n.kind {
	case scalar:
		b.WriteString(n.text)
	case list:
		b.WriteByte('[')
		for i, item := range n.items {
			if i > 0 {
				b.WriteString(", ")
			}
			item.writeShort(b)
		}
		b.WriteByte(']')
	case mapping:
		b.WriteByte('{')
		for i, e := range n.entries {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(e.key + ": ")
			e.value.writeShort(b)
		}
		b.WriteByte('}')
	case nothing:
		b.WriteString("null")
	}
}
