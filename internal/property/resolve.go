package property

import (
	"fmt"
	"maps"
	"slices"

	"kaliper/internal/suggest"
)

// Error is what is wrong with one property that the user set.
type Error struct {
	Name  string
	Value Value
	Text  string // what is wrong; what would be right
}

// Error returns name and text, without the value's origin.
func (e *Error) Error() string { return e.Name + ": " + e.Text }

// Resolve completes what the user set with what follows from it and with Kafka's defaults.
// It checks names, types, ranges and the rules between properties as Java's client does, and
// returns all objections at once, each an *Error, sorted by name. The Set is usable only
// without errors.
func Resolve(role Role, user map[string]Value) (Set, []error) {
	s := Set{role: role, user: make(map[string]Value, len(user)), derived: map[string]Value{}}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(user)) {
		value := user[name]
		p, ok := tables()[role].byName[name]
		if !ok {
			errs = append(errs, &Error{name, value, unknown(role, name)})
			continue
		}
		text, wrong := check(*p, value.Text)
		if wrong != "" {
			errs = append(errs, &Error{name, value, wrong})
			continue
		}
		value.Text = text
		s.user[name] = value
	}
	if len(errs) == 0 { // rules over broken values would only repeat them
		errs = s.applyRules()
	}
	return s, errs
}

// unknown says what is wrong with a name that the role lacks.
func unknown(role Role, name string) string {
	for _, other := range []Role{Producer, Consumer, Common} {
		if _, ok := Lookup(other, name); !ok || other == role {
			continue
		}
		switch {
		case role == Common:
			return fmt.Sprintf("is a property of %ss, not of a target; put it under defaults.%ss.config", other, other)
		case other != Common:
			return fmt.Sprintf("is a property of %ss, not of %ss", other, role)
		}
	}
	return "no such client property in Kafka " + KafkaVersion + suggest.DidYouMean(name, Names(role))
}
