package localkafka

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
)

// Ports are drawn from below the ranges that Linux (32768), macOS and Windows (49152) give
// to outgoing connections: what is free now will not be taken by some client's connection
// in the second until the broker binds it.
const (
	lowestPort  = 20000
	highestPort = 32000
)

// freePorts returns n different ports of the loopback interface that nobody listens on.
// Another process may still draw and bind the same: Start then draws again.
func freePorts(n int) ([]int, error) {
	var ports []int
	seen := make(map[int]bool)
	for range 1000 {
		if len(ports) == n {
			return ports, nil
		}
		port := lowestPort + rand.IntN(highestPort-lowestPort)
		if !seen[port] && portFree(port) {
			ports = append(ports, port)
		}
		seen[port] = true
	}
	return nil, errors.New("find free ports: 1000 draws did not find enough of them on 127.0.0.1")
}

// portsFrom returns n ports in a row, which must be free.
func portsFrom(first, n int) ([]int, error) {
	var ports []int
	for port := first; port < first+n; port++ {
		if !portFree(port) {
			return nil, fmt.Errorf("port %d of 127.0.0.1 is in use: name another first port", port)
		}
		ports = append(ports, port)
	}
	return ports, nil
}

func portFree(port int) bool {
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return false
	}
	return listener.Close() == nil
}
