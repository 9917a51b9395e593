package scenarios

import (
	"fmt"

	"kaliper/internal/sample"
)

// sampleOrError is the file of a sample, or why there is none.
type sampleOrError struct {
	topic *sample.Topic
	err   error
}

// sample reads the file that a key sample names; nil, and an objection, where that cannot be.
func (d *decoder) sample(m fields) (*sample.Topic, string) {
	path := m.text("sample", "")
	if path == "" {
		m.wrong("sample", "is missing; name a file that kaliper topics sample made")
		return nil, path
	}
	at := m.position("sample")
	key := at.file + "\x00" + path
	read, ok := d.samples[key]
	if !ok {
		var data []byte
		if data, read.err = d.readBeside(path, at.file); read.err == nil {
			if read.topic, read.err = sample.Decode(data); read.err != nil {
				read.err = fmt.Errorf("%s %w", path, read.err)
			}
		}
		d.samples[key] = read
	}
	if read.err != nil {
		m.wrong("sample", "%v", read.err)
	}
	return read.topic, path
}

// valueSample makes values those that a sample keeps, or sizes those that it saw.
func (d *decoder) valueSample(m fields, v *Value) {
	v.Sample, v.File = d.sample(m)
	if v.Sample == nil {
		v.Size = Size{Distribution: SizeFixed, Bytes: defaultValueBytes}
		return
	}
	if v.Lines = v.Sample.Values(); v.Lines != nil {
		return
	}
	v.Size.Distribution = SizeHistogram
	for _, bin := range v.Sample.Sizes {
		v.Size.Bins = append(v.Size.Bins, SizeBin{Bytes: bin.Bytes, Weight: float64(bin.Records)})
	}
}

// keySample reads {sample: FILE}, which says all about keys.
func (d *decoder) keySample(m fields) Key {
	for _, key := range []string{"distribution", "cardinality", "exponent", "hot_share", "size"} {
		if m.child(key) != nil {
			m.wrong(key, "is said by the sample; leave it out")
		}
	}
	k := Key{Distribution: KeySample}
	if k.Sample, _ = d.sample(m); k.Sample == nil {
		return Key{Distribution: KeyNone}
	}
	k.Cardinality = k.Sample.DistinctKeys()
	if estimated := k.Sample.EstimatedKeys(); estimated > 2*k.Cardinality {
		m.warn("sample", "has %d different keys, most of them once: its topic has %d or more; take a larger sample, or write distribution and cardinality", k.Cardinality, estimated)
	}
	return k
}
