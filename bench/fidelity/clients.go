package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"kaliper/bench/internal/driver"
)

const (
	scenario   = "bench/scenarios/fidelity.yaml"
	javaSource = "bench/fidelity/FidelityProducer.java"
)

// jobBound is how long the JVM may take for a job of a few seconds.
const jobBound = time.Minute

const base64Digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// bench is a broker, a JVM that waits for jobs, and the values that both clients send.
type bench struct {
	broker *driver.Broker
	folder string
	values string // file
	topics int

	jvm     *exec.Cmd
	jobs    io.WriteCloser
	answers *bufio.Reader
}

func newBench(ctx context.Context, broker *driver.Broker, folder string) (*bench, error) {
	b := &bench{broker: broker, folder: folder, values: filepath.Join(folder, "values.ndjson")}
	if err := os.WriteFile(b.values, orderEvents(), 0o644); err != nil {
		return nil, err
	}
	b.jvm = broker.Installation().Command(ctx, []string{"-Xms512m", "-Xmx512m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"}, javaSource)
	b.jvm.Stderr = os.Stderr
	var err error
	if b.jobs, err = b.jvm.StdinPipe(); err != nil {
		return nil, err
	}
	answers, err := b.jvm.StdoutPipe()
	if err != nil {
		return nil, err
	}
	b.answers = bufio.NewReader(answers)
	return b, b.jvm.Start()
}

// close ends the JVM, which does so at its input's end.
func (b *bench) close() error { return errors.Join(b.jobs.Close(), b.jvm.Wait()) }

// orderEvents returns values of valueBytes, one a line: names that repeat and a random
// signature, so that compression has something to do and something to leave.
func orderEvents() []byte {
	random := rand.New(rand.NewPCG(1, 2))
	var lines []byte
	for n := range preparedRecords {
		end := len(lines) + valueBytes
		lines = fmt.Appendf(lines, `{"type":"order.created","order":"%016x","customer":"%08x","currency":"EUR","items":[`, random.Uint64(), random.Uint32())
		for items := ""; len(lines) < end-2*valueBytes/5; items = "," {
			lines = fmt.Appendf(lines, `%s{"product":"%08x","quantity":%d,"price":%.2f,"warehouse":"north"}`, items, random.Uint32(), 1+n%5, 100*random.Float64())
		}
		lines = append(lines, `],"signature":"`...)
		for len(lines) < end-2 {
			lines = append(lines, base64Digits[random.IntN(len(base64Digits))])
		}
		lines = append(lines, "\"}\n"...)
	}
	return lines
}

// pair measures a cell with both clients, in random order.
func (b *bench) pair(ctx context.Context, v visit) (pair, error) {
	p := pair{Cell: v.cell.String(), At: time.Now().UTC()}
	sides := []func() error{
		func() (err error) { p.Java, err = b.java(ctx, v.cell, "java"); return err },
		func() (err error) { p.Kaliper, p.Trust, err = b.kaliper(ctx, v.cell); return err },
	}
	rand.Shuffle(len(sides), func(i, j int) { sides[i], sides[j] = sides[j], sides[i] })
	for _, side := range sides {
		if err := side(); err != nil {
			return p, err
		}
	}
	return p, nil
}

// withTopic calls do with a topic of its own, and deletes it.
func (b *bench) withTopic(of string, do func(topic string) error) error {
	b.topics++
	topic := fmt.Sprintf("fidelity-%s-%d", of, b.topics)
	job := map[string]string{"topic": topic, "partitions": strconv.Itoa(partitions), "config.bootstrap.servers": b.broker.Bootstrap()}
	job["do"] = "create"
	if err := b.ask(job, nil); err != nil {
		return err
	}
	err := do(topic)
	job["do"] = "delete"
	return errors.Join(err, b.ask(job, nil))
}

