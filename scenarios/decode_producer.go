package scenarios

import (
	"math"
	"strconv"

	"kaliper/internal/property"
)

func producerKeys() []string {
	return []string{
		"topic", "clients", "rate", "arrival", "key", "value", "headers", "partitioner", "send", "batch_records", "transaction", "config",
	}
}

const defaultBatchRecords = 100

func (d *decoder) producers(root fields, defaults *node, common []written, load Load) []ProducerGroup {
	var groups []ProducerGroup
	for _, e := range root.names("producers") {
		path := "producers." + e.key
		settings := e.value
		if defaults != nil && defaults.kind == mapping {
			settings = merge(defaults, settings)
		}
		groups = append(groups, d.producer(e.key, d.fields(settings, path, producerKeys(), []string{"client", "schema"}), common, load))
	}
	return groups
}

func (d *decoder) producer(name string, f fields, common []written, load Load) ProducerGroup {
	g := ProducerGroup{
		Name:    name,
		Topic:   f.text("topic", ""),
		Clients: f.count("clients", 1, 1, 10_000),
		Arrival: Arrival(f.choice("arrival", string(ArrivalConstant), []string{string(ArrivalConstant), string(ArrivalPoisson)})),
		Send:    Send(f.choice("send", string(SendAsync), []string{string(SendAsync), string(SendSync), string(SendBatch), string(SendTransaction)})),
		Headers: d.headers(f),
	}
	g.Rate, g.RateText = d.rate(f, load.Warmup+load.Duration)
	g.Key = d.key(f)
	g.Value = d.value(f)
	g.Partitioner = d.partitioner(f)
	if g.Send == SendBatch {
		g.BatchSize = f.count("batch_records", defaultBatchRecords, 1, 1_000_000)
	} else if f.child("batch_records") != nil {
		f.wrong("batch_records", "is of send: batch alone; for the client's batches set config.batch.size")
	}
	if f.child("arrival") != nil && len(g.Rate) > 0 && g.Rate[0].Max() {
		f.wrong("arrival", "has no meaning with rate: max, where each record follows the last one's acknowledgement")
	}
	config := d.config(f.child("config"), f.path+".config")
	g.Properties = d.groupProperties(property.Producer, config, common)
	d.transaction(f, &g, config)
	if g.Value.Sample != nil && g.Properties.Role() != "" {
		g.Value.Compressibility = g.Value.Sample.Compressibility(g.Properties.String("compression.type"))
	}
	return g
}

func (d *decoder) headers(f fields) map[string]string {
	n := f.child("headers")
	if n == nil {
		return nil
	}
	if n.kind != mapping {
		f.wrong("headers", "is %s; write a map from header keys to values", n.kind)
		return nil
	}
	headers := map[string]string{}
	for _, e := range n.entries {
		if e.value.kind != scalar {
			d.wrong(e.value.at, joinPath(f.path+".headers", e.key), "is %s; write a text", e.value.kind)
			continue
		}
		headers[e.key] = e.value.text
	}
	return headers
}

// partitioner reads a word, or {manual: [0, 1, 2]}.
func (d *decoder) partitioner(f fields) Partitioner {
	n := f.child("partitioner")
	if n != nil && n.kind == mapping {
		m := d.fields(n, f.path+".partitioner", []string{"manual"}, nil)
		p := Partitioner{Kind: PartitionerManual}
		for _, item := range m.words("manual") {
			number, err := strconv.ParseInt(item.text, 10, 32)
			if err != nil || number < 0 {
				d.wrong(item.at, f.path+".partitioner.manual", "%q is no partition; write numbers from 0", item.text)
				continue
			}
			p.Partitions = append(p.Partitions, int32(number))
		}
		if len(p.Partitions) == 0 && m.child("manual") == nil {
			f.wrong("partitioner", "names no partition; write partitioner: {manual: [0, 1]}")
		}
		return p
	}
	if text, ok := f.scalar("partitioner", "default, round-robin, md5 or {manual: [0, 1]}"); ok && text == string(PartitionerManual) {
		f.wrong("partitioner", "manual needs its partitions; write partitioner: {manual: [0, 1]}")
		return Partitioner{Kind: PartitionerManual}
	}
	legal := []string{string(PartitionerDefault), string(PartitionerRoundRobin), string(PartitionerMD5)}
	if n != nil && n.kind != scalar {
		return Partitioner{Kind: PartitionerDefault}
	}
	return Partitioner{Kind: PartitionerKind(f.choice("partitioner", string(PartitionerDefault), legal))}
}

// What fills the gaps of a key.
const (
	defaultExponent = 0.99
	defaultHotShare = 0.5
	mostZipfKeys    = 20_000_000 // a table of 8 bytes each
	mostKeyBytes    = 64 << 10
)

// key reads none, sequence, or a map with a distribution.
func (d *decoder) key(f fields) Key {
	n := f.child("key")
	if n == nil {
		return Key{Distribution: KeyNone}
	}
	legal := []string{string(KeyNone), string(KeySequence), string(KeyUniform), string(KeyZipf), string(KeyHot)}
	if n.kind == scalar {
		k := Key{Distribution: KeyDistribution(f.choice("key", string(KeyNone), legal))}
		switch k.Distribution {
		case KeySequence:
			k.Cardinality = math.MaxInt64
		case KeyUniform, KeyZipf, KeyHot:
			f.wrong("key", "lacks its cardinality; write key: {distribution: %s, cardinality: 100000}", k.Distribution)
		}
		return k
	}
	m := d.fields(n, f.path+".key", []string{"distribution", "cardinality", "exponent", "hot_share", "size", "sample"}, []string{"file"})
	if m.child("sample") != nil {
		return d.keySample(m)
	}
	k := Key{
		Distribution: KeyDistribution(m.choice("distribution", string(KeyUniform), legal)),
		Size:         m.size("size", 0, 1, mostKeyBytes),
	}
	k.Cardinality = m.integer("cardinality", 0, 1, math.MaxInt64)
	switch {
	case k.Distribution == KeySequence && k.Cardinality == 0:
		k.Cardinality = math.MaxInt64
	case k.Distribution != KeyNone && k.Cardinality == 0 && m.child("cardinality") == nil:
		m.wrong("cardinality", "is missing; write how many different keys there are")
	case k.Distribution == KeyZipf && k.Cardinality > mostZipfKeys:
		m.wrong("cardinality", "%d keys need too large a table for zipf; use %d or less", k.Cardinality, mostZipfKeys)
	}
	d.onlyWith(m, "exponent", k.Distribution == KeyZipf, "distribution: zipf")
	d.onlyWith(m, "hot_share", k.Distribution == KeyHot, "distribution: hot")
	if k.Distribution == KeyZipf {
		k.Exponent = m.number("exponent", defaultExponent, 0.01, 10)
	}
	if k.Distribution == KeyHot {
		k.HotShare = m.number("hot_share", defaultHotShare, 0, 1)
	}
	if digits := len(strconv.FormatInt(max(k.Cardinality-1, 0), 10)); k.Size > 0 && k.Size < digits && k.Distribution != KeyNone {
		m.wrong("size", "%d bytes cannot tell %d keys apart; use %d or more", k.Size, k.Cardinality, digits)
	}
	return k
}

// onlyWith objects to a key that has no meaning here.
func (d *decoder) onlyWith(f fields, key string, fits bool, with string) {
	if f.child(key) != nil && !fits {
		f.wrong(key, "has a meaning with %s only", with)
	}
}
