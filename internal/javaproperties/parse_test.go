package javaproperties

import (
	"strings"
	"testing"
)

func TestAFileReadsAsInJava(t *testing.T) {
	for _, test := range []struct{ name, text, key, value string }{
		{"an equals sign", "a=b", "a", "b"},
		{"spaces around it", "  a  =  b c ", "a", "b c "},
		{"a colon", "a : b", "a", "b"},
		{"white space alone", "a b=c", "a", "b=c"},
		{"no value", "a", "a", ""},
		{"comments and empty lines", "# x\n ! y\n\n\ta=b\n", "a", "b"},
		{"a continued line", "a=b,\\\n    c", "a", "b,c"},
		{"a backslash that is none", `a=b\\` + "\n", "a", `b\`},
		{"a continuation at the end", `a=b\`, "a", "b"},
		{"an escaped key", `a\ b\=c=d`, "a b=c", "d"},
		{"escapes", `a=\t\n\"\u00e4\ud83d\ude00`, "a", "\t\n\"ä😀"},
		{"Windows line ends", "a=b\\\r\n c\r\n", "a", "bc"},
		{"a JAAS string over lines", "sasl.jaas.config=Module required \\\n  username=\"me\" \\\n  password=\"a\\\\b\";", "sasl.jaas.config", `Module required username="me" password="a\b";`},
	} {
		t.Run(test.name, func(t *testing.T) {
			entries, err := Parse(test.text)
			if err != nil || len(entries) != 1 || entries[0].Key != test.key || entries[0].Value != test.value {
				t.Errorf("got %+v, %v", entries, err)
			}
		})
	}
}

func TestAnEscapeWithoutDigitsIsToldWithItsLine(t *testing.T) {
	_, err := Parse("a=b\nc=hunter2\\u12")
	if err == nil || !strings.Contains(err.Error(), "line 2") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("a=b\\\n c\n# d\n\\u00e4 : \\ud83d\\ude00")
	f.Fuzz(func(t *testing.T, text string) {
		entries, err := Parse(text)
		if err != nil && entries != nil {
			t.Error("entries beside an error")
		}
	})
}