// ask gives the JVM a job and reads its answer.
func (b *bench) ask(job map[string]string, answer any) error {
	var pairs []string
	for name, value := range job {
		pairs = append(pairs, name+"="+value)
	}
	if _, err := fmt.Fprintln(b.jobs, strings.Join(pairs, "\t")); err != nil {
		return fmt.Errorf("give the JVM a job: %w", err)
	}
	// A client that never ends would keep the whole series waiting.
	tooLong := time.AfterFunc(jobBound, func() { _ = b.jvm.Process.Kill() })
	defer tooLong.Stop()
	line, err := b.answers.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("read the JVM's answer to %s within %v: %w", job["do"], jobBound, err)
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(line, answer)
}

// java runs Kafka's own producer.
func (b *bench) java(ctx context.Context, c cell, name string) (f figures, err error) {
	err = b.withTopic(name, func(topic string) error {
		job := map[string]string{
			"do": "produce", "topic": topic, "rate": strconv.Itoa(c.rate),
			"warmup": strconv.Itoa(warmupMillis), "duration": strconv.Itoa(durationMillis),
			"values": b.values, "keys": strconv.Itoa(c.keys()),
			"config.bootstrap.servers": b.broker.Bootstrap(),
		}
		for property, value := range c.properties() {
			job["config."+property] = value
		}
		var answer struct {
			StartMillis       int64   `json:"start_millis"`
			RequestsPerSecond float64 `json:"requests_per_second"`
			ServiceP50Seconds float64 `json:"service_p50_seconds"`
			Errors            int     `json:"errors"`
		}
		if err := b.ask(job, &answer); err != nil {
			return err
		}
		if answer.Errors > 0 {
			return fmt.Errorf("%d records that the Java client sent were refused", answer.Errors)
		}
		f = figures{RequestsPerSecond: answer.RequestsPerSecond, ServiceP50Seconds: answer.ServiceP50Seconds}
		return b.addLog(&f, topic, time.UnixMilli(answer.StartMillis))
	})
	return f, errors.Join(err, ctx.Err())
}

// kaliper runs kaliper.
func (b *bench) kaliper(ctx context.Context, c cell) (f figures, trust string, err error) {
	err = b.withTopic("kaliper", func(topic string) error {
		load := driver.Load{Scenario: scenario, Bootstrap: b.broker.Bootstrap(), Results: filepath.Join(b.folder, "results"), Set: map[string]string{
			"topics.load.existing": topic, "producers.load.rate": strconv.Itoa(c.rate) + "/s",
			"producers.load.value": "{file: " + b.values + "}",
			"warmup":               strconv.Itoa(warmupMillis) + "ms", "duration": strconv.Itoa(durationMillis) + "ms",
		}}
		if c.keyed {
			load.Set["producers.load.key"] = fmt.Sprintf("{distribution: sequence, cardinality: %d}", c.keys())
		}
		for property, value := range c.properties() {
			load.Set["producers.load.config."+property] = value
		}
		measured, err := load.Run(ctx)
		if err != nil {
			return err
		}
		trust = string(measured.Summary.Run.Trust)
		journal, err := measured.Journal()
		if err != nil {
			return err
		}
		if f.RequestsPerSecond, err = measured.Metric("requests.per_second"); err != nil {
			return err
		}
		if f.ServiceP50Seconds, err = measured.Metric("service.p50"); err != nil {
			return err
		}
		return b.addLog(&f, topic, journal.Begin.Started)
	})
	return f, trust, err
}

// addLog adds what the broker's log says of the window of a load that began at start.
func (b *bench) addLog(f *figures, topic string, start time.Time) error {
	from := start.Add(warmupMillis * time.Millisecond)
	sum, err := readLog(b.broker.Folder(), topic, from, from.Add(durationMillis*time.Millisecond))
	if err != nil {
		return err
	}
	f.RecordsPerBatch = float64(sum.records) / float64(sum.count)
	f.BytesPerRecord = float64(sum.bytes) / float64(sum.records)
	return nil
}
