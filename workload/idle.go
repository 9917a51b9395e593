package workload

import (
	"fmt"
	"slices"
	"strings"

	"kaliper/internal/kafka"
	"kaliper/results"
	"kaliper/scenarios"
)

// tellIdle warns of groups with more members than their topics have partitions, and refuses those that
// deal out partitions without a group. Of topics of the run's own the scenario's check has told it
// before; how many partitions an existing one has is known here.
func (s *stage) tellIdle() error {
	groups := slices.Clone(s.load.Consumers)
	for _, p := range s.load.Pipelines {
		groups = append(groups, p.Group())
	}
	for _, g := range groups {
		partitions, existing := s.partitionsOf(g)
		most := g.MostMembers()
		switch {
		case g.Share != nil || len(existing) == 0 || most <= partitions:
		case g.Assigned:
			return &kafka.Problem{
				Cause:    fmt.Sprintf("%d members of %s cannot share %d partitions of %s", most, g.Name, partitions, strings.Join(existing, ", ")),
				Remedy:   fmt.Sprintf("set consumers.%s.members to %d or less", g.Name, partitions),
				Category: kafka.BadInput,
			}
		default:
			s.warnings = append(s.warnings, results.Reason{
				Code: "idle_members",
				Text: fmt.Sprintf("%d of %d members of %s stay idle: there are %d partitions of %s", most-partitions, most, g.Name, partitions, strings.Join(existing, ", ")),
			})
		}
	}
	return nil
}

// partitionsOf returns how many partitions a group reads, and the cluster's names of its topics if one of
// them existed before.
func (s *stage) partitionsOf(g scenarios.ConsumerGroup) (partitions int, names []string) {
	existing := false
	for _, declared := range g.Topics {
		for _, logical := range s.copiesOf(declared) {
			info := s.topics[logical]
			partitions += info.Partitions
			existing = existing || info.Existing
			names = append(names, info.Name)
		}
	}
	if !existing {
		return partitions, nil
	}
	return partitions, names
}
