package results

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ErrNewerSchema says that a file was written by a newer kaliper than this one.
var ErrNewerSchema = errors.New("written by a newer kaliper: update kaliper to read it")

// ErrForeign says that a file is none of kaliper's, or one of another kind.
var ErrForeign = errors.New("not a file of this kind")

// ErrDamaged says that a file was cut off, or that something else was written into it.
var ErrDamaged = errors.New("cut off or damaged")

// checkSchema tells whether a file that calls itself found can be read by code that writes
// current, and which version it has. Readers accept the version before the current one, so
// that results outlive one change of format; version 1 has no predecessor.
func checkSchema(found, current string) (version int, err error) {
	family, newest, err := splitSchema(current)
	if err != nil {
		return 0, err
	}
	foundFamily, version, err := splitSchema(found)
	if err != nil {
		return 0, err
	}
	switch {
	case foundFamily != family:
		return 0, fmt.Errorf("%w: its schema is %q where %q is wanted", ErrForeign, found, current)
	case version > newest:
		return 0, fmt.Errorf("schema %q: %w (this one knows up to %q)", found, ErrNewerSchema, current)
	case version < newest-1:
		return 0, fmt.Errorf("schema %q is older than what this kaliper reads (%s/%d and %s/%d): read it with the kaliper that wrote it",
			found, family, newest-1, family, newest)
	}
	return version, nil
}

// splitSchema takes "kaliper.journal/1" apart.
func splitSchema(schema string) (family string, version int, err error) {
	family, digits, found := strings.Cut(schema, "/")
	version, err = strconv.Atoi(digits)
	if !found || err != nil || version < 1 || strconv.Itoa(version) != digits {
		return "", 0, fmt.Errorf("%w: %q is no schema name such as %q", ErrForeign, schema, JournalSchema)
	}
	return family, version, nil
}
