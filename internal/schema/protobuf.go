package schema

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/bufbuild/protocompile"
	"github.com/bufbuild/protocompile/reporter"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

// protobufCodec is one message of a Protobuf file. Values are drawn as dynamic messages and kept
// as protoMessage, whose serialization costs what generated code's does.
type protobufCodec struct {
	message protoreflect.MessageDescriptor
	plan    *protoPlan
}

// protoPath stands for the file's name while it is compiled: a name of the user's could be that
// of a file that it imports.
const protoPath = "kaliper-schema.proto"

func parseProtobuf(file, text, message string) (*protobufCodec, error) {
	imports := ""
	compiler := protocompile.Compiler{Resolver: protocompile.WithStandardImports(&protocompile.SourceResolver{
		Accessor: func(path string) (io.ReadCloser, error) {
			if path != protoPath {
				imports = path
				return nil, fmt.Errorf("import %q: not built yet: files other than google/protobuf/*.proto", path)
			}
			return io.NopCloser(strings.NewReader(text)), nil
		},
	})}
	compiler.MaxParallelism = 1
	files, err := compiler.Compile(context.Background(), protoPath)
	if err != nil {
		e := &Error{File: file, Text: strings.ReplaceAll(err.Error(), protoPath, file)}
		if at, ok := errors.AsType[reporter.ErrorWithPos](err); ok {
			e.Line, e.Column, e.Text = at.GetPosition().Line, at.GetPosition().Col, at.Unwrap().Error()
		}
		if imports != "" {
			e.Text = fmt.Sprintf("imports %q: schemas of several files are not built yet, but for google/protobuf/*.proto", imports)
		}
		return nil, e
	}
	messages := files[0].Messages()
	if messages.Len() == 0 {
		return nil, &Error{File: file, Line: 1, Column: 1, Text: "has no message"}
	}
	descriptor := messages.Get(0)
	if message != "" {
		var names []string
		descriptor, names = findMessage(messages, files[0].Package(), message)
		if descriptor == nil {
			return nil, &Error{File: file, Line: 1, Column: 1, Text: fmt.Sprintf("has no message %q; there are %s", message, strings.Join(names, ", "))}
		}
	}
	return &protobufCodec{message: descriptor, plan: newProtoPlan(descriptor, map[protoreflect.FullName]*protoPlan{})}, nil
}

// findMessage returns the message of that name, with or without the package, and all names.
func findMessage(list protoreflect.MessageDescriptors, in protoreflect.FullName, name string) (found protoreflect.MessageDescriptor, names []string) {
	for i := range list.Len() {
		m := list.Get(i)
		if m.IsMapEntry() {
			continue
		}
		short := strings.TrimPrefix(string(m.FullName()), string(in)+".")
		names = append(names, short)
		if name == string(m.FullName()) || name == short {
			return m, names
		}
		below, more := findMessage(m.Messages(), in, name)
		if names = append(names, more...); below != nil {
			return below, names
		}
	}
	return nil, names
}

func (c *protobufCodec) name() string { return string(c.message.FullName()) }

func (c *protobufCodec) path() []int {
	var path []int
	for d := protoreflect.Descriptor(c.message); ; d = d.Parent() {
		m, ok := d.(protoreflect.MessageDescriptor)
		if !ok {
			return path
		}
		path = append([]int{m.Index()}, path...)
	}
}

func (c *protobufCodec) append(to []byte, v Value) ([]byte, error) {
	m := v.(*protoMessage)
	m.measure()
	return m.append(to), nil
}

func (c *protobufCodec) decode(from []byte) (Value, error) { return c.plan.decode(from, 0) }

func (c *protobufCodec) draw(d *drawer) (Value, error) {
	m := dynamicpb.NewMessage(c.message)
	if err := drawMessage(d, m, 0); err != nil {
		return nil, err
	}
	// The library writes it once, maps in one order, so that a seed gives the same bytes.
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		return nil, err
	}
	return c.decode(b)
}

