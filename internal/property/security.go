package property

import "strings"

// securityBuilt is the one switch for security.protocol other than PLAINTEXT, ssl.* and
// sasl.*: as long as it is false, all of them are refused as not built yet.
const securityBuilt = false

// isSecurity reports whether a property is about TLS or SASL.
func isSecurity(name string) bool {
	return strings.HasPrefix(name, "ssl.") || strings.HasPrefix(name, "sasl.")
}

// checkSecurity returns what is wrong with the protocol, or "".
func checkSecurity(protocol string) string {
	if !securityBuilt && !strings.EqualFold(protocol, "PLAINTEXT") {
		return protocol + " is not built yet; use a PLAINTEXT listener"
	}
	return ""
}
