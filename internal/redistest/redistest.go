// Package redistest gives a test a real Redis server:
//
//	server := redistest.Start(t)
//	client := redis.NewClient(&redis.Options{Addr: server.Address()})
//
// It decides when such a test runs: it is skipped, saying so, where redis-server is missing, and
// with KALIPER_REQUIRE_REDIS=1 (.ci/run) that is a failure.
package redistest

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// requireVariable makes what would skip a test fail it.
const requireVariable = "KALIPER_REQUIRE_REDIS"

// Bounds of starting a server.
const (
	startBound = 20 * time.Second
	startTries = 5 // another process may take the port meanwhile
	askEvery   = 10 * time.Millisecond
)

// Server is a Redis server of a test's own. It keeps nothing on disk.
type Server struct {
	t       testing.TB
	port    string
	options []string
	process *exec.Cmd
	log     output
	ended   chan struct{}
}

// output is what a server printed.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// Start starts a server with redis-server's options, and stops it when the test ends.
func Start(t testing.TB, options ...string) *Server {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		if os.Getenv(requireVariable) == "1" {
			t.Fatalf("%v, and %s=1 wants it: apt-get install redis-server", err, requireVariable)
		}
		t.Skipf("%v: apt-get install redis-server runs this", err)
	}
	s := &Server{t: t, options: options}
	t.Cleanup(func() {
		s.Kill()
		if t.Failed() {
			t.Log(s.log.String())
		}
	})
	var err error
	for range startTries {
		if s.port, err = freePort(); err == nil {
			err = s.start()
		}
		if err == nil {
			return s
		}
	}
	t.Fatal(err)
	return nil
}

// Address returns host:port.
func (s *Server) Address() string { return net.JoinHostPort("127.0.0.1", s.port) }

// URL returns the URL of database 0.
func (s *Server) URL() string { return "redis://" + s.Address() + "/0" }

// Kill ends the server as kill -9 does, and waits until it is gone. All that it knew is lost.
func (s *Server) Kill() {
	if s.process == nil {
		return
	}
	_ = s.process.Process.Kill() // it may be gone
	<-s.ended
	s.process = nil
}

// Restart starts the server anew at its address.
func (s *Server) Restart() {
	s.t.Helper()
	s.Kill()
	if err := s.start(); err != nil {
		s.t.Fatal(err)
	}
}

func (s *Server) start() error {
	arguments := append([]string{"--port", s.port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"}, s.options...)
	process := exec.Command("redis-server", arguments...)
	process.Stdout, process.Stderr = &s.log, &s.log
	if err := process.Start(); err != nil {
		return fmt.Errorf("start redis-server: %w", err)
	}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = process.Wait() }() // how it ended does not matter
	s.process, s.ended = process, ended
	ctx, cancel := context.WithTimeout(context.Background(), startBound)
	defer cancel()
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	for !answers(s.Address()) {
		select {
		case <-ended:
			s.process = nil
			return fmt.Errorf("redis-server ended: %s", s.log.String())
		case <-ctx.Done():
			s.Kill()
			return fmt.Errorf("redis-server does not answer after %v: %s", startBound, s.log.String())
		case <-tick.C:
		}
	}
	return nil
}

// answers says whether a Redis server is there, be it that it wants a password.
func answers(address string) bool {
	connection, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return false
	}
	defer connection.Close()
	_ = connection.SetDeadline(time.Now().Add(time.Second))
	if _, err := connection.Write([]byte("PING\r\n")); err != nil {
		return false
	}
	line, err := bufio.NewReader(connection).ReadString('\n')
	return err == nil && (strings.HasPrefix(line, "+PONG") || strings.HasPrefix(line, "-NOAUTH"))
}

func freePort() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	return port, err
}

// Keys returns the names of all keys of database 0.
func (s *Server) Keys() []string {
	s.t.Helper()
	return s.KeysAs("")
}

// KeysAs returns them from a server that wants a password.
func (s *Server) KeysAs(password string) (keys []string) {
	s.t.Helper()
	connection, err := net.DialTimeout("tcp", s.Address(), time.Second)
	if err != nil {
		s.t.Fatal(err)
	}
	defer connection.Close()
	_ = connection.SetDeadline(time.Now().Add(startBound))
	lines := bufio.NewScanner(connection)
	lines.Buffer(nil, 1<<20)
	say := func(command string) {
		if _, err := connection.Write([]byte(command + "\r\n")); err != nil {
			s.t.Fatal(err)
		}
	}
	if password != "" {
		say("AUTH " + password)
		lines.Scan()
	}
	say("KEYS *")
	var n int
	if !lines.Scan() {
		s.t.Fatal("KEYS: no answer")
	}
	if _, err := fmt.Sscanf(lines.Text(), "*%d", &n); err != nil {
		s.t.Fatalf("KEYS: %q", lines.Text())
	}
	for range n { // each is a line with its length and one with itself
		lines.Scan()
		lines.Scan()
		keys = append(keys, lines.Text())
	}
	return keys
}
