package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/big"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// jsonCodec is a JSON Schema. Objects are structs, made for the purpose, as Java's serializer
// gets objects of classes. As with it by default, nothing is validated for each record: the
// values are, when they are drawn.
type jsonCodec struct{ schema *jsonschema.Schema }

// schemaURL names the schema among those that it could refer to.
const schemaURL = "file:///schema.json"

// noLoader refuses schemas elsewhere.
type noLoader struct{}

func (noLoader) Load(url string) (any, error) {
	return nil, fmt.Errorf("refers to %s: schemas of several files are not built yet", strings.TrimPrefix(url, "file:///"))
}

func parseJSONSchema(file, text string) (*jsonCodec, error) {
	if err := checkJSON(file, text); err != nil {
		return nil, err
	}
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return nil, &Error{File: file, Line: 1, Column: 1, Text: err.Error()}
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft7) // as Confluent's serializer does
	compiler.UseLoader(noLoader{})
	compiler.AssertFormat()
	if err := compiler.AddResource(schemaURL, document); err != nil {
		return nil, jsonSchemaError(file, text, err)
	}
	compiled, err := compiler.Compile(schemaURL)
	if err != nil {
		return nil, jsonSchemaError(file, text, err)
	}
	return &jsonCodec{compiled}, nil
}

// jsonSchemaError finds out which of the schema's values the library means.
func jsonSchemaError(file, text string, err error) *Error {
	if outer, ok := errors.AsType[*jsonschema.SchemaValidationError](err); ok {
		err = outer.Err // it does not unwrap
	}
	if invalid, ok := errors.AsType[*jsonschema.ValidationError](err); ok {
		for len(invalid.Causes) > 0 {
			invalid = invalid.Causes[0]
		}
		said := invalid.ErrorKind.LocalizedString(message.NewPrinter(language.English))
		return atPointer(file, text, invalid.InstanceLocation, "/"+strings.Join(invalid.InstanceLocation, "/")+": "+said)
	}
	said := err.Error()
	if elsewhere, ok := errors.AsType[*jsonschema.LoadURLError](err); ok {
		said = elsewhere.Err.Error()
	}
	said = strings.ReplaceAll(said, schemaURL, file)
	if at := atQuoted(file, text, said); at.Line > 1 {
		return at
	}
	if _, pointer, found := strings.Cut(err.Error(), schemaURL+"#/"); found {
		pointer, _, _ = strings.Cut(pointer, `"`)
		pointer, _, _ = strings.Cut(pointer, " ")
		return atPointer(file, text, strings.Split(pointer, "/"), said)
	}
	return &Error{File: file, Line: 1, Column: 1, Text: said}
}

func (c *jsonCodec) name() string { return c.schema.Title }

func (c *jsonCodec) path() []int { return nil }

func (c *jsonCodec) append(to []byte, v Value) ([]byte, error) {
	b, err := json.Marshal(v)
	return append(to, b...), err
}

func (c *jsonCodec) decode(from []byte) (Value, error) {
	var v any
	err := json.Unmarshal(from, &v)
	return v, err
}

func (c *jsonCodec) draw(d *drawer) (Value, error) {
	v, err := drawJSON(d, c.schema, "", 0)
	if err != nil {
		return nil, err
	}
	// The library knows the types of package json alone.
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	instance, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		return nil, err
	}
	if err := c.schema.Validate(instance); err != nil {
		return nil, fmt.Errorf("no value that was drawn conforms: %s", strings.Join(strings.Fields(strings.ReplaceAll(err.Error(), schemaURL, "the schema")), " "))
	}
	return typed(v), nil
}

