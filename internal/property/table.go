package property

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

// KafkaVersion is the version whose client defaults fill what is left out.
const KafkaVersion = "4.3"

// DefaultOrigin is the origin of a value that nobody set.
const DefaultOrigin = "Kafka " + KafkaVersion + " default"

// Role says whose properties are meant.
type Role string

// The roles.
const (
	Producer Role = "producer"
	Consumer Role = "consumer"
	Common   Role = "common" // of all clients: what a target may say; an admin client's
)

// Class says what kaliper makes of a property.
type Class string

// The classes.
const (
	Honoured     Class = "honoured"     // works as in Java
	Approximated Class = "approximated" // works, and differs in a way that How tells
	Inert        Class = "inert"        // accepted, without effect here
	Refused      Class = "refused"      // cannot be honoured: an error where somebody sets it
)

// Type is Java's ConfigDef.Type.
type Type string

// The types.
const (
	Boolean  Type = "BOOLEAN"
	String   Type = "STRING"
	Short    Type = "SHORT"
	Int      Type = "INT"
	Long     Type = "LONG"
	Double   Type = "DOUBLE"
	List     Type = "LIST"
	ClassRef Type = "CLASS"
	Password Type = "PASSWORD"
)

// Property is one client property of one role.
type Property struct {
	Name    string
	Role    Role
	Type    Type
	Default string // as Java prints it; empty for null and for none
	Valid   string // as Java prints its validator; empty for none
	Class   Class
	How     string // what Class means for this property, a sentence
	taken   *takenRange
}

// table is all properties of a role, sorted by name.
type table struct {
	sorted []Property
	byName map[string]*Property
}

//go:embed kafka-4.3.tsv
var kafka43 string

// tables reads the generated list once.
var tables = sync.OnceValue(func() map[Role]*table {
	all := map[Role]*table{}
	ranges := clientRanges()
	for line := range strings.Lines(kafka43) {
		field := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		p := Property{Role: Role(field[0]), Name: field[1], Type: Type(field[2]), Default: field[3], Valid: field[4]}
		p.Class, p.How = classOf(p.Role, p.Name)
		if r, narrower := ranges[p.Name]; narrower {
			p.taken, p.How = &r, joined(p.How, r.how(p.Name))
		}
		if all[p.Role] == nil {
			all[p.Role] = &table{byName: map[string]*Property{}}
		}
		all[p.Role].sorted = append(all[p.Role].sorted, p)
	}
	for _, t := range all {
		for i := range t.sorted {
			t.byName[t.sorted[i].Name] = &t.sorted[i]
		}
	}
	return all
})

// joined returns two parts of a sentence, of which the first may be empty.
func joined(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}

// Lookup returns the property of that name.
func Lookup(role Role, name string) (Property, bool) {
	t, ok := tables()[role]
	if !ok {
		return Property{}, false
	}
	p, ok := t.byName[name]
	if !ok {
		return Property{}, false
	}
	return *p, true
}

// All returns every property of a role, sorted by name.
func All(role Role) []Property { return slices.Clone(tables()[role].sorted) }

// Names returns the name of every property of a role, sorted.
func Names(role Role) []string {
	var names []string
	for _, p := range tables()[role].sorted {
		names = append(names, p.Name)
	}
	return names
}

// Known reports whether a client of any role has a property of that name.
func Known(name string) bool {
	for _, role := range []Role{Producer, Consumer, Common} {
		if _, ok := Lookup(role, name); ok {
			return true
		}
	}
	return false
}
