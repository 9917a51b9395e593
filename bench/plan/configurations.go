package main

import (
	"fmt"
	"strconv"

	"kaliper/internal/analysis/capacity"
)

// configuration is what varies.
type configuration struct {
	bytes      int // of a value
	codec      string
	members    int
	producers  int
	partitions int
	linger     int // ms
}

func (c configuration) String() string {
	return fmt.Sprintf("%d B, %s, %d members, %d producers, %d partitions, linger %d", c.bytes, c.codec, c.members, c.producers, c.partitions, c.linger)
}

// set returns the configuration as --set takes it.
func (c configuration) set() map[string]string {
	return map[string]string{
		"producers.source.value.size":              strconv.Itoa(c.bytes),
		"producers.source.config.compression.type": c.codec,
		"producers.source.config.linger.ms":        strconv.Itoa(c.linger),
		"producers.source.clients":                 strconv.Itoa(c.producers),
		"consumers.readers.members":                strconv.Itoa(c.members),
		"topics.events.partitions":                 strconv.Itoa(c.partitions),
	}
}

// configurations are bound by the quota (large records, many members), by members (small records,
// few members), or by both nearly alike. With each codec the quota binds with one, two and four
// producers, so that it cannot be taken for theirs, whichever is left out. A member's 800 us are 1,250 records/s. The order is such
// that the first few have both.
func configurations() []configuration {
	return []configuration{
		{1000, "none", 4, 2, 8, 5},
		{200, "none", 1, 2, 8, 5},
		{4000, "none", 2, 4, 8, 5},
		{200, "none", 2, 2, 8, 5},
		{1000, "lz4", 8, 2, 8, 5},
		{200, "none", 4, 4, 8, 5},
		{2000, "none", 4, 1, 8, 5},
		{500, "none", 1, 4, 4, 5},
		{500, "none", 6, 2, 12, 5},
		{4000, "lz4", 4, 1, 8, 20},
		{200, "none", 8, 2, 8, 5},
		{1000, "lz4", 2, 1, 4, 20},
		{2000, "lz4", 4, 4, 12, 5},
		{1000, "none", 6, 4, 12, 20},
		{500, "lz4", 3, 2, 12, 5},
		{500, "none", 2, 1, 4, 20},
	}
}

// measurement is a line of the results file.
type measurement struct {
	Configuration string                 `json:"configuration"`
	Observations  []capacity.Observation `json:"observations"`
	LeftOut       []string               `json:"left_out,omitempty"`
}

func (m measurement) String() string {
	text := "nothing"
	for _, g := range capacity.Groups(m.Observations) {
		if highest, known := g.Capacity(); known {
			text = fmt.Sprintf("%.0f records/s", highest)
		}
	}
	if len(m.LeftOut) > 0 {
		text += fmt.Sprintf(" (%d trials left out: %s)", len(m.LeftOut), m.LeftOut[0])
	}
	return text
}