// drawJSON draws a value of a schema; name is the property's.
func drawJSON(d *drawer, s *jsonschema.Schema, name string, depth int) (any, error) {
	if depth > 8*deepest {
		return nil, fmt.Errorf("%q contains itself without an end", name)
	}
	switch {
	case s.Ref != nil:
		return drawJSON(d, s.Ref, name, depth+1)
	case s.Const != nil:
		return *s.Const, nil
	case s.Enum != nil:
		return s.Enum.Values[d.random.IntN(len(s.Enum.Values))], nil
	case len(s.Examples) > 0:
		return s.Examples[d.random.IntN(len(s.Examples))], nil
	}
	var parts []*jsonschema.Schema
	parts = append(parts, s.AllOf...)
	for _, choice := range [][]*jsonschema.Schema{s.AnyOf, s.OneOf} {
		if len(choice) > 0 {
			parts = append(parts, choice[d.random.IntN(len(choice))])
		}
	}
	if len(parts) == 0 {
		return drawTyped(d, s, name, depth)
	}
	return drawParts(d, s, parts, name, depth)
}

// drawParts draws what several schemas describe together: objects are merged, of other values
// the last one counts.
func drawParts(d *drawer, s *jsonschema.Schema, parts []*jsonschema.Schema, name string, depth int) (any, error) {
	object := map[string]any{}
	if len(s.Properties) > 0 {
		own, err := drawTyped(d, s, name, depth+1)
		if err != nil {
			return nil, err
		}
		if fields, ok := own.(map[string]any); ok {
			object = fields
		}
	}
	for _, part := range parts {
		v, err := drawJSON(d, part, name, depth+1)
		if err != nil {
			return nil, err
		}
		fields, ok := v.(map[string]any)
		if !ok {
			return v, nil
		}
		maps.Copy(object, fields)
	}
	return object, nil
}

// drawTyped draws a value by the schema's type, or by what it says of one.
func drawTyped(d *drawer, s *jsonschema.Schema, name string, depth int) (any, error) {
	switch typeOf(d, s, depth) {
	case "null":
		return nil, nil
	case "boolean":
		return d.random.IntN(2) == 1, nil
	case "integer":
		return drawInteger(d, s, name), nil
	case "number":
		return drawNumber(d, s), nil
	case "array":
		return drawArray(d, s, name, depth)
	case "object":
		return drawObject(d, s, depth)
	default:
		return drawString(d, s, name)
	}
}

func typeOf(d *drawer, s *jsonschema.Schema, depth int) string {
	if s.Types != nil && !s.Types.IsEmpty() {
		all := s.Types.ToStrings()
		others := slices.DeleteFunc(slices.Clone(all), func(t string) bool { return t == "null" })
		if len(others) < len(all) && (len(others) == 0 || d.absent(depth)) {
			return "null"
		}
		return others[d.random.IntN(len(others))]
	}
	switch {
	case s.Properties != nil || s.Required != nil || s.AdditionalProperties != nil:
		return "object"
	case s.Items != nil || s.Items2020 != nil || s.PrefixItems != nil:
		return "array"
	case s.Minimum != nil || s.Maximum != nil || s.MultipleOf != nil:
		return "number"
	}
	return "string"
}

// bounds returns the range of a number.
func bounds(s *jsonschema.Schema, least, most, step float64) (low, high float64) {
	value := func(r *big.Rat) float64 { f, _ := r.Float64(); return f }
	low, high = math.Inf(-1), math.Inf(1)
	if s.Minimum != nil {
		low = value(s.Minimum)
	}
	if s.ExclusiveMinimum != nil {
		low = max(low, value(s.ExclusiveMinimum)+step)
	}
	if s.Maximum != nil {
		high = value(s.Maximum)
	}
	if s.ExclusiveMaximum != nil {
		high = min(high, value(s.ExclusiveMaximum)-step)
	}
	switch {
	case math.IsInf(low, -1) && math.IsInf(high, 1):
		return least, most
	case math.IsInf(low, -1):
		return min(least, high), high
	case math.IsInf(high, 1):
		return low, max(low+most-least, low)
	}
	return low, high
}

func drawInteger(d *drawer, s *jsonschema.Schema, name string) int64 {
	if s.Minimum == nil && s.Maximum == nil && s.ExclusiveMinimum == nil && s.ExclusiveMaximum == nil && s.MultipleOf == nil {
		return d.integer(name)
	}
	low, high := bounds(s, 0, 1_000_000, 1)
	step := 1.0
	if s.MultipleOf != nil {
		step, _ = s.MultipleOf.Float64()
	}
	first, last := math.Ceil(low/step), math.Floor(min(high, 1<<53)/step)
	return int64((first + math.Floor(d.random.Float64()*(last-first+1))) * step)
}

