package analysis

import (
	"math"

	"kaliper/internal/metric"
	"kaliper/internal/unit"
	"kaliper/results"
)

// logMetrics adds what was found in the log after the load. sum are the counts of all groups, to
// which those of what was read back are added.
func (f *figures) logMetrics(t *table, sum *integrity) {
	if f.trial.End == nil {
		return
	}
	if back := f.trial.End.Readback; back != nil {
		one := newIntegrity(back.Integrity)
		one.ofLog = true
		one.set(t, metric.ReadbackGroup)
		sum.add(one)
		t.set("", "readback.records", float64(back.Records))
		t.set("", "readback.seconds", back.Seconds)
	}
	f.compactionMetrics(t)
}

// compactionMetrics adds what compaction left, pooled over topics. What is not known of one topic
// is not known of all.
func (f *figures) compactionMetrics(t *table) {
	looked := f.trial.End.Compaction
	if len(looked) == 0 {
		return
	}
	var written, remaining, keys, waited float64
	for _, c := range looked {
		written += float64(c.Written)
		remaining += float64(c.Remaining)
		keys += float64(c.Keys)
		waited = max(waited, c.WaitSeconds)
		if c.Unknown != "" {
			written = math.NaN()
		}
		if c.Keys < 0 {
			keys = math.NaN()
		}
	}
	t.put("", "compaction.ratio", results.TrialValue{Value: results.Number(quotient(remaining, written))})
	t.put("", "compaction.keys.ratio", results.TrialValue{Value: results.Number(quotient(keys, written))})
	t.set("", "compaction.wait.seconds", waited)
}

// quotient is NaN of a zero denominator.
func quotient(a, b float64) float64 {
	if b == 0 {
		return math.NaN()
	}
	return a / b
}

// CompactionRatios returns what compaction left of a topic, and the least that it could have left,
// as shares of what was written; NaN where not known.
func CompactionRatios(c results.Compaction) (reached, least float64) {
	reached, least = math.NaN(), math.NaN()
	if c.Unknown == "" {
		reached = quotient(float64(c.Remaining), float64(c.Written))
		if c.Keys >= 0 {
			least = quotient(float64(c.Keys), float64(c.Written))
		}
	}
	return reached, least
}

// lacking finds what the log does not hold, or holds in another form than it was sent.
func (f *figures) lacking(found *reasons) {
	if f.trial.End == nil || f.trial.End.Readback == nil {
		return
	}
	i := f.trial.End.Readback.Integrity
	if i.Lost > 0 {
		found.addf("lost", "%s acknowledged records are not in the log", unit.Number(float64(i.Lost)))
	}
	if i.Torn > 0 {
		found.addf("torn", "%s committed transactions are in the log in part", unit.Number(float64(i.Torn)))
	}
	if i.Corrupted > 0 {
		found.addf("corrupted", "%s records are corrupted in the log", unit.Number(float64(i.Corrupted)))
	}
}
