package kaliper_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
)

// What `make test` leaves out, because it asks testing.Short(), is found by these names and run
// by `make test-kafka`. No other test may have them: it would be run twice.
const (
	onRealKafka = "TestOnRealKafka" // starts Kafka, or asks Kafka's own classes
	inFull      = "TestInFull"      // is more in full, without Kafka
)

const kafkatestFolder = "internal/kafkatest"

// short is the question whether to leave something out.
const short = "testing.Short"

// It follows the question to the tests that ask it, through helpers and through kafkatest.
func TestWhatShortModeLeavesOutIsFoundByItsName(t *testing.T) {
	packages := map[string][]*ast.File{}
	for _, s := range sources(t) {
		if s.test() || s.directory == kafkatestFolder {
			file, err := parser.ParseFile(token.NewFileSet(), s.file, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			packages[s.directory] = append(packages[s.directory], file)
		}
	}
	starters := []string{path.Base(kafkatestFolder) + ".Share", "localkafka.Start", "localkafka.StartRegistry"} // what Share returns asks
	for name := range leadingTo(packages[kafkatestFolder], short) {
		if ast.IsExported(name) {
			starters = append(starters, path.Base(kafkatestFolder)+"."+name)
		}
	}
	if len(starters) < 6 {
		t.Fatalf("only %v start Kafka", starters)
	}
	named := map[string]int{}
	for directory, files := range packages {
		for _, finding := range misnamed(files, starters) {
			t.Errorf("%s: %s", directory, finding)
		}
		for name := range functions(files) {
			for _, prefix := range []string{onRealKafka, inFull} {
				if strings.HasPrefix(name, prefix) {
					named[prefix]++
				}
			}
		}
	}
	if named[onRealKafka] < 30 || named[inFull] < 5 {
		t.Errorf("%v tests: were they looked for in the right place?", named)
	}
}

// misnamed says which tests of a package have another name than they should.
func misnamed(files []*ast.File, starters []string) (findings []string) {
	real, asking := leadingTo(files, starters...), leadingTo(files, append(starters, short)...)
	for _, name := range slices.Sorted(maps.Keys(functions(files))) {
		if !strings.HasPrefix(name, "Test") || name == "TestMain" {
			continue
		}
		hasReal, hasFull := strings.HasPrefix(name, onRealKafka), strings.HasPrefix(name, inFull)
		switch {
		case real[name] && !hasReal:
			findings = append(findings, name+" needs real Kafka: name it "+onRealKafka+"...")
		case asking[name] && !hasReal && !hasFull:
			findings = append(findings, name+" is less in short mode: name it "+inFull+"...")
		case !asking[name] && (hasReal || hasFull):
			findings = append(findings, name+" leaves nothing out in short mode: name it otherwise")
		}
	}
	return findings
}

// leadingTo returns the functions, .methods and variables of a package in which one of the wanted
// names is mentioned, and those in which they are. Two things of one name count as one.
func leadingTo(files []*ast.File, wanted ...string) map[string]bool {
	mentions := map[string][]string{}
	for name, bodies := range functions(files) {
		for _, body := range bodies {
			mentions[name] = append(mentions[name], mentioned(body)...)
		}
	}
	leading := map[string]bool{}
	for _, name := range wanted {
		leading[name] = true
	}
	for before := -1; before < len(leading); {
		before = len(leading)
		for name, its := range mentions {
			if slices.ContainsFunc(its, func(mention string) bool { return leading[mention] }) {
				leading[name] = true
			}
		}
	}
	return leading
}

// functions returns what a package's functions, .methods and variables are made of, by name.
func functions(files []*ast.File) map[string][]ast.Node {
	found := map[string][]ast.Node{}
	for _, file := range files {
		for _, declaration := range file.Decls {
			switch d := declaration.(type) {
			case *ast.FuncDecl:
				name := d.Name.Name
				if d.Recv != nil {
					name = "." + name
				}
				if d.Body != nil {
					found[name] = append(found[name], d.Body)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if values, ok := spec.(*ast.ValueSpec); ok {
						for _, name := range values.Names {
							for _, value := range values.Values {
								found[name.Name] = append(found[name.Name], value)
							}
						}
					}
				}
			}
		}
	}
	return found
}

// mentioned returns the names in a piece of code: those of other packages and .methods with
// their dot.
func mentioned(code ast.Node) (names []string) {
	ast.Inspect(code, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.SelectorExpr:
			names = append(names, "."+n.Sel.Name)
			if of, ok := n.X.(*ast.Ident); ok {
				names = append(names, of.Name, of.Name+"."+n.Sel.Name)
				return false
			}
			names = append(names, mentioned(n.X)...)
			return false
		case *ast.KeyValueExpr: // a field's name is no mention
			if _, ok := n.Key.(*ast.Ident); ok {
				names = append(names, mentioned(n.Value)...)
				return false
			}
		case *ast.Ident:
			names = append(names, n.Name)
		}
		return true
	})
	return names
}

// The check must be able to say no, to each way of asking.
func TestTheNamesOfTestsAreRefused(t *testing.T) {
	for _, test := range []struct{ name, source, want string }{
		{"Kafka itself", "func TestIt(t *testing.T) { kafkatest.Start(t, kafkatest.Config{}) }", "TestIt needs real Kafka"},
		{"a helper", "func help() { kafkatest.Start() }\nfunc TestIt(t *testing.T) { t.Run(``, func(*testing.T) { help() }) }", "TestIt needs real Kafka"},
		{"a method", "func (on) help() { kafkatest.Start() }\nfunc TestIt(t *testing.T) { on{}.help() }", "TestIt needs real Kafka"},
		{"a helper as a value", "func help() { kafkatest.Start() }\nfunc TestIt(t *testing.T) { call(help) }", "TestIt needs real Kafka"},
		{"a shared cluster", "var one = kafkatest.Share()\nfunc TestIt(t *testing.T) { one.Start(t) }", "TestIt needs real Kafka"},
		{"in full alone, but Kafka", "func TestInFullIt(t *testing.T) { kafkatest.Start() }", "TestInFullIt needs real Kafka"},
		{"short mode", "func TestIt(t *testing.T) { if testing.Short() { t.Skip() } }", "TestIt is less in short mode"},
		{"nothing is left out", "func TestInFullIt(t *testing.T) { one.Start() }", "leaves nothing out"},
		{"all is well", "func TestOnRealKafkaIt(t *testing.T) { kafkatest.Start() }\nfunc TestInFullIt(t *testing.T) { testing.Short() }\nfunc TestIt(t *testing.T) { one.Start() }", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			file, err := parser.ParseFile(token.NewFileSet(), "it_test.go", "package it\n"+test.source, 0)
			if err != nil {
				t.Fatal(err)
			}
			got := misnamed([]*ast.File{file}, []string{"kafkatest.Start", "kafkatest.Share"})
			if test.want == "" && len(got) > 0 || test.want != "" && (len(got) != 1 || !strings.Contains(got[0], test.want)) {
				t.Errorf("findings %q, want one with %q", got, test.want)
			}
		})
	}
}
