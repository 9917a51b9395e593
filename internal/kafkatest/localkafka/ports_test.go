package localkafka

import (
	"net"
	"testing"
)

func TestFreePortsAreDifferentAndBelowTheRangeOfOutgoingConnections(t *testing.T) {
	ports, err := freePorts(20)
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[int]bool)
	for _, port := range ports {
		if seen[port] || port < lowestPort || port >= highestPort {
			t.Errorf("port %d of %v", port, ports)
		}
		seen[port] = true
	}
	if len(ports) != 20 {
		t.Errorf("%d ports, want 20", len(ports))
	}
}

func TestPortsInARowRefuseOneThatIsInUse(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if ports, err := portsFrom(listener.Addr().(*net.TCPAddr).Port, 1); err == nil {
		t.Errorf("ports %v though somebody listens", ports)
	}
}
