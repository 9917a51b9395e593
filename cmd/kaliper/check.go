package main

import (
	"github.com/spf13/cobra"
)

func newCheckCommand(env *environment) *cobra.Command {
	var flags scenarioFlags
	var sweep sweepFlags
	var asJSON, all bool
	c := &cobra.Command{
		Use:   "check SCENARIO",
		Short: "Validate a scenario and say what a run would do",
		Long: `check reads a scenario as run would, says everything that is wrong with it, and otherwise what
a run would do: its cases, how long they take, what they write, and every client property
with where it comes from and whether it works as in Java. It contacts nothing.

SCENARIO is a file, the name of a built-in scenario, or - for standard input.`,
		Example: `  kaliper check my-scenario.yaml
  kaliper check demo --all                   every client property, Kafka's defaults too
  kaliper check my-scenario.yaml --command-config client.properties
  kaliper check my-scenario.yaml --budget 30m          how many rounds fit?
  kaliper check my-scenario.yaml --set producers.*.config.acks=1 --json`,
		Args: exactly(1, "one scenario"),
		RunE: func(_ *cobra.Command, args []string) error {
			s, err := flags.load(env, args[0])
			if err != nil {
				return err
			}
			planned, err := sweep.plan(s, nil)
			if err != nil {
				return err
			}
			p := newPlan(s, all)
			p.sweep = planned
			if asJSON {
				return p.writeJSON(env.stdout)
			}
			return p.writeText(env.stdout)
		},
	}
	flags.register(c.Flags())
	sweep.register(c.Flags())
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON instead of text")
	c.Flags().BoolVar(&all, "all", false, "print every client property, Kafka's defaults too")
	return c
}
