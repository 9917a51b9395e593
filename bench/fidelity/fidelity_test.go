package main

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kaliper/bench/internal/driver"
)

// batchBytes makes the header of a batch as it lies in a log, and zeros behind it.
func batchBytes(at time.Time, records uint32, length int) []byte {
	b := make([]byte, length)
	binary.BigEndian.PutUint32(b[offsetOfLength:], uint32(length-lengthEnds))
	binary.BigEndian.PutUint64(b[offsetOfBaseTimestamp:], uint64(at.UnixMilli()))
	binary.BigEndian.PutUint32(b[offsetOfRecordCount:], records)
	return b
}

func TestBatchesOfTheWindowAreAddedUpOverATopicsPartitions(t *testing.T) {
	folder := t.TempDir()
	from := time.UnixMilli(1_000_000)
	to := from.Add(time.Second)
	prepared := make([]byte, 200) // what the broker allocated beyond the last batch
	write := func(partition string, parts ...[]byte) {
		t.Helper()
		directory := filepath.Join(folder, "node-1", "data", partition)
		if err := os.MkdirAll(directory, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(directory, "00000000000000000000.log"), bytes.Join(parts, nil), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("orders-0", batchBytes(from.Add(-1), 100, 900), batchBytes(from, 10, 300), batchBytes(to.Add(-1), 20, 500), batchBytes(to, 100, 900), prepared)
	write("orders-11", batchBytes(from, 5, 100))
	write("orders-old-0", batchBytes(from, 1000, 1000))

	sum, err := readLog(folder, "orders", from, to)
	if err != nil || sum != (batches{count: 3, records: 35, bytes: 900}) {
		t.Errorf("got %+v, %v", sum, err)
	}
	if _, err := readLog(folder, "payments", from, to); err == nil || !strings.Contains(err.Error(), "no batch") {
		t.Errorf("a topic without batches: %v", err)
	}
	write("orders-1", batchBytes(from, 5, 100)[:80])
	if _, err := readLog(folder, "orders", from, to); err == nil {
		t.Error("half a batch was no error")
	}
}

func TestASeriesGoesOnWhereItWasInterrupted(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pairs.ndjson")
	cells := allCells()
	if len(cells) != 48 {
		t.Fatalf("%d cells", len(cells))
	}
	for _, c := range cells[:3] {
		if err := driver.AppendLine(file, pair{Cell: c.String()}); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	// Killed in the middle of the third line; then another one is written.
	if err := os.WriteFile(file, text[:len(text)-20], 0o644); err != nil {
		t.Fatal(err)
	}
	if err := driver.AppendLine(file, pair{Cell: cells[3].String()}); err != nil {
		t.Fatal(err)
	}
	pairs, err := driver.ReadLines[pair](file)
	if err != nil || len(pairs) != 3 {
		t.Fatalf("%d pairs, %v", len(pairs), err)
	}
	missing := missingVisits(cells, 2, pairs)
	if len(missing) != 2*48-3 {
		t.Fatalf("%d visits are missing", len(missing))
	}
	inFirst := map[string]bool{}
	for _, v := range missing[:45] {
		if v.round != 1 {
			t.Fatalf("%v before the first round is over", v)
		}
		inFirst[v.cell.String()] = true
	}
	if inFirst[cells[0].String()] || !inFirst[cells[2].String()] {
		t.Error("the first round repeats what is there, or leaves out what was cut off")
	}
}

func TestTheTableMarksMissesAndReplacesOnlyItself(t *testing.T) {
	cells := allCells()[:1]
	java := figures{RecordsPerBatch: 10, RequestsPerSecond: 100, BytesPerRecord: 1000, ServiceP50Seconds: 0.004}
	kaliper := figures{RecordsPerBatch: 11, RequestsPerSecond: 120, BytesPerRecord: 1040, ServiceP50Seconds: 0.0045}
	p := pair{Cell: cells[0].String(), Java: java, Kaliper: kaliper, Trust: "TRUSTED"}
	page := filepath.Join(t.TempDir(), "page.md")
	if err := os.WriteFile(page, []byte("before\n"+tableBegins+"outdated\n"+tableEnds+"after\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := replaceTable(page, cells, []pair{p, p, p}); err != nil {
		t.Fatal(err)
	}
	made, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	text := string(made)
	for _, want := range []string{"before\n", "after\n", "| 10 x1.10 [1.10, 1.10] |", "| **100 x1.20 [1.20, 1.20]** |", "| 1000 x1.04", "| 4 x1.12", "an interval of 75%"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "outdated") {
		t.Error("the old table is still there")
	}
	if err := os.WriteFile(page, []byte("no marks"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := replaceTable(page, cells, []pair{p}); err == nil {
		t.Error("a page without the marks was no error")
	}
}

func TestValuesHaveTheSizeThatTheCellsSpeakOf(t *testing.T) {
	lines := bytes.Split(bytes.TrimSuffix(orderEvents(), []byte("\n")), []byte("\n"))
	if len(lines) != preparedRecords {
		t.Fatalf("%d values", len(lines))
	}
	for i, line := range lines {
		if len(line) != valueBytes {
			t.Fatalf("value %d has %d bytes", i, len(line))
		}
	}
}
