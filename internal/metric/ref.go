package metric

import (
	"fmt"
	"strings"

	"kaliper/internal/suggest"
)

// Ref names a metric of one group, or of all groups pooled.
type Ref struct {
	Group      string // empty: pooled over all groups
	Definition Definition
}

// String returns the name as Parse reads it: checkout.ack.p99, or ack.p99.
func (r Ref) String() string {
	if r.Group == "" {
		return r.Definition.Name
	}
	return r.Group + "." + r.Definition.Name
}

// Parse reads [GROUP.]metric.statistic, where groups are the names of all groups. A name that
// is a metric by itself is never taken for a group's.
func Parse(name string, groups []string) (Ref, error) {
	if d, ok := Lookup(name); ok {
		return Ref{Definition: d}, nil
	}
	head, tail, _ := strings.Cut(name, ".")
	for _, group := range groups {
		if head != group {
			continue
		}
		d, ok := Lookup(tail)
		if !ok {
			return Ref{}, unknownMetric(tail, group)
		}
		if d.Owner == OfProcess || d.Owner == OfCluster {
			return Ref{}, fmt.Errorf("metric %q belongs to the %s as a whole: write %q", name, d.Owner, tail)
		}
		return Ref{Group: group, Definition: d}, nil
	}
	if _, ok := Lookup(tail); ok {
		return Ref{}, fmt.Errorf("metric %q: there is no group %q%s", name, head, hintGroups(head, groups))
	}
	return Ref{}, unknownMetric(name, "")
}

func hintGroups(name string, groups []string) string {
	if hint := suggest.DidYouMean(name, groups); hint != "" {
		return hint
	}
	if len(groups) == 0 {
		return ""
	}
	return "; the groups are " + strings.Join(groups, ", ")
}

func unknownMetric(name, group string) error {
	if hint := suggest.DidYouMean(name, Names()); hint != "" {
		return fmt.Errorf("unknown metric %q%s", name, hint)
	}
	var same []string
	for _, n := range Names() {
		if strings.HasPrefix(n, name+".") {
			same = append(same, n)
		}
	}
	switch {
	case len(same) > 0:
		return fmt.Errorf("metric %q lacks its statistic; write one of %s", name, strings.Join(same, ", "))
	case group != "":
		return fmt.Errorf("unknown metric %q after the group %q; for example %s.ack.p99", name, group, group)
	default:
		return fmt.Errorf("unknown metric %q; for example ack.p99, e2e.p99_9, errors.ratio, lag.seconds.max, lost", name)
	}
}

// Names returns the name of every metric, errors.KIND.count among them.
func Names() []string {
	var names []string
	for _, d := range All() {
		names = append(names, d.Name)
	}
	return names
}
