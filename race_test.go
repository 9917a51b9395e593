package kaliper_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What shares memory between goroutines is tested under the race detector.
func TestTheRaceDetectorWatchesWhatHasGoroutines(t *testing.T) {
	makefile, err := os.ReadFile("Makefile")
	if err != nil {
		t.Fatal(err)
	}
	watched := raced(string(makefile))
	if len(watched) < 10 {
		t.Fatalf("make race tests %v: was the list looked for in the right place?", watched)
	}
	for _, directory := range watched {
		if info, err := os.Stat(directory); err != nil || !info.IsDir() {
			t.Errorf("make race tests %s, which is no package", directory)
		}
	}
	sharing := 0
	for _, s := range sources(t) {
		if s.test() || s.besideTheProgram() {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), s.file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if !shares(file) {
			continue
		}
		sharing++
		if !slices.Contains(watched, s.directory) {
			t.Errorf("%s has goroutines or locks: add ./%s to RACE in the Makefile", s.file, s.directory)
		}
	}
	if sharing < 30 {
		t.Errorf("only %d files share memory: were they looked for in the right place?", sharing)
	}
}

// raced returns the directories of the packages in the Makefile's lists.
func raced(makefile string) (directories []string) {
	joined := strings.ReplaceAll(makefile, "\\\n", " ")
	for _, list := range regexp.MustCompile(`(?m)^RACE(?:_PARTS)? := (.*)$`).FindAllStringSubmatch(joined, -1) {
		for _, name := range strings.Fields(list[1]) {
			directories = append(directories, strings.TrimPrefix(name, "./"))
		}
	}
	return directories
}

// shares says whether a file starts goroutines, or guards what several of them use.
func shares(file *ast.File) bool {
	for _, imported := range file.Imports {
		if path := imported.Path.Value; path == `"sync"` || path == `"sync/atomic"` || strings.HasSuffix(path, `/errgroup"`) {
			return true
		}
	}
	starts := false
	ast.Inspect(file, func(node ast.Node) bool {
		_, goes := node.(*ast.GoStmt)
		starts = starts || goes
		return !starts
	})
	return starts
}

// The check must be able to say yes and no.
func TestSharingIsSeen(t *testing.T) {
	for source, want := range map[string]bool{
		"import \"sync\"\nvar mu sync.Mutex":           true,
		"import \"sync/atomic\"\nvar n atomic.Int64":   true,
		"func f() { if true { go f() } }":              true,
		"import \"slices\"\nfunc f() { slices.All() }": false,
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "it.go", "package it\n"+source, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := shares(file); got != want {
			t.Errorf("%q: %v", source, got)
		}
	}
	if got := raced("RACE := ./a ./b/c \\\n\t./d\nRACE_PARTS := ./e\nRACE_PARTS_RUN := X\n"); !slices.Equal(got, []string{"a", "b/c", "d", "e"}) {
		t.Errorf("lists %q", got)
	}
}
