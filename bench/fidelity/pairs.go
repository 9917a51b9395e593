package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

// figures are what one client's trial of a cell came to.
type figures struct {
	RecordsPerBatch   float64 `json:"records_per_batch"`
	RequestsPerSecond float64 `json:"requests_per_second"`
	BytesPerRecord    float64 `json:"bytes_per_record"` // in the log, the batches' headers included
	ServiceP50Seconds float64 `json:"service_p50_seconds"`
}

func (f figures) String() string {
	return fmt.Sprintf("%.3g/%.4g/%.4g/%.3g ms", f.RecordsPerBatch, f.RequestsPerSecond, f.BytesPerRecord, 1000*f.ServiceP50Seconds)
}

// pair is a cell, measured once with either client.
type pair struct {
	Cell    string    `json:"cell"`
	At      time.Time `json:"at"`
	Java    figures   `json:"java"`
	Kaliper figures   `json:"kaliper"`
	// Trust is kaliper's verdict on its own trial.
	Trust string `json:"trust"`
}

func (p pair) String() string {
	return fmt.Sprintf("%s: Java %s, kaliper %s, %s", p.Cell, p.Java, p.Kaliper, p.Trust)
}

// readPairs reads the results file; none is no error. A last line that a kill cut off is left
// out, and measured again.
func readPairs(path string) ([]pair, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var pairs []pair
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var p pair
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			continue
		}
		pairs = append(pairs, p)
	}
	return pairs, lines.Err()
}

// appendPair adds a line. It begins with a line break if the last one was cut off.
func appendPair(path string, p pair) (err error) {
	line, err := json.Marshal(p)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if info, err := file.Stat(); err == nil && info.Size() > 0 {
		last := make([]byte, 1)
		if _, err := file.ReadAt(last, info.Size()-1); err == nil && last[0] != '\n' {
			line = append([]byte{'\n'}, line...)
		}
	}
	_, err = file.Write(append(line, '\n'))
	return err
}
