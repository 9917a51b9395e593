package scenarios

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"kaliper/internal/suggest"
)

// mostCases bounds the matrix.
const mostCases = 10_000

// variable are target, and the top-level keys below which a matrix may vary settings: what a trial
// executes, not how often, or what is expected of it.
var variable = []string{"target", "topics", "defaults", "producers", "consumers", "pipelines", "warmup", "duration", "drain", "integrity", "variables"}

// variation is one case before it is decoded.
type variation struct {
	id          string
	settings    []Setting
	assignments []assignment
}

// assignment gives all that a path stands for one value.
type assignment struct {
	path    string
	matches [][]string
	value   *node
}

// dimension is one entry of vary or of zip.
type dimension struct {
	label   string         // of a zip, which exclude names it by; empty for vary
	options [][]assignment // one assignment each for vary, one for each path for zip
}

// matrix reads the matrix of a scenario and expands it into cases: the first dimension
// changes slowest, zips follow what is varied alone.
func (l *loader) matrix(root *node) []variation {
	single := []variation{{id: caseID(nil, nil)}}
	n := root.get("matrix")
	if n == nil || n.kind == nothing {
		return single
	}
	d := &decoder{loader: l, problems: &l.problems}
	f := d.fields(n, "matrix", []string{"vary", "zip", "exclude", "labels"}, nil)
	m := &matrix{decoder: d, root: root, taken: map[string]string{}}
	m.vary(f.child("vary"))
	m.zip(f.child("zip"))
	m.nameLabels(f.child("labels"))
	excluded := m.exclusions(f.child("exclude"))

	count := 1
	for _, dim := range m.dimensions {
		if count *= max(len(dim.options), 1); count > mostCases {
			f.d.wrong(n.at, "matrix", "makes more than %d cases; vary fewer settings at once", mostCases)
			return nil
		}
	}
	if len(l.problems.list) > 0 {
		return nil
	}
	cases := m.expand(excluded)
	if len(cases) == 0 {
		d.wrong(n.at, "matrix.exclude", "leaves no case")
	}
	return cases
}

// matrix is a matrix while it is read.
type matrix struct {
	*decoder
	root       *node
	dimensions []dimension
	paths      []string          // all that is varied, in order
	taken      map[string]string // what a path stands for -> the path that varies it
	labels     map[string]string // path -> label
}

func (m *matrix) vary(n *node) {
	if n == nil {
		return
	}
	if n.kind != mapping {
		m.wrong(n.at, "matrix.vary", "is %s; write a map from a path to its values", n.kind)
		return
	}
	for _, e := range n.entries {
		matches, ok := m.match(e)
		if !ok {
			continue
		}
		dim := dimension{}
		for _, value := range m.values(e, "matrix.vary."+e.key) {
			dim.options = append(dim.options, []assignment{{e.key, matches, value}})
		}
		m.dimensions = append(m.dimensions, dim)
	}
}

func (m *matrix) zip(n *node) {
	if n == nil {
		return
	}
	if n.kind != list {
		m.wrong(n.at, "matrix.zip", "is %s; write a list of maps from paths to equally many values", n.kind)
		return
	}
	for i, item := range n.items {
		m.zipped(item, "matrix.zip["+strconv.Itoa(i)+"]")
	}
}

// zipped reads one zip: paths whose values go together.
func (m *matrix) zipped(n *node, path string) {
	if n.kind != mapping {
		m.wrong(n.at, path, "is %s; write a map from paths to equally many values", n.kind)
		return
	}
	var dim dimension
	first := ""
	for _, e := range n.entries {
		if e.key == "label" {
			dim.label = e.value.text
			continue
		}
		matches, ok := m.match(e)
		if !ok {
			continue
		}
		values := m.values(e, path+"."+e.key)
		if first == "" {
			first = e.key
			dim.options = make([][]assignment, len(values))
		}
		if len(values) != len(dim.options) {
			m.wrong(e.value.at, path+"."+e.key, "has %d values, where %s has %d; they go together one by one", len(values), first, len(dim.options))
			continue
		}
		for i, value := range values {
			dim.options[i] = append(dim.options[i], assignment{e.key, matches, value})
		}
	}
	if first == "" {
		m.wrong(n.at, path, "varies nothing; name paths and their values")
		return
	}
	m.dimensions = append(m.dimensions, dim)
}

