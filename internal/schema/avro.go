package schema

import (
	"fmt"
	"math/big"

	"github.com/twmb/avro"
)

// avroCodec is an Avro schema. Records are maps, as Java's GenericRecord is one.
type avroCodec struct {
	schema *avro.Schema
	root   *avro.SchemaNode
	named  map[string]*avro.SchemaNode // by full name
}

func parseAvro(file, text string) (*avroCodec, error) {
	if err := checkJSON(file, text); err != nil {
		return nil, err
	}
	parsed, err := avro.Parse(text)
	if err != nil {
		return nil, atQuoted(file, text, trimPrefixes(err.Error(), "avro: "))
	}
	c := &avroCodec{schema: parsed, root: parsed.Root(), named: map[string]*avro.SchemaNode{}}
	c.collect(c.root)
	return c, nil
}

// collect finds the named types, which others refer to by name.
func (c *avroCodec) collect(n *avro.SchemaNode) {
	if n == nil {
		return
	}
	switch n.Type {
	case "record", "error", "enum", "fixed":
		c.named[fullName(n)] = n
	}
	for i := range n.Fields {
		c.collect(&n.Fields[i].Type)
	}
	for i := range n.Branches {
		c.collect(&n.Branches[i])
	}
	c.collect(n.Items)
	c.collect(n.Values)
}

func fullName(n *avro.SchemaNode) string {
	if n.Namespace == "" {
		return n.Name
	}
	return n.Namespace + "." + n.Name
}

func (c *avroCodec) name() string {
	switch c.root.Type {
	case "record", "error", "enum", "fixed":
		return fullName(c.root)
	}
	return ""
}

func (c *avroCodec) path() []int { return nil }

func (c *avroCodec) append(to []byte, v Value) ([]byte, error) { return c.schema.AppendEncode(to, v) }

func (c *avroCodec) decode(from []byte) (Value, error) {
	var v any
	rest, err := c.schema.Decode(from, &v)
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("%d bytes are left behind the value", len(rest))
	}
	return v, err
}

func (c *avroCodec) draw(d *drawer) (Value, error) { return c.value(d, c.root, "", 0) }

// value draws one node; name is the field's.
func (c *avroCodec) value(d *drawer, n *avro.SchemaNode, name string, depth int) (any, error) {
	if v, ok := logicalValue(d, n); ok {
		return v, nil
	}
	switch n.Type {
	case "null":
		return nil, nil
	case "boolean":
		return d.random.IntN(2) == 1, nil
	case "int":
		return d.small(name), nil
	case "long":
		return d.integer(name), nil
	case "float":
		return float32(d.amount()), nil
	case "double":
		return d.amount(), nil
	case "bytes":
		return d.binary(name), nil
	case "string":
		return d.text(name, 0, unbounded), nil
	case "enum":
		return n.Symbols[d.random.IntN(len(n.Symbols))], nil
	case "fixed":
		return d.fixed(n.Size), nil
	case "record", "error":
		return c.record(d, n, depth)
	case "array":
		list := make([]any, d.several(depth))
		for i := range list {
			var err error
			if list[i], err = c.value(d, n.Items, name, depth+1); err != nil {
				return nil, err
			}
		}
		return list, nil
	case "map":
		// One entry: a map of several would be written in another order each time.
		entries := map[string]any{}
		if depth <= deepest {
			v, err := c.value(d, n.Values, name, depth+1)
			if err != nil {
				return nil, err
			}
			entries["key-"+string(d.digits(3))] = v
		}
		return entries, nil
	case "union":
		return c.union(d, n, name, depth)
	}
	if referred := c.named[n.Type]; referred != nil {
		return c.value(d, referred, name, depth+1)
	}
	return nil, fmt.Errorf("values of the type %q cannot be drawn", n.Type)
}

func (c *avroCodec) record(d *drawer, n *avro.SchemaNode, depth int) (any, error) {
	if depth > 4*deepest {
		return nil, fmt.Errorf("%s contains itself without an end", fullName(n))
	}
	fields := make(map[string]any, len(n.Fields))
	for i := range n.Fields {
		f := &n.Fields[i]
		v, err := c.value(d, &f.Type, f.Name, depth+1)
		if err != nil {
			return nil, err
		}
		fields[f.Name] = v
	}
	return fields, nil
}

// union draws one of the branches; of an optional value one in five is null.
func (c *avroCodec) union(d *drawer, n *avro.SchemaNode, name string, depth int) (any, error) {
	var others []*avro.SchemaNode
	for i := range n.Branches {
		if n.Branches[i].Type != "null" {
			others = append(others, &n.Branches[i])
		}
	}
	if len(others) < len(n.Branches) && (len(others) == 0 || d.absent(depth)) {
		return nil, nil
	}
	branch := others[d.random.IntN(len(others))]
	v, err := c.value(d, branch, name, depth+1)
	if err != nil || len(others) == 1 {
		return v, err
	}
	// Which branch it is must be said: a map could be any of two records.
	tag := branch.Type
	switch tag {
	case "record", "error", "enum", "fixed":
		tag = fullName(branch)
	}
	return map[string]any{tag: v}, nil
}

// logicalValue draws a value of a logical type whose base type alone would say too little.
func logicalValue(d *drawer, n *avro.SchemaNode) (any, bool) {
	const day, hour = 86_400_000, 3_600_000
	switch n.LogicalType {
	case "uuid":
		if n.Type == "string" {
			return d.uuid(), true
		}
	case "date":
		return int32(d.moment().UnixMilli() / day), true
	case "time-millis":
		return int32(d.random.IntN(24 * hour)), true
	case "time-micros":
		return d.random.Int64N(24 * hour * 1000), true
	case "timestamp-millis", "local-timestamp-millis":
		return d.moment().UnixMilli(), true
	case "timestamp-micros", "local-timestamp-micros":
		return d.moment().UnixMicro(), true
	case "timestamp-nanos", "local-timestamp-nanos":
		return d.moment().UnixNano(), true
	case "decimal":
		digits := min(n.Precision, 9)
		unscaled := new(big.Int)
		unscaled.SetString(string(d.digits(max(digits, 1))), 10)
		return new(big.Rat).SetFrac(unscaled, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n.Scale)), nil)), true
	case "duration":
		return avro.Duration{Months: 1, Days: uint32(d.random.IntN(30)), Milliseconds: uint32(d.random.IntN(day))}, true
	}
	return nil, false
}
