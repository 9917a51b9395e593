// Command typecheck says whether a module's packages and their tests are sound Go for other
// operating systems than this one. go vet would compile all that they import, once for each
// system; this reads it, and without the bodies of functions, which takes a few seconds. So it
// finds what does not compile, and leaves vet's further questions to the system that it runs on.
package main

import (
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/packages"
)

func main() {
	source := flag.String("source", "..", "the module's root")
	flag.Parse()
	failed := false
	for _, system := range flag.Args() {
		findings, err := check(*source, system)
		if err != nil {
			findings = append(findings, err.Error())
		}
		for _, finding := range findings {
			fmt.Fprintf(os.Stderr, "typecheck: %s: %s\n", system, finding)
			failed = true
		}
	}
	if failed {
		os.Exit(1)
	}
}

// check returns what is wrong with the module's packages on a system, each thing once.
func check(source, system string) ([]string, error) {
	root, err := filepath.Abs(source)
	if err != nil {
		return nil, err
	}
	loaded, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports | packages.NeedDeps |
			packages.NeedTypes | packages.NeedTypesSizes | packages.NeedSyntax | packages.NeedTypesInfo,
		Dir: root, Env: append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0"), Tests: true,
		ParseFile: func(files *token.FileSet, name string, text []byte) (*ast.File, error) {
			file, err := parser.ParseFile(files, name, text, parser.SkipObjectResolution)
			if file != nil && !strings.HasPrefix(name, root+string(filepath.Separator)) {
				withoutBodies(file)
			}
			return file, err
		},
	}, "./...")
	if err != nil {
		return nil, err
	}
	if len(loaded) == 0 {
		return nil, errors.New("there are no packages in " + root)
	}
	var findings []string
	seen := map[string]bool{}
	for _, p := range loaded { // with their tests, packages are there twice
		if strings.HasSuffix(p.ID, ".test") {
			continue // the main function that go test writes
		}
		for _, e := range p.Errors {
			if text := e.Error(); !seen[text] {
				seen[text] = true
				findings = append(findings, text)
			}
		}
	}
	return findings, nil
}

// withoutBodies leaves the declarations of a file alone. What the checker then says of imports that
// are not used is of packages that nobody asks about.
func withoutBodies(file *ast.File) {
	for _, declaration := range file.Decls {
		if function, ok := declaration.(*ast.FuncDecl); ok {
			function.Body = nil
		}
	}
}
