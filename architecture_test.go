package kaliper_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// everything lets a package import all of the project.
var everything = []string{"*"}

// arrows says which packages of the project each of its packages may import. They point from
// what decides to what it decides about: nothing that measures knows how it is reported, and
// nothing that reads results knows of Kafka. A new package needs a row of its own.
var arrows = map[string][]string{
	"cmd/kaliper": everything,

	"scenarios": {"internal/javaproperties", "internal/metric", "internal/property", "internal/sample", "internal/schema", "internal/suggest", "internal/unit"},
	"workload": {"results", "scenarios", "internal/dedup", "internal/kafka", "internal/measure", "internal/metric", "internal/pace",
		"internal/property", "internal/registry", "internal/sample", "internal/schema", "internal/unit"},
	"results":     {"internal/measure", "internal/metric", "internal/unit"},
	"report":      {"results", "report/plot", "internal/analysis", "internal/analysis/search", "internal/measure", "internal/metric", "internal/stats", "internal/unit"},
	"report/plot": {},

	"internal/unit":           {},
	"internal/suggest":        {},
	"internal/metric":         {"internal/suggest", "internal/unit"},
	"internal/jaas":           {},
	"internal/javaproperties": {},
	"internal/property":       {"internal/jaas", "internal/suggest", "internal/unit"},
	"internal/pace":           {},
	"internal/measure":        {},
	"internal/sample":         {},
	"internal/kafka":          {"results", "internal/jaas", "internal/property", "internal/sample", "internal/suggest", "internal/unit"},
	"internal/lagexport":      {"internal/kafka"},
	"internal/dedup":          {},
	// What a schema says, and where it is registered: neither knows of the other.
	"internal/schema":   {},
	"internal/registry": {"internal/kafka"},
	// Real Apache Kafka for tests and benchmarks; nothing of the program imports it.
	"internal/kafkatest":             {"internal/kafkatest/localkafka"},
	"internal/kafkatest/localkafka":  {},
	"internal/kafkatest/credentials": {},
	"internal/redistest":             {},
	"internal/kafkatest/cmd/kafka":   {"internal/kafkatest/localkafka"},
	// The benchmarks look at kaliper from outside: its command line and its files.
	"bench/internal/driver": {"results", "internal/kafkatest/localkafka", "internal/stats"},
	"bench/barefranz":       {"internal/measure"},
	"bench/drain":           {"bench/internal/driver", "internal/kafkatest/localkafka"},
	"bench/exactlyonce":     {"bench/internal/driver", "internal/kafkatest/localkafka"},
	"bench/fidelity":        {"bench/internal/driver", "internal/stats"},
	"bench/choose":          {"bench/internal/driver", "internal/analysis/choose"},
	"bench/gate":            {"bench/internal/driver", "internal/analysis/gate"},
	"bench/gatelive":        {"results", "bench/internal/driver", "internal/stats"},
	"bench/integrity":       {"bench/internal/driver"},
	"bench/overhead":        {"results", "bench/internal/driver"},
	"bench/peers":           {"bench/internal/driver"},
	"bench/searchlive":      {"results", "bench/internal/driver", "internal/stats"},
	"bench/search":          {"internal/analysis/search", "internal/metric", "internal/stats"},
	"bench/plan":            {"results", "bench/internal/driver", "internal/analysis", "internal/analysis/capacity"},
	"bench/slip":            {"bench/internal/driver"},
	"bench/stall":           {"bench/internal/driver"},
	"bench/trust":           {"bench/internal/driver", "internal/analysis"},
	"bench/steady":          {"results", "bench/internal/driver", "internal/stats"},

	"internal/experiment": {"results", "scenarios", "internal/analysis", "internal/stats"},
	"internal/stats":      {},
	// The rule is arithmetic over floats, so that a simulation can run it 100,000 times.
	"internal/analysis/gate":   {},
	"internal/analysis/choose": {"internal/stats"},
	// The search is told what trials show, so that simulated systems of known capacity can stand in.
	"internal/analysis/search": {"internal/metric", "internal/stats", "internal/unit"},
	// So that bench/plan judges the model by data of its own, and tests by systems that are known.
	"internal/analysis/capacity": {"internal/stats"},
	"internal/analysis":          {"results", "internal/analysis/capacity", "internal/analysis/choose", "internal/analysis/gate", "internal/analysis/search", "internal/measure", "internal/metric", "internal/stats", "internal/unit"},
}

