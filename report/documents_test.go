package report

import (
	"testing"
	"time"
)

// documents are the reports that the tests look at, by name.
func documents(t testing.TB) map[string]*Document {
	t.Helper()
	interrupted := twoCases()
	interrupted.repeats, interrupted.interrupted = 2, true
	single := twoCases()
	single.repeats, single.cases = 1, single.cases[1:]
	single.cases[0].settings = nil
	demo := twoCases()
	demo.repeats, demo.simulated, demo.seconds = 2, true, 8
	before, after := stalled(), stalled()
	before.name, before.stallAt = "baseline", 0
	after.id, after.seed, after.started = "20261119T150000Z-stall-22bb", 9, time.Date(2026, 11, 19, 15, 0, 0, 0, time.UTC)
	first, second := before.build(t), after.build(t)
	second.Manifest.Versions["kaliper"] = "0.2.0"
	second.Manifest.Cases[0].Effective[1].Value = "131072"
	failing := stalled()
	failing.stallAt, failing.failed, failing.repeats = 0, 1200, 5

	docs := map[string]*Document{}
	add := func(name string, d *Document, err error) {
		if err != nil {
			t.Fatal(err)
		}
		docs[name] = d
	}
	d, err := New(twoCases().build(t))
	add("two-cases", d, err)
	d, err = New(stalled().build(t))
	add("stall", d, err)
	d, err = New(interrupted.build(t))
	add("interrupted", d, err)
	d, err = New(single.build(t))
	add("single", d, err)
	d, err = New(untrusted(demo.build(t)))
	add("demo", d, err)
	d, err = New(matrix().build(t))
	add("matrix", d, err)
	d, err = New(first, second)
	add("comparison", d, err)
	d, err = New(failing.build(t))
	add("failing", d, err)
	return docs
}
