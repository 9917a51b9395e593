package scenarios

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"kaliper/internal/javaproperties"
	"kaliper/internal/suggest"
)

// reference is what Kafka's config providers read: ${env:NAME}, ${file:PATH}, ${file:PATH:key}.
var reference = regexp.MustCompile(`\$\{([^}]*)\}`)

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

// lookupKey returns the value of a key of a properties file, the last one as in Java.
func lookupKey(data, key, ref string) (string, error) {
	entries, err := javaproperties.Parse(data)
	if err != nil {
		return "", fmt.Errorf("${%s}: %w", ref, err)
	}
	var keys []string
	for _, e := range slices.Backward(entries) {
		if e.Key == key {
			return e.Value, nil
		}
		keys = append(keys, e.Key)
	}
	return "", fmt.Errorf("${%s}: the file has no key %q%s", ref, key, suggest.DidYouMean(key, keys))
}

// readBeside reads a file that another one names.
func (l *loader) readBeside(path, from string) ([]byte, error) {
	read := l.readerOf(from)
	if read == nil {
		return nil, fmt.Errorf("a scenario that does not come from a file cannot read %s", path)
	}
	data, err := read(l.besidePath(path, from))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return data, nil
}

// readerOf returns what reads the files that a file, or a flag, names.
func (l *loader) readerOf(from string) func(string) ([]byte, error) {
	if read := l.readers[from]; read != nil {
		return read
	}
	return l.readFile
}

// besidePath returns where a path that a file names leads. Those of flags, and of properties
// files as in Java, are relative to where kaliper was started.
func (l *loader) besidePath(path, from string) string {
	if filepath.IsAbs(path) || l.readers[from] == nil || l.started[from] {
		return path
	}
	return filepath.Join(filepath.Dir(from), path)
}
