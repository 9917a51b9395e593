package jaas

import (
	"maps"
	"strings"
	"testing"
)

const plain = "org.apache.kafka.common.security.plain.PlainLoginModule"

func TestAConfigurationReadsAsInJava(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       map[string]string
	}{
		{"as everybody writes it", plain + ` required username="me" password="secret";`, map[string]string{"username": "me", "password": "secret"}},
		{"over several lines", plain + " required\n  username=\"me\"\n  password=\"secret\" ;\n", map[string]string{"username": "me", "password": "secret"}},
		{"without options", plain + " required;", map[string]string{}},
		{"with spaces around =", plain + ` required username = "me";`, map[string]string{"username": "me"}},
		{"with a bare word", plain + ` REQUIRED username=me-too_2.x;`, map[string]string{"username": "me-too_2.x"}},
		{"in single quotes", plain + ` required password='a"b';`, map[string]string{"password": `a"b`}},
		{"with escapes", plain + ` required password="a\"b\\c\tA\101\x";`, map[string]string{"password": "a\"b\\c\tAAx"}},
		{"with what has a meaning outside of quotes", plain + ` required password="a=b;c//d";`, map[string]string{"password": "a=b;c//d"}},
		{"with comments", "/* ours */ " + plain + " required // me\n username=me;", map[string]string{"username": "me"}},
		{"where the last of two equal options wins", plain + ` required a=b a=c;`, map[string]string{"a": "c"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			e, err := Parse(test.text)
			if err != nil || e.Module != plain || !maps.Equal(e.Options, test.want) {
				t.Errorf("got %+v, %v; want %v", e, err, test.want)
			}
		})
	}
}

func TestASlipIsToldWithoutTheSecret(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"nothing", "  ", "does not begin with a login module"},
		{"no flag", plain, "lacks the control flag"},
		{"an odd flag", plain + " hunter2;", "write required"},
		{"no semicolon", plain + ` required password="hunter2"`, "semicolon"},
		{"no value", plain + " required hunter2=;", "no value for option 1"},
		{"no quotes around a space", plain + " required password=hunter2 hunter2;", "no = after the name of option 2"},
		{"a bare number", plain + " required password=2hunter2;", "quote values"},
		{"quotes that do not end", plain + ` required password="hunter2;`, "closing"},
		{"a line break in quotes", plain + " required password=\"hunter2\n\";", "line break"},
		{"a comment that does not end", plain + " required /* hunter2;", "*/"},
		{"two modules", plain + " required; " + plain + " required;", "more than one"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Parse(test.text)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// FuzzParse looks for crashes, and for errors that tell what was in the text.
func FuzzParse(f *testing.F) {
	f.Add(plain + ` required username="me" password="a\"b\377";`)
	f.Add("a required /* x */ b='c' // d\n;")
	f.Fuzz(func(t *testing.T, text string) {
		e, err := Parse(text)
		if err == nil && e.Options == nil {
			t.Error("no options, not even none")
		}
	})
}
