package kafka

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"regexp"
	"syscall"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

func TestErrorKinds(t *testing.T) {
	for _, test := range []struct {
		err  error
		want string
	}{
		{nil, ""},
		{kerr.RequestTimedOut, "request_timed_out"},
		{kerr.NotEnoughReplicas, "not_enough_replicas"},
		{fmt.Errorf("%w (uncompressed_bytes=9)", kerr.MessageTooLarge), "message_too_large"},
		{kgo.ErrRecordTimeout, "delivery_timeout"},
		{fmt.Errorf("%w, last err: %w", kgo.ErrRecordTimeout, kerr.NotEnoughReplicas), "delivery_timeout"},
		{kgo.ErrRecordRetries, "retries_exhausted"},
		{kgo.ErrMaxBuffered, "buffer_full"},
		{kgo.ErrClientClosed, "canceled"},
		{kgo.ErrAborting, "canceled"},
		{context.Canceled, "canceled"},
		{context.DeadlineExceeded, "deadline_exceeded"},
		{&kgo.ErrGroupSession{Err: kerr.GroupAuthorizationFailed}, "group_authorization_failed"},
		{&kgo.ErrDataLoss{}, "data_loss"},
		{io.EOF, "connection"},
		{net.ErrClosed, "connection"},
		{&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}, "connection"},
		{&net.DNSError{Name: "kafka.invalid"}, "connection"},
		{x509.UnknownAuthorityError{}, "tls"},
		{errors.New("odd"), "other"},
	} {
		t.Run(fmt.Sprint(test.err), func(t *testing.T) {
			if got := ErrorKind(test.err); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestEveryBrokerErrorHasAKind(t *testing.T) {
	valid := regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	for code := int16(-1); code < 200; code++ {
		if err := kerr.ErrorForCode(code); err != nil && !valid.MatchString(ErrorKind(err)) {
			t.Errorf("%v counts as %q", err, ErrorKind(err))
		}
	}
}
