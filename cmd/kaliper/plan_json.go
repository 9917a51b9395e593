package main

import (
	"encoding/json"
	"io"
	"math"

	"kaliper/internal/analysis/choose"
	"kaliper/results"
)

// planJSON is what check --json prints; names are those of the summary.
type planJSON struct {
	Schema      string `json:"schema"`
	Name        string `json:"name"`
	Description string `json:"description"`
	// Trials and Seconds are of the whole run; of a choice, about, and Choice says how many at the most.
	Trials      int             `json:"trials"`
	Repeats     *int            `json:"repeats"` // null of a choice, whose rounds are as many as it needs
	Seconds     float64         `json:"duration_seconds"`
	Choice      *planChoiceJSON `json:"choice,omitempty"`
	TopicBytes  results.Number  `json:"topic_bytes"`      // null where a rate is max
	PeakBytes   results.Number  `json:"peak_topic_bytes"` // null where a rate is max
	MemoryBytes int64           `json:"peak_memory_bytes"`
	Level       results.Number  `json:"median_interval_level"` // null of a choice
	// Resolution is there where cases are compared.
	Resolution *resolutionJSON `json:"resolution,omitempty"`
	Cases      []planCaseJSON  `json:"cases"`
	Expect     []string        `json:"expect"`
	Warnings   []string        `json:"warnings"`
}

// planChoiceJSON is what is known beforehand of a choice.
type planChoiceJSON struct {
	ScreeningRounds int     `json:"screening_rounds"` // of all cases
	MostTrials      int     `json:"most_trials"`
	MostSeconds     float64 `json:"most_duration_seconds"`
}

type planCaseJSON struct {
	ID         string                      `json:"id"`
	Settings   []results.Setting           `json:"settings"`
	Seconds    float64                     `json:"duration_seconds"`
	Records    results.Number              `json:"records"`
	Bytes      results.Number              `json:"bytes"`
	Properties []results.EffectiveProperty `json:"properties"`
}

// planSchema names the format of what check --json prints.
const planSchema = "kaliper.check/1"

// writeJSON prints the plan for machines. Without --all only properties that are not simply
// Kafka's defaults are in it.
func (p *plan) writeJSON(w io.Writer) error {
	e := p.estimate
	out := planJSON{
		Schema: planSchema, Name: p.scenario.Name, Description: p.scenario.Description,
		Trials: e.Trials, Repeats: &e.Repeats, Seconds: e.Duration.Seconds(),
		TopicBytes: results.Number(e.TopicBytes * p.share()), PeakBytes: results.Number(e.PeakTopicBytes),
		MemoryBytes: e.PeakMemoryBytes, Level: results.Number(e.MedianInterval), Resolution: p.resolution(),
		Expect: []string{}, Warnings: append([]string{}, p.warnings()...),
	}
	if p.sweep.choose != nil {
		out.Choice = &planChoiceJSON{choose.ScreeningRounds, p.sweep.most, p.sweep.longest().Seconds()}
		out.Trials, out.Seconds = p.sweep.trials, p.sweep.expected().Seconds()
		out.Repeats, out.Level = nil, results.Number(math.NaN())
	}
	for _, c := range p.scenario.Expect {
		out.Expect = append(out.Expect, c.String())
	}
	for i, c := range p.scenario.Cases {
		one := planCaseJSON{
			ID: c.ID, Settings: []results.Setting{}, Seconds: e.PerCase[i].Duration.Seconds(),
			Records: results.Number(e.PerCase[i].Records), Bytes: results.Number(e.PerCase[i].Bytes),
			Properties: []results.EffectiveProperty{},
		}
		for _, s := range c.Settings {
			one.Settings = append(one.Settings, results.Setting{Label: s.Label, Path: s.Path, Value: s.Value})
		}
		single := *p.scenario
		single.Cases = p.scenario.Cases[i : i+1]
		for _, g := range newPlan(&single, p.all).groups {
			for _, s := range p.shown(g) {
				one.Properties = append(one.Properties, results.EffectiveProperty{
					Group: g.name, Name: s.Name, Value: s.Printed(), Origin: s.Origin, Class: string(s.Class), How: s.How,
				})
			}
		}
		out.Cases = append(out.Cases, one)
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(out)
}
