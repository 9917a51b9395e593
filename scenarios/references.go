package scenarios

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"kaliper/internal/suggest"
)

// reference is what Kafka's config providers read: ${env:NAME}, ${file:PATH}, ${file:PATH:key}.
var reference = regexp.MustCompile(`\$\{([^}]*)\}`)

// ExpandReferences replaces the references in a value that is of no scenario: of a properties
// file, or of a flag. Paths are relative to where kaliper was started.
func ExpandReferences(text string, readFile func(string) ([]byte, error), lookup func(string) (string, bool)) (string, error) {
	l := &loader{readFile: readFile, lookup: lookup}
	return l.expand(&node{kind: scalar, text: text})
}

// expand replaces the references in a value by what they stand for.
func (l *loader) expand(n *node) (string, error) {
	var errs []error
	text := reference.ReplaceAllStringFunc(n.text, func(found string) string {
		text, err := l.dereference(found[2:len(found)-1], n.at.file)
		if err != nil {
			errs = append(errs, err)
		}
		return text
	})
	return text, errors.Join(errs...)
}

func (l *loader) dereference(ref, from string) (string, error) {
	provider, what, _ := strings.Cut(ref, ":")
	switch {
	case provider == "env" && what != "":
		value, ok := l.lookup(what)
		if !ok {
			return "", fmt.Errorf("${%s}: the environment has no %s; export it", ref, what)
		}
		return value, nil
	case provider == "file" && what != "":
		path, key, keyed := strings.Cut(what, ":")
		data, err := l.readBeside(path, from)
		if err != nil {
			return "", fmt.Errorf("${%s}: %w", ref, err)
		}
		if !keyed {
			return strings.TrimRight(string(data), "\r\n"), nil
		}
		return lookupKey(string(data), key, ref)
	default:
		return "", fmt.Errorf("${%s} is no reference; write ${env:NAME}, ${file:PATH} or ${file:PATH:key}", ref)
	}
}

// lookupKey returns the value of a key of a properties file.
func lookupKey(data, key, ref string) (string, error) {
	var keys []string
	for line := range strings.Lines(data) {
		name, value, found := strings.Cut(strings.TrimSpace(line), "=")
		if !found || strings.HasPrefix(name, "#") {
			continue
		}
		if name = strings.TrimSpace(name); name == key {
			return strings.TrimSpace(value), nil
		}
		keys = append(keys, name)
	}
	return "", fmt.Errorf("${%s}: the file has no key %q%s", ref, key, suggest.DidYouMean(key, keys))
}

// readBeside reads a file that another one names.
func (l *loader) readBeside(path, from string) ([]byte, error) {
	read := l.readers[from]
	if read == nil { // --set and flags: relative to where kaliper was started
		read, from = l.readFile, ""
	}
	if read == nil {
		return nil, fmt.Errorf("a scenario that does not come from a file cannot read %s", path)
	}
	if !filepath.IsAbs(path) && from != "" {
		path = filepath.Join(filepath.Dir(from), path)
	}
	data, err := read(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return data, nil
}
