package main

import (
	"fmt"
	"strconv"
	"strings"
)

// What is the same in every cell.
const (
	partitions      = 12
	keyCardinality  = 10_000
	warmupMillis    = 1000
	durationMillis  = 3000
	valueBytes      = 1024
	preparedRecords = 5000
)

// cell is one combination of what varies.
type cell struct {
	rate   int // records/s
	linger int // ms
	batch  int // bytes
	codec  string
	keyed  bool
}

func (c cell) String() string {
	keys := "keyless"
	if c.keyed {
		keys = "keyed"
	}
	return fmt.Sprintf("%d/s, linger %d, batch %d KiB, %s, %s", c.rate, c.linger, c.batch>>10, c.codec, keys)
}

// properties are the producer's in this cell, under Java's names; what is left out has the
// default that both clients are to share.
func (c cell) properties() map[string]string {
	return map[string]string{
		"acks": "all", "linger.ms": strconv.Itoa(c.linger), "batch.size": strconv.Itoa(c.batch), "compression.type": c.codec,
	}
}

// keys is the cardinality of the keys; 0 for none.
func (c cell) keys() int {
	if c.keyed {
		return keyCardinality
	}
	return 0
}

func allCells() []cell {
	var cells []cell
	for _, rate := range []int{2_000, 20_000} {
		for _, keyed := range []bool{false, true} {
			for _, linger := range []int{0, 5, 50} {
				for _, batch := range []int{16 << 10, 128 << 10} {
					for _, codec := range []string{"none", "lz4"} {
						cells = append(cells, cell{rate, linger, batch, codec, keyed})
					}
				}
			}
		}
	}
	return cells
}

// chosen returns all cells, or the one with that name.
func chosen(name string) ([]cell, error) {
	cells := allCells()
	if name == "" {
		return cells, nil
	}
	var names []string
	for _, c := range cells {
		if c.String() == name {
			return []cell{c}, nil
		}
		names = append(names, c.String())
	}
	return nil, fmt.Errorf("no cell is named %q; the cells are:\n%s", name, strings.Join(names, "\n"))
}
