package scenarios

import (
	"bytes"
	"math"
	"strings"

	"kaliper/internal/unit"
)

// BrokerLimits are what one broker may be given, as its hardware, its provider or its owner says.
// 0 is no limit.
type BrokerLimits struct {
	NetworkIn, NetworkOut float64 // bytes/s
	DiskWrite             float64 // bytes/s
	Disk                  float64 // bytes
	Partitions            int     // replicas of partitions
}

// brokerLimitsKeys are all keys of a file of limits.
func brokerLimitsKeys() []string {
	return []string{"network_in", "network_out", "disk_write", "disk", "partitions"}
}

// ParseBrokerLimits reads a file of limits. The error is Errors.
func ParseBrokerLimits(source Source) (BrokerLimits, error) {
	l := newLoader(Options{})
	if len(bytes.TrimSpace(source.Data)) == 0 {
		l.problems.add(position{file: source.Name}, "", "is empty; write at least one of %s", strings.Join(brokerLimitsKeys(), ", "))
		return BrokerLimits{}, l.problems.err()
	}
	root := read(source.Name, source.Data, layerFile, &l.problems)
	if root == nil {
		return BrokerLimits{}, l.problems.err()
	}
	d := &decoder{loader: l, problems: &l.problems}
	f := d.fields(root, "", brokerLimitsKeys(), nil)
	limits := BrokerLimits{
		NetworkIn: f.bytesPerSecond("network_in"), NetworkOut: f.bytesPerSecond("network_out"), DiskWrite: f.bytesPerSecond("disk_write"),
		Partitions: f.count("partitions", 0, 1, math.MaxInt32),
	}
	if text, ok := f.scalar("disk", "a size such as 2TB"); ok {
		size, err := unit.ParseSize(text)
		if err == nil && size == 0 {
			f.wrong("disk", "is 0; leave it out where there is no limit")
		} else if err != nil {
			f.wrong("disk", "%v", err)
		}
		limits.Disk = float64(size)
	}
	if limits == (BrokerLimits{}) && len(l.problems.list) == 0 {
		l.problems.add(root.at, "", "has no limit; write at least one of %s", strings.Join(brokerLimitsKeys(), ", "))
	}
	return limits, l.problems.err()
}

// bytesPerSecond reads a rate of bytes; 0 where there is none.
func (f fields) bytesPerSecond(key string) float64 {
	text, ok := f.scalar(key, "a rate such as 400MB/s")
	if !ok {
		return 0
	}
	rate, err := unit.ParseRate(text)
	switch {
	case err != nil:
		f.wrong(key, "%v", err)
	case !rate.Bytes || rate.PerSecond <= 0:
		f.wrong(key, "%s is no rate of bytes; write one such as 400MB/s", text)
	}
	return rate.PerSecond
}