// drawMessage fills a message; of a oneof it fills one field.
func drawMessage(d *drawer, m protoreflect.Message, depth int) error {
	if depth > 4*deepest {
		return fmt.Errorf("%s contains itself without an end", m.Descriptor().FullName())
	}
	chosen := map[protoreflect.FullName]protoreflect.FieldDescriptor{}
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		if one := f.ContainingOneof(); one != nil && !one.IsSynthetic() {
			if chosen[one.FullName()] == nil {
				chosen[one.FullName()] = one.Fields().Get(d.random.IntN(one.Fields().Len()))
			}
			if chosen[one.FullName()] != f {
				continue
			}
		}
		if err := drawField(d, m, f, depth); err != nil {
			return err
		}
	}
	return nil
}

func drawField(d *drawer, m protoreflect.Message, f protoreflect.FieldDescriptor, depth int) error {
	switch {
	case f.IsMap():
		entries := m.Mutable(f).Map()
		for range d.several(depth) {
			value := entries.NewValue()
			if f.MapValue().Message() == nil {
				value = drawScalar(d, f.MapValue(), string(f.Name()))
			} else if err := drawMessage(d, value.Message(), depth+1); err != nil {
				return err
			}
			entries.Set(drawKey(d, f.MapKey()), value)
		}
	case f.IsList():
		list := m.Mutable(f).List()
		for range d.several(depth) {
			if f.Message() == nil {
				list.Append(drawScalar(d, f, string(f.Name())))
				continue
			}
			element := list.NewElement()
			if err := drawMessage(d, element.Message(), depth+1); err != nil {
				return err
			}
			list.Append(element)
		}
	case f.Message() != nil:
		if depth > deepest && f.Cardinality() != protoreflect.Required {
			return nil
		}
		return drawMessage(d, m.Mutable(f).Message(), depth+1)
	case f.HasOptionalKeyword() && d.absent(depth):
	default:
		m.Set(f, drawScalar(d, f, string(f.Name())))
	}
	return nil
}

// drawKey draws the key of a map's entry; it does not grow.
func drawKey(d *drawer, f protoreflect.FieldDescriptor) protoreflect.MapKey {
	if f.Kind() == protoreflect.StringKind {
		return protoreflect.ValueOfString("key-" + string(d.digits(3))).MapKey()
	}
	return drawScalar(d, f, "number").MapKey()
}

func drawScalar(d *drawer, f protoreflect.FieldDescriptor, name string) protoreflect.Value {
	switch f.Kind() {
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(d.random.IntN(2) == 1)
	case protoreflect.EnumKind:
		values := f.Enum().Values()
		return protoreflect.ValueOfEnum(values.Get(d.random.IntN(values.Len())).Number())
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return protoreflect.ValueOfInt32(d.small(name))
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return protoreflect.ValueOfUint32(uint32(d.small(name)))
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		return protoreflect.ValueOfInt64(d.integer(name))
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return protoreflect.ValueOfUint64(uint64(d.integer(name)))
	case protoreflect.FloatKind:
		return protoreflect.ValueOfFloat32(float32(d.amount()))
	case protoreflect.DoubleKind:
		return protoreflect.ValueOfFloat64(d.amount())
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes(d.binary(name))
	default:
		return protoreflect.ValueOfString(d.text(name, 0, unbounded))
	}
}

// at returns the codec of another message of the file.
func (c *protobufCodec) at(path []int) (*protobufCodec, error) {
	list := c.message.ParentFile().Messages()
	var found protoreflect.MessageDescriptor
	for _, index := range path {
		if index < 0 || index >= list.Len() {
			return nil, fmt.Errorf("the schema has no message at %v", path)
		}
		found = list.Get(index)
		list = found.Messages()
	}
	if found == nil {
		return nil, fmt.Errorf("the schema has no message at %v", path)
	}
	return &protobufCodec{message: found, plan: newProtoPlan(found, map[protoreflect.FullName]*protoPlan{})}, nil
}
