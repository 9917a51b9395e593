package analysis

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"kaliper/internal/analysis/capacity"
	"kaliper/results"
)

// Evidence is what the capacity model may learn from: the trials of runs, of sweeps and of
// searches alike.
type Evidence struct {
	Observations []capacity.Observation
	// LeftOut names the trials that say nothing about the system, and why.
	LeftOut []string
	// Untrusted is how many trials there are whose measurement is untrusted, left out or not.
	Untrusted int
	// UsesUntrusted says that they are among the observations.
	UsesUntrusted bool
	// Keyed says whether records have keys that spread them over partitions.
	Keyed bool
}

// PlanEvidence reads the trials of runs, those that are untrusted only where that is allowed. The error says which settings the runs vary that the
// model does not know: two cases that differ in one of them are not the same system.
func PlanEvidence(runs []*results.Run, untrusted bool) (Evidence, error) {
	if err := unmodelled(runs); err != nil {
		return Evidence{}, err
	}
	var e Evidence
	for _, run := range runs {
		effective := map[string]results.CaseInfo{}
		for _, c := range run.Manifest.Cases {
			effective[c.ID] = c
		}
		for i := range run.Trials {
			trial := &run.Trials[i]
			name := run.Manifest.ID + "#" + results.TrialRef{Case: trial.Begin.Case, Trial: trial.Begin.Trial}.String()
			figures := readFigures(trial)
			verdict := figures.judge()
			o, why := planObservation(figures, verdict, effective[trial.Begin.Case])
			if why == "" && verdict.Trust == results.Untrusted {
				e.Untrusted++
				if e.UsesUntrusted = untrusted; !untrusted {
					why = "untrusted: " + codesOf(verdict.Reasons)
				}
			}
			if why != "" {
				e.LeftOut = append(e.LeftOut, name+": "+why)
				continue
			}
			o.Name = name
			e.Keyed = e.Keyed || o.Spread > 1
			e.Observations = append(e.Observations, o)
		}
	}
	return e, nil
}

// planObservation makes an observation of a trial, or says why not.
func planObservation(figures *figures, verdict Verdict, info results.CaseInfo) (o capacity.Observation, why string) {
	trial := figures.trial
	if trial.State != results.Complete {
		return o, "it is " + string(trial.State)
	}
	if verdict.Outcome == results.Failed || verdict.Outcome == results.Degraded {
		return o, string(verdict.Outcome) + ": " + codesOf(verdict.Reasons)
	}
	if o.Configuration, why = configuration(trial, info); why != "" {
		return o, why
	}
	metrics := figures.metrics()
	value := func(name string) float64 {
		if v, ok := metrics[name]; ok && !math.IsNaN(float64(v.Value)) {
			return float64(v.Value)
		}
		return 0
	}
	acked := value("acked.records_per_second")
	if acked == 0 || value("wire.bytes_per_record") == 0 {
		return o, "no record was acknowledged in its window, or the client did not tell how many bytes it sent"
	}
	// Of the whole trial's books: there records and their bytes are those of the same records.
	var bytes int64
	for _, p := range trial.End.Producers {
		o.Records += p.Whole.Acked
		bytes += p.Whole.AckedBytes
	}
	o.RecordBytes = float64(bytes) / float64(o.Records)
	o.WireBytes = value("wire.bytes_per_record")
	o.Through = acked
	for _, group := range trial.Begin.Consumers {
		if consumed, ok := metrics[group.Name+".consumed.records_per_second"]; ok {
			o.Through = min(o.Through, float64(consumed.Value))
		}
	}
	o.Saturated = saturated(trial, verdict)
	if !closedLoop(trial) {
		for _, p := range trial.Begin.Producers {
			o.Offered += p.OfferedRecordsPerSecond
		}
		o.P50, o.P99 = value("ack.p50"), value("ack.p99")
	}
	o.Seconds, o.BytesWritten = trial.End.Seconds, float64(o.Records)*o.WireBytes*float64(o.ReplicationFactor)
	return o, ""
}

func closedLoop(trial *results.Trial) bool {
	return slices.ContainsFunc(trial.Begin.Producers, func(p results.ProducerInfo) bool { return !p.OpenLoop })
}

// saturated says whether what came through is what the system can do.
func saturated(trial *results.Trial, verdict Verdict) bool {
	return closedLoop(trial) || slices.ContainsFunc(verdict.Reasons, func(r results.Reason) bool { return r.Code == "overloaded" || r.Code == "lag_grows" })
}