// match checks one path and finds out what it stands for.
func (m *matrix) match(e *entry) ([][]string, bool) {
	if top, _, _ := strings.Cut(e.key, "."); !slices.Contains(variable, top) {
		m.wrong(e.at, "matrix", "%q cannot be varied; what can is target, and what lies under %s", e.key, strings.Join(variable[1:], ", "))
		return nil, false
	}
	matches, err := matchPath(m.root, e.key)
	if err != nil {
		m.wrong(e.at, "matrix", "%v", err)
		return nil, false
	}
	for _, keys := range matches {
		full := strings.Join(keys, ".")
		if by, again := m.taken[full]; again {
			m.wrong(e.at, "matrix", "%q is varied by %q already", full, by)
			return nil, false
		}
		if full == "target" && m.oneCluster != "" {
			m.wrong(e.at, "matrix", "target is varied, and %s names one cluster for all cases: leave it out, or run some cases by --only target=NAME", m.oneCluster)
			return nil, false
		}
		m.taken[full] = e.key
	}
	m.paths = append(m.paths, e.key)
	return matches, true
}

func (m *matrix) values(e *entry, path string) []*node {
	if e.value.kind == list && len(e.value.items) == 0 {
		m.wrong(e.value.at, path, "is an empty list, which leaves no case; write at least one value, such as [0, 5, 50]")
		return nil
	}
	if e.value.kind != list {
		m.wrong(e.value.at, path, "is %s; write a list of values, such as [0, 5, 50]", e.value.kind)
		return nil
	}
	seen := map[string]bool{}
	for _, value := range e.value.items {
		if seen[value.short()] && !strings.HasPrefix(path, "matrix.zip") {
			m.wrong(value.at, path, "%s is there twice", value.short())
		}
		seen[value.short()] = true
	}
	return e.value.items
}

// nameLabels finds a short name for each path: the user's, or as much of the path's end as
// tells it from the others.
func (m *matrix) nameLabels(n *node) {
	m.labels = map[string]string{}
	if n != nil && n.kind != mapping {
		m.wrong(n.at, "matrix.labels", "is %s; write a map from a varied path to its label", n.kind)
		n = nil
	}
	if n != nil {
		for _, e := range n.entries {
			switch {
			case !slices.Contains(m.paths, e.key):
				m.wrong(e.at, "matrix.labels", "%q is not varied%s", e.key, suggest.DidYouMean(e.key, m.paths))
			case e.value.kind != scalar || e.value.text == "":
				m.wrong(e.value.at, "matrix.labels."+e.key, "is %s; write a short name", e.value.kind)
			default:
				m.labels[e.key] = e.value.text
			}
		}
	}
	for _, path := range m.paths {
		if m.labels[path] == "" {
			m.labels[path] = shortest(path, m.paths)
		}
	}
	owner := map[string]string{}
	for _, path := range m.paths {
		if other, again := owner[m.labels[path]]; again && n != nil {
			m.wrong(n.at, "matrix.labels", "%q labels both %s and %s", m.labels[path], other, path)
		}
		owner[m.labels[path]] = path
	}
}

// shortest returns the last key of a path where no other path ends in it, else the path.
func shortest(path string, paths []string) string {
	last := func(path string) string { keys := splitPath(path); return keys[len(keys)-1] }
	for _, other := range paths {
		if other != path && last(other) == last(path) {
			return path
		}
	}
	return last(path)
}

// exclusion is one map of exclude: the cases that have all of these values.
type exclusion struct {
	values    map[string]string // path -> value
	positions map[string]int    // zip's label -> position from 1
}

