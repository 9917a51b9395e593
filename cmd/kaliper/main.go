// Command kaliper is a calibrated load tester for Apache Kafka. This package holds one file per
// subcommand: its flags, its usage with examples, and the wiring of the packages that do the
// work. It decides nothing but exit codes.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"kaliper/internal/analysis"
	"kaliper/internal/kafka"
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// environment is what a subcommand may use of the world.
type environment struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	// executable is this program, which a run on the embedded broker starts a second time.
	executable string
}

// run is the whole program; it returns the exit code. The first SIGINT or SIGTERM ends the
// context, so that a load drains and keeps its results; the second one exits at once.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer onSignals(cancel, stderr)()

	executable, err := os.Executable()
	if err != nil {
		executable = os.Args[0]
	}
	env := &environment{stdin: stdin, stdout: stdout, stderr: stderr, executable: executable}
	root := newRootCommand(env)
	root.SetArgs(args)
	// What goes wrong before a command runs is wrong with the command line.
	running := false
	root.PersistentPreRun = func(*cobra.Command, []string) { running = true }
	err = root.ExecuteContext(ctx)
	if err == nil {
		return int(analysis.ExitDone)
	}
	if !running {
		err = badInput(err)
	}
	code := exitCodeOf(ctx, err)
	if text := strings.TrimSpace(err.Error()); text != "" {
		fmt.Fprintln(stderr, "kaliper: "+withRemedyApart(err, text))
	}
	return int(code)
}

// withRemedyApart puts what to do about a problem on a line of its own.
func withRemedyApart(err error, text string) string {
	p, ok := errors.AsType[*kafka.Problem](err)
	if !ok {
		return text
	}
	cause, rest, found := strings.Cut(text, "; "+p.Remedy)
	if !found || rest != "" && rest[0] != '\n' {
		return text
	}
	// What else went wrong, when the rest was closed for example.
	return cause + "\n  what to do: " + p.Remedy + strings.ReplaceAll(rest, "\n", "\n  also: ")
}

// onSignals calls cancel at the first signal and exits at the second. The returned function
// ends that.
func onSignals(cancel func(), stderr io.Writer) (stop func()) {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		for n := 0; ; n++ {
			select {
			case <-done:
				return
			case <-signals:
			}
			if n > 0 {
				os.Exit(int(analysis.ExitInterrupted))
			}
			fmt.Fprintln(stderr, "\nkaliper: interrupted: draining for at most 5 s and keeping the results; once more exits at once")
			cancel()
		}
	}()
	return func() { signal.Stop(signals); close(done) }
}

func newRootCommand(env *environment) *cobra.Command {
	root := &cobra.Command{
		Use:   "kaliper",
		Short: "A calibrated load tester for Apache Kafka",
		Long: `kaliper drives producers and consumers from a scenario file, measures what they wait for
from the time at which the schedule wanted each record sent, and turns that into a decision.

It repeats its trials, knows its own error, and says so where it does not know.`,
		Example: `  kaliper run demo                          compare two settings on the simulated broker
  kaliper check my-scenario.yaml            validate, and say what a run would do
  kaliper run my-scenario.yaml --bootstrap-server localhost:9092
  kaliper report latest                     show the newest run again`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetIn(env.stdin)
	root.SetOut(env.stdout)
	root.SetErr(env.stderr)
	root.AddCommand(
		newRunCommand(env),
		newReportCommand(env),
		newCompareCommand(env),
		newGateCommand(env),
		newPlanCommand(env),
		newSearchCommand(env),
		newCheckCommand(env),
		newScenariosCommand(env),
		newTopicsCommand(env),
		newDoctorCommand(env),
		newLagCommand(env),
		newBrokerCommand(env),
		newVersionCommand(env),
	)
	return root
}

// exactly is cobra.ExactArgs with a sentence for people.
func exactly(n int, what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) != n {
			return fmt.Errorf("%s takes %s, not %d arguments; see %s --help", c.CommandPath(), what, len(args), c.CommandPath())
		}
		return nil
	}
}

// isTerminal says whether a person looks on.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// isTerminalReader says whether a person can be asked.
func isTerminalReader(r io.Reader) bool {
	file, ok := r.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// colours says whether output to w may have colours: terminals alone, and not with NO_COLOR
// (https://no-color.org).
func colours(w io.Writer) bool {
	return isTerminal(w) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// width returns the columns of the terminal, or the fallback.
func width(w io.Writer, fallback int) int {
	if file, ok := w.(*os.File); ok {
		if columns, _, err := term.GetSize(int(file.Fd())); err == nil && columns > 20 {
			return columns
		}
	}
	return fallback
}
