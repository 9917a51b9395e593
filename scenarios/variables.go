package scenarios

import (
	"regexp"
	"strings"
)

// template is a variable in the name of a topic: {env}. Kafka allows no braces in names.
var template = regexp.MustCompile(`\{([^{}]*)\}`)

// nameVariable is a text that names of topics refer to.
type nameVariable struct {
	text string
	at   position
}

// variables are those of one case.
type variables struct {
	names []string // in the file's order
	of    map[string]nameVariable
	used  map[string]bool
}

// readVariables reads the key variables.
func (d *decoder) readVariables(root fields) *variables {
	v := &variables{of: map[string]nameVariable{}, used: map[string]bool{}}
	for _, e := range root.names("variables") {
		if e.value.kind != scalar {
			d.wrong(e.value.at, "variables."+e.key, "is %s; write a text", e.value.kind)
		}
		v.names = append(v.names, e.key)
		v.of[e.key] = nameVariable{e.value.text, e.value.at}
	}
	return v
}

// filled returns the text of a key with its variables filled in; empty, and an objection, where
// one is not known.
func (d *decoder) filled(f fields, key string) string {
	text, unknown := f.text(key, ""), false
	filled := template.ReplaceAllStringFunc(text, func(found string) string {
		name := strings.Trim(found, "{}")
		v, known := d.variables.of[name]
		d.variables.used[name] = true
		if !known {
			unknown = true
			f.wrong(key, "there is no %q under variables%s", name, d.variables.hint(name))
		}
		return v.text
	})
	if unknown {
		return ""
	}
	return filled
}

func (v *variables) hint(name string) string {
	if len(v.names) == 0 {
		return "; set variables: {" + name + ": ...}"
	}
	return known(name, v.names)
}

// unusedVariables warns of variables that no name refers to.
func (d *decoder) unusedVariables() {
	for _, name := range d.variables.names {
		if !d.variables.used[name] {
			d.warn(d.variables.of[name].at, "variables."+name, "is in the name of no topic; write {%s} where it belongs", name)
		}
	}
}
