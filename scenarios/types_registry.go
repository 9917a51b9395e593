package scenarios

import (
	"kaliper/internal/property"
	"kaliper/internal/schema"
)

// Typed says that values are serialized by a schema, record by record.
type Typed struct {
	// Schema is what the scenario names, or the built-in one. Shared, not to be changed.
	Schema *schema.Schema
	// Given says that the scenario names the schema's file.
	Given bool
	// Message is the name of a Protobuf message; empty for the file's first.
	Message string
	// Subject is the registry's name for the schema; empty where Registry.Strategy names it.
	Subject  string
	Registry Registry
}

// Registry is a schema registry and what to do there, in the words of Java's serializers.
type Registry struct {
	// URLs of one registry; none where ids are made up, and nothing is registered.
	URLs []string
	// Secrets, never to be printed; empty for none.
	BasicAuth, Token string
	TLS              property.Set // ssl.*; the zero Set where all is left at its defaults
	AutoRegister     bool
	UseLatest        bool
	LatestStrict     bool
	Normalize        bool
	Strategy         string
}

// schemaFormats are the formats whose values have a schema.
func schemaFormats() []string {
	var names []string
	for _, format := range schema.Formats() {
		names = append(names, string(format))
	}
	return names
}

// Types says whether the load has values with a schema on a topic.
func (l Load) Types(topic string) bool {
	for _, g := range l.Producers {
		if g.Topic == topic && g.Value.Typed != nil {
			return true
		}
	}
	return false
}
