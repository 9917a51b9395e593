package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"kaliper/internal/analysis"
	"kaliper/internal/kafka"
	"kaliper/scenarios"
)

func newTopicsApplyCommand(env *environment) *cobra.Command {
	var flags scenarioFlags
	var yes, asJSON bool
	command := &cobra.Command{
		Use:   "apply SCENARIO",
		Short: "Make the topics that a scenario declares under a name, and say what differs",
		Long: `apply looks at every topic of a scenario's first case that has a name, creates those that are
missing, and says what the others have otherwise than declared. It alters them only with
--yes: configs are set, partitions added. Partitions are never removed, replicas never moved,
configs that the scenario does not declare stay. A second time it finds nothing to do.

Where a group's failed records go to retry and dead-letter topics, those of a topic with a
name are made too.

Topics without a name are made by each run itself, and existing ones are never touched; apply
says so. A run does not take over what apply has made: let it use the topic by existing.

The exit code is 4 where something differs that was not altered.`,
		Example: `  kaliper topics apply orders.yaml --bootstrap-server localhost:9092
  kaliper topics apply orders.yaml --target staging --yes`,
		Args: exactly(1, "one scenario"),
		RunE: func(c *cobra.Command, args []string) error {
			scenario, err := flags.load(env, args[0])
			if err != nil {
				return err
			}
			return applyTopics(c.Context(), env, scenario, yes, asJSON)
		},
	}
	flags.register(command.Flags())
	command.Flags().BoolVar(&yes, "yes", false, "alter topics that differ")
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON, alone on standard output")
	return command
}

// appliedJSON is what apply prints with --json: what was found before anything was done.
type appliedJSON struct {
	Schema  string              `json:"schema"`
	Altered bool                `json:"altered"` // differences that can be altered have been
	Topics  []kafka.Application `json:"topics"`
}

// applyTopics is kaliper topics apply.
func applyTopics(ctx context.Context, env *environment, scenario *scenarios.Scenario, yes, asJSON bool) error {
	load := scenario.Cases[0].Load
	declared, err := namedTopics(load, env.stderr)
	if err != nil {
		return err
	}
	options, err := kafka.CommonOptions(load.Target.Properties)
	if err != nil {
		return badInput(err)
	}
	admin, err := kafka.Connect(ctx, options...)
	if err != nil {
		return err
	}
	defer admin.Close()
	answer := appliedJSON{Schema: "kaliper.topics-apply/1", Altered: yes}
	remains := false
	for _, topic := range declared {
		found, err := admin.Compare(ctx, topic)
		if err != nil {
			return err
		}
		if found.Missing || yes {
			if err := admin.Apply(ctx, found, topicBound); err != nil {
				return err
			}
		}
		for _, d := range found.Differences {
			remains = remains || d.Fixed != "" || !yes
		}
		answer.Topics = append(answer.Topics, found)
		if !asJSON {
			writeApplication(env.stdout, found, yes)
		}
	}
	if asJSON {
		if err := printJSON(env.stdout, answer); err != nil {
			return err
		}
	}
	if remains {
		return &exitError{analysis.ExitFailed, errors.New("topics differ from the scenario; --yes alters what can be altered")}
	}
	return nil
}

// namedTopics returns the topics that apply makes, and names the others.
func namedTopics(load scenarios.Load, log io.Writer) ([]kafka.NewTopic, error) {
	if load.Target.Embedded {
		return nil, badInput(errors.New("the simulated broker keeps no topics; name a cluster by --target or --bootstrap-server"))
	}
	var named []kafka.NewTopic
	var logical []string
	before := "" // of what the last topic is a copy
	for _, t := range load.Topics {
		if t.CopyOf == "" || t.CopyOf != before {
			logical = append(logical, t.Declared())
		}
		switch {
		case t.RealName != "":
			named = append(named, declared(t))
		case t.Existing != "":
			fmt.Fprintf(log, "topics.%s is the existing %s, which is left as it is\n", t.Name, t.Existing)
		case t.CopyOf != "" && t.CopyOf == before:
		default:
			fmt.Fprintf(log, "topics.%s has no name, so that each run makes its own\n", t.Declared())
		}
		before = t.CopyOf
	}
	for _, t := range load.FailureTopics() {
		if t.RealName != "" {
			named = append(named, declared(t))
		}
	}
	if len(named) == 0 {
		return nil, badInput(fmt.Errorf("the scenario declares no topic with a name; set topics.%s.name", strings.Join(logical, ".name or topics.")))
	}
	return named, nil
}

func declared(t scenarios.Topic) kafka.NewTopic {
	return kafka.NewTopic{Name: t.RealName, Partitions: t.Partitions, ReplicationFactor: t.ReplicationFactor, Config: t.Config}
}

func writeApplication(w io.Writer, f kafka.Application, altered bool) {
	switch {
	case f.Missing:
		fmt.Fprintf(w, "topic %s: created\n", f.Topic)
	case len(f.Differences) == 0 && f.Unknown == "":
		fmt.Fprintf(w, "topic %s: as declared\n", f.Topic)
	default:
		fmt.Fprintf(w, "topic %s:\n", f.Topic)
	}
	for _, d := range f.Differences {
		has, done := d.Has, "differs"
		if has == "" {
			has = "Kafka's default"
		}
		switch {
		case d.Fixed != "":
			done = "stays: " + d.Fixed
		case altered:
			done = "altered"
		}
		fmt.Fprintf(w, "  %s: is %s, declared %s; %s\n", d.What, has, d.Declared, done)
	}
	if f.Unknown != "" {
		fmt.Fprintf(w, "  unknown: %s\n", f.Unknown)
	}
}
