package kafka

import (
	"fmt"
	"regexp"
)

// mostNameBytes is how long Kafka lets the name of a topic be.
const mostNameBytes = 249

// runName is what TopicName and GroupName make, and nothing looser: a topic that merely
// begins with kaliper. belongs to somebody else. Its groups are the run and the logical name.
var runName = regexp.MustCompile(`^kaliper\.([A-Za-z0-9]+)\.[A-Za-z0-9_-]+-[0-9]+\.([a-z][a-z0-9-]*(?:\.(?:retry|dlq))?)$`)

// TopicName returns the name of a run's topic in one trial:
//
//	kaliper.<run>.<case>-<trial>.<logical>
//
// A logical name may end in .retry or .dlq. run is the run's short id, and trial its number, as in 3,
// or 3-2 for a second attempt. An error means that the name would not be a valid one.
func TopicName(run, caseID, trial, logical string) (string, error) {
	return composeName("topic", run, caseID, trial, logical)
}

// GroupName returns the id of a run's consumer group in one trial, of the same form as
// TopicName's.
func GroupName(run, caseID, trial, logical string) (string, error) {
	return composeName("group", run, caseID, trial, logical)
}

func composeName(what, run, caseID, trial, logical string) (string, error) {
	name := fmt.Sprintf("kaliper.%s.%s-%s.%s", run, caseID, trial, logical)
	if len(name) > mostNameBytes {
		return "", badName(what, name, fmt.Sprintf("it has %d bytes", len(name)), fmt.Sprintf("shorten %q: Kafka allows %d bytes in all", logical, mostNameBytes))
	}
	if owner, ok := OwnerOf(name); !ok || owner != run {
		return "", badName(what, name, "it has characters that are not allowed", "use lower-case letters, digits and hyphens in names")
	}
	return name, nil
}

func badName(what, name, why, remedy string) *Problem {
	return &Problem{
		Cause:    fmt.Sprintf("the %s cannot be named %q: %s", what, name, why),
		Remedy:   remedy,
		Category: BadInput,
	}
}

// OwnerOf returns the short id of the run that a topic or a group belongs to by its name, and
// whether it belongs to any.
func OwnerOf(name string) (run string, ok bool) {
	m := runName.FindStringSubmatch(name)
	if m == nil {
		return "", false
	}
	return m[1], true
}

// owned makes sure that every name belongs to run, before anything is done to any of them.
func owned(run string, names []string) error {
	for _, name := range names {
		if owner, ok := OwnerOf(name); !ok || owner != run || run == "" {
			return fmt.Errorf("%q is not of run %q: only what a run created is created, altered or deleted for it", name, run)
		}
	}
	return nil
}
