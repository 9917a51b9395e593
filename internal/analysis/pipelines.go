package analysis

import (
	"kaliper/internal/measure"
	"kaliper/results"
)

// mergePipeline rebuilds a killed trial's pipeline from one interval.
func (f *figures) mergePipeline(name string, p *results.PipelineInterval, figure *consumerFigures) {
	if p == nil {
		return
	}
	if figure.stage == nil {
		figure.stage, figure.commit = measure.NewHistogram(), measure.NewHistogram()
		figure.totals.Pipeline = &results.PipelineTotals{}
	}
	where := "consumers." + name
	f.merge(where+".stage", p.Stage.Window, figure.stage)
	f.merge(where+".commit", p.Commit.Window, figure.commit)
}

// pipelineMetrics adds what the producing sides of pipelines tell, and transactions, of producers
// too. Pooled, counts and rates are sums.
func (f *figures) pipelineMetrics(t *table) {
	stage, commit := measure.NewHistogram(), measure.NewHistogram()
	var pooled results.PipelineTotals
	var transactions results.Transactions
	found, transactional := false, false
	for _, name := range f.producerNames() {
		p := f.producers[name]
		if p.commit == nil {
			continue
		}
		ended := f.producerTransactions(name)
		setTransactions(t, name, ended)
		t.latency(name, "commit", p.commit, 0)
		transactions.Add(ended)
		commit.Merge(p.commit)
		transactional = true
	}
	for _, name := range f.consumerNames() {
		c := f.consumers[name]
		if c.totals.Pipeline == nil {
			continue
		}
		found = true
		totals := *c.totals.Pipeline
		f.setPipeline(t, name, totals, c.stage)
		t.latency(name, "commit", c.commit, 0)
		stage.Merge(c.stage)
		commit.Merge(c.commit)
		pooled.ProducedInWindow += totals.ProducedInWindow
		pooled.ProducedBytesInWindow += totals.ProducedBytesInWindow
		if ended, any := f.transactionsInWindow(name); any {
			setTransactions(t, name, ended)
			transactions.Add(ended)
			transactional = true
		}
	}
	if found {
		f.setPipeline(t, "", pooled, stage)
	}
	t.latency("", "commit", commit, 0)
	if transactional {
		setTransactions(t, "", transactions)
	}
}

func (f *figures) setPipeline(t *table, group string, totals results.PipelineTotals, stage *measure.Histogram) {
	// What was read and never came out is infinite in the e2e of who reads the output.
	t.latency(group, "stage", stage, 0)
	t.set(group, "produced.records_per_second", float64(totals.ProducedInWindow)/f.seconds())
	t.set(group, "produced.bytes_per_second", float64(totals.ProducedBytesInWindow)/f.seconds())
}

// transactionsInWindow sums over the window's intervals; false where the group has none by its
// settings.
func (f *figures) transactionsInWindow(group string) (sum results.Transactions, transactional bool) {
	for _, c := range f.trial.Begin.Consumers {
		if c.Name == group && c.Pipeline != nil {
			transactional = c.Pipeline.Guarantee == exactlyOnce
		}
	}
	for _, interval := range f.inWindow {
		if p := interval.Consumers[group].Pipeline; p != nil {
			sum.Add(p.Transactions)
		}
	}
	return sum, transactional
}

// producerTransactions sums over the window's intervals.
func (f *figures) producerTransactions(group string) (sum results.Transactions) {
	for _, interval := range f.inWindow {
		if of := interval.Producers[group].Transactions; of != nil {
			sum.Add(of.Ended)
		}
	}
	return sum
}

// exactlyOnce is the guarantee of a pipeline with transactions, as the journal names it.
const exactlyOnce = "exactly-once"

func setTransactions(t *table, group string, n results.Transactions) {
	t.set(group, "transactions.committed.count", float64(n.Committed))
	t.set(group, "transactions.aborted.count", float64(n.Aborted))
	t.set(group, "transactions.fenced.count", float64(n.Fenced))
}
