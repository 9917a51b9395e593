package analysis

import (
	"fmt"
	"maps"
	"slices"

	"kaliper/internal/unit"
	"kaliper/results"
)

// Mismatch is something that differs between two runs and is neither a setting nor a figure.
type Mismatch struct {
	What            string // machine, broker, versions of kaliper, ...
	Base, Candidate string // what it is on either side; "unknown" where a run does not tell
	// Unsound says that a difference in figures cannot be put down to the settings any more.
	Unsound bool
	Why     string // what it means for the comparison
}

// Mismatches names what differs beside the settings, what makes a comparison unsound first.
func Mismatches(base, candidate *results.Run) []Mismatch {
	var all []Mismatch
	differ := func(what string, unsound bool, why string, of func(*results.Run) string) {
		b, c := of(base), of(candidate)
		if b == c {
			return
		}
		if b == "" {
			b = "unknown"
		}
		if c == "" {
			c = "unknown"
		}
		all = append(all, Mismatch{what, b, c, unsound, why})
	}
	differ("kind of broker", true, "a simulated broker says nothing about a real one", func(r *results.Run) string {
		if r.Manifest.Simulated {
			return "simulated"
		}
		return "real"
	})
	differ("machine", true, "another machine is another instrument", func(r *results.Run) string {
		m := r.Manifest.Machine
		return fmt.Sprintf("%s, %d processors, %s/%s", m.CPU, m.Processors, m.OS, m.Arch)
	})
	differ("client", true, "another client does other work per record", func(r *results.Run) string { return r.Manifest.Client })
	differ("cluster", false, "whatever else differs between the clusters is part of the difference", func(r *results.Run) string {
		begin, ok := firstBegin(r)
		if !ok || begin.Cluster.ID == "" || r.Manifest.Simulated {
			return ""
		}
		return begin.Cluster.ID
	})
	differ("broker version", false, "if that is the question, let nothing else differ", func(r *results.Run) string {
		begin, _ := firstBegin(r)
		return begin.Cluster.Version
	})
	differ("number of brokers", false, "the same load is spread otherwise", func(r *results.Run) string {
		begin, _ := firstBegin(r)
		return fmt.Sprint(len(begin.Cluster.Brokers))
	})
	for _, name := range versionNames(base, candidate) {
		differ("version of "+name, false, "the instrument itself may account for a part", func(r *results.Run) string { return r.Manifest.Versions[name] })
	}
	differ("host", false, "even alike machines differ", func(r *results.Run) string { return r.Manifest.Machine.Hostname })
	differ("kernel", false, "it is part of every latency", func(r *results.Run) string { return r.Manifest.Machine.Kernel })
	differ("waiting", false, "the pacer is late in another way", func(r *results.Run) string { return r.Manifest.Machine.Pacer })
	differ("window", false, "a longer window sees rarer events", func(r *results.Run) string {
		begin, ok := firstBegin(r)
		if !ok {
			return ""
		}
		return unit.Format(begin.DurationSeconds, "s")
	})
	differ("warm-up", false, "a shorter one leaves more of the start in the window", func(r *results.Run) string {
		begin, ok := firstBegin(r)
		if !ok {
			return ""
		}
		return unit.Format(begin.WarmupSeconds, "s")
	})
	differ("integrity", false, "stamps cost CPU and bytes", func(r *results.Run) string {
		begin, _ := firstBegin(r)
		return begin.Integrity
	})
	differ("scenario", false, "the runs asked different questions", func(r *results.Run) string { return r.Manifest.Name })
	slices.SortStableFunc(all, func(a, b Mismatch) int {
		switch {
		case a.Unsound == b.Unsound:
			return 0
		case a.Unsound:
			return -1
		}
		return 1
	})
	return all
}

func firstBegin(run *results.Run) (results.Begin, bool) {
	if len(run.Trials) == 0 {
		return results.Begin{}, false
	}
	return run.Trials[0].Begin, true
}

func versionNames(runs ...*results.Run) []string {
	names := map[string]bool{}
	for _, run := range runs {
		for name := range run.Manifest.Versions {
			names[name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}
