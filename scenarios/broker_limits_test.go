package scenarios

import (
	"strings"
	"testing"
)

func TestBrokerLimitsAreRead(t *testing.T) {
	got, err := ParseBrokerLimits(Source{Name: "limits.yaml", Data: []byte("network_in: 1.25GB/s\nnetwork_out: 2GB/s\ndisk_write: 400MB/s\ndisk: 4TB\npartitions: 4000\n")})
	want := BrokerLimits{NetworkIn: 1.25e9, NetworkOut: 2e9, DiskWrite: 400e6, Disk: 4e12, Partitions: 4000}
	if err != nil || got != want {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
}

func TestWrongBrokerLimitsSayWhereAndWhatWouldBeRight(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"an unknown key":      {"network_inn: 1GB/s\n", `limits.yaml:1:1: network_inn: unknown key; did you mean "network_in"?`},
		"a rate of records":   {"disk_write: 400/s\n", "limits.yaml:1:13: disk_write: 400/s is no rate of bytes"},
		"a size for a rate":   {"disk_write: 400MB\n", "limits.yaml:1:13: disk_write: rate \"400MB\""},
		"a disk without size": {"disk: 0\n", "limits.yaml:1:7: disk: is 0"},
		"an empty file":       {"", "limits.yaml: is empty; write at least one of network_in"},
		"no limit":            {"{}\n", "has no limit"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := ParseBrokerLimits(Source{Name: "limits.yaml", Data: []byte(test.text)}); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}

func FuzzBrokerLimits(f *testing.F) {
	f.Add([]byte("network_in: 1GB/s\npartitions: 3\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		limits, err := ParseBrokerLimits(Source{Name: "limits.yaml", Data: data})
		if err == nil && limits == (BrokerLimits{}) {
			t.Error("neither limits nor an error")
		}
	})
}