func (m *matrix) exclusions(n *node) []exclusion {
	if n == nil {
		return nil
	}
	if n.kind != list {
		m.wrong(n.at, "matrix.exclude", "is %s; write a list of maps from varied paths to a value", n.kind)
		return nil
	}
	var all []exclusion
	for i, item := range n.items {
		path := "matrix.exclude[" + strconv.Itoa(i) + "]"
		if item.kind != mapping || len(item.entries) == 0 {
			m.wrong(item.at, path, "is %s; write a map from varied paths to a value", item.kind)
			continue
		}
		x := exclusion{map[string]string{}, map[string]int{}}
		for _, e := range item.entries {
			m.excludedValue(x, e, path)
		}
		all = append(all, x)
	}
	return all
}

func (m *matrix) excludedValue(x exclusion, e *entry, path string) {
	names := slices.Clone(m.paths)
	for _, dim := range m.dimensions {
		if dim.label != "" && dim.label == e.key {
			position, err := strconv.Atoi(e.value.text)
			if err != nil || position < 1 || position > len(dim.options) {
				m.wrong(e.value.at, path+"."+e.key, "is a position in the zip %q, 1 to %d", e.key, len(dim.options))
			}
			x.positions[e.key] = position
			return
		}
		if dim.label != "" {
			names = append(names, dim.label)
		}
	}
	if !slices.Contains(m.paths, e.key) {
		m.wrong(e.at, path, "%q is not varied%s", e.key, suggest.DidYouMean(e.key, names))
		return
	}
	for _, dim := range m.dimensions {
		for _, option := range dim.options {
			for _, a := range option {
				if a.path == e.key && a.value.short() == e.value.short() {
					x.values[e.key] = e.value.short()
					return
				}
			}
		}
	}
	m.wrong(e.value.at, path+"."+e.key, "%s is none of the varied values", e.value.short())
}

// expand walks through all combinations, the last dimension fastest.
func (m *matrix) expand(excluded []exclusion) []variation {
	var cases []variation
	ids := map[string]bool{}
	at := make([]int, len(m.dimensions))
	for {
		var v variation
		for i, dim := range m.dimensions {
			v.assignments = append(v.assignments, dim.options[at[i]]...)
		}
		for _, a := range v.assignments {
			v.settings = append(v.settings, Setting{Label: m.labels[a.path], Path: a.path, Value: a.value.short()})
		}
		if !m.excludes(excluded, v, at) {
			v.id = caseID(v.settings, ids)
			ids[v.id] = true
			cases = append(cases, v)
		}
		i := len(at) - 1
		for ; i >= 0; i-- {
			if at[i]++; at[i] < len(m.dimensions[i].options) {
				break
			}
			at[i] = 0
		}
		if i < 0 {
			return cases
		}
	}
}

func (m *matrix) excludes(excluded []exclusion, v variation, at []int) bool {
	return slices.ContainsFunc(excluded, func(x exclusion) bool {
		matched := 0
		for _, s := range v.settings {
			if value, named := x.values[s.Path]; named && value == s.Value {
				matched++
			}
		}
		for i, dim := range m.dimensions {
			if position, named := x.positions[dim.label]; named && dim.label != "" && position == at[i]+1 {
				matched++
			}
		}
		return matched == len(x.values)+len(x.positions)
	})
}

// caseID hashes the varied settings, whatever their order. Of 10,000 cases two share eight
// hex digits once in a hundred matrices: the later one is hashed again.
func caseID(settings []Setting, taken map[string]bool) string {
	lines := make([]string, len(settings))
	for i, s := range settings {
		lines[i] = s.Path + "=" + s.Value
	}
	slices.Sort(lines)
	text := strings.Join(lines, "\n")
	for {
		sum := sha256.Sum256([]byte(text))
		id := hex.EncodeToString(sum[:4])
		if !taken[id] {
			return id
		}
		text += "\n"
	}
}
