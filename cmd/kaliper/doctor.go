package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"kaliper/internal/kafka"
	"kaliper/internal/unit"
)

func newDoctorCommand(env *environment) *cobra.Command {
	var flags clusterFlags
	var measured bool
	command := &cobra.Command{
		Use:   "doctor",
		Short: "Look at a cluster (versions, balance, round-trip times, rights, quotas), or at what this machine can measure",
		Long: `doctor asks every broker, at the address that it advertises, for its version and times 20
small requests to it; and looks at all topics that this user may see for partitions without a
leader, replicas out of sync and uneven leaders. It shows what this user may do on the cluster, on topics, and
on what a run makes for itself; and the quotas of users, client ids and addresses. What the
cluster does not tell it is unknown. It changes nothing.

doctor --measure looks at this machine instead, and contacts nothing: clock and timer, and what
kaliper alone does at rising rates into a null sink, with the settings of a scenario's first
case or with plain ones. It says up to which rate a measurement can be trusted here, as long as
the machine is as idle as it is now. That takes up to 20 s.

The exit code is 3 if a broker does not answer, and 0 with any other finding.`,
		Example: `  kaliper doctor --bootstrap-server localhost:9092
  kaliper doctor --bootstrap-server localhost:9092 --json
  kaliper doctor --measure
  kaliper doctor --measure orders.yaml --json`,
		Args: func(c *cobra.Command, args []string) error {
			if measured {
				return cobra.MaximumNArgs(1)(c, args)
			}
			return exactly(0, "flags alone (a scenario goes with --measure)")(c, args)
		},
		RunE: func(c *cobra.Command, args []string) error {
			if measured {
				return doctorMeasures(c.Context(), env, flags, args)
			}
			if !flags.named() {
				return badInput(errors.New("doctor looks at a cluster: name it with --bootstrap-server host:port or --command-config; or at this machine: --measure"))
			}
			admin, err := flags.connect(c.Context(), env.stderr)
			if err != nil {
				return err
			}
			defer admin.Close()
			examination, err := admin.Examine(c.Context())
			if err != nil {
				return err
			}
			if flags.json {
				err = printJSON(env.stdout, doctorJSON{"kaliper.doctor/1", examination})
			} else {
				err = writeExamination(env.stdout, examination)
			}
			if err != nil {
				return err
			}
			return unanswered(examination)
		},
	}
	flags.add(command)
	command.Flags().BoolVar(&measured, "measure", false, "look at this machine instead of a cluster")
	return command
}

// doctorMeasures is doctor --measure.
func doctorMeasures(ctx context.Context, env *environment, flags clusterFlags, args []string) error {
	if flags.named() {
		return badInput(errors.New("--measure looks at this machine alone: leave out what names a cluster, or leave out --measure"))
	}
	found, err := measureInstrument(ctx, env, strings.Join(args, ""), rehearsedRates())
	switch {
	case err != nil:
		return err
	case flags.json:
		return printJSON(env.stdout, found)
	}
	return writeInstrument(env.stdout, found)
}

// doctorJSON is what doctor --json prints.
type doctorJSON struct {
	Schema string `json:"schema"`
	kafka.Examination
}

func writeExamination(w io.Writer, e kafka.Examination) error {
	fmt.Fprintf(w, "cluster %s: %d brokers, %d topics with %d partitions that this user may see\n\n", e.ClusterID, len(e.Brokers), e.Topics, e.Partitions)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "broker\taddress\track\tversion\tleads\treplicas\tround trip, median\tmax")
	for _, b := range e.Brokers {
		median, most := "no answer", "-"
		if b.RoundTrip != nil {
			median, most = unit.Format(b.RoundTrip.Median, "s"), unit.Format(b.RoundTrip.Max, "s")
		}
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%d\t%d\t%s\t%s\n", b.ID, b.Address, orDash(b.Rack), orDash(b.Version), b.Leads, b.Replicas, median, most)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	writePermissions(w, e)
	if len(e.Findings) == 0 {
		_, err := fmt.Fprintln(w, "nothing found")
		return err
	}
	for _, f := range e.Findings {
		fmt.Fprintf(w, "found: %s\n", f.Text)
	}
	return nil
}

// writePermissions writes what the user may do, and the quotas that there are.
func writePermissions(w io.Writer, e kafka.Examination) {
	fmt.Fprintln(w)
	if e.OnCluster != nil {
		fmt.Fprintf(w, "this user may on the cluster: %s\n", strings.Join(e.OnCluster, ", "))
	}
	if len(e.OnTopics) > 0 {
		var rights []string
		for _, r := range e.OnTopics {
			right := r.Operation
			if r.Topics < e.Topics {
				right += fmt.Sprintf(" (%d of them)", r.Topics)
			}
			rights = append(rights, right)
		}
		fmt.Fprintf(w, "this user may on the %d topics: %s\n", e.Topics, strings.Join(rights, ", "))
	}
	writeOwn(w, "topics", e.OnOwnTopics, "Create", "Delete", "Read", "Write")
	writeOwn(w, "groups", e.OnOwnGroups, "Delete", "Read")
	if e.OnOwnIDs != nil && len(e.OnOwnIDs) == 0 {
		writeOwn(w, "transactional ids", e.OnOwnIDs)
	}
	if e.Quotas != nil && len(e.Quotas) == 0 {
		fmt.Fprintln(w, "quotas: none")
	}
	for _, q := range e.Quotas {
		fmt.Fprintf(w, "quota: %s %s = %v\n", q.Entity, q.Name, q.Value)
	}
	for _, reason := range e.Unknown {
		fmt.Fprintf(w, "unknown: %s\n", reason.Text)
	}
	fmt.Fprintln(w)
}

// writeOwn writes what the user may do on what a run makes for itself, and what of that lacks which
// every such run needs.
func writeOwn(w io.Writer, what string, rights []string, needed ...string) {
	if rights == nil {
		return
	}
	text := strings.Join(rights, ", ")
	if len(rights) == 0 {
		text = "nothing"
	}
	needed = slices.DeleteFunc(needed, func(right string) bool { return slices.Contains(rights, right) })
	if len(needed) > 0 {
		text += "; a run of its own needs " + strings.Join(needed, ", ") + " too"
	}
	fmt.Fprintf(w, "this user may on %s named kaliper.*: %s\n", what, text)
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// unanswered is the error of the first broker that does not answer.
func unanswered(e kafka.Examination) error {
	i := slices.IndexFunc(e.Brokers, func(b kafka.ExaminedBroker) bool { return b.Unreached != "" })
	if i < 0 {
		return nil
	}
	b := e.Brokers[i]
	return &kafka.Problem{
		Cause:    fmt.Sprintf("broker %d does not answer at %s: %s", b.ID, b.Address, b.Unreached),
		Remedy:   b.Remedy,
		Category: kafka.Unreachable,
	}
}
