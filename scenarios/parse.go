package scenarios

import (
	"os"
	"slices"
	"strings"
	"time"
)

// Format is the version of the scenario format that this package reads.
const Format = "kaliper.scenario/1"

// loader is what reading one scenario shares among its files and cases.
type loader struct {
	problems problems
	readFile func(string) ([]byte, error)            // the scenario's own
	readers  map[string]func(string) ([]byte, error) // by the name of the file that names others
	started  map[string]bool                         // of the files among them whose paths start where kaliper was started
	lookup   func(string) (string, bool)
	// providers are the classes of config providers by their names, by the file that declares them.
	providers map[string]map[string]string
	lines     map[string]linesOrError  // files of values, read once
	samples   map[string]sampleOrError // of topics, read once
	schemas   map[string]schemaOrError // of values, read once
	sets      map[setKey]resolved      // client properties, resolved once for equal settings
	// Properties files of targets, by path and layer, and what flags say; read once, because the
	// decoder tells what it saw by the nodes' identity.
	configs map[configKey]*commandConfig
	flags   []written
	told    []Problem // warnings about them
	// oneCluster is the flag that says which cluster all cases use; empty without one.
	oneCluster string
}

// Parse reads, merges, expands and checks a scenario. The error is Errors, with every
// objection, unless there are none.
func Parse(source Source, options Options) (*Scenario, error) {
	l := newLoader(options)
	l.readFile = source.ReadFile
	root := l.layered(source, options)
	if root == nil {
		return nil, l.problems.err()
	}
	s := l.header(root)
	variations := l.matrix(root)
	// Without cases, the rest is still worth checking.
	if len(variations) == 0 {
		variations = []variation{{}}
	}
	l.cases(s, root, variations)
	if err := l.problems.err(); err != nil {
		return nil, err
	}
	text, err := resolvedText(root)
	if err != nil {
		return nil, err
	}
	s.Resolved = text
	s.gateAt, s.searchAt = gatePosition(root), searchPositions(root)
	return s, nil
}

func newLoader(options Options) *loader {
	l := &loader{
		readers:   map[string]func(string) ([]byte, error){},
		started:   map[string]bool{},
		lookup:    options.LookupEnv,
		providers: map[string]map[string]string{},
		lines:     map[string]linesOrError{},
		samples:   map[string]sampleOrError{},
		schemas:   map[string]schemaOrError{},
		sets:      map[setKey]resolved{},
		configs:   map[configKey]*commandConfig{},
	}
	if l.lookup == nil {
		l.lookup = os.LookupEnv
	}
	return l
}

// header reads what is the same in all cases.
func (l *loader) header(root *node) *Scenario {
	d := &decoder{loader: l, problems: &l.problems}
	f := d.fields(root, "", topLevel(), topLevelNotBuilt())
	switch format := f.text("format", ""); format {
	case Format:
	case "":
		f.wrong("format", "is missing; write format: %s", Format)
	default:
		f.wrong("format", "%q is not a format that this version reads; write %s", format, Format)
	}
	s := &Scenario{
		Name:        f.text("name", ""),
		Description: f.text("description", ""),
		Repeats:     f.count("repeats", defaultRepeats, 1, 10_000),
		Seed:        uint64(f.integer("seed", defaultSeed, 0, 1<<53)),
		Rest:        f.duration("rest", 0),
		Labels:      map[string]string{},
	}
	if !legalName.MatchString(s.Name) {
		if s.Name == "" {
			f.wrong("name", "is missing; give the scenario a name such as codec-choice")
		} else {
			f.wrong("name", "%q is no name; use small letters, digits and -, a letter first", s.Name)
		}
	}
	if version := f.text("kafka_defaults", "4.3"); version != "4.3" {
		f.wrong("kafka_defaults", "%q is not known; use \"4.3\"", version)
	}
	return s
}

// What fills the gaps of the top level.
const (
	defaultRepeats  = 6 // the fewest that give a 95% interval for a median
	defaultSeed     = 1
	defaultWarmup   = 10 * time.Second
	defaultDuration = 60 * time.Second
	defaultDrain    = 30 * time.Second
)

func topLevel() []string {
	return []string{
		"format", "name", "description", "kafka_defaults", "targets", "target", "topics", "defaults", "warmup",
		"duration", "drain", "rest", "seed", "producers", "consumers", "pipelines", "matrix", "repeats", "expect", "show",
		"integrity", "keep_topics", "ignore", "gate", "search", "choose",
		"naming", "variables", "registry", "verify",
	}
}

func topLevelNotBuilt() []string {
	return []string{"faults", "client"}
}

// cases decodes every case. What is wrong with all of them is told once; what is wrong with
// some names the first of them.
func (l *loader) cases(s *Scenario, root *node, variations []variation) {
	type seen struct {
		first string // the case that has it first
		cases int
	}
	var order []Problem
	wrong := map[Problem]*seen{}
	var shows [][]shown
	warnings := map[Problem]bool{}
	warned := problems{list: slices.Clone(l.told)}
	for i, v := range variations {
		tree, ok := l.assigned(root, v)
		if !ok {
			return
		}
		d := &decoder{loader: l, problems: &problems{}}
		load, of := d.load(tree, s.Seed)
		for _, p := range d.problems.list {
			if wrong[p] == nil {
				wrong[p] = &seen{first: describe(v.settings)}
				order = append(order, p)
			}
			wrong[p].cases++
		}
		for _, p := range d.warnings.list {
			if !warnings[p] {
				warnings[p] = true
				warned.list = append(warned.list, p)
			}
		}
		if i == 0 {
			s.Expect, s.Gate, s.Search, s.Choose = of.expect, of.gate, of.search, of.choose
		}
		shows = append(shows, of.show)
		s.Cases = append(s.Cases, Case{ID: v.id, Settings: v.settings, Load: load})
		for _, setting := range v.settings {
			s.Labels[setting.Path] = setting.Label
		}
	}
	s.Show = l.shownInAny(shows)
	l.oneKindOfBroker(s.Cases, root)
	for _, p := range order {
		if found := wrong[p]; found.cases < len(variations) {
			p.Case = found.first
		}
		l.problems.list = append(l.problems.list, p)
	}
	for _, p := range sorted(warned.list) {
		s.Warnings = append(s.Warnings, p.String())
	}
}

// oneKindOfBroker refuses a matrix over the simulated broker and real ones.
func (l *loader) oneKindOfBroker(cases []Case, root *node) {
	for _, c := range cases {
		if c.Load.Target.Embedded != cases[0].Load.Target.Embedded {
			l.problems.add(root.get("matrix").at, "matrix", "target is the simulated broker in some cases and a real one in others: a simulated broker says nothing about a real one")
			return
		}
	}
}

// describe names a case for people: codec=lz4, linger.ms=5.
func describe(settings []Setting) string {
	var words []string
	for _, s := range settings {
		words = append(words, s.Label+"="+s.Value)
	}
	return strings.Join(words, ", ")
}

// assigned returns the tree of one case.
func (l *loader) assigned(root *node, v variation) (*node, bool) {
	for _, a := range v.assignments {
		for _, keys := range a.matches {
			changed, err := assign(root, keys, raised(a.value, layerSet))
			if err != nil {
				l.problems.add(a.value.at, "matrix: "+a.path, "%v", err)
				return nil, false
			}
			root = changed
		}
	}
	return root, true
}
