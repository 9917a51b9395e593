package docs_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/token"
	"hash/crc32"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"kaliper/results"
)

const resultsPage = "results.md"

// frame is the payload of a journal's frame.
type frame struct {
	Begin    *results.Begin    `json:"begin"`
	Interval *results.Interval `json:"interval"`
	End      *results.End      `json:"end"`
}

func TestTheExamplesOfFilesHaveNoKeyThatIsNotThere(t *testing.T) {
	found := examples(readPage(t, resultsPage), "json")
	if len(found) == 0 {
		t.Fatal("the page has no examples")
	}
	for _, e := range found {
		t.Run(fmt.Sprintf("line %d", e.line), func(t *testing.T) {
			var header struct {
				Schema string `json:"schema"`
			}
			if err := json.Unmarshal([]byte(e.text), &header); err != nil {
				t.Fatal(err)
			}
			var into any
			switch header.Schema {
			case results.ManifestSchema:
				into = &results.Manifest{}
			case results.SummarySchema:
				into = &results.Summary{}
			case results.ChooseSchema:
				into = &results.Choose{}
			case results.GateSchema:
				into = &results.Gate{}
			case results.SearchSchema:
				into = &results.Search{}
			default:
				into = &frame{}
			}
			decoder := json.NewDecoder(strings.NewReader(e.text))
			decoder.DisallowUnknownFields()
			if err := decoder.Decode(into); err != nil {
				t.Fatal(err)
			}
			if reflect.ValueOf(into).Elem().IsZero() {
				t.Error("it is neither manifest nor summary nor frame")
			}
		})
	}
}

