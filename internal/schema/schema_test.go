package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
)

func order(t testing.TB, format Format) *Schema {
	t.Helper()
	s, err := Order(format)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func seeded(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 7)) }

func TestValuesHaveAboutTheSizeAskedForAndComeBack(t *testing.T) {
	for _, format := range Formats() {
		s := order(t, format)
		for _, size := range []int{300, 1024, 20_000} {
			random := seeded(1)
			for range 50 {
				v, err := s.Draw(random, size)
				if err != nil {
					t.Fatal(format, err)
				}
				b, err := s.Append([]byte("head"), v)
				if err != nil {
					t.Fatal(format, err)
				}
				if n := len(b) - 4; n < size-2 || n > size+6 {
					t.Fatalf("%s: %d bytes, asked for %d", format, n, size)
				}
				back, err := s.Decode(b[4:])
				if err != nil {
					t.Fatal(format, err)
				}
				again, err := s.Append(nil, back)
				if err != nil || !bytes.Equal(again, b[4:]) {
					t.Fatalf("%s: %v: decoded and serialized again it is\n%q\nand was\n%q", format, err, again, b[4:])
				}
			}
		}
	}
}

func TestTheSameSeedGivesTheSameBytesAndAnotherOneOthers(t *testing.T) {
	for _, format := range Formats() {
		s := order(t, format)
		draw := func(seed uint64) []byte {
			random := seeded(seed)
			var all []byte
			for range 20 {
				v, err := s.Draw(random, 500)
				if err != nil {
					t.Fatal(err)
				}
				if all, err = s.Append(all, v); err != nil {
					t.Fatal(err)
				}
			}
			return all
		}
		if !bytes.Equal(draw(1), draw(1)) {
			t.Errorf("%s: one seed gave two series", format)
		}
		if bytes.Equal(draw(1), draw(2)) {
			t.Errorf("%s: two seeds gave one series", format)
		}
	}
}

// The three built-in schemas describe one event: what differs between formats is the format.
func TestTheOrderIsTheSameInEveryFormat(t *testing.T) {
	fields := []string{"order_id", "customer_id", "status", "created_at", "currency", "total", "items", "note"}
	for _, format := range Formats() {
		s := order(t, format)
		v, err := s.Draw(seeded(3), 400)
		if err != nil {
			t.Fatal(err)
		}
		has := func(name string) bool {
			switch c := s.codec.(type) {
			case *protobufCodec:
				return c.message.Fields().ByName(protoreflect.Name(name)) != nil
			case *jsonCodec:
				b, err := s.Append(nil, v)
				return err == nil && bytes.Contains(b, []byte(`"`+name+`":`))
			}
			_, ok := v.(map[string]any)[name]
			return ok
		}
		for _, name := range fields {
			if !has(name) {
				t.Errorf("%s lacks %s", format, name)
			}
		}
	}
}

const everyAvroType = `{"type":"record","name":"All","fields":[
 {"name":"nothing","type":"null"},{"name":"yes","type":"boolean"},{"name":"i","type":"int"},{"name":"l","type":"long"},
 {"name":"f","type":"float"},{"name":"d","type":"double"},{"name":"b","type":"bytes"},{"name":"s","type":"string"},
 {"name":"e","type":{"type":"enum","name":"E","symbols":["A","B"]}},
 {"name":"x","type":{"type":"fixed","name":"X","size":5}},
 {"name":"again","type":"X"},
 {"name":"list","type":{"type":"array","items":"string"}},
 {"name":"m","type":{"type":"map","values":"long"}},
 {"name":"maybe","type":["null","string"],"default":null},
 {"name":"either","type":["null",{"type":"record","name":"P","fields":[{"name":"n","type":"int"}]},{"type":"record","name":"Q","fields":[{"name":"n","type":"int"}]},"string"]},
 {"name":"next","type":["null","All"],"default":null},
 {"name":"date","type":{"type":"int","logicalType":"date"}},
 {"name":"tm","type":{"type":"int","logicalType":"time-millis"}},
 {"name":"tu","type":{"type":"long","logicalType":"time-micros"}},
 {"name":"tsm","type":{"type":"long","logicalType":"timestamp-millis"}},
 {"name":"tsu","type":{"type":"long","logicalType":"timestamp-micros"}},
 {"name":"money","type":{"type":"bytes","logicalType":"decimal","precision":12,"scale":2}},
 {"name":"span","type":{"type":"fixed","name":"Span","size":12,"logicalType":"duration"}},
 {"name":"uuid","type":{"type":"string","logicalType":"uuid"}}]}`

