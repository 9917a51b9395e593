package kafka

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// DeleteTopics deletes topics of run by name and waits at most wait until no broker knows them
// any more. Topics that are gone already are no error; a name that is neither of run nor of a
// topic that a was asked to create is one, and then nothing is deleted.
func (a *Admin) DeleteTopics(ctx context.Context, run string, names []string, wait time.Duration) error {
	if err := owned(run, a.made.others(names)); err != nil {
		return fmt.Errorf("delete topics: %w", err)
	}
	if len(names) == 0 {
		return nil
	}
	if err := a.delete(ctx, names); err != nil {
		return err
	}
	a.made.forget(names)
	return until(ctx, wait, func(ctx context.Context) (string, error) { return a.stillThere(ctx, names) })
}

// stillThere names a topic that some broker has not forgotten yet; empty when none.
func (a *Admin) stillThere(ctx context.Context, names []string) (pending string, err error) {
	views, err := a.metadataEverywhere(ctx, names)
	if err != nil {
		return "", err
	}
	for _, view := range views {
		for _, t := range view.Topics {
			if !errors.Is(kerr.ErrorForCode(t.ErrorCode), kerr.UnknownTopicOrPartition) {
				return fmt.Sprintf("topic %s is still there", deref(t.Topic)), nil
			}
		}
	}
	return "", nil
}

func (a *Admin) delete(ctx context.Context, names []string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*requestBound)
	defer cancel()
	responses, err := a.kadm.DeleteTopics(ctx, names...)
	if err != nil {
		return fmt.Errorf("delete topics: %w", err)
	}
	var errs []error
	for _, r := range responses.Sorted() {
		switch {
		case r.Err == nil, errors.Is(r.Err, kerr.UnknownTopicOrPartition), errors.Is(r.Err, kerr.RequestTimedOut):
		case errors.Is(r.Err, kerr.TopicDeletionDisabled):
			errs = append(errs, &Problem{
				Cause:    fmt.Sprintf("topic %s stays: the cluster forbids deletion", r.Topic),
				Remedy:   "set delete.topic.enable on the brokers, or use existing topics",
				Category: BadInput,
				Err:      r.Err,
			})
		case errors.Is(r.Err, kerr.TopicAuthorizationFailed):
			errs = append(errs, refusedTo("delete", "Delete", r.Topic, r.Err))
		default:
			errs = append(errs, fmt.Errorf("delete topic %s: %w", r.Topic, r.Err))
		}
	}
	return errors.Join(errs...)
}

// Leftover is what is there of a run that is not the present one. Whether that run was killed
// or is still going on somewhere else, the cluster does not tell.
type Leftover struct {
	Run    string // its short id
	Topics []string
	Groups []string
}

// Leftovers finds topics and consumer groups of other runs than ownRun, by run.
func (a *Admin) Leftovers(ctx context.Context, ownRun string) ([]Leftover, error) {
	byRun, err := a.runs(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for leftovers: %w", err)
	}
	delete(byRun, ownRun)
	var leftovers []Leftover
	for _, run := range slices.Sorted(maps.Keys(byRun)) {
		leftovers = append(leftovers, *byRun[run])
	}
	return leftovers, nil
}

// DeleteRun deletes all topics and consumer groups of run, and returns them. A group that has
// members is a sign that the run is still going on: then nothing is deleted but groups that
// have none.
func (a *Admin) DeleteRun(ctx context.Context, run string, wait time.Duration) (Leftover, error) {
	byRun, err := a.runs(ctx)
	if err != nil {
		return Leftover{}, fmt.Errorf("delete run %s: %w", run, err)
	}
	found := byRun[run]
	if found == nil {
		return Leftover{}, &Problem{
			Cause:    fmt.Sprintf("nothing on the cluster belongs to run %q", run),
			Remedy:   "name the run by the short id at the end of its directory",
			Category: BadInput,
		}
	}
	if err := a.deleteGroups(ctx, run, found.Groups); err != nil {
		return Leftover{}, err
	}
	if err := a.DeleteTopics(ctx, run, found.Topics, wait); err != nil {
		return Leftover{}, err
	}
	return *found, nil
}

func (a *Admin) runs(ctx context.Context) (map[string]*Leftover, error) {
	view, err := a.metadata(ctx, nil)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, requestBound)
	defer cancel()
	groups, err := a.kadm.ListGroups(ctx)
	if err != nil {
		return nil, fmt.Errorf("list groups: %w", err)
	}
	byRun := map[string]*Leftover{}
	of := func(run string) *Leftover {
		if byRun[run] == nil {
			byRun[run] = &Leftover{Run: run}
		}
		return byRun[run]
	}
	for _, name := range topicNames(view) {
		if run, ok := OwnerOf(name); ok {
			of(run).Topics = append(of(run).Topics, name)
		}
	}
	for _, name := range groups.Groups() {
		if run, ok := OwnerOf(name); ok {
			of(run).Groups = append(of(run).Groups, name)
		}
	}
	return byRun, nil
}

func topicNames(view *kmsg.MetadataResponse) []string {
	var names []string
	for _, t := range view.Topics {
		names = append(names, deref(t.Topic))
	}
	slices.Sort(names)
	return names
}

// DeleteGroups deletes consumer groups of run; those that do not exist are no error.
func (a *Admin) DeleteGroups(ctx context.Context, run string, groups []string) error {
	if err := owned(run, groups); err != nil {
		return fmt.Errorf("delete groups: %w", err)
	}
	return a.deleteGroups(ctx, run, groups)
}

func (a *Admin) deleteGroups(ctx context.Context, run string, groups []string) error {
	if len(groups) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, coordinatorBound)
	defer cancel()
	responses, err := a.kadm.DeleteGroups(ctx, groups...)
	if err != nil {
		return fmt.Errorf("delete groups: %w", err)
	}
	var errs []error
	for _, r := range responses.Sorted() {
		switch {
		case r.Err == nil, errors.Is(r.Err, kerr.GroupIDNotFound):
		case errors.Is(r.Err, kerr.NonEmptyGroup):
			errs = append(errs, &Problem{
				Cause:    fmt.Sprintf("group %s still has members: run %s is going on", r.Group, run),
				Remedy:   "end that kaliper first, or wait until its sessions time out",
				Category: BadInput,
				Err:      r.Err,
			})
		case errors.Is(r.Err, kerr.GroupAuthorizationFailed):
			errs = append(errs, &Problem{
				Cause:    fmt.Sprintf("group %s stays: the user may not delete it", r.Group),
				Remedy:   "grant Delete on the group",
				Category: Unreachable,
				Err:      r.Err,
			})
		default:
			errs = append(errs, fmt.Errorf("delete group %s: %w", r.Group, r.Err))
		}
	}
	return errors.Join(errs...)
}
