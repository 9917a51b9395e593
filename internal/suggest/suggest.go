// Package suggest finds what somebody probably meant by a name that does not exist. It decides
// how different two names may be to count as a slip; it never decides to use the other name.
package suggest

import "strings"

// Nearest returns the candidate that is most like name, or "" if none is like it: at most one
// edit for three letters (an insertion, a deletion, a replacement, or two neighbours swapped),
// or the same words in another spelling ("linger_ms" for "linger.ms"), or, where nothing else is,
// the only candidate that begins with name and a dot ("linger"). Of equally near candidates the
// first wins.
func Nearest(name string, candidates []string) string {
	best, bestDistance := "", 1+max(1, len(name)/3)
	for _, candidate := range candidates {
		if candidate == name {
			continue
		}
		if plainWord(candidate) == plainWord(name) {
			return candidate
		}
		if d := distance(strings.ToLower(name), strings.ToLower(candidate), bestDistance); d < bestDistance {
			best, bestDistance = candidate, d
		}
	}
	if best == "" {
		return onlyBeginning(name, candidates)
	}
	return best
}

// onlyBeginning returns the candidate that begins with name and a dot, if there is just one.
func onlyBeginning(name string, candidates []string) string {
	only := ""
	for _, candidate := range candidates {
		if strings.HasPrefix(candidate, name+".") {
			if only != "" {
				return ""
			}
			only = candidate
		}
	}
	return only
}

// DidYouMean returns `; did you mean "x"?`, or "" if no candidate is like name.
func DidYouMean(name string, candidates []string) string {
	if nearest := Nearest(name, candidates); nearest != "" {
		return `; did you mean "` + nearest + `"?`
	}
	return ""
}

func plainWord(name string) string {
	return strings.NewReplacer(".", "", "-", "", "_", "", " ", "").Replace(strings.ToLower(name))
}

// distance is the optimal string alignment distance (Damerau-Levenshtein without repeated
// edits of one substring). It may return any value of limit or more where the distance
// reaches limit.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	before, row, next := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row, next = row, next, before
	}
	return row[len(b)]
}
