package scenarios

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"kaliper/internal/suggest"
	"kaliper/internal/unit"
)

// decoder turns one case's tree into a Load and notes what is wrong with it.
type decoder struct {
	*loader
	problems  *problems
	warnings  problems
	ignored   []string // refused properties that the user asked to ignore
	variables *variables
	top       fields // of the case
}

func (d *decoder) wrong(at position, path, format string, args ...any) {
	d.problems.add(at, path, format, args...)
}

func (d *decoder) warn(at position, path, format string, args ...any) {
	d.warnings.add(at, path, format, args...)
}

// fields is a map whose keys are fixed.
type fields struct {
	d    *decoder
	n    *node // a mapping, or nil
	at   position
	path string
}

// fields checks the keys of a map. Those of notBuilt are of the format, and not built yet.
func (d *decoder) fields(n *node, path string, known, notBuilt []string) fields {
	f := fields{d: d, n: n, path: path}
	if n == nil {
		return f
	}
	f.at = n.at
	if n.kind == nothing {
		f.n = nil
		return f
	}
	if n.kind != mapping {
		d.wrong(n.at, path, "is %s; write a map with %s", n.kind, strings.Join(known, ", "))
		f.n = nil
		return f
	}
	for _, e := range n.entries {
		switch {
		case slices.Contains(known, e.key):
		case slices.Contains(notBuilt, e.key):
			d.wrong(e.at, joinPath(path, e.key), "not built yet: this part of the format comes with a later version")
		default:
			hint := suggest.DidYouMean(e.key, slices.Concat(known, notBuilt))
			if hint == "" {
				hint = "; known here: " + strings.Join(known, ", ")
			}
			d.wrong(e.at, joinPath(path, e.key), "unknown key%s", hint)
		}
	}
	return f
}

// child returns the value of a key, nil where it is absent or null.
func (f fields) child(key string) *node {
	if n := f.n.get(key); n != nil && n.kind != nothing {
		return n
	}
	return nil
}

// position returns where a key's value is, or its map where it is absent.
func (f fields) position(key string) position {
	if n := f.child(key); n != nil {
		return n.at
	}
	return f.at
}

func (f fields) wrong(key, format string, args ...any) {
	f.d.wrong(f.position(key), joinPath(f.path, key), format, args...)
}

func (f fields) warn(key, format string, args ...any) {
	f.d.warn(f.position(key), joinPath(f.path, key), format, args...)
}

// scalar returns the text of a value; false where it is absent or no plain value.
func (f fields) scalar(key, example string) (string, bool) {
	n := f.child(key)
	if n == nil {
		return "", false
	}
	if n.kind != scalar {
		f.wrong(key, "is %s; write %s", n.kind, example)
		return "", false
	}
	return n.text, true
}

func (f fields) text(key, fallback string) string {
	if text, ok := f.scalar(key, "a text"); ok {
		return text
	}
	return fallback
}

func (f fields) duration(key string, fallback time.Duration) time.Duration {
	text, ok := f.scalar(key, "a duration such as 60s")
	if !ok {
		return fallback
	}
	d, err := unit.ParseDuration(text)
	if err != nil {
		f.wrong(key, "%v", err)
		return fallback
	}
	return d
}

func (f fields) integer(key string, fallback, least, most int64) int64 {
	text, ok := f.scalar(key, "a whole number")
	if !ok {
		return fallback
	}
	n, err := strconv.ParseInt(strings.ReplaceAll(text, "_", ""), 10, 64)
	if err != nil {
		f.wrong(key, "%q is not a whole number", text)
		return fallback
	}
	switch {
	case n >= least && n <= most:
		return n
	case most == math.MaxInt64 || n < least:
		f.wrong(key, "%d is too small; use %d or more", n, least)
	default:
		f.wrong(key, "%d is too large; use %d or less", n, most)
	}
	return fallback
}

func (f fields) count(key string, fallback, least, most int) int {
	return int(f.integer(key, int64(fallback), int64(least), int64(most)))
}

func (f fields) size(key string, fallback, least, most int) int {
	text, ok := f.scalar(key, "a size such as 1KiB")
	if !ok {
		return fallback
	}
	n, err := unit.ParseSize(text)
	switch {
	case err != nil:
		f.wrong(key, "%v", err)
	case n < int64(least):
		f.wrong(key, "%s is too small; use %d or more bytes", text, least)
	case n > int64(most):
		f.wrong(key, "%s is too large; use %s or less", text, unit.FormatSize(int64(most)))
	default:
		return int(n)
	}
	return fallback
}

// number reads a plain number or a percentage.
func (f fields) number(key string, fallback, least, most float64) float64 {
	text, ok := f.scalar(key, "a number")
	if !ok {
		return fallback
	}
	v, err := unit.ParseRatio(text)
	switch {
	case err != nil:
		f.wrong(key, "%q is not a number", text)
	case v < least || v > most:
		f.wrong(key, "%s is out of range; use %v to %v", text, least, most)
	default:
		return v
	}
	return fallback
}

func (f fields) flag(key string, fallback bool) bool {
	switch text, ok := f.scalar(key, "true or false"); {
	case !ok:
		return fallback
	case text == "true":
		return true
	case text == "false":
		return false
	default:
		f.wrong(key, "%q is neither true nor false", text)
		return fallback
	}
}

// choice reads one of several words. Those of notBuilt are of the format, and not built yet.
func (f fields) choice(key, fallback string, legal []string, notBuilt ...string) string {
	text, ok := f.scalar(key, "one of "+strings.Join(legal, ", "))
	if !ok {
		return fallback
	}
	return f.chosen(key, text, fallback, legal, notBuilt)
}

func (f fields) chosen(key, text, fallback string, legal, notBuilt []string) string {
	switch {
	case slices.Contains(legal, text):
		return text
	case slices.Contains(notBuilt, text):
		f.wrong(key, "%s is not built yet; use one of %s", text, strings.Join(legal, ", "))
	default:
		hint := suggest.DidYouMean(text, legal)
		if hint == "" {
			hint = "; use one of " + strings.Join(legal, ", ")
		}
		f.wrong(key, "unknown value %q%s", text, hint)
	}
	return fallback
}

// words reads a list of plain values.
func (f fields) words(key string) []*node {
	n := f.child(key)
	if n == nil {
		return nil
	}
	if n.kind != list {
		f.wrong(key, "is %s; write a list such as [a, b]", n.kind)
		return nil
	}
	for _, item := range n.items {
		if item.kind != scalar {
			f.d.wrong(item.at, joinPath(f.path, key), "has %s in it; write a list of plain values", item.kind)
			return nil
		}
	}
	return n.items
}

var legalName = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

// names checks the keys of a map of named things and returns its entries.
func (f fields) names(key string) []*entry {
	n := f.child(key)
	if n == nil {
		return nil
	}
	if n.kind != mapping {
		f.wrong(key, "is %s; write a map from names to settings", n.kind)
		return nil
	}
	for _, e := range n.entries {
		if !legalName.MatchString(e.key) {
			f.d.wrong(e.at, joinPath(joinPath(f.path, key), e.key), "%q is no name; use small letters, digits and -, a letter first", e.key)
		}
	}
	return n.entries
}
