package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"

	"kaliper/bench/internal/driver"
)

// The sides' names.
const (
	kaliperSide   = "kaliper"
	integritySide = "kaliper with integrity"
	bareSide      = "bare franz-go"
	javaSide      = "kafka-producer-perf-test"
)

// The partitioners that both clients have. The default ones of the two differ: kaliper's is
// Java's (KIP-794), the library's own ends each visit to a partition with a batch of few records.
const (
	defaultPartitioner = "default"
	roundRobin         = "round-robin"
)

// bareBinary is the bare loop's, as `make bench-peers` leaves it.
const bareBinary = "bin/barefranz"

func runKaliper(ctx context.Context, broker *driver.Broker, integrity, partitioner string) (s sample, err error) {
	err = driver.InFolder(func(folder string) error {
		measured, err := driver.Load{
			Scenario: "bench/scenarios/produce.yaml", Bootstrap: broker.Bootstrap(), Results: folder,
			Set: map[string]string{"integrity": integrity, "producers.load.partitioner": partitioner},
		}.Run(ctx)
		if err != nil {
			return err
		}
		trial, err := measured.Journal()
		if err != nil {
			return err
		}
		records, err := driver.Acknowledged(trial)
		if err != nil {
			return err
		}
		if s.recordsPerSecond, err = measured.Metric("acked.records_per_second"); err != nil {
			return err
		}
		if s.windowCPUSeconds, err = measured.Metric("cpu.seconds_per_record"); err != nil {
			return err
		}
		s.processCPU = measured.Usage.CPUSeconds / float64(records)
		s.maxRSSBytes = float64(measured.Usage.MaxRSSBytes)
		s.remark = measured.Verdict()
		return nil
	})
	return s, err
}

func runBareFranz(ctx context.Context, broker *driver.Broker, topic, partitioner string) (sample, error) {
	usage, output, err := driver.Meter(exec.CommandContext(ctx, bareBinary, "-bootstrap", broker.Bootstrap(), "-topic", topic,
		fmt.Sprintf("-round-robin=%v", partitioner == roundRobin)))
	if err != nil {
		return sample{}, err
	}
	var figures struct {
		RecordsPerSecond    float64 `json:"records_per_second"`
		CPUSecondsPerRecord float64 `json:"cpu_seconds_per_record"`
		RecordsInAll        int64   `json:"records_total"`
	}
	if err := json.Unmarshal(output, &figures); err != nil {
		return sample{}, fmt.Errorf("read the figures of %s: %w", bareBinary, err)
	}
	return sample{
		recordsPerSecond: figures.RecordsPerSecond,
		windowCPUSeconds: figures.CPUSecondsPerRecord,
		processCPU:       usage.CPUSeconds / float64(figures.RecordsInAll),
		maxRSSBytes:      float64(usage.MaxRSSBytes),
	}, nil
}

// runJava runs the class behind kafka-producer-perf-test.sh with the JVM's flags of
// kafka-run-class.sh.
func runJava(ctx context.Context, broker *driver.Broker, topic string, records int64) (sample, error) {
	flags := []string{"-Xmx512M", "-server", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20",
		"-XX:InitiatingHeapOccupancyPercent=35", "-XX:+ExplicitGCInvokesConcurrent",
		"-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"}
	usage, output, err := driver.Meter(broker.Installation().Command(ctx, flags, "org.apache.kafka.tools.ProducerPerformance",
		"--topic", topic, "--num-records", strconv.FormatInt(records, 10), "--record-size", "100", "--throughput", "-1",
		"--producer-props", "bootstrap.servers="+broker.Bootstrap(), "acks=all", "linger.ms=5", "batch.size=16384"))
	if err != nil {
		return sample{}, err
	}
	sent, rate, err := parsePerformance(string(output))
	if err != nil {
		return sample{}, err
	}
	if sent != records {
		return sample{}, fmt.Errorf("%d records were sent, not %d", sent, records)
	}
	return sample{
		recordsPerSecond: rate,
		processCPU:       usage.CPUSeconds / float64(records),
		maxRSSBytes:      float64(usage.MaxRSSBytes),
	}, nil
}

// parsePerformance reads the last line of ProducerPerformance, that over all records:
//
//	8000000 records sent, 523456.3 records/sec (49.92 MB/sec), 540.2 ms avg latency, ...
func parsePerformance(output string) (records int64, recordsPerSecond float64, err error) {
	lines := strings.Split(strings.TrimSpace(output), "\n")
	last := lines[len(lines)-1]
	fields := regexp.MustCompile(`^(\d+) records sent, ([0-9.]+) records/sec `).FindStringSubmatch(last)
	if fields == nil {
		return 0, 0, fmt.Errorf("the last line of kafka-producer-perf-test is not understood: %q", last)
	}
	if records, err = strconv.ParseInt(fields[1], 10, 64); err != nil {
		return 0, 0, err
	}
	recordsPerSecond, err = strconv.ParseFloat(fields[2], 64)
	return records, recordsPerSecond, err
}
