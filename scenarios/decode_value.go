package scenarios

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
)

// Bounds of values.
const (
	defaultValueBytes = 1024
	mostValueBytes    = 256 << 20
	leastJSONBytes    = 300 // an order event's own fields
	mostFileBytes     = 1 << 30
)

// value reads what the values look like; random ones of 1 KiB where nothing is said.
func (d *decoder) value(f fields) Value {
	n := f.child("value")
	fixed := Size{Distribution: SizeFixed, Bytes: defaultValueBytes}
	if n == nil {
		return Value{Format: ValueRandom, Size: fixed}
	}
	m := d.fields(n, f.path+".value", []string{"format", "size", "compressibility", "file", "sample", "schema", "message", "subject", "registry"}, nil)
	legal := []string{string(ValueRandom), string(ValueJSON), string(ValueText), string(ValueFile), string(ValueSample)}
	legal = append(legal, schemaFormats()...)
	fallback := ValueRandom
	if m.child("file") != nil {
		fallback = ValueFile
	}
	if m.child("sample") != nil {
		fallback = ValueSample
	}
	v := Value{
		Format: ValueFormat(m.choice("format", string(fallback), legal)),
		File:   m.text("file", ""),
	}
	d.onlyWith(m, "compressibility", v.Format == ValueRandom, "format: random")
	d.onlyWith(m, "file", v.Format == ValueFile, "format: file")
	d.onlyWith(m, "sample", v.Format == ValueSample, "format: sample")
	typed := slices.Contains(schemaFormats(), string(v.Format))
	for _, key := range []string{"schema", "message", "subject", "registry"} {
		d.onlyWith(m, key, typed, "format: avro, json-schema or protobuf")
	}
	if v.Format == ValueSample {
		d.onlyWith(m, "size", false, "a generated format")
		d.valueSample(m, &v)
		return v
	}
	if v.Format == ValueFile {
		d.onlyWith(m, "size", false, "a generated format")
		d.valueFile(m, &v)
		return v
	}
	v.Compressibility = m.number("compressibility", 0, 0, 1)
	v.Size = fixed
	if m.child("size") != nil {
		v.Size = d.size(m)
	}
	if typed {
		d.typed(m, string(v.Format), &v)
	}
	if v.Format == ValueJSON {
		if least := v.Size.smallest(); least < leastJSONBytes {
			m.wrong("size", "%d bytes are too few for an order event, whose fields need up to %d; use more, or format: text", least, leastJSONBytes)
		}
	}
	return v
}

// smallest returns the smallest size that can be drawn.
func (s Size) smallest() int {
	switch s.Distribution {
	case SizeUniform, SizeLognormal:
		return s.Min
	case SizeHistogram:
		least := s.Bins[0].Bytes
		for _, bin := range s.Bins {
			least = min(least, bin.Bytes)
		}
		return least
	default:
		return s.Bytes
	}
}

// size reads 1KiB, or a map with a distribution.
func (d *decoder) size(f fields) Size {
	fixed := Size{Distribution: SizeFixed, Bytes: defaultValueBytes}
	n := f.child("size")
	if n.kind == scalar {
		fixed.Bytes = f.size("size", defaultValueBytes, 0, mostValueBytes)
		return fixed
	}
	m := d.fields(n, f.path+".size", []string{"distribution", "bytes", "min", "max", "median", "sigma", "bins"}, nil)
	legal := []string{string(SizeFixed), string(SizeUniform), string(SizeLognormal), string(SizeHistogram)}
	if m.child("distribution") == nil {
		m.wrong("distribution", "is missing; use one of fixed, uniform, lognormal, histogram")
		return fixed
	}
	s := Size{Distribution: SizeDistribution(m.choice("distribution", string(SizeFixed), legal))}
	needed := map[SizeDistribution][]string{
		SizeFixed: {"bytes"}, SizeUniform: {"min", "max"}, SizeLognormal: {"median", "sigma", "max"}, SizeHistogram: {"bins"},
	}[s.Distribution]
	for _, key := range needed {
		if m.child(key) == nil {
			m.wrong(key, "is missing for distribution: %s", s.Distribution)
		}
	}
	d.onlyWith(m, "bytes", s.Distribution == SizeFixed, "distribution: fixed")
	d.onlyWith(m, "median", s.Distribution == SizeLognormal, "distribution: lognormal")
	d.onlyWith(m, "sigma", s.Distribution == SizeLognormal, "distribution: lognormal")
	d.onlyWith(m, "bins", s.Distribution == SizeHistogram, "distribution: histogram")
	ranged := s.Distribution == SizeUniform || s.Distribution == SizeLognormal
	d.onlyWith(m, "min", ranged, "distribution: uniform or lognormal")
	d.onlyWith(m, "max", ranged, "distribution: uniform or lognormal")

	s.Bytes = m.size("bytes", 0, 0, mostValueBytes)
	s.Max = m.size("max", 0, 0, mostValueBytes)
	s.Min = m.size("min", 0, 0, mostValueBytes)
	s.Median = m.size("median", 0, 1, mostValueBytes)
	s.Sigma = m.number("sigma", 0, 0, 10)
	if s.Min > s.Max && m.child("max") != nil {
		m.wrong("max", "%d bytes are less than min, %d", s.Max, s.Min)
		s.Max = s.Min
	}
	if s.Distribution == SizeHistogram {
		s.Bins = d.bins(m)
	}
	return s
}

func (d *decoder) bins(f fields) []SizeBin {
	var bins []SizeBin
	sum := 0.0
	n := f.child("bins")
	if n != nil && n.kind != list {
		f.wrong("bins", "is %s; write a list such as [{bytes: 100, weight: 3}]", n.kind)
	}
	if n != nil {
		for i, item := range n.items {
			m := d.fields(item, f.path+".bins["+strconv.Itoa(i)+"]", []string{"bytes", "weight"}, nil)
			bin := SizeBin{Bytes: m.size("bytes", 0, 0, mostValueBytes), Weight: m.number("weight", 1, 0, 1e12)}
			sum += bin.Weight
			bins = append(bins, bin)
		}
	}
	if sum == 0 {
		if n != nil {
			f.wrong("bins", "weighs nothing; write a list such as [{bytes: 100, weight: 3}]")
		}
		return []SizeBin{{Bytes: defaultValueBytes, Weight: 1}}
	}
	return bins
}

// linesOrError is a file of values, or why there is none.
type linesOrError struct {
	lines [][]byte
	err   error
}

// valueFile reads the lines of a file; empty ones are no records.
func (d *decoder) valueFile(m fields, v *Value) {
	if v.File == "" {
		m.wrong("file", "is missing; name a file with one value a line")
		return
	}
	at := m.position("file")
	key := at.file + "\x00" + v.File
	read, ok := d.lines[key]
	if !ok {
		read = splitLines(d.readBeside(v.File, at.file))
		d.lines[key] = read
	}
	if read.err != nil {
		m.wrong("file", "%v", read.err)
	}
	v.Lines = read.lines
}

func splitLines(data []byte, err error) linesOrError {
	if err != nil {
		return linesOrError{err: err}
	}
	if len(data) > mostFileBytes {
		return linesOrError{err: fmt.Errorf("is larger than 1 GiB; take a sample of it")}
	}
	var lines [][]byte
	for line := range bytes.Lines(data) {
		if line = bytes.TrimRight(line, "\r\n"); len(line) > 0 {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return linesOrError{err: fmt.Errorf("has no line")}
	}
	return linesOrError{lines: lines}
}