// An independent reader that knows what the page says must be able to read a journal.
func TestAJournalIsLaidOutAsThePageSays(t *testing.T) {
	directory := t.TempDir()
	journal, err := results.CreateJournal(directory)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := journal.Begin(results.Begin{Case: "17c052a6", Trial: 3}); err != nil {
		t.Fatal(err)
	}
	if _, err := journal.Interval(results.Interval{End: 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := journal.End(results.End{State: results.Complete}); err != nil {
		t.Fatal(err)
	}
	if err := journal.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(directory, "journal"))
	if err != nil {
		t.Fatal(err)
	}
	data, found := bytes.CutPrefix(data, []byte("kaliper.journal/1\n"))
	if !found || !strings.Contains(readPage(t, resultsPage), "| magic | `kaliper.journal/1` and a line feed |") {
		t.Fatal("the magic is another one")
	}
	var kinds []string
	for len(data) > 0 {
		length, checksum := binary.LittleEndian.Uint32(data), binary.LittleEndian.Uint32(data[4:])
		payload := data[8 : 8+length]
		if got := crc32.Checksum(payload, crc32.MakeTable(crc32.Castagnoli)); got != checksum {
			t.Fatalf("checksum %08x, want %08x", got, checksum)
		}
		var object map[string]json.RawMessage
		if err := json.Unmarshal(payload, &object); err != nil {
			t.Fatal(err)
		}
		for kind := range object {
			kinds = append(kinds, kind)
		}
		data = data[8+length:]
	}
	if got := strings.Join(kinds, " "); got != "begin interval end" {
		t.Errorf("frames %q", got)
	}
}

func TestThePageTellsEveryExitCode(t *testing.T) {
	var codes []string
	for _, decl := range parseGo(t, analysis)["exit.go"].Decls {
		declared, ok := decl.(*ast.GenDecl)
		if !ok || declared.Tok != token.CONST {
			continue
		}
		for _, spec := range declared.Specs {
			value := spec.(*ast.ValueSpec)
			if number, ok := value.Values[0].(*ast.BasicLit); ok && number.Kind == token.INT {
				codes = append(codes, number.Value)
			}
		}
	}
	sameElements(t, "exit codes", firstCells(onlyTable(t, resultsPage, "| code | meaning |")), codes)
}

func TestThePageTellsEveryState(t *testing.T) {
	states := []string{string(results.Complete), string(results.Incomplete), string(results.Interrupted), string(results.Crashed)}
	sameElements(t, "states", firstCells(onlyTable(t, resultsPage, "| state | of a trial | of a run |")), states)
}

// keyTables are the tables of keys that the page has: what is written, and what it shares.
func keyTables() []struct{ title, goType string } {
	return []struct{ title, goType string }{
		{"manifest.json", "Manifest"},
		{"summary.json", "Summary"},
		{"begin", "Begin"},
		{"interval", "Interval"},
		{"end", "End"},
		{"latency", "Latency"},
		{"histogram", "Encoded"},
		{"books", "Books"},
		{"client", "ClientInterval"},
		{"transactions", "Transactions"},
		{"paths", "Paths"},
		{"share", "ShareCounts"},
		{"setting", "Setting"},
		{"reason", "Reason"},
		{"gate.json", "Gate"},
		{"margin", "GateMargin"},
		{"a baseline", "Baseline"},
		{"plan.json", "Plan"},
		{"count", "PlanCount"},
		{"prediction", "PlanPrediction"},
		{"search.json", "Search"},
		{"choose.json", "Choose"},
		{"objective", "ChooseObjective"},
	}
}

// Every key of the files stands on the page, with the comment of its field.
func TestThePageListsEveryKeyOfTheFiles(t *testing.T) {
	k := keys{structs: map[string]*ast.StructType{}, titles: map[string]string{}}
	for _, source := range []struct{ folder, file string }{
		{"../results", "run.go"}, {"../results", "trial.go"}, {"../results", "readback.go"}, {"../results", "pipeline.go"}, {"../results", "dedup.go"}, {"../results", "share.go"}, {"../results", "serialization.go"}, {"../results", "gate.go"}, {"../results", "baseline.go"}, {"../results", "choose.go"}, {"../results", "plan.go"}, {"../results", "search.go"}, {"../internal/measure", "histogram.go"},
	} {
		ast.Inspect(parseGo(t, source.folder)[source.file], func(n ast.Node) bool {
			if named, ok := n.(*ast.TypeSpec); ok {
				if fields, ok := named.Type.(*ast.StructType); ok {
					k.structs[named.Name.Name] = fields
				}
			}
			return true
		})
	}
	for _, table := range keyTables() {
		k.titles[table.goType] = table.title
	}
	var b strings.Builder
	for i, table := range keyTables() {
		if i > 0 {
			b.WriteString("\n")
		}
		k.rows = nil
		k.add(t, "", k.structs[table.goType])
		fmt.Fprintf(&b, "### Keys of %s\n\n%s", table.title, markdownTable([]string{"key", "value", "meaning"}, k.rows))
	}
	compareGenerated(t, resultsPage, "package results", b.String())
}

// keys flattens structs into rows of keys: cases[].settings, metrics.NAME.median.
type keys struct {
	structs map[string]*ast.StructType
	titles  map[string]string // of those that have a table of their own, by Go type
	rows    [][]string
}

func (k *keys) add(t *testing.T, prefix string, fields *ast.StructType) {
	t.Helper()
	for _, field := range fields.Fields.List {
		if len(field.Names) == 0 { // embedded: its keys stand beside the others
			k.add(t, prefix, k.structs[field.Type.(*ast.Ident).Name])
			continue
		}
		text, err := strconv.Unquote(field.Tag.Value)
		if err != nil {
			t.Fatal(err)
		}
		key, omit, _ := strings.Cut(reflect.StructTag(text).Get("json"), ",")
		value, suffix, within := k.describe(field.Type)
		if strings.HasPrefix(omit, "omit") {
			value += ", may be absent"
		}
		k.rows = append(k.rows, []string{"`" + prefix + key + "`", value, meaning(field)})
		if within != nil {
			k.add(t, prefix+key+suffix+".", within)
		}
	}
}

// describe says what a field's Go type is in JSON, and what follows the field's key in the
// keys within it, if it has any that are listed in place.
func (k *keys) describe(e ast.Expr) (value, suffix string, within *ast.StructType) {
	switch e := e.(type) {
	case *ast.StarExpr:
		return k.describe(e.X)
	case *ast.ArrayType:
		value, suffix, within = k.describe(e.Elt)
		return "list: " + value, "[]" + suffix, within
	case *ast.MapType:
		value, suffix, within = k.describe(e.Value)
		return "map: " + value, ".NAME" + suffix, within
	case *ast.SelectorExpr: // of another package
		if e.Sel.Name == "Time" {
			return "time", "", nil
		}
		return k.describe(e.Sel)
	case *ast.Ident:
		if title, ok := k.titles[e.Name]; ok {
			return "[" + title + "](#keys-of-" + title + ")", "", nil
		}
		if fields, ok := k.structs[e.Name]; ok {
			return "object", "", fields
		}
		switch e.Name {
		case "bool":
			return "true or false", "", nil
		case "float64":
			return "number", "", nil
		case "Number":
			return "number, infinite or null", "", nil
		case "int", "int32", "int64", "uint64":
			return "whole number", "", nil
		}
	}
	return "text", "", nil
}

// meaning returns a field's comment, without the field's name in Go.
func meaning(field *ast.Field) string {
	text := strings.Join(strings.Fields(field.Doc.Text()+" "+field.Comment.Text()), " ")
	if !strings.HasSuffix(text, "...") {
		text = strings.TrimSuffix(text, ".")
	}
	for _, start := range []string{" is ", " are ", " "} {
		if rest, found := strings.CutPrefix(text, field.Names[0].Name+start); found {
			return rest
		}
	}
	return text
}
