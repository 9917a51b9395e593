package scenarios

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

func noEnvironment(string) (string, bool) { return "", false }

// TestWrongScenariosAreToldAllTheirMistakesAtOnce compares the objections to each file of
// testdata/wrong with the golden file beside it.
func TestWrongScenariosAreToldAllTheirMistakesAtOnce(t *testing.T) {
	files, err := filepath.Glob("testdata/wrong/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no files in testdata/wrong", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, err = Parse(Source{Name: filepath.Base(file), Data: data, ReadFile: os.ReadFile}, Options{LookupEnv: noEnvironment})
			var wrong Errors
			if !errors.As(err, &wrong) {
				t.Fatalf("error %v, want Errors", err)
			}
			got := wrong.Error() + "\n"
			golden := strings.TrimSuffix(file, ".yaml") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != strings.ReplaceAll(string(want), "\r\n", "\n") {
				t.Errorf("objections:\n%swant:\n%s", got, want)
			}
		})
	}
}
