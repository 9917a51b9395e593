package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"kaliper/internal/kafka"
)

func newTopicsDeleteCommand(env *environment) *cobra.Command {
	var flags clusterFlags
	var run, confirm string
	command := &cobra.Command{
		Use:   "delete NAME --confirm NAME | --run RUN",
		Short: "Delete one topic, or all that one run left behind",
		Long: `delete NAME removes the topic of exactly that name. It asks for the name once more, by
--confirm or, on a terminal, by typing it. Kafka's internal topics stay.

delete --run removes the topics and consumer groups that a run created and did not remove,
because it was killed or because it was told to keep them. It touches nothing else: everything
of a run is named kaliper.<its short id>. and so on. A run that still has consumers is left
alone. RUN is the name of the run's directory, or the short id at its end.

With neither, what --run could delete is named.`,
		Example: `  kaliper topics delete orders --confirm orders --bootstrap-server localhost:9092
  kaliper topics delete --bootstrap-server localhost:9092 --run x7k2
  kaliper topics delete --bootstrap-server localhost:9092 --run 20261123T170000Z-codec-choice-x7k2`,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) > 1:
				return fmt.Errorf("kaliper topics delete takes one topic, not %d: each needs a word of its own", len(args))
			case len(args) == 1 && run != "":
				return errors.New("kaliper topics delete takes a topic or --run, not both")
			case len(args) == 0 && confirm != "":
				return fmt.Errorf("name the topic: kaliper topics delete %[1]s --confirm %[1]s", confirm)
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			admin, err := flags.connect(c.Context(), env.stderr)
			if err != nil {
				return err
			}
			defer admin.Close()
			var deleted kafka.Leftover
			switch {
			case len(args) == 1:
				deleted, err = deleteNamed(c.Context(), env, admin, args[0], confirm)
			case run == "":
				err = nameLeftovers(c.Context(), admin)
			default:
				deleted, err = admin.DeleteRun(c.Context(), shortID(run), topicBound)
			}
			if err != nil {
				return err
			}
			return writeDeleted(env.stdout, deleted, flags.json)
		},
	}
	flags.add(command)
	command.Flags().StringVar(&run, "run", "", "the run's directory or short id")
	command.Flags().StringVar(&confirm, "confirm", "", "the topic's exact name once more")
	return command
}

// deleteNamed deletes one topic that a person named twice.
func deleteNamed(ctx context.Context, env *environment, admin *kafka.Admin, name, confirm string) (kafka.Leftover, error) {
	topic, err := admin.DescribeTopic(ctx, name)
	if err != nil {
		return kafka.Leftover{}, err
	}
	if confirm == "" && isTerminalReader(env.stdin) {
		fmt.Fprintf(env.stderr, "topic %s, %s, will be gone for good; type its name to delete it: ", name, topicSize(topic))
		if confirm, err = readLine(ctx, env.stdin); err != nil {
			return kafka.Leftover{}, err
		}
	}
	if confirm != name {
		return kafka.Leftover{}, notConfirmed(topic, confirm)
	}
	if err := admin.DeleteTopic(ctx, name, topicBound); err != nil {
		return kafka.Leftover{}, err
	}
	return kafka.Leftover{Topics: []string{name}}, nil
}

func notConfirmed(topic kafka.TopicDescription, confirm string) error {
	if confirm == "" {
		return badInput(fmt.Errorf("topic %[1]s, %[2]s, stays: to delete it for good, say its name once more: --confirm %[1]s", topic.Name, topicSize(topic)))
	}
	return badInput(fmt.Errorf("topic %s stays: %q is not its name", topic.Name, confirm))
}

// readLine reads what a person types until the end of the line or of the input. An
// interruption does not wait for them: nothing can end the read, so it ends with the program.
func readLine(ctx context.Context, r io.Reader) (string, error) {
	type answer struct {
		line string
		err  error
	}
	typed := make(chan answer, 1)
	go func() {
		line, err := bufio.NewReader(r).ReadString('\n')
		typed <- answer{line, err}
	}()
	select {
	case <-ctx.Done():
		return "", context.Cause(ctx)
	case a := <-typed:
		if a.err != nil && !errors.Is(a.err, io.EOF) {
			return "", fmt.Errorf("read the confirmation: %w", a.err)
		}
		return strings.TrimSpace(a.line), nil
	}
}

// deletedJSON is what delete --json prints.
type deletedJSON struct {
	Schema string   `json:"schema"`
	Topics []string `json:"topics"`
	Groups []string `json:"groups"`
}

func writeDeleted(w io.Writer, deleted kafka.Leftover, asJSON bool) error {
	if asJSON {
		return printJSON(w, deletedJSON{"kaliper.topics.deleted/1", append([]string{}, deleted.Topics...), append([]string{}, deleted.Groups...)})
	}
	for _, name := range deleted.Topics {
		fmt.Fprintf(w, "deleted topic %s\n", name)
	}
	for _, name := range deleted.Groups {
		fmt.Fprintf(w, "deleted group %s\n", name)
	}
	return nil
}

// nameLeftovers is the answer to a delete that does not say of what.
func nameLeftovers(ctx context.Context, admin *kafka.Admin) error {
	leftovers, err := admin.Leftovers(ctx, "")
	if err != nil {
		return err
	}
	if len(leftovers) == 0 {
		return badInput(errors.New("name a run: --run RUN; no run has left anything on this cluster"))
	}
	var lines strings.Builder
	for _, l := range leftovers {
		fmt.Fprintf(&lines, "\n  --run %s    topics: %d, consumer groups: %d", l.Run, len(l.Topics), len(l.Groups))
	}
	return badInput(fmt.Errorf("name a run; of those on this cluster, some may still be going on:%s", lines.String()))
}

// shortID returns the id that the names of a run's topics carry: the end of its directory's
// name, or what is one already.
func shortID(run string) string {
	run = strings.TrimRight(run, `/\`)
	return run[strings.LastIndexAny(run, `-/\`)+1:]
}
