package property

import "strings"

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
