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
	lo, hi, also := limits(p)
	if n >= lo && n <= hi || also != nil && n == *also {
		return strconv.FormatInt(n, 10), ""
	}
	switch {
	case hi == math.MaxInt64:
		return "", fmt.Sprintf("%d is too small; use %d or more", n, lo)
	case also != nil:
		return "", fmt.Sprintf("%d is out of range; use %d to %d, or %d", n, lo, hi, *also)
	default:
		return "", fmt.Sprintf("%d is out of range; use %d to %d", n, lo, hi)
	}
}

// limits returns the legal range of a whole number: Java's, narrowed by what the Go client
// takes, and the one legal value outside of it, if any.
func limits(p Property) (lo, hi int64, also *int64) {
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
	if narrow, ok := clientLimits()[p.Name]; ok {
		lo, hi = max(lo, narrow[0]), min(hi, narrow[1])
	}
	return lo, hi, also
}

// clientLimits are ranges that are narrower in the Go client than in Java.
func clientLimits() map[string][2]int64 {
	const minute, hour, any = 60_000, 3_600_000, math.MaxInt64
	return map[string][2]int64{
		"linger.ms":             {0, minute},
		"request.timeout.ms":    {100, 15 * minute},
		"delivery.timeout.ms":   {1000, any},
		"metadata.max.age.ms":   {10, hour},
		"max.request.size":      {1024, 1 << 29},
		"batch.size":            {0, 1 << 29},
		"fetch.max.wait.ms":     {10, any},
		"fetch.max.bytes":       {1, 1 << 29},
		"max.poll.interval.ms":  {100, any},
		"session.timeout.ms":    {100, any},
		"heartbeat.interval.ms": {1, any},

		"max.partition.fetch.bytes": {1, any},
		"auto.commit.interval.ms":   {100, any},
	}
}

// checkEnumeration checks a value against Java's list of legal ones, where there is one.
func checkEnumeration(p Property, text string) (wrong string) {
	if p.Name == "auto.offset.reset" && strings.HasPrefix(text, "by_duration") {
		return "by_duration is not built yet; use earliest, latest or none"
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