func codesOf(reasons []results.Reason) string {
	var codes []string
	for _, r := range reasons {
		if !slices.Contains(codes, r.Code) {
			codes = append(codes, r.Code)
		}
	}
	return strings.Join(codes, ", ")
}

// configuration reads a trial's place from its first frame and its case's properties.
func configuration(trial *results.Trial, info results.CaseInfo) (c capacity.Configuration, why string) {
	begin := trial.Begin
	written := map[string]bool{}
	for _, p := range begin.Producers {
		written[p.Topic] = true
		c.Producers += p.Clients
		c.Spread = max(c.Spread, p.Spread, 1)
	}
	if len(written) == 0 {
		return c, "it has no producers: the model is of what is written and read at the same time"
	}
	for _, t := range begin.Topics {
		if written[t.Logical] {
			c.Partitions += t.Partitions * max(t.Copies, 1)
			c.ReplicationFactor = max(c.ReplicationFactor, t.ReplicationFactor)
		}
	}
	for _, g := range begin.Consumers {
		if c.Groups++; c.Members == 0 || g.Members < c.Members {
			c.Members = g.Members
		}
	}
	c.Brokers = len(begin.Cluster.Brokers)
	settings := map[string]string{}
	for _, p := range info.Effective {
		if !strings.HasPrefix(p.Group, "producers.") || !slices.Contains(modelledProperties(), p.Name) {
			continue
		}
		if other, known := settings[p.Name]; known && other != p.Value {
			return c, fmt.Sprintf("its producer groups have different %s: the model knows one", p.Name)
		}
		settings[p.Name] = p.Value
	}
	number := func(name string, fallback float64) float64 {
		if v, err := strconv.ParseFloat(settings[name], 64); err == nil {
			return v
		}
		return fallback
	}
	c.Compression = settings["compression.type"]
	if c.Compression == "" {
		c.Compression = "none"
	}
	c.LingerSeconds, c.BatchBytes = number("linger.ms", 5)/1000, number("batch.size", 16384)
	if c.Partitions < 1 || c.Brokers < 1 || c.ReplicationFactor < 1 {
		return c, "its journal does not tell how many partitions, replicas or brokers there were"
	}
	return c, ""
}

// modelledProperties are the client properties that the model knows.
func modelledProperties() []string { return []string{"compression.type", "linger.ms", "batch.size"} }

// modelled says whether the model knows what a varied setting does.
func modelled(path string) bool {
	keys := strings.Split(path, ".")
	last := keys[len(keys)-1]
	for _, property := range modelledProperties() {
		if strings.HasSuffix(path, ".config."+property) {
			return true
		}
	}
	switch keys[0] {
	case "topics":
		return last == "partitions" || strings.HasSuffix(path, ".replication.factor")
	case "producers", "defaults":
		return last == "clients" || last == "rate" || strings.HasSuffix(path, ".value.size") || last == "compressibility"
	case "consumers":
		return last == "members"
	}
	// A search varies the rate, and how long a trial is.
	return keys[0] == "search" || keys[0] == "warmup" || keys[0] == "duration" || keys[0] == "drain"
}

// unmodelled refuses runs whose cases differ in what the model does not know.
func unmodelled(runs []*results.Run) error {
	for _, run := range runs {
		for _, c := range run.Manifest.Cases {
			for _, s := range c.Settings {
				if !modelled(s.Path) {
					return fmt.Errorf("run %s varies %s, which the capacity model does not know: name its cases of one value, as RUN#CASE", run.Manifest.ID, s.Path)
				}
			}
		}
	}
	values := map[string]map[string]bool{}
	for _, run := range runs {
		for _, c := range run.Manifest.Cases {
			for _, p := range c.Effective {
				if slices.Contains(append(modelledProperties(), "client.id", "group.id", "bootstrap.servers"), p.Name) {
					continue
				}
				name := p.Name + " of " + p.Group
				if values[name] == nil {
					values[name] = map[string]bool{}
				}
				values[name][p.Value] = true
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if found := slices.Sorted(maps.Keys(values[name])); len(found) > 1 {
			return fmt.Errorf("the runs differ in %s (%s), which the capacity model does not know: plan from runs that agree in it", name, strings.Join(found, ", "))
		}
	}
	return nil
}
