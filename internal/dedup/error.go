package dedup

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/redis/go-redis/v9"
)

// Error is what went wrong with Redis.
type Error struct{ err error }

// Error returns what the server, or the library, says.
func (e *Error) Error() string { return e.err.Error() }

// Unwrap returns what the library said.
func (e *Error) Unwrap() error { return e.err }

// Kind returns the kind of an error in small letters: that of a server's reply (oom, readonly,
// loading, noauth, ...), timeout, connection, or other.
func (e *Error) Kind() string {
	var reply redis.Error
	if errors.As(e.err, &reply) {
		word, _, _ := strings.Cut(reply.Error(), " ")
		if word == strings.ToUpper(word) && strings.Trim(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" {
			return strings.ToLower(word)
		}
		return "other"
	}
	var network net.Error
	switch {
	case errors.Is(e.err, context.DeadlineExceeded), errors.Is(e.err, os.ErrDeadlineExceeded), errors.As(e.err, &network) && network.Timeout():
		return "timeout"
	case errors.Is(e.err, redis.ErrPoolTimeout):
		return "timeout"
	case errors.As(e.err, &network), errors.Is(e.err, io.EOF), errors.Is(e.err, io.ErrUnexpectedEOF), errors.Is(e.err, net.ErrClosed),
		errors.Is(e.err, syscall.ECONNREFUSED), errors.Is(e.err, syscall.ECONNRESET), errors.Is(e.err, syscall.EPIPE):
		return "connection"
	}
	return "other"
}

// Refused says whether the server did not let the client in, or refuses what it needs.
func (e *Error) Refused() bool {
	switch e.Kind() {
	case "noauth", "wrongpass", "noperm":
		return true
	}
	return false
}
