package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"kaliper/internal/javaproperties"
	"kaliper/internal/property"
	"kaliper/internal/suggest"
	"kaliper/scenarios"
)

// resolve returns the properties to connect with. What is of producers and consumers alone, as
// a service's file has it, is left out; what no client has is told, as Java does.
func (f *clusterFlags) resolve(warnings io.Writer) (property.Set, error) {
	values := map[string]property.Value{}
	if f.file != "" {
		data, err := os.ReadFile(f.file)
		if err != nil {
			return property.Set{}, badInput(fmt.Errorf("--command-config: %w", err))
		}
		entries, err := javaproperties.Parse(string(data))
		if err != nil {
			return property.Set{}, badInput(fmt.Errorf("--command-config %s: %w", f.file, err))
		}
		for _, e := range entries {
			origin := fmt.Sprintf("%s:%d", f.file, e.Line)
			if !concernsConnection(e.Key) {
				if !property.Known(e.Key) {
					fmt.Fprintf(warnings, "%s: %s is no client property%s; it is left out\n", origin, e.Key, suggest.DidYouMean(e.Key, property.Names(property.Common)))
				}
				continue
			}
			values[e.Key] = property.Value{Text: e.Value, Origin: origin}
		}
	}
	for _, text := range f.properties {
		name, value, found := strings.Cut(text, "=")
		if !found || name == "" {
			return property.Set{}, badInput(errors.New("--command-property: write name=value"))
		}
		values[name] = property.Value{Text: value, Origin: "--command-property"}
	}
	if f.servers != "" {
		values["bootstrap.servers"] = property.Value{Text: f.servers, Origin: "--bootstrap-server"}
	}
	if values["bootstrap.servers"].Text == "" {
		return property.Set{}, badInput(errors.New("name the cluster: --bootstrap-server host:port"))
	}
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(values)) {
		v := values[name]
		text, err := scenarios.ExpandReferences(v.Text, os.ReadFile, os.LookupEnv)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %s: %w", v.Origin, name, err))
		}
		if text != v.Text {
			v.Text, v.Written = text, v.Text
		}
		values[name] = v
	}
	if len(problems) > 0 {
		return property.Set{}, badInput(errors.Join(problems...))
	}
	set, errs := property.Resolve(property.Common, values)
	for _, err := range errs {
		origin := ""
		if e, ok := errors.AsType[*property.Error](err); ok {
			origin = e.Value.Origin + ": "
		}
		problems = append(problems, fmt.Errorf("%s%w", origin, err))
	}
	if len(problems) > 0 {
		return property.Set{}, badInput(errors.Join(problems...))
	}
	return set, nil
}

// concernsConnection reports whether all clients have the property.
func concernsConnection(name string) bool {
	_, ok := property.Lookup(property.Common, name)
	return ok
}