const everyProtoKind = `syntax = "proto3";
package t;
import "google/protobuf/timestamp.proto";
message All {
  bool yes = 1; int32 a = 2; sint32 b = 3; uint32 c = 4; fixed32 d = 5; sfixed32 e = 6;
  int64 f = 7; sint64 g = 8; uint64 h = 9; fixed64 i = 10; sfixed64 j = 11;
  float k = 12; double l = 13; string m = 14; bytes n = 15;
  enum E { ZERO = 0; ONE = 1; }
  E o = 16; repeated int32 p = 17; map<string, Inner> q = 18; map<int32, string> r = 19;
  oneof choice { string s = 20; Inner t = 21; }
  optional string u = 22; Inner v = 23; All next = 24; repeated Inner w = 25;
  google.protobuf.Timestamp at = 26;
  message Inner { string name = 1; }
}`

const everyJSONKeyword = `{"$schema":"http://json-schema.org/draft-07/schema#","type":"object","required":["a"],"properties":{
 "a":{"type":"integer","minimum":3,"maximum":5},"b":{"type":"number","exclusiveMinimum":0,"maximum":1},
 "c":{"type":"string","minLength":3,"maxLength":8},"d":{"enum":["x",1,null]},"e":{"const":{"k":1}},
 "f":{"type":["string","null"]},"g":{"type":"array","items":{"type":"boolean"},"minItems":2,"maxItems":4},
 "h":{"$ref":"#/definitions/node"},"i":{"anyOf":[{"type":"string","format":"date"},{"type":"integer"}]},
 "j":{"allOf":[{"type":"object","properties":{"p":{"type":"string"}}},{"type":"object","properties":{"q":{"type":"integer"}}}]},
 "k":{"type":"integer","multipleOf":7},"l":{"type":"string","pattern":"^[A-Z]{3}$","examples":["ABC","XYZ"]},
 "m":{"type":"string","format":"date-time"},"n":{"type":"string","format":"email"},"o":{"type":"string","format":"uri"},
 "p":{"type":"string","format":"ipv4"},"q":{"type":"string","format":"uuid"},"r":{"type":"boolean"},
 "s":{"type":"object","additionalProperties":{"type":"integer"}},"t":{"type":"string","format":"time"},
 "u":{"type":"array","items":[{"type":"string"},{"type":"integer"}],"additionalItems":false}},
 "definitions":{"node":{"type":"object","properties":{"next":{"$ref":"#/definitions/node"},"v":{"type":"integer"}}}}}`

func TestEveryTypeIsDrawnAndComesBack(t *testing.T) {
	for _, test := range []struct {
		format Format
		text   string
	}{{Avro, everyAvroType}, {Protobuf, everyProtoKind}, {JSONSchema, everyJSONKeyword}, {Avro, `"string"`}, {Avro, `{"type":"array","items":"long"}`}} {
		s, err := Parse(test.format, "all", test.text, "")
		if err != nil {
			t.Fatal(test.format, err)
		}
		random := seeded(5)
		for i := range 300 {
			v, err := s.Draw(random, 800)
			if err != nil {
				t.Fatal(test.format, i, err)
			}
			b, err := s.Append(nil, v)
			if err != nil {
				t.Fatalf("%s %d: %v in %v", test.format, i, err, v)
			}
			if _, err := s.Decode(b); err != nil {
				t.Fatal(test.format, i, err)
			}
		}
	}
}

