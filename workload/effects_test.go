package workload

import (
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"

	"kaliper/results"
	"kaliper/scenarios"
)

// What a broker acknowledges to a pipeline and drops, repeats or changes is found by who reads behind
// it: what is missing by the partition and the sequence of the pipeline's source, all else where it is.
func TestWhatIsPlantedBehindAPipelineIsFoundAndNamed(t *testing.T) {
	t.Parallel()
	for _, kinds := range [][]string{{"lost"}, {"duplicated"}, {"corrupted"}, {"lost", "duplicated", "corrupted"}} {
		t.Run(strings.Join(kinds, " and "), func(t *testing.T) {
			t.Parallel()
			cluster := simulated(t, kfake.NumBrokers(1))
			planter := plantBehind(cluster, 3, "enriched", kinds...)
			// Another number of records than the client counts breaks idempotence's own sequences. Small batches
			// are many, however long a busy machine makes a poll.
			p := enrich(t, scenarios.AtLeastOnce, "enable.idempotence", "false", "batch.size", "2000")
			trial := executeOn(t, t.Context(), through(t, "4000/s", p), cluster.ListenAddrs())
			if planter.err != nil || len(planter.targets) > 0 || len(planter.planted) == 0 {
				t.Fatalf("%d anomalies were planted, in %d more batches none: %v", len(planter.planted), len(planter.targets), planter.err)
			}
			wantAnomalies(t, trial, "analytics", planter.planted)
			for _, a := range trial.End.Anomalies {
				if a.Kind == "lost" && !strings.Contains(a.Text, "had no effect") {
					t.Errorf("%+v", a)
				}
			}
			if i := trial.End.Consumers["enrich"].Integrity; i != (results.Integrity{Checked: true}) {
				t.Errorf("before the pipeline: %+v", i)
			}
		})
	}
}

func TestASetOfSequencesRemembersWhatIsOutOfOrderUpToItsBound(t *testing.T) {
	const most = 64 * sequenceSetWords
	s := &sequenceSet{}
	enter := func(sequence int64, added, fits bool) {
		t.Helper()
		if a, f := s.add(sequence); a != added || f != fits {
			t.Errorf("%d: added %v, fits %v", sequence, a, f)
		}
	}
	enter(2, true, true)
	enter(0, true, true)
	enter(2, false, true)
	enter(most-1, true, true) // the last that fits while 1 is missing
	enter(most, false, false)
	if got, want := s.missing(3), (spans{{1, 1}}); !slices.Equal(got, want) {
		t.Errorf("missing %v, want %v", got, want)
	}
	for sequence := int64(1); sequence < 64; sequence++ {
		s.add(sequence)
	}
	if len(s.words) != sequenceSetWords-1 {
		t.Errorf("%d words are kept", len(s.words))
	}
	enter(63, false, true)
	enter(most+1, true, true) // there is room again
	// What did not fit may have been there: nothing from it on is known to be missing.
	if got, want := s.missing(most+10), (spans{{64, most - 2}}); !slices.Equal(got, want) {
		t.Errorf("missing %v, want %v", got, want)
	}
	if got, want := (*sequenceSet)(nil).missing(2), (spans{{0, 1}}); !slices.Equal(got, want) {
		t.Errorf("missing of nothing %v, want %v", got, want)
	}
}

// Records that are further out of order than is remembered make the answer unknown. What is counted
// all the same is there: a record that was read and did not fit is none that was lost.
func TestRecordsFurtherOutOfOrderThanIsRememberedMakeTheAnswerUnknown(t *testing.T) {
	const most = 64 * sequenceSetWords
	found := &anomalies{}
	e := newEffects("analytics", "enriched", 1, 1, true, found, nil)
	enter := func(sequence, offset int64) {
		e.enter(&stamp{run: 1, producer: 7, sequence: sequence}, origin{partition: 4, transaction: -1}, 0, offset, false)
	}
	given := most + int64(100)
	for sequence := range given {
		if sequence != 5 { // lost
			enter(sequence, sequence)
		}
	}
	sources := []sourceOf{{producer: 7, partitions: 5, by: givenBy{4: given}}}
	i := e.settle(sources, true, nil)
	if i.Lost != 1 || !strings.Contains(i.Unknown, "lower bounds") {
		t.Errorf("%+v", i)
	}
	want := results.Anomaly{
		Kind: "lost", Group: "analytics", Topic: "enriched", Partition: 4, Offset: -1, Producer: 7, Sequence: 5,
		Text: "had no effect; partition and sequence are of the pipelines' source",
	}
	if !slices.Equal(found.list, []results.Anomaly{want}) {
		t.Errorf("anomalies %+v", first(found.list))
	}
}

// givenBy says how many sequences a producer gave in each partition.
type givenBy map[int32]int64

func (g givenBy) sequences(_ int, partition int32) (int64, spans) { return g[partition], nil }
