package registry

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"

	"github.com/twmb/franz-go/pkg/sr"

	"kaliper/internal/kafka"
)

// problem explains why the registry cannot be had.
func (c *Client) problem(err error) *kafka.Problem {
	p := &kafka.Problem{Category: kafka.Unreachable, Err: err}
	at := "the schema registry at " + c.url()
	refused, answered := errors.AsType[*sr.ResponseError](err)
	switch {
	case answered && refused.StatusCode == http.StatusUnauthorized:
		p.Cause = at + " does not know this user: " + words(refused)
		p.Remedy = "correct basic.auth.user.info or bearer.auth.token, under registry"
	case answered && refused.StatusCode == http.StatusForbidden:
		p.Cause = at + " refuses this user the right to it: " + words(refused)
		p.Remedy = "give the user the right to read and, with auto.register.schemas, to register schemas"
	case answered && refused.StatusCode == http.StatusNotFound && refused.ErrorCode == 0:
		p.Cause = at + " has nothing at " + refused.URL
		p.Remedy = "correct schema.registry.url: it is where Confluent's API begins (Apicurio: .../apis/ccompat/v7)"
	case answered:
		p.Cause = fmt.Sprintf("%s answers %d: %s", at, refused.StatusCode, words(refused))
		p.Remedy = "look at the registry's log"
	default:
		p.Cause, p.Remedy = at+" cannot be reached: "+rootCause(err), "start it, or correct schema.registry.url"
		if certificate(err) {
			p.Remedy = "give its certificate's authority by schema.registry.ssl.truststore.location"
		}
	}
	return p
}

// refusal explains an error about a subject: that it is not there or that its schemas do not go
// together is bad input, all else is the registry's.
func (c *Client) refusal(subject string, err error) *kafka.Problem {
	refused, answered := errors.AsType[*sr.ResponseError](err)
	if !answered {
		return c.problem(err)
	}
	switch {
	case refused.StatusCode == http.StatusConflict:
		return incompatible(subject, words(refused), err)
	case refused.StatusCode == http.StatusUnprocessableEntity || refused.StatusCode == http.StatusBadRequest:
		return &kafka.Problem{
			Cause:  fmt.Sprintf("the schema registry at %s refuses the schema for the subject %s: %s", c.url(), subject, words(refused)),
			Remedy: "correct the schema", Category: kafka.BadInput, Err: err,
		}
	case refused.StatusCode == http.StatusNotFound && refused.ErrorCode != 0:
		p := &kafka.Problem{
			Cause:    fmt.Sprintf("the schema registry at %s has no such schema in the subject %s: %s", c.url(), subject, words(refused)),
			Remedy:   "register it, or write auto.register.schemas: true",
			Category: kafka.BadInput, Err: err,
		}
		if c.config.UseLatest {
			p.Remedy = "use.latest.version needs a subject that has schemas: name it by value.subject, or leave use.latest.version out"
		}
		return p
	}
	return c.problem(err)
}

func incompatible(subject, said string, err error) *kafka.Problem {
	return &kafka.Problem{
		Cause:  fmt.Sprintf("the schema is incompatible with what the subject %s has: %s", subject, said),
		Remedy: "change the schema, or name another subject by value.subject", Category: kafka.BadInput, Err: err,
	}
}

// words returns what a registry said.
func words(refused *sr.ResponseError) string {
	if refused.Message != "" {
		return refused.Message
	}
	var other struct{ Title, Detail, Error string }
	if json.Unmarshal(refused.Raw, &other) == nil {
		for _, text := range []string{other.Detail, other.Title, other.Error} {
			if text != "" {
				return text
			}
		}
	}
	const most = 200
	text := strings.Join(strings.Fields(string(refused.Raw)), " ")
	if len(text) > most {
		text = text[:most] + "..."
	}
	if text == "" {
		return http.StatusText(refused.StatusCode)
	}
	return text
}

// rootCause returns the part of an error that people understand.
func rootCause(err error) string {
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the connection is refused"
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("no answer within %v", requestBound)
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return "no such host: " + dns.Name
	}
	for {
		below := errors.Unwrap(err)
		if below == nil {
			return err.Error()
		}
		err = below
	}
}

func certificate(err error) bool {
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err)
	_, failed := errors.AsType[*tls.CertificateVerificationError](err)
	return unknown || failed
}
