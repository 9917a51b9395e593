package scenarios

import (
	"testing"
)

func TestEveryBuiltInScenarioIsLegal(t *testing.T) {
	files := Embedded()
	if len(files) != 9 {
		t.Errorf("%d built-in scenarios, want 9", len(files))
	}
	template, err := Template("mine")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range append(files, BuiltInFile{Name: "mine", Data: template, Question: "x"}) {
		t.Run(f.Name, func(t *testing.T) {
			s, err := Parse(f.Source(), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if s.Name != f.Name {
				t.Errorf("the file %s names itself %s", f.Name, s.Name)
			}
			for _, w := range s.Warnings {
				t.Error(w)
			}
			t.Logf("%+v", s.Estimate())
		})
	}
}
