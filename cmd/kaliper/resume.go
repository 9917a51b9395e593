package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"syscall"

	"kaliper/results"
	"kaliper/scenarios"
	"kaliper/workload"
)

// openToResume opens the run that --resume names.
func openToResume(root, reference string) (*results.Run, error) {
	directory, err := results.Find(root, reference)
	if err != nil {
		return nil, badInput(fmt.Errorf("--resume: %w", err))
	}
	run, err := results.OpenRun(directory)
	if err != nil {
		return nil, badInput(fmt.Errorf("--resume: %w", err))
	}
	m := run.Manifest
	switch {
	case m.Scenario == "":
		return nil, badInput(fmt.Errorf("--resume %s: its manifest.json is lost, so that nobody knows what it lacks; start a new run", directory))
	case m.Gate != nil:
		return nil, badInput(fmt.Errorf("--resume %s: it is a gate's run, whose pairs belong together in time; start a new gate", directory))
	}
	if host, err := os.Hostname(); err == nil && m.State == results.Crashed && m.Machine.Hostname == host && alive(m.ProcessID) {
		return nil, badInput(fmt.Errorf("--resume %s: process %d, which wrote it, still runs; wait for its end, or interrupt it", directory, m.ProcessID))
	}
	return run, nil
}

// alive says whether another process has the number.
func alive(pid int) bool {
	if pid <= 0 || pid == os.Getpid() {
		return false
	}
	process, err := os.FindProcess(pid) // on Windows an error where there is none
	if err != nil {
		return false
	}
	err = process.Signal(syscall.Signal(0))
	return !errors.Is(err, os.ErrProcessDone) && !errors.Is(err, syscall.ESRCH)
}

// completeTrials counts what a run to resume has already; nil is a new one.
func completeTrials(run *results.Run) int {
	if run == nil {
		return 0
	}
	complete := 0
	for _, trial := range run.Trials {
		if trial.State == results.Complete {
			complete++
		}
	}
	return complete
}

// wholeRounds counts the rounds that a run to resume has completed.
func wholeRounds(run *results.Run) int {
	if run == nil {
		return 0
	}
	complete := map[int]int{}
	for _, trial := range run.Trials {
		if trial.State == results.Complete {
			complete[trial.Begin.Round]++
		}
	}
	whole := 0
	for _, trials := range complete {
		if trials == len(run.Manifest.Cases) {
			whole++
		}
	}
	return whole
}

// resume goes on with a run that lacks something, if nothing else has changed since, and
// returns its manifest. What the killed run left on the cluster is deleted first.
func (s *session) resume(ctx context.Context) (results.Manifest, error) {
	before := s.resumed.Manifest
	s.id, s.owner = before.ID, before.ID[strings.LastIndexByte(before.ID, '-')+1:]
	now := s.manifest()
	if changed := changes(before, now); len(changed) > 0 {
		return now, refuseToResume(s.resumed, changed)
	}
	if err := workload.CheckServices(ctx, s.scenario.Cases...); err != nil {
		return now, err
	}
	kept := s.flags.keepTopics || s.scenario.Cases[0].Load.KeepTopics
	for _, target := range targetsOf(s.scenario.Cases) {
		cluster, err := s.clusters.of(ctx, target)
		if err != nil {
			return now, err
		}
		if changed := clusterChanges(s.resumed, s.casesOn(target), cluster.snapshot); len(changed) > 0 {
			return now, refuseToResume(s.resumed, changed)
		}
		if !now.Simulated && !kept {
			if err := cluster.deleteOwn(ctx, s.owner, s.progress.say); err != nil {
				return now, err
			}
		}
	}
	s.progress.say("run %s is resumed: %d of its trials are complete", s.resumed.Dir, completeTrials(s.resumed))
	s.directory = s.resumed.Dir
	now.Started, now.Resumed, now.Order = before.Started, before.Resumed, before.Order
	return now, nil
}

func refuseToResume(run *results.Run, changed []string) error {
	return badInput(fmt.Errorf("--resume %s: its trials could not be compared with new ones, because something has changed:\n  %s\nstart a new run, or undo the change",
		run.Dir, strings.Join(changed, "\n  ")))
}

// changes names what makes trials of two manifests incomparable.
func changes(before, now results.Manifest) []string {
	var changed []string
	differ := func(what, was, is string) {
		if was != is {
			changed = append(changed, fmt.Sprintf("%s was %s, is %s", what, orNone(was), orNone(is)))
		}
	}
	if was, is := firstDifference(before.Scenario, now.Scenario); was != is {
		changed = append(changed, fmt.Sprintf("the scenario had %q, has %q", was, is))
	}
	differ("the target", before.Target, now.Target)
	differ("the bootstrap servers", before.Bootstrap, now.Bootstrap)
	differ("the cases", caseIDs(before), caseIDs(now))
	names := map[string]bool{}
	for name := range before.Versions {
		names[name] = true
	}
	for name := range now.Versions {
		names[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		differ("the version of "+name, before.Versions[name], now.Versions[name])
	}
	differ("the machine", machineName(before.Machine), machineName(now.Machine))
	return changed
}

func orNone(text string) string {
	if text == "" {
		return "not there"
	}
	return text
}

func machineName(m results.Machine) string {
	return fmt.Sprintf("%s/%s %s, %d × %s", m.OS, m.Arch, m.Kernel, m.Processors, m.CPU)
}

func caseIDs(m results.Manifest) string {
	const most = 12
	var ids []string
	for _, c := range m.Cases {
		ids = append(ids, c.ID)
	}
	if len(ids) > most {
		ids = append(ids[:most], fmt.Sprintf("and %d more", len(m.Cases)-most))
	}
	return strings.Join(ids, ", ")
}

// firstDifference returns the first line in which two texts differ.
func firstDifference(a, b string) (string, string) {
	before, now := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range max(len(before), len(now)) {
		var was, is string
		if i < len(before) {
			was = before[i]
		}
		if i < len(now) {
			is = now[i]
		}
		if was != is {
			return strings.TrimSpace(was), strings.TrimSpace(is)
		}
	}
	return "", ""
}

// casesOn returns the ids of the cases that use a target.
func (s *session) casesOn(target scenarios.Target) map[string]bool {
	ids := map[string]bool{}
	for _, c := range s.scenario.Cases {
		if c.Load.Target.Name == target.Name {
			ids[c.ID] = true
		}
	}
	return ids
}

// clusterChanges names what differs between a cluster as it is and as the trials of its cases
// saw it.
func clusterChanges(run *results.Run, cases map[string]bool, now results.ClusterSnapshot) []string {
	for _, trial := range run.Trials {
		if !cases[trial.Begin.Case] {
			continue
		}
		before := trial.Begin.Cluster
		if trial.Begin.Schema == "" || len(before.Brokers) == 0 {
			continue
		}
		if before.Version != now.Version || len(before.Brokers) != len(now.Brokers) {
			return []string{fmt.Sprintf("the cluster was %s of version %s, is %s of version %s",
				plural(len(before.Brokers), "broker"), before.Version, plural(len(now.Brokers), "broker"), now.Version)}
		}
	}
	return nil
}
