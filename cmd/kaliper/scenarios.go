package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"kaliper/internal/suggest"
	"kaliper/scenarios"
)

func newScenariosCommand(env *environment) *cobra.Command {
	c := &cobra.Command{
		Use:   "scenarios",
		Short: "List, show and begin scenarios",
		Example: `  kaliper scenarios list
  kaliper scenarios show demo
  kaliper scenarios new my-scenario          writes my-scenario.yaml`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return badInput(errors.New("scenarios takes a subcommand: list, show or new"))
			}
			return badInput(fmt.Errorf("scenarios has no subcommand %q%s; there are list, show and new",
				args[0], suggest.DidYouMean(args[0], []string{"list", "show", "new"})))
		},
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newScenariosListCommand(env), newScenariosShowCommand(env), newScenariosNewCommand(env))
	return c
}

func newScenariosListCommand(env *environment) *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the built-in scenarios and the questions that they answer",
		Example: "  kaliper scenarios list",
		Args:    exactly(0, "nothing"),
		RunE: func(*cobra.Command, []string) error {
			t := tabwriter.NewWriter(env.stdout, 0, 0, 2, ' ', 0)
			for _, f := range scenarios.Embedded() {
				fmt.Fprintf(t, "%s\t%s\n", f.Name, f.Question)
			}
			return t.Flush()
		},
	}
}

func newScenariosShowCommand(env *environment) *cobra.Command {
	return &cobra.Command{
		Use:     "show NAME",
		Short:   "Print the file of a built-in scenario",
		Example: "  kaliper scenarios show demo > demo.yaml",
		Args:    exactly(1, "the name of a built-in scenario"),
		RunE: func(_ *cobra.Command, args []string) error {
			source, ok := scenarios.BuiltIn(args[0])
			if !ok {
				var names []string
				for _, f := range scenarios.Embedded() {
					names = append(names, f.Name)
				}
				return badInput(fmt.Errorf("no built-in scenario %q%s; there are %s",
					args[0], suggest.DidYouMean(args[0], names), strings.Join(names, ", ")))
			}
			_, err := env.stdout.Write(source.Data)
			return err
		},
	}
}

func newScenariosNewCommand(env *environment) *cobra.Command {
	var print bool
	c := &cobra.Command{
		Use:   "new NAME",
		Short: "Begin a scenario: write NAME.yaml, with every setting explained",
		Example: `  kaliper scenarios new my-scenario
  kaliper scenarios new my-scenario --print  | less`,
		Args: exactly(1, "a name for the scenario"),
		RunE: func(_ *cobra.Command, args []string) error {
			data, err := scenarios.Template(args[0])
			if err != nil {
				return badInput(err)
			}
			if print {
				_, err := env.stdout.Write(data)
				return err
			}
			return writeNew(env, args[0]+".yaml", data)
		},
	}
	c.Flags().BoolVar(&print, "print", false, "print the file instead of writing it")
	return c
}

// writeNew writes a file that must not be there yet.
func writeNew(env *environment, path string, data []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return badInput(fmt.Errorf("%s is there already; choose another name, or use --print", path))
	}
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err := errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	_, err = fmt.Fprintf(env.stdout, "wrote %s; next: kaliper check %s\n", path, path)
	return err
}
