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

// reference is what Kafka's config providers read: ${env:NAME}, ${file:PATH:key},
// ${dir:FOLDER:key}; and ${file:PATH}, which is kaliper's own.
var reference = regexp.MustCompile(`\$\{([^}]*)\}`)

var errNoReference = errors.New("is no reference; write " + referenceForms)

// expand replaces the references in a value by what they stand for. Of a secret no error tells
// anything but references.
func (l *loader) expand(n *node, secret bool) (string, error) {
	var errs []error
	text := reference.ReplaceAllStringFunc(n.text, func(found string) string {
		text, err := l.dereference(found[2:len(found)-1], n.at.file)
		switch {
		case errors.Is(err, errNoReference) && secret:
			// It may be a part of the secret itself.
			errs = append(errs, fmt.Errorf("has a ${...} in it that %w", err))
		case errors.Is(err, errNoReference):
			errs = append(errs, fmt.Errorf("%s %w", found, err))
		case err != nil:
			errs = append(errs, fmt.Errorf("%s: %w", found, err))
		}
		return text
	})
	return text, errors.Join(errs...)
}

func (l *loader) dereference(ref, from string) (string, error) {
	provider, what, _ := strings.Cut(ref, ":")
	kind, err := l.providerKind(provider, from)
	switch {
	case err != nil:
		return "", err
	case what == "":
		return "", errNoReference
	case kind == providerEnv:
		value, ok := l.lookup(what)
		if !ok {
			return "", fmt.Errorf("the environment has no %s; export it", what)
		}
		return value, nil
	case kind == providerDir:
		folder, key, _ := strings.Cut(what, ":")
		if key == "" || key != filepath.Base(key) {
			return "", errors.New("names no file of a folder; write ${dir:FOLDER:key}")
		}
		return l.wholeFile(filepath.Join(folder, key), from)
	default:
		path, key, keyed := strings.Cut(what, ":")
		if !keyed {
			return l.wholeFile(path, from)
		}
		data, err := l.readBeside(path, from)
		if err != nil {
			return "", err
		}
		return lookupKey(string(data), key)
	}
}

// wholeFile returns the content of a file without its last line break.
func (l *loader) wholeFile(path, from string) (string, error) {
	data, err := l.readBeside(path, from)
	return strings.TrimRight(string(data), "\r\n"), err
}

// lookupKey returns the value of a key of a properties file, the last one as in Java.
func lookupKey(data, key string) (string, error) {
	entries, err := javaproperties.Parse(data)
	if err != nil {
		return "", err
	}
	var keys []string
	for _, e := range slices.Backward(entries) {
		if e.Key == key {
			return e.Value, nil
		}
		keys = append(keys, e.Key)
	}
	return "", fmt.Errorf("the file has no key %q%s", key, suggest.DidYouMean(key, keys))
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