// importers says who may import what is not the project's own, by module: one package each,
// where that can be, so that a library can be replaced, or its odd ways explained, in one place.
var importers = map[string][]string{
	"gonum.org/v1/plot":                       {"report/plot"},
	"gonum.org/v1/gonum":                      {"internal/stats", "internal/analysis", "internal/analysis/capacity", "internal/analysis/choose", "internal/analysis/gate", "internal/analysis/search", "internal/pace", "workload", "bench/choose", "bench/gate"},
	"github.com/twmb/franz-go/pkg/sr":         {"internal/registry"},
	"github.com/twmb/avro":                    {"internal/schema"},
	"github.com/bufbuild/protocompile":        {"internal/schema"},
	"github.com/santhosh-tekuri/jsonschema":   {"internal/schema"},
	"google.golang.org/protobuf":              {"internal/schema"},
	"golang.org/x/text":                       {"internal/schema"},
	"github.com/twmb/franz-go":                {"internal/kafka", "internal/kafkatest/localkafka", "workload", "bench/barefranz"},
	"github.com/HdrHistogram/hdrhistogram-go": {"internal/measure"},
	"github.com/prometheus/client_golang":     {"internal/lagexport"},
	"github.com/klauspost/compress":           {"internal/kafka", "workload"},
	"github.com/pierrec/lz4":                  {"internal/kafka", "workload"},
	"github.com/pavlo-v-chernykh/keystore-go": {"internal/kafka"},
	"github.com/youmark/pkcs8":                {"internal/kafka"},
	"software.sslmate.com/src/go-pkcs12":      {"internal/kafka"},
	"github.com/redis/go-redis":               {"internal/dedup"},
	"github.com/spf13":                        {"cmd/kaliper"},
	"go.yaml.in/yaml":                         {"scenarios"},
	"golang.org/x/sys":                        {"internal/kafkatest/localkafka", "internal/measure", "internal/pace", "results", "cmd/kaliper"},
	"golang.org/x/term":                       {"cmd/kaliper"},
	"golang.org/x/image":                      {"report/plot"},
}

// vagueNames name no subject.
var vagueNames = []string{"util", "utils", "common", "helpers", "types", "misc"}

// testOnly are imported by tests and benchmarks alone.
var testOnly = []string{"internal/redistest", "internal/kafkatest", "internal/kafkatest/credentials", "internal/kafkatest/localkafka"}

// source is one Go file of the module: all operating systems' files count, which go list,
// asked on one of them, would not tell.
type source struct {
	file      string // from the module's root, with slashes
	directory string // of the package; "." for the root
	name      string // of the package
	imports   []string
}

// besideTheProgram says whether the package is of the test broker or of the benchmarks.
func (s source) besideTheProgram() bool {
	return s.directory == "internal/redistest" || s.directory == "internal/kafkatest" || strings.HasPrefix(s.directory, "internal/kafkatest/") || strings.HasPrefix(s.directory, "bench/")
}

func (s source) test() bool { return strings.HasSuffix(s.file, "_test.go") }

func TestImportsFollowTheArchitecture(t *testing.T) {
	for _, s := range sources(t) {
		for _, finding := range findings(s) {
			t.Error(finding)
		}
	}
}

