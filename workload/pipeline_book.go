package workload

import (
	"kaliper/internal/measure"
	"kaliper/results"
)

// pipelineBook accumulates the producing side of a pipeline, and what becomes of records that
// fail, over the trial.
type pipelineBook struct {
	stage, commit, recovered, deadLettered *track

	produced                int64
	inWindow, bytesInWindow int64
	transactions            results.Transactions
	paths                   results.Paths
}

func newPipelineBook() *pipelineBook {
	return &pipelineBook{stage: newTrack(), commit: newTrack(), recovered: newTrack(), deadLettered: newTrack()}
}

// close adds a pipeline's interval to its group's.
func (b *pipelineBook) close(p *pipeline, inWindow bool, to *results.ConsumerInterval) (err error) {
	for _, shard := range p.shards {
		b.stage.add(&shard.stage)
		b.commit.add(&shard.commit)
		b.recovered.add(&shard.recovered)
		b.deadLettered.add(&shard.deadLettered)
	}
	if p.failing != nil {
		f := &results.FailuresInterval{Paths: p.paths.take()}
		b.paths.Add(f.Paths)
		if f.Recovered, _, err = b.recovered.close(); err != nil {
			return err
		}
		if f.DeadLettered, _, err = b.deadLettered.close(); err != nil {
			return err
		}
		to.Failures = f
	}
	if p.to == "" {
		return nil
	}
	i := &results.PipelineInterval{
		Produced: p.produced.Swap(0), ProducedBytes: p.producedBytes.Swap(0),
		Transactions: p.ended.take(), Client: p.metrics.take(),
	}
	if i.Stage, _, err = b.stage.close(); err != nil {
		return err
	}
	if i.Commit, _, err = b.commit.close(); err != nil {
		return err
	}
	b.produced += i.Produced
	if inWindow {
		b.inWindow += i.Produced
		b.bytesInWindow += i.ProducedBytes
	}
	b.transactions.Add(i.Transactions)
	to.Pipeline = i
	return nil
}

// totals adds a pipeline's books to its group's, when its members have ended: what they left
// then is undone.
func (b *pipelineBook) totals(p *pipeline, to *results.ConsumerTotals) error {
	if p.failing != nil {
		b.paths.Add(p.paths.take())
		to.Failures = &results.FailuresTotals{Paths: b.paths}
		if err := encodeAll(map[*measure.Encoded]*track{
			&to.Failures.Recovered: b.recovered, &to.Failures.DeadLettered: b.deadLettered,
		}); err != nil {
			return err
		}
	}
	if p.to == "" {
		return nil
	}
	to.Pipeline = &results.PipelineTotals{
		Produced: b.produced, ProducedInWindow: b.inWindow, ProducedBytesInWindow: b.bytesInWindow,
		Transactions: b.transactions,
	}
	return encodeAll(map[*measure.Encoded]*track{&to.Pipeline.Stage: b.stage, &to.Pipeline.Commit: b.commit})
}
