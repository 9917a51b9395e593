package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"kaliper/internal/kafka"
	"kaliper/internal/sample"
	"kaliper/internal/unit"
)

// sampleSuffix is the usual suffix of a sample's file.
const sampleSuffix = ".kts"

// What a sample is bounded by where nothing is said.
const (
	defaultSampleRecords = 10_000
	mostSampleRecords    = 10_000_000
	defaultSampleBytes   = "64MiB"
	defaultSampleTime    = 30 * time.Second
)

func newTopicsSampleCommand(env *environment) *cobra.Command {
	var flags clusterFlags
	var bounds kafka.SampleBounds
	var contents bool
	var size, output string
	command := &cobra.Command{
		Use:   "sample NAME",
		Short: "Keep what a topic's records are like, for a load that is like them",
		Long: `sample reads the newest records of a topic and writes a file: how large values are, how many
keys there are and how unevenly they are used, and how far batches compress with each codec, at a
batch.size of 16 KiB. A scenario names it by value: {sample: FILE} and key: {sample: FILE}.

It reads without a group and commits nothing. The file holds no byte of a key or a value, unless
--records keeps the records themselves: then treat the file as you treat the topic.`,
		Example: `  kaliper topics sample orders --bootstrap-server localhost:9092
  kaliper topics sample orders --max-records 100000 --output busy.kts --bootstrap-server localhost:9092
  kaliper topics sample orders --records --bootstrap-server localhost:9092`,
		Args: exactly(1, "the name of a topic"),
		RunE: func(c *cobra.Command, args []string) error {
			name := args[0]
			var err error
			if bounds.Bytes, err = unit.ParseSize(size); err != nil || bounds.Bytes < 1 {
				return badInput(fmt.Errorf("--max-bytes takes a size such as %s", defaultSampleBytes))
			}
			switch {
			case bounds.Records < 1 || bounds.Records > mostSampleRecords:
				return badInput(fmt.Errorf("--max-records takes a number from 1 to %d", mostSampleRecords))
			case bounds.Time <= 0:
				return badInput(errors.New("--max-time takes a duration above 0, such as 30s"))
			}
			if output == "" {
				output = name + sampleSuffix
			}
			if _, err := os.Lstat(output); err == nil {
				return badInput(fmt.Errorf("%s is there already; move it away, or name another file by --output", output))
			}
			admin, err := flags.connect(c.Context(), env.stderr)
			if err != nil {
				return err
			}
			defer admin.Close()
			taken, err := admin.SampleTopic(c.Context(), name, bounds, contents)
			if err != nil {
				return err
			}
			if err := writeSampleFile(output, taken); err != nil {
				return err
			}
			if flags.json {
				shown := *taken
				shown.Contents = nil
				return printJSON(env.stdout, sampleJSON{"kaliper.topics.sampled/1", output, shown})
			}
			return writeSample(env.stdout, output, taken)
		},
	}
	flags.add(command)
	f := command.Flags()
	f.BoolVar(&contents, "records", false, "keep the records themselves too")
	f.StringVar(&output, "output", "", "the file to write; NAME"+sampleSuffix+" if not given")
	f.Int64Var(&bounds.Records, "max-records", defaultSampleRecords, "how many records to read")
	f.StringVar(&size, "max-bytes", defaultSampleBytes, "how many bytes of keys and values to read")
	f.DurationVar(&bounds.Time, "max-time", defaultSampleTime, "how long to read")
	return command
}

// sampleJSON is what sample --json prints: the file's own content, without records.
type sampleJSON struct {
	Schema string       `json:"schema"`
	File   string       `json:"file"`
	Sample sample.Topic `json:"sample"`
}

// writeSampleFile writes a new file, for its owner alone if it holds records, and leaves none
// that is not whole.
func writeSampleFile(path string, taken *sample.Topic) (err error) {
	data, err := taken.Encode()
	if err != nil {
		return err
	}
	mode := os.FileMode(0o644)
	if taken.Contents != nil {
		mode = 0o600
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return fmt.Errorf("write the sample: %w", err)
	}
	_, err = file.Write(data)
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("write the sample: %w", errors.Join(err, os.Remove(path)))
	}
	return nil
}

func writeSample(w io.Writer, path string, s *sample.Topic) error {
	stopped := map[sample.Stop]string{
		sample.AtEnd: "all that it holds", sample.ByRecords: "the newest of each partition",
		sample.ByBytes: "until --max-bytes: some of its partitions may lack", sample.ByTime: "until --max-time: some of its partitions may lack",
	}[s.StoppedBy]
	fmt.Fprintf(w, "topic %s: %d records with %s from %d partitions, %s\n\n", s.Topic, s.Records, unit.Format(float64(s.Bytes), "bytes"), s.Partitions, stopped)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	largest := s.Sizes[len(s.Sizes)-1].Bytes
	fmt.Fprintf(t, "values\tmean %s, median %s, largest about %s; %d records have none\n", unit.Format(s.MeanValueBytes(), "bytes"),
		unit.Format(float64(s.MedianValueBytes()), "bytes"), unit.Format(float64(largest), "bytes"), s.Tombstones)
	fmt.Fprintf(t, "keys\t%s; %d records have none\n", keyText(s), s.Keyless)
	var ratios []string
	for _, c := range s.Compression {
		ratios = append(ratios, fmt.Sprintf("%s %s", c.Name, unit.Format(c.Ratio, "ratio")))
	}
	fmt.Fprintf(t, "compressed\t%s of the bytes remain, at a batch.size of %s\n", strings.Join(ratios, ", "), unit.FormatSize(int64(s.BatchBytes)))
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "\nwritten to %s; in a scenario: value: {sample: %s}, key: {sample: %s}\n", path, path, path)
	return err
}

// keyText says how many keys there are, and how uneven.
func keyText(s *sample.Topic) string {
	if len(s.Keys) == 0 {
		return "none"
	}
	text := fmt.Sprintf("%d different, the most frequent of %s of the records", s.DistinctKeys(), unit.Format(float64(s.Keys[0].Records)/float64(s.Records), "ratio"))
	if estimated := s.EstimatedKeys(); estimated > s.DistinctKeys() {
		text += fmt.Sprintf(", about %d or more in the topic", estimated)
	}
	return text
}
