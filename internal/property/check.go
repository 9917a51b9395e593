package property

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// check returns the value in its canonical spelling, or what is wrong with it.
func check(p Property, text string) (canonical, wrong string) {
	text = strings.TrimSpace(text)
	switch {
	case p.Class == Refused:
		return "", p.How
	case p.Name == "security.protocol":
		if wrong := checkEnumeration(p, text); wrong != "" {
			return "", wrong
		}
		return strings.ToUpper(text), ""
	case p.Name == "share.acquire.mode": // whose default Java prints in capitals
		text = strings.ToLower(text)
	case p.Name == "sasl.login.callback.handler.class" && text != "" && text != OAuthHandler:
		return "", "Java classes cannot run here; " + OAuthHandler + " alone has a part of kaliper's in its place"
	}
	if p.Name == "sasl.oauthbearer.jwt.retriever.class" && !builtRetriever(text) {
		return "", "Java classes cannot run here; leave it out, or name ClientCredentialsJwtRetriever or FileJwtRetriever of " + oauthPackage
	}
	switch p.Type {
	case Boolean:
		lower := strings.ToLower(text)
		if lower != "true" && lower != "false" {
			return "", fmt.Sprintf("%q is neither true nor false", text)
		}
		return lower, ""
	case Short, Int, Long:
		return checkInteger(p, text)
	case Double:
		if _, err := strconv.ParseFloat(text, 64); err != nil {
			return "", fmt.Sprintf("%q is not a number", text)
		}
		return text, ""
	default:
		return text, checkEnumeration(p, text)
	}
}

func checkInteger(p Property, text string) (canonical, wrong string) {
	n, err := strconv.ParseInt(strings.ReplaceAll(text, "_", ""), 10, 64)
	if err != nil {
		switch {
		case strings.HasSuffix(p.Name, ".ms"):
			return "", fmt.Sprintf("%q is not a whole number of milliseconds; write for example 100", text)
		case strings.Contains(p.Name, "bytes") || strings.Contains(p.Name, "size") || strings.Contains(p.Name, "memory"):
			return "", fmt.Sprintf("%q is not a whole number of bytes; write for example 16384", text)
		default:
			return "", fmt.Sprintf("%q is not a whole number", text)
		}
	}
	lo, hi, also := javaLimits(p)
	inJava := n >= lo && n <= hi || also != nil && n == *also
	switch taken := p.taken; {
	case taken == nil || taken.nearest:
	case inJava && n < taken.least:
		return "", fmt.Sprintf("%d is less than the Go client takes; use %s", n, spelled(taken.least, min(hi, taken.most)))
	case inJava && n > taken.most:
		return "", fmt.Sprintf("%d is more than the Go client takes; use %s", n, spelled(max(lo, taken.least), taken.most))
	default:
		lo, hi = max(lo, taken.least), min(hi, taken.most)
	}
	switch {
	case inJava:
		return strconv.FormatInt(n, 10), ""
	case hi == math.MaxInt64:
		return "", fmt.Sprintf("%d is too small; use %s", n, spelled(lo, hi))
	case also != nil:
		return "", fmt.Sprintf("%d is out of range; use %s, or %d", n, spelled(lo, hi), *also)
	default:
		return "", fmt.Sprintf("%d is out of range; use %s", n, spelled(lo, hi))
	}
}

// spelled returns a range for people.
func spelled(lo, hi int64) string {
	if hi == math.MaxInt64 {
		return fmt.Sprintf("%d or more", lo)
	}
	return fmt.Sprintf("%d to %d", lo, hi)
}

// javaLimits returns Java's legal range of a whole number, and the one legal value outside of
// it, if any.
func javaLimits(p Property) (lo, hi int64, also *int64) {
	switch p.Type {
	case Short:
		lo, hi = math.MinInt16, math.MaxInt16
	case Int:
		lo, hi = math.MinInt32, math.MaxInt32
	default:
		lo, hi = math.MinInt64, math.MaxInt64
	}
	if valid, ok := strings.CutPrefix(p.Valid, "["); ok && strings.Contains(valid, "...") {
		if valid, found := strings.CutSuffix(valid, " or -1"); found {
			minusOne := int64(-1)
			also, p.Valid = &minusOne, valid
		}
		ends := strings.Split(strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(p.Valid, "["), " or -1"), "]"), ",")
		if n, err := strconv.ParseInt(ends[0], 10, 64); err == nil {
			lo = n
		}
		if n, err := strconv.ParseInt(ends[len(ends)-1], 10, 64); err == nil {
			hi = n
		}
	}
	return lo, hi, also
}

// checkEnumeration checks a value against Java's list of legal ones, where there is one.
func checkEnumeration(p Property, text string) (wrong string) {
	if p.Name == offsetReset {
		if _, by, err := ResetDuration(text); err != nil {
			return err.Error()
		} else if by {
			return ""
		}
	}
	if p.Valid == "non-empty string" && text == "" {
		return "is empty; leave it out, or give it a value"
	}
	valid, insensitive := strings.CutPrefix(p.Valid, "(case insensitive) ")
	if !strings.HasPrefix(valid, "[") || strings.Contains(valid, "...") {
		return ""
	}
	legal := strings.Split(strings.Trim(valid, "[]"), ", ")
	for _, v := range legal {
		if v == text || insensitive && strings.EqualFold(v, text) {
			return ""
		}
	}
	if insensitive {
		for i := range legal {
			legal[i] = strings.ToLower(legal[i])
		}
	}
	return fmt.Sprintf("%q is not one of %s", text, strings.Join(legal, ", "))
}

const oauthPackage = "org.apache.kafka.common.security.oauthbearer"

// builtRetriever reports whether a class that gets tokens has its work done here.
func builtRetriever(class string) bool {
	name, ours := strings.CutPrefix(class, oauthPackage+".")
	return ours && slices.Contains([]string{"DefaultJwtRetriever", "ClientCredentialsJwtRetriever", "FileJwtRetriever"}, name)
}