// findings says what is wrong with a file's package and imports.
func findings(s source) []string {
	var found []string
	addf := func(format string, args ...any) {
		found = append(found, s.file+": "+fmt.Sprintf(format, args...))
	}
	if slices.Contains(vagueNames, strings.TrimSuffix(s.name, "_test")) {
		addf("package %s names no subject", s.name)
	}
	if s.test() {
		return found // tests may look anywhere
	}
	allowed, known := arrows[s.directory]
	if !known {
		addf("the package has no row in arrows: say there what it may import")
		return found
	}
	for _, imported := range s.imports {
		own, isOwn := strings.CutPrefix(imported, "kaliper/")
		first, _, _ := strings.Cut(imported, "/")
		switch {
		case isOwn && slices.Contains(testOnly, own) && !s.besideTheProgram():
			addf("imports %s, which is for tests alone", own)
		case isOwn && strings.HasPrefix(own, "cmd/"):
			addf("imports %s: a command is imported by nobody", own)
		case isOwn && !slices.Contains(allowed, own) && !slices.Contains(allowed, "*"):
			addf("imports %s: %s may import %v of the project", own, s.directory, allowed)
		case !isOwn && strings.Contains(first, "."):
			module, packages := importersOf(imported)
			if module == "" {
				addf("imports %s: say in importers who may", imported)
			} else if !slices.Contains(packages, s.directory) {
				addf("imports %s: only %v may", imported, packages)
			}
		}
	}
	return found
}

func importersOf(imported string) (module string, packages []string) {
	// The longest: a module may lie within another one's path.
	for candidate, its := range importers {
		if (imported == candidate || strings.HasPrefix(imported, candidate+"/")) && len(candidate) > len(module) {
			module, packages = candidate, its
		}
	}
	return module, packages
}

// sources parses the imports of all Go files of the module. Nested modules are none of it.
func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	err := filepath.WalkDir(".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		slashed := filepath.ToSlash(name)
		if entry.IsDir() {
			base := entry.Name()
			if slashed == "." {
				return nil
			}
			_, nested := os.Stat(filepath.Join(name, "go.mod"))
			if nested == nil || base == "testdata" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") {
				return filepath.SkipDir
			}
			return nil
		}
		if path.Ext(slashed) != ".go" {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		s := source{file: slashed, directory: path.Dir(slashed), name: parsed.Name.Name}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			s.imports = append(s.imports, imported)
		}
		all = append(all, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatal("no Go files found: the test runs in the wrong directory")
	}
	return all
}

// The table must be able to say no.
func TestTheArchitectureRefuses(t *testing.T) {
	tests := []struct {
		name string
		s    source
		want string // a part of the only finding; empty for none
	}{
		{"a package that measures importing one that reports", source{"workload/x.go", "workload", "workload", []string{"kaliper/report"}}, "workload may import"},
		{"results knowing the Kafka client", source{"results/x.go", "results", "results", []string{"github.com/twmb/franz-go/pkg/kgo"}}, "only [internal/kafka"},
		{"a second importer of the plot library", source{"report/x.go", "report", "report", []string{"gonum.org/v1/plot/vg"}}, "only [report/plot] may"},
		{"a library that nobody was named for", source{"report/x.go", "report", "report", []string{"example.com/left/pad"}}, "say in importers"},
		{"a package without a row", source{"extra/x.go", "extra", "extra", nil}, "no row in arrows"},
		{"a test broker in the program", source{"cmd/kaliper/x.go", "cmd/kaliper", "main", []string{"kaliper/internal/kafkatest/localkafka"}}, "for tests alone"},
		{"a name without a subject", source{"cmd/kaliper/x.go", "cmd/kaliper", "util", nil}, "names no subject"},
		{"nothing in a test", source{"results/x_test.go", "results", "results", []string{"kaliper/report"}}, ""},
		{"nothing that the table allows", source{"report/x.go", "report", "report", []string{"fmt", "kaliper/report/plot"}}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := findings(test.s)
			if test.want == "" && len(got) == 0 {
				return
			}
			if len(got) != 1 || test.want == "" || !strings.Contains(got[0], test.want) {
				t.Errorf("findings %q, want one with %q", got, test.want)
			}
		})
	}
}

// The project's arrows have no circle; Go forbids one, the table should not plan one.
func TestTheArrowsHaveNoCircle(t *testing.T) {
	var visit func(name string, trail []string)
	visit = func(name string, trail []string) {
		if slices.Contains(trail, name) {
			t.Fatalf("the arrows have a circle: %v", append(trail, name))
		}
		for _, next := range arrows[name] {
			visit(next, append(slices.Clone(trail), name))
		}
	}
	for name := range arrows {
		visit(name, nil)
	}
}
