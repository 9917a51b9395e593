package schema

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// protoMessage is a message as a list of its fields. The library's dynamic messages cost 20
// times what generated code does, which would make Protobuf look slow: this form is written
// and read as generated code does it, sizes first, over the library's own primitives.
type protoMessage struct {
	fields []protoField
	size   int // of the content, by the last measure
}

// protoField is one occurrence of a field.
type protoField struct {
	number  protowire.Number
	wire    protowire.Type
	scalar  uint64        // of varints and fixed ones
	bytes   []byte        // of strings, bytes and packed lists
	message *protoMessage // of messages; wire tells how it is delimited
}

// measure works out the sizes of all messages within, which stand before their content.
func (m *protoMessage) measure() int {
	size := 0
	for i := range m.fields {
		f := &m.fields[i]
		tag := protowire.SizeTag(f.number)
		switch {
		case f.message != nil && f.wire == protowire.StartGroupType:
			size += 2*tag + f.message.measure()
		case f.message != nil:
			size += tag + protowire.SizeBytes(f.message.measure())
		case f.wire == protowire.VarintType:
			size += tag + protowire.SizeVarint(f.scalar)
		case f.wire == protowire.Fixed32Type:
			size += tag + 4
		case f.wire == protowire.Fixed64Type:
			size += tag + 8
		default:
			size += tag + protowire.SizeBytes(len(f.bytes))
		}
	}
	m.size = size
	return size
}

// append writes the content; measure comes before.
func (m *protoMessage) append(to []byte) []byte {
	for i := range m.fields {
		f := &m.fields[i]
		to = protowire.AppendTag(to, f.number, f.wire)
		switch {
		case f.message != nil && f.wire == protowire.StartGroupType:
			to = f.message.append(to)
			to = protowire.AppendTag(to, f.number, protowire.EndGroupType)
		case f.message != nil:
			to = protowire.AppendVarint(to, uint64(f.message.size))
			to = f.message.append(to)
		case f.wire == protowire.VarintType:
			to = protowire.AppendVarint(to, f.scalar)
		case f.wire == protowire.Fixed32Type:
			to = protowire.AppendFixed32(to, uint32(f.scalar))
		case f.wire == protowire.Fixed64Type:
			to = protowire.AppendFixed64(to, f.scalar)
		default:
			to = protowire.AppendBytes(to, f.bytes)
		}
	}
	return to
}

// protoPlan says which fields of a message are messages in turn.
type protoPlan struct {
	messages map[protowire.Number]*protoPlan
	numbers  map[protowire.Number]bool // all fields that there are
}

// newProtoPlan returns the plan of a message. seen ends those that contain themselves.
func newProtoPlan(m protoreflect.MessageDescriptor, seen map[protoreflect.FullName]*protoPlan) *protoPlan {
	if p := seen[m.FullName()]; p != nil {
		return p
	}
	p := &protoPlan{messages: map[protowire.Number]*protoPlan{}, numbers: map[protowire.Number]bool{}}
	seen[m.FullName()] = p
	fields := m.Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		p.numbers[f.Number()] = true
		if f.Message() != nil {
			p.messages[f.Number()] = newProtoPlan(f.Message(), seen)
		}
	}
	return p
}

// mostNested bounds messages within messages, as the library does.
const mostNested = 10_000

var errNested = errors.New("messages are nested too deeply")

// decode reads a message. Bytes are copied, as generated code copies strings.
func (p *protoPlan) decode(from []byte, depth int) (*protoMessage, error) {
	if depth > mostNested {
		return nil, errNested
	}
	m := &protoMessage{}
	for len(from) > 0 {
		number, wire, n := protowire.ConsumeTag(from)
		if n < 0 {
			return nil, protowire.ParseError(n)
		}
		from = from[n:]
		f := protoField{number: number, wire: wire}
		below := p.messages[number]
		var content []byte
		switch wire {
		case protowire.VarintType:
			f.scalar, n = protowire.ConsumeVarint(from)
		case protowire.Fixed32Type:
			var v uint32
			v, n = protowire.ConsumeFixed32(from)
			f.scalar = uint64(v)
		case protowire.Fixed64Type:
			f.scalar, n = protowire.ConsumeFixed64(from)
		case protowire.BytesType:
			content, n = protowire.ConsumeBytes(from)
		case protowire.StartGroupType:
			content, n = protowire.ConsumeGroup(number, from)
		default:
			return nil, fmt.Errorf("field %d has the wire type %d, which there is not", number, wire)
		}
		if n < 0 {
			return nil, protowire.ParseError(n)
		}
		from = from[n:]
		if content != nil || wire == protowire.StartGroupType {
			var err error
			switch {
			case below != nil:
				f.message, err = below.decode(content, depth+1)
			case wire == protowire.StartGroupType:
				f.message, err = (&protoPlan{}).decode(content, depth+1)
			default:
				f.bytes = append([]byte(nil), content...)
			}
			if err != nil {
				return nil, err
			}
		}
		if p.numbers[number] { // others are of a later schema
			m.fields = append(m.fields, f)
		}
	}
	return m, nil
}
