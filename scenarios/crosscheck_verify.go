package scenarios

import (
	"slices"
	"strings"

	"kaliper/internal/metric"
)

// inTheLog are the metrics that what is read back from the log has, as a group has them.
func inTheLog() []string {
	return []string{"lost", "duplicated", "reordered", "corrupted", "aborted_read", "torn"}
}

// unknowableOfLog says why a metric of what is looked at after the load can have no value, or "".
// It is decided where nothing else need be asked.
func unknowableOfLog(name, group string, load Load) (text string, decided bool) {
	switch {
	case group == metric.ReadbackGroup && load.Verify.Readback:
		if !slices.Contains(inTheLog(), name) {
			return "what is read back has " + strings.Join(inTheLog(), ", ") + " alone", true
		}
		return "", true
	case strings.HasPrefix(name, "readback."):
		if !load.Verify.Readback {
			return "nothing is read back; write verify: readback", true
		}
		return "", true
	case strings.HasPrefix(name, "compaction."):
		if !load.Verify.Compaction {
			return "no compaction is looked at; write verify: compaction, with a topic that has cleanup.policy: compact", true
		}
		return "", true
	case load.Verify.Readback && group == "" && slices.Contains(inTheLog(), name) && len(load.Producers)+len(load.Pipelines) > 0:
		return "", true
	}
	return "", false
}
