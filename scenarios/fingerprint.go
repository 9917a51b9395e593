package scenarios

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"kaliper/internal/property"
)

// Fingerprint hashes all that the case sends and how: load, topics, times, client properties with
// their defaults, and what samples, schemas and files of values hold. It is equal in every process
// and on every machine. Where the settings were written is no part of it, and neither is what
// belongs to the target: what it is called, where it, its registry and its Redis are, and how
// clients prove who they are there.
func (c Case) Fingerprint() string {
	h := sha256.New()
	writeContent(h, reflect.ValueOf(c.Load))
	return "sha256:" + hex.EncodeToString(h.Sum(nil)[:16])
}

// writeContent writes a value by its content: what a pointer leads to and not where it points,
// maps in the order of their keys, structs by the names of their fields. Fields at their zero value
// are left out, so that a setting that is new in kaliper changes no fingerprint of a scenario
// without it. Unexported fields are what was derived or is a secret.
func writeContent(w io.Writer, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			io.WriteString(w, "none")
			return
		}
		writeContent(w, v.Elem())
	case reflect.Struct:
		writeStruct(w, v)
	case reflect.Slice, reflect.Array:
		writeList(w, v)
	case reflect.Map:
		io.WriteString(w, "{")
		content := map[string]reflect.Value{}
		for _, key := range v.MapKeys() {
			content[key.String()] = v.MapIndex(key)
		}
		for _, key := range slices.Sorted(maps.Keys(content)) {
			fmt.Fprintf(w, "%q=", key)
			writeContent(w, content[key])
			io.WriteString(w, "\n")
		}
		io.WriteString(w, "}")
	case reflect.String:
		fmt.Fprintf(w, "%q", v.String())
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
		fmt.Fprintf(w, "%v", plain(v))
	default:
		panic(fmt.Sprintf("scenarios: a %s cannot be hashed by its content", v.Type())) // a test walks through all types
	}
}

// plain is a number or a switch without the methods of its type, so that how a duration is
// printed is no part of a fingerprint.
func plain(v reflect.Value) any {
	switch {
	case v.CanInt():
		return v.Int()
	case v.CanUint():
		return v.Uint()
	case v.CanFloat():
		return v.Float()
	}
	return v.Bool()
}

func writeList(w io.Writer, v reflect.Value) {
	switch {
	case v.Kind() == reflect.Slice && v.IsNil():
		io.WriteString(w, "none") // a record without a value is another one than a record whose value is empty
	case v.Type().Elem().Kind() == reflect.Uint8 && v.Kind() == reflect.Slice:
		fmt.Fprintf(w, "%d:", v.Len())
		w.Write(v.Bytes())
	default:
		io.WriteString(w, "[")
		for i := range v.Len() {
			writeContent(w, v.Index(i))
			io.WriteString(w, "\n")
		}
		io.WriteString(w, "]")
	}
}

func writeStruct(w io.Writer, v reflect.Value) {
	switch of := v.Interface().(type) {
	case time.Time:
		fmt.Fprint(w, of.UnixNano())
		return
	case property.Set:
		writeProperties(w, of)
		return
	}
	io.WriteString(w, "{")
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if !field.IsExported() || v.Field(i).IsZero() || slices.Contains(noContent(v.Type()), field.Name) {
			continue
		}
		fmt.Fprintf(w, "%s=", field.Name)
		if v.Type() == reflect.TypeFor[Registry]() && field.Name == "URLs" {
			io.WriteString(w, "some\n") // whether there is one, and not where
			continue
		}
		writeContent(w, v.Field(i))
		io.WriteString(w, "\n")
	}
	io.WriteString(w, "}")
}

// noContent names the fields that say where things are, or the same in other words.
func noContent(of reflect.Type) []string {
	switch of {
	case reflect.TypeFor[Load]():
		return []string{"Target", "KeepTopics"}
	case reflect.TypeFor[ProducerGroup]():
		return []string{"RateText"}
	case reflect.TypeFor[Value]():
		return []string{"File"} // its lines, or the sample in it, are there
	case reflect.TypeFor[Dedup]():
		return []string{"Redis"}
	case reflect.TypeFor[Registry]():
		return []string{"BasicAuth", "Token", "TLS"}
	}
	return nil
}

// writeProperties writes the values as the client gets them, for a reference may lead to another
// value tomorrow. Of a secret only what may be printed is written.
func writeProperties(w io.Writer, set property.Set) {
	io.WriteString(w, "{")
	for _, e := range set.All() {
		value := e.Value.Text
		switch {
		case ofTarget(e.Name):
			continue
		case property.Secret(e.Name):
			value = e.Printed()
		}
		fmt.Fprintf(w, "%s=%q\n", e.Name, value)
	}
	io.WriteString(w, "}")
}

// ofTarget says whether a client property says where the cluster is, or how to be let in there.
func ofTarget(name string) bool {
	for _, prefix := range []string{"bootstrap.", "security.", "ssl.", "sasl."} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
