package property

import (
	"regexp"
	"strings"

	"kaliper/internal/jaas"
)

// Redacted stands for a secret wherever one would be printed.
const Redacted = "[redacted]"

// Secret reports whether the value of a property must never be printed or written down. For
// properties that Kafka knows, their type says so; for others (of brokers, registries,
// plugins) the name does: too careful rather than not careful enough.
func Secret(name string) bool {
	for _, role := range []Role{Producer, Consumer, Common} {
		if p, ok := tables()[role].byName[name]; ok {
			return p.Type == Password
		}
	}
	lower := strings.ToLower(name)
	for _, word := range []string{"password", "passphrase", "secret", "jaas", "credential", "token", "user.info", "private", "keystore.key", "api.key"} {
		if strings.Contains(lower, word) {
			return true
		}
	}
	return false
}

// onlyReferences is a value that is made of references alone.
var onlyReferences = regexp.MustCompile(`^\s*(\$\{[^}]*\}\s*)+$`)

// Exposed says what is wrong with the way a secret was written, or "": it must be made of
// references, because what was written is printed. Of sasl.jaas.config that holds for the
// options that are secrets; the rest of it may be written out around them.
func Exposed(name, written string) (wrong string) {
	const write = "write a reference: ${env:NAME}, ${file:PATH}, ${file:PATH:key} or ${dir:FOLDER:key}"
	if !Secret(name) || written == "" || onlyReferences.MatchString(written) {
		return ""
	}
	if name != "sasl.jaas.config" || !strings.Contains(written, "${") {
		return "is a secret, written out; " + write
	}
	entry, err := jaas.Parse(written)
	if err != nil {
		return err.Error()
	}
	for option, value := range entry.Options {
		if Secret(option) && option != "tokenauth" && !onlyReferences.MatchString(value) {
			return "has a secret in it, written out; for it, " + write
		}
	}
	return ""
}
