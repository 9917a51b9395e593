package scenarios

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
)

//go:embed builtin/*.yaml
var builtin embed.FS

// templateName is the built-in file that is a start for one's own, and no scenario to run.
const templateName = "template"

// BuiltInFile is one scenario file that comes with kaliper.
type BuiltInFile struct {
	Name string
	Data []byte
	// Question is the first line of the file's leading comment.
	Question string
}

// Embedded returns the built-in scenarios, sorted by name.
func Embedded() []BuiltInFile {
	entries, err := fs.ReadDir(builtin, "builtin")
	if err != nil {
		panic(err) // compiled in
	}
	var files []BuiltInFile
	for _, e := range entries {
		name := strings.TrimSuffix(e.Name(), ".yaml")
		if name == templateName {
			continue
		}
		data := mustRead(name)
		first, _, _ := strings.Cut(string(data), "\n")
		files = append(files, BuiltInFile{Name: name, Data: data, Question: strings.TrimPrefix(first, "# ")})
	}
	return files
}

// BuiltIn returns a built-in scenario by name, for Parse. It names no other files.
func BuiltIn(name string) (Source, bool) {
	for _, f := range Embedded() {
		if f.Name == name {
			return f.Source(), true
		}
	}
	return Source{}, false
}

// Source returns the file for Parse. It names no other files.
func (f BuiltInFile) Source() Source { return Source{Name: f.Name + ".yaml", Data: f.Data} }

// Template returns a commented scenario of that name to start from.
func Template(name string) ([]byte, error) {
	if !legalName.MatchString(name) {
		return nil, fmt.Errorf("%q is no name; use small letters, digits and -, a letter first", name)
	}
	return []byte(strings.Replace(string(mustRead(templateName)), "name: template", "name: "+name, 1)), nil
}

func mustRead(name string) []byte {
	data, err := builtin.ReadFile("builtin/" + name + ".yaml")
	if err != nil {
		panic(err) // compiled in
	}
	return data
}
