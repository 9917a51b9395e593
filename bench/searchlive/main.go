// Command searchlive runs kaliper's search many times on real brokers whose limit is known: a
// quota so far below what the machine does that its processors are mostly idle. Therefore several
// searches run beside each other, each on a broker of its own. It prints how near the searches
// come to the quota and to each other, and how long they take. What was measured is kept in a
// file, a line for each search, so that a command that was interrupted goes on where it was.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"time"

	"kaliper/bench/internal/driver"
	"kaliper/results"
)

func main() { driver.Main(run) }

const (
	scenario = "bench/scenarios/search.yaml"
	quota    = 1_000_000 // bytes/s
)

// line is one search in the file.
type line struct {
	Kind    string         `json:"kind"`
	Beside  int            `json:"beside"` // so many searches ran at a time, this one included
	Seconds float64        `json:"seconds"`
	Search  results.Search `json:"search"`
}

// kind is a way of searching, and how often.
type kind struct {
	name     string
	flag     string
	searches int
}

// series is what the searches are made with, and where they are kept.
type series struct {
	path   string
	allow  string
	beside int

	lock sync.Mutex
	done []line // guarded by lock
}

func run(ctx context.Context) error {
	quick := flag.Int("quick", 20, "searches with --quick, of which two after each other are a pair")
	normal := flag.Int("normal", 4, "normal searches")
	beside := flag.Int("beside", 4, "searches at a time, each on a broker of its own")
	allow := flag.String("allow", "", "what searches may be in spite of, as for kaliper search; for a trial on a busy machine")
	path := flag.String("file", "results/bench-search.ndjson", "keep what was measured in this file, and go on with it")
	flag.Parse()
	kinds := []kind{{"--quick", "--quick", *quick}, {"normal", "", *normal}}
	done, err := driver.ReadLines[line](*path)
	if err != nil {
		return err
	}
	s := &series{path: *path, allow: *allow, done: done}
	missing := s.missing(kinds)
	s.beside = max(1, min(*beside, len(missing)))
	err = s.measure(ctx, missing)
	return errors.Join(err, printTable(os.Stdout, s.done, kinds))
}

// missing are the searches that are not in the file yet.
func (s *series) missing(kinds []kind) []kind {
	var missing []kind
	for _, k := range kinds {
		for range k.searches - len(ofKind(s.done, k.name)) {
			missing = append(missing, k)
		}
	}
	return missing
}

// measure makes the searches. One that fails is no reason to end the others: it is made when the
// command is called again.
func (s *series) measure(ctx context.Context, missing []kind) error {
	next := make(chan kind, len(missing))
	for _, k := range missing {
		next <- k
	}
	close(next)
	errs := make([]error, s.beside)
	var places sync.WaitGroup
	for i := range min(s.beside, len(missing)) {
		places.Go(func() { errs[i] = s.place(ctx, next) })
	}
	places.Wait()
	return errors.Join(errs...)
}

// place makes one search after the other, all on one broker, until none is left.
func (s *series) place(ctx context.Context, next <-chan kind) (err error) {
	// Windows of two seconds: with Kafka's eleven a quota lends for longer than a short trial.
	broker, err := driver.StartSmallBroker(ctx, map[string]string{"quota.window.num": "2", "quota.window.size.seconds": "1"})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, broker.Close()) }()
	if err := broker.LimitProducers(ctx, quota); err != nil {
		return err
	}
	var failed []error
	for k := range next {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		one, err := k.search(ctx, broker.Bootstrap(), s.allow)
		if err != nil {
			driver.Sayf("%s: %v", k.name, err)
			failed = append(failed, err)
			continue
		}
		one.Beside = s.beside
		if err := s.keep(one); err != nil {
			return err
		}
	}
	return errors.Join(failed...)
}

// keep writes down a search that ended.
func (s *series) keep(one line) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	c := one.Search.Cases[0]
	s.done = append(s.done, one)
	driver.Sayf("%s, search %d: %.0f records/s, limited by %s, %.0f s", one.Kind, len(ofKind(s.done, one.Kind)), float64(c.RecordsPerSecond), c.LimitedBy, one.Seconds)
	return driver.AppendLine(s.path, one)
}

// search runs one. The results of a search that failed are kept, to see why.
func (k kind) search(ctx context.Context, bootstrap, allow string) (one line, err error) {
	one.Kind = k.name
	folder, err := os.MkdirTemp("", "kaliper-bench-search-")
	if err != nil {
		return one, err
	}
	arguments := []string{"search", scenario, "--json", "--quiet", "--results", folder, "--bootstrap-server", bootstrap}
	if k.flag != "" {
		arguments = append(arguments, k.flag)
	}
	if allow != "" {
		arguments = append(arguments, "--allow", allow)
	}
	command := exec.CommandContext(ctx, driver.Binary, arguments...)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	started := time.Now()
	output, runErr := command.Output() // no rate that qualifies is an answer, too
	one.Seconds = time.Since(started).Seconds()
	if err := json.Unmarshal(output, &one.Search); err != nil {
		return one, fmt.Errorf("%w: %w: %s (%s)", runErr, err, stderr.String(), folder)
	}
	if len(one.Search.Cases) != 1 || !one.Search.Cases[0].Ended {
		return one, fmt.Errorf("the search did not come to its end: %s (%s)", stderr.String(), folder)
	}
	return one, os.RemoveAll(folder)
}

func ofKind(done []line, name string) []line {
	var own []line
	for _, one := range done {
		if one.Kind == name {
			own = append(own, one)
		}
	}
	return own
}