func TestWhatIsWrongWithASchemaHasALine(t *testing.T) {
	for _, test := range []struct {
		name       string
		format     Format
		text, want string
	}{
		{"no JSON", Avro, "{\n \"type\": \"record\",\n \"name\" \"X\"}", "f:3:9: is not JSON"},
		{"nothing", Avro, "", "f:1:1: is empty"},
		{"something behind", Avro, "\"string\"\n x", "f:2:"},
		{"an unknown Avro type", Avro, "{\"type\":\"record\",\"name\":\"X\",\"fields\":[\n {\"name\":\"a\",\"type\":\"strin\"}]}", "f:2:21: "},
		{"a broken JSON Schema", JSONSchema, "{\n \"type\": \"object\",\n \"properties\": {\"a\": {\"minLength\": -1}}}", "f:3:"},
		{"a type that JSON Schema lacks", JSONSchema, "{\n \"properties\": {\n  \"a\": {\"type\": \"strin\"}}}", "f:3:"},
		{"a reference elsewhere", JSONSchema, "{\n \"$ref\": \"other.json\"}", "not built yet"},
		{"broken Protobuf", Protobuf, "syntax = \"proto3\";\nmessage A {\n  strin x = 1;\n}", "f:3:3: "},
		{"a Protobuf import", Protobuf, "syntax = \"proto3\";\nimport \"other.proto\";\nmessage A {}", "f:2:8: imports \"other.proto\""},
		{"no message", Protobuf, "syntax = \"proto3\";", "f:1:1: has no message"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Parse(test.format, "f", test.text, "")
			if _, ok := errors.AsType[*Error](err); !ok || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
	if _, err := Parse(Protobuf, "f", everyProtoKind, "Al"); err == nil || !strings.Contains(err.Error(), "there are All, All.Inner") {
		t.Errorf("a message that is not there: %v", err)
	}
}

func TestAProtobufMessageKnowsItsPlace(t *testing.T) {
	for message, want := range map[string]string{"": "[0]", "All": "[0]", "t.All.Inner": "[0,2]"} {
		s, err := Parse(Protobuf, "f", everyProtoKind, message)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := json.Marshal(s.MessagePath()); string(got) != want {
			t.Errorf("%q is at %s, want %s", message, got, want)
		}
	}
}

func TestWhatCannotBeDrawnIsSaid(t *testing.T) {
	s, err := Parse(JSONSchema, "f", `{"type":"object","properties":{"a":{"type":"string","pattern":"^x+$"}}}`, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Draw(seeded(1), 100); err == nil || !strings.Contains(err.Error(), "give the property examples") {
		t.Error(err)
	}
}

// What the own writer of Protobuf makes is what the library reads, and the other way round.
func TestProtobufIsWrittenAsTheLibraryWritesIt(t *testing.T) {
	for _, text := range []string{everyProtoKind, orderProto, `syntax = "proto2"; message A { optional group G = 1 { optional string x = 2; } required int32 y = 3; repeated fixed64 z = 4; }`} {
		s, err := Parse(Protobuf, "f", text, "")
		if err != nil {
			t.Fatal(err)
		}
		random := seeded(9)
		for range 200 {
			v, err := s.Draw(random, 500)
			if err != nil {
				t.Fatal(err)
			}
			mine, err := s.Append(nil, v)
			if err != nil {
				t.Fatal(err)
			}
			m := dynamicpb.NewMessage(s.codec.(*protobufCodec).message)
			if err := proto.Unmarshal(mine, m); err != nil {
				t.Fatal(err)
			}
			if len(m.GetUnknown()) > 0 {
				t.Fatal("fields that the schema lacks")
			}
			theirs, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
			if err != nil || !bytes.Equal(mine, theirs) {
				t.Fatalf("%v: %x\nis not\n%x", err, mine, theirs)
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	var all []*Schema
	for _, format := range Formats() {
		s := order(f, format)
		all = append(all, s)
		v, err := s.Draw(seeded(1), 300)
		if err != nil {
			f.Fatal(err)
		}
		b, err := s.Append(nil, v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, s := range all {
			if v, err := s.Decode(b); err == nil && s.Format != JSONSchema {
				if _, err := s.Append(nil, v); err != nil {
					t.Errorf("%s: decoded, and then: %v", s.Format, err)
				}
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add(everyAvroType)
	f.Add(everyProtoKind)
	f.Add(everyJSONKeyword)
	f.Fuzz(func(t *testing.T, text string) {
		for _, format := range Formats() {
			s, err := Parse(format, "f", text, "")
			if err != nil {
				continue
			}
			_, _ = s.Draw(seeded(1), 100) // what cannot be drawn is an error, and no end of the program
		}
	})
}

func BenchmarkDeserialize(b *testing.B) {
	for _, format := range Formats() {
		s := order(b, format)
		v, err := s.Draw(seeded(1), 1024)
		if err != nil {
			b.Fatal(err)
		}
		from, err := s.Append(nil, v)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(string(format), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = s.Decode(from)
			}
		})
	}
}

func BenchmarkSerialize(b *testing.B) {
	for _, format := range Formats() {
		s := order(b, format)
		v, err := s.Draw(seeded(1), 1024)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(string(format), func(b *testing.B) {
			var to []byte
			b.ReportAllocs()
			for b.Loop() {
				to, _ = s.Append(to[:0], v)
			}
		})
	}
}
