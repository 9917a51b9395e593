package schema

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// typed returns a JSON value whose objects are structs: package json sorts the keys of a map for
// every record, which no program with classes of its own does. The properties come in the order
// of their names.
func typed(v any) any {
	switch v := v.(type) {
	case map[string]any:
		return typedObject(v)
	case []any:
		return typedList(v)
	}
	return v
}

func typedObject(object map[string]any) any {
	names := slices.Sorted(maps.Keys(object))
	if !slices.ContainsFunc(names, untaggable) && len(names) > 0 {
		fields := make([]reflect.StructField, len(names))
		values := make([]any, len(names))
		for i, name := range names {
			values[i] = typed(object[name])
			kind := reflect.TypeFor[any]()
			if values[i] != nil {
				kind = reflect.TypeOf(values[i])
			}
			fields[i] = reflect.StructField{Name: fmt.Sprintf("F%d", i), Type: kind, Tag: reflect.StructTag(`json:"` + name + `"`)}
		}
		made := reflect.New(reflect.StructOf(fields)).Elem()
		for i, value := range values {
			if value != nil {
				made.Field(i).Set(reflect.ValueOf(value))
			}
		}
		return made.Interface()
	}
	plain := make(map[string]any, len(object))
	for _, name := range names {
		plain[name] = typed(object[name])
	}
	return plain
}

func typedList(list []any) any {
	elements := make([]any, len(list))
	same := len(list) > 0
	for i, v := range list {
		elements[i] = typed(v)
		same = same && elements[i] != nil && reflect.TypeOf(elements[i]) == reflect.TypeOf(elements[0])
	}
	if !same {
		return elements
	}
	made := reflect.MakeSlice(reflect.SliceOf(reflect.TypeOf(elements[0])), 0, len(elements))
	for _, v := range elements {
		made = reflect.Append(made, reflect.ValueOf(v))
	}
	return made.Interface()
}

// untaggable says whether a property's name cannot stand in a struct's tag, by package json's
// rule. A lone - would leave the field out.
func untaggable(name string) bool {
	if name == "" || name == "-" {
		return true
	}
	return strings.ContainsFunc(name, func(r rune) bool {
		return !strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", r) && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}
