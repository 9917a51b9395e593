package report

import (
	"os"
	"regexp"
	"testing"
)

// A code that is missing there would be told as the instrument's fault.
func TestEveryFindingAboutTheSystemIsToldAsOne(t *testing.T) {
	source, err := os.ReadFile("../internal/analysis/outcome.go")
	if err != nil {
		t.Fatal(err)
	}
	codes := regexp.MustCompile(`addf\("([a-z_]+)"`).FindAllSubmatch(source, -1)
	if len(codes) < 10 {
		t.Fatalf("only %d codes are found", len(codes))
	}
	for _, code := range codes {
		if !aboutOutcome(string(code[1])) {
			t.Errorf("%s is not known as a finding about the system", code[1])
		}
	}
}
