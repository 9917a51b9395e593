package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"kaliper/internal/kafka"
	"kaliper/results"
	"kaliper/scenarios"
)

// clusters are the clusters that a run uses, each opened when the first case asks for it and
// kept until the run ends: the simulated broker is started once.
type clusters struct {
	executable string
	log        io.Writer           // for people
	open       map[string]*cluster // by identity
}

// cluster is one of them.
type cluster struct {
	admin     *kafka.Admin
	bootstrap []string // of the embedded broker alone
	embedded  *kafka.Embedded
	snapshot  results.ClusterSnapshot
	warnings  []results.Reason
}

func newClusters(executable string, log io.Writer) *clusters {
	return &clusters{executable: executable, log: log, open: map[string]*cluster{}}
}

// of returns the cluster of a target, after it has answered.
func (c *clusters) of(ctx context.Context, target scenarios.Target) (*cluster, error) {
	id := identity(target)
	if opened, ok := c.open[id]; ok {
		return opened, nil
	}
	opened := &cluster{}
	properties := kafka.Properties(target.Properties)
	if target.Embedded {
		embedded, err := kafka.StartEmbedded(ctx, c.executable, "broker", "--until-stdin-closes")
		if err != nil {
			return nil, err
		}
		opened.embedded = embedded
		opened.bootstrap = strings.Split(embedded.Bootstrap(), ",")
		properties = kafka.WithBootstrap(properties, embedded.Bootstrap())
	}
	c.open[id] = opened
	options, err := kafka.CommonOptions(properties)
	if err != nil {
		return nil, err
	}
	if opened.admin, err = kafka.Connect(ctx, options...); err != nil {
		return nil, err
	}
	way, err := opened.admin.CheckAdvertised(ctx)
	for _, w := range way { // before anybody waits for what does not answer
		fmt.Fprintf(c.log, "warning: %s\n", w.Text)
	}
	if err != nil {
		return nil, err
	}
	if opened.snapshot, opened.warnings, err = opened.admin.Snapshot(ctx); err != nil {
		return nil, err
	}
	opened.warnings = append(way, opened.warnings...)
	if !target.Embedded { // nobody else knows of that one
		opened.warnings = append(opened.warnings, opened.admin.OtherLoad(ctx)...)
	}
	return opened, nil
}

// answers says whether an opened target still does, by a connection of its own.
func (c *clusters) answers(ctx context.Context, target scenarios.Target) error {
	properties := kafka.Properties(target.Properties)
	if opened := c.open[identity(target)]; opened != nil && opened.embedded != nil {
		properties = kafka.WithBootstrap(properties, opened.embedded.Bootstrap())
	}
	options, err := kafka.CommonOptions(properties)
	if err != nil {
		return err
	}
	return kafka.Check(ctx, options...)
}

// identity tells targets apart: the sides of a gate can have one name for two clusters.
func identity(target scenarios.Target) string {
	if target.Embedded {
		return "embedded"
	}
	var id strings.Builder
	for _, e := range target.Properties.All() {
		fmt.Fprintf(&id, "%s=%q ", e.Name, e.Value.Text)
	}
	return id.String()
}

// targetsOf returns the targets of all cases, each once, in the order of the cases. They are of
// one kind: all simulated, which is one target, or none.
func targetsOf(cases []scenarios.Case) []scenarios.Target {
	var targets []scenarios.Target
	known := map[string]bool{}
	for _, c := range cases {
		// Cases of one target share the set of its properties; its name tells them apart here,
		// because only a gate has two clusters of one name.
		if target := c.Load.Target; !known[target.Name] {
			known[target.Name] = true
			targets = append(targets, target)
		}
	}
	return targets
}

// nameLeftovers tells what killed runs left behind on a cluster.
func (c *cluster) nameLeftovers(ctx context.Context, own string, log io.Writer) {
	leftovers, err := c.admin.Leftovers(ctx, own)
	if err != nil {
		fmt.Fprintf(log, "whether earlier runs left topics behind is not known: %v\n", err)
		return
	}
	for _, l := range leftovers {
		fmt.Fprintf(log, "run %s left %d topics and %d groups behind (or still runs); kaliper topics delete --run %s removes them\n",
			l.Run, len(l.Topics), len(l.Groups), l.Run)
	}
}

// close ends all connections and the embedded brokers.
func (c *clusters) close() error {
	var problems []error
	for _, opened := range c.open {
		if opened.admin != nil {
			opened.admin.Close()
		}
		if opened.embedded != nil {
			problems = append(problems, opened.embedded.Stop())
		}
	}
	return errors.Join(problems...)
}

// membersLeave is how long the members of a killed run take to leave their groups: Kafka's
// default session.timeout.ms is 45 s.
const membersLeave = 60 * time.Second

// deleteOwn deletes what an earlier, killed invocation of the same run left behind, so that the
// trials to come find the cluster as the others did.
func (c *cluster) deleteOwn(ctx context.Context, run string, say func(string, ...any)) error {
	leftovers, err := c.admin.Leftovers(ctx, "")
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(leftovers, func(l kafka.Leftover) bool { return l.Run == run }) {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, membersLeave)
	defer cancel()
	again := time.NewTicker(2 * time.Second)
	defer again.Stop()
	for {
		deleted, err := c.admin.DeleteRun(ctx, run, topicBound)
		if err == nil {
			say("deleted what the run had left behind: %s, %s", plural(len(deleted.Topics), "topic"), plural(len(deleted.Groups), "group"))
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-again.C:
			say("waiting for at most %v until what the run left behind can be deleted: %v", membersLeave, err)
		}
	}
}