func drawNumber(d *drawer, s *jsonschema.Schema) float64 {
	step := 0.01
	if s.MultipleOf != nil {
		step, _ = s.MultipleOf.Float64()
	}
	low, high := bounds(s, 0, 1000, step)
	n := math.Floor(low/step + d.random.Float64()*(high-low)/step)
	if v := n * step; v >= low && v <= high {
		return math.Round(v*1e6) / 1e6
	}
	return low + d.random.Float64()*(high-low)
}

func drawString(d *drawer, s *jsonschema.Schema, name string) (any, error) {
	if s.Pattern != nil {
		return nil, fmt.Errorf("texts of the pattern %s cannot be drawn: give the property examples or an enum", s.Pattern)
	}
	if s.Format != nil {
		at := d.moment()
		switch s.Format.Name {
		case "date-time":
			return at.Format("2006-01-02T15:04:05.000Z"), nil
		case "date":
			return at.Format("2006-01-02"), nil
		case "time":
			return at.Format("15:04:05Z"), nil
		case "uuid":
			return d.uuid(), nil
		case "email", "idn-email":
			return "customer-" + string(d.digits(6)) + "@example.com", nil
		case "uri", "uri-reference", "iri", "iri-reference":
			return "https://example.com/orders/" + string(d.digits(6)), nil
		case "hostname", "idn-hostname":
			return "host-" + string(d.digits(3)) + ".example.com", nil
		case "ipv4":
			return fmt.Sprintf("10.%d.%d.%d", d.random.IntN(256), d.random.IntN(256), d.random.IntN(256)), nil
		case "ipv6":
			return fmt.Sprintf("fd00::%x:%x", d.random.IntN(1<<16), d.random.IntN(1<<16)), nil
		}
	}
	least, most := 0, unbounded
	if s.MinLength != nil {
		least = *s.MinLength
	}
	if s.MaxLength != nil {
		most = *s.MaxLength
	}
	return d.text(name, least, most), nil
}

func drawArray(d *drawer, s *jsonschema.Schema, name string, depth int) (any, error) {
	least, most := 0, math.MaxInt32
	if s.MinItems != nil {
		least = *s.MinItems
	}
	if s.MaxItems != nil {
		most = *s.MaxItems
	}
	list := []any{}
	first := s.PrefixItems
	var rest *jsonschema.Schema
	switch items := s.Items.(type) {
	case *jsonschema.Schema:
		rest = items
	case []*jsonschema.Schema:
		first = items
	}
	if s.Items2020 != nil {
		rest = s.Items2020
	}
	n := min(max(least, len(first), d.several(depth)), most)
	for i := range n {
		element := rest
		if i < len(first) {
			element = first[i]
		}
		if element == nil || element.Bool != nil {
			if element != nil && !*element.Bool || len(first) > 0 && i >= len(first) {
				break
			}
			element = &jsonschema.Schema{}
		}
		v, err := drawJSON(d, element, name, depth+1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

func drawObject(d *drawer, s *jsonschema.Schema, depth int) (any, error) {
	object := map[string]any{}
	names := slices.Sorted(maps.Keys(s.Properties))
	for _, required := range s.Required {
		if s.Properties[required] == nil {
			names = append(names, required)
		}
	}
	for _, name := range names {
		property := s.Properties[name]
		if depth > deepest && !slices.Contains(s.Required, name) {
			continue // what contains itself must end
		}
		if property == nil || property.Bool != nil {
			property = &jsonschema.Schema{}
		}
		v, err := drawJSON(d, property, name, depth+1)
		if err != nil {
			return nil, err
		}
		object[name] = v
	}
	if more, ok := s.AdditionalProperties.(*jsonschema.Schema); ok && len(s.Properties) == 0 && depth <= deepest {
		for range d.several(depth) {
			v, err := drawJSON(d, more, "", depth+1)
			if err != nil {
				return nil, err
			}
			object["key-"+string(d.digits(3))] = v
		}
	}
	return object, nil
}
