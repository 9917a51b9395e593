package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Record batches, version 2, as they lie in a log: offsets of the fields that are read here
// (https://kafka.apache.org/documentation/#recordbatch).
const (
	offsetOfLength        = 8 // of what follows the length
	lengthEnds            = 12
	offsetOfBaseTimestamp = 27
	offsetOfRecordCount   = 57
	batchHeader           = 61
)

// batches are what a client's batches amount to.
type batches struct {
	count, records, bytes int64
}

// readLog adds up the batches of a topic in a broker's folder whose first record was produced
// within [from, to).
func readLog(folder, topic string, from, to time.Time) (batches, error) {
	var sum batches
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // the broker removes files of its own
		}
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".log" || !partitionOf(filepath.Base(filepath.Dir(path)), topic) {
			return err
		}
		segment, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := sum.add(segment, from.UnixMilli(), to.UnixMilli()); err != nil {
			return fmt.Errorf("segment %s: %w", path, err)
		}
		return nil
	})
	if err == nil && sum.count == 0 {
		err = fmt.Errorf("the log of %s has no batch of the window", topic)
	}
	return sum, err
}

// partitionOf says whether a folder holds a partition of the topic.
func partitionOf(folder, topic string) bool {
	number, ok := strings.CutPrefix(folder, topic+"-")
	return ok && number != "" && strings.Trim(number, "0123456789") == ""
}

// add adds the batches of a segment. The space that a broker prepared for more is zero.
func (b *batches) add(segment []byte, from, to int64) error {
	for len(segment) >= batchHeader {
		length := int64(binary.BigEndian.Uint32(segment[offsetOfLength:])) + lengthEnds
		if length == lengthEnds {
			return nil
		}
		if length < batchHeader || length > int64(len(segment)) {
			return fmt.Errorf("a batch of %d bytes with %d left", length, len(segment))
		}
		if at := int64(binary.BigEndian.Uint64(segment[offsetOfBaseTimestamp:])); from <= at && at < to {
			b.count++
			b.records += int64(binary.BigEndian.Uint32(segment[offsetOfRecordCount:]))
			b.bytes += length
		}
		segment = segment[length:]
	}
	return nil
}
