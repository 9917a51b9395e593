package scenarios

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

func FuzzParse(f *testing.F) {
	for _, b := range Embedded() {
		f.Add(b.Data, "producers.*.config.linger.ms=5")
	}
	files, err := filepath.Glob("testdata/wrong/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, "x=")
	}
	f.Add([]byte("a: &a [*a, *a]\nb: {<<: *a}"), "topics.*.partitions=[")
	f.Fuzz(func(t *testing.T, data []byte, set string) {
		s, err := Parse(Source{Name: "fuzz.yaml", Data: data}, Options{Sets: []string{set}, LookupEnv: noEnvironment})
		if err != nil {
			var wrong Errors
			if !errors.As(err, &wrong) || len(wrong) == 0 {
				t.Fatalf("error %v is no list of objections", err)
			}
			return
		}
		if len(s.Cases) == 0 {
			t.Fatal("a legal scenario without a case")
		}
		s.Estimate()
		again, err := Parse(Source{Name: "resolved.yaml", Data: []byte(s.Resolved)}, Options{LookupEnv: noEnvironment})
		if err != nil {
			t.Fatalf("the resolved scenario is not legal: %v\n%s", err, s.Resolved)
		}
		if len(again.Cases) != len(s.Cases) || again.Cases[0].ID != s.Cases[0].ID {
			t.Fatalf("the resolved scenario has other cases:\n%s", s.Resolved)
		}
	})
}
