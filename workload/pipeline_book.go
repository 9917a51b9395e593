package workload

import (
	"kaliper/internal/measure"
	"kaliper/results"
)

// pipelineBook accumulates the producing side of a pipeline over the trial.
type pipelineBook struct {
	stage, commit *track

	produced                int64
	inWindow, bytesInWindow int64
	transactions            results.Transactions
}

// close takes a pipeline's interval.
func (b *pipelineBook) close(p *pipeline, inWindow bool) (*results.PipelineInterval, error) {
	for _, shard := range p.shards {
		b.stage.add(&shard.stage)
		b.commit.add(&shard.commit)
	}
	i := &results.PipelineInterval{
		Produced: p.produced.Swap(0), ProducedBytes: p.producedBytes.Swap(0),
		Transactions: p.take(), Client: p.metrics.take(),
	}
	var err error
	if i.Stage, _, err = b.stage.close(); err != nil {
		return nil, err
	}
	if i.Commit, _, err = b.commit.close(); err != nil {
		return nil, err
	}
	b.produced += i.Produced
	if inWindow {
		b.inWindow += i.Produced
		b.bytesInWindow += i.ProducedBytes
	}
	b.transactions.Add(i.Transactions)
	return i, nil
}

// totals returns the books of a pipeline's producing side.
func (b *pipelineBook) totals() (*results.PipelineTotals, error) {
	t := &results.PipelineTotals{
		Produced: b.produced, ProducedInWindow: b.inWindow, ProducedBytesInWindow: b.bytesInWindow,
		Transactions: b.transactions,
	}
	err := encodeAll(map[*measure.Encoded]*track{&t.Stage: b.stage, &t.Commit: b.commit})
	return t, err
}
