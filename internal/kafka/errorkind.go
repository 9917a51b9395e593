package kafka

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Kinds of errors that are not the broker's own. Broker errors count under Kafka's name in
// lower case: not_enough_replicas, message_too_large, request_timed_out, ...
const (
	KindDeliveryTimeout  = "delivery_timeout"  // delivery.timeout.ms passed
	KindRetriesExhausted = "retries_exhausted" // more than retries
	KindCanceled         = "canceled"          // the trial's end or a closed client
	KindDeadline         = "deadline_exceeded" // a bound of kaliper's own
	KindBufferFull       = "buffer_full"       // max.block.ms passed
	KindConnection       = "connection"        // refused, reset, closed, unresolvable
	KindTLS              = "tls"
	KindDataLoss         = "data_loss" // the log was truncated under the consumer
	KindOther            = "other"
)

// ErrorKind returns the kind under which an error is counted: short, stable, made of lower-case
// letters, digits and underscores. It is empty for nil.
//
// A delivery that timed out or was retried too often counts as that; WatchProduce knows what
// for.
func ErrorKind(err error) string {
	switch {
	case err == nil:
		return ""
	case errors.Is(err, kgo.ErrRecordTimeout):
		return KindDeliveryTimeout
	case errors.Is(err, kgo.ErrRecordRetries):
		return KindRetriesExhausted
	case errors.Is(err, kgo.ErrMaxBuffered):
		return KindBufferFull
	case errors.Is(err, kgo.ErrClientClosed), errors.Is(err, kgo.ErrAborting), errors.Is(err, context.Canceled):
		return KindCanceled
	}
	if broker, ok := errors.AsType[*kerr.Error](err); ok {
		return strings.ToLower(broker.Message)
	}
	if _, ok := errors.AsType[*kgo.ErrDataLoss](err); ok {
		return KindDataLoss
	}
	return transportKind(err)
}

func transportKind(err error) string {
	if isCertificateError(err) || isUnknownAuthority(err) || isHostnameError(err) {
		return KindTLS
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return KindDeadline
	}
	for _, closed := range []error{io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EPIPE} {
		if errors.Is(err, closed) {
			return KindConnection
		}
	}
	var network net.Error // timeouts, DNS, and what Windows calls the errors above
	if errors.As(err, &network) || strings.Contains(err.Error(), "connection has died") {
		return KindConnection
	}
	return KindOther
}
