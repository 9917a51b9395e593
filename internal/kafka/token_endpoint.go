package kafka

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/oauth"

	"kaliper/internal/jaas"
)

// Bounds of a token endpoint, below connectBound so that a person learns what keeps the broker
// from being used. Java has none where nothing is said.
const (
	tokenAttemptBound = 5 * time.Second
	tokenBound        = 12 * time.Second
	mostTokenBytes    = 1 << 20
)

// tokenEndpoint gets tokens by the client credentials grant (RFC 6749, section 4.4) as Java's
// HttpJwtRetriever does, and keeps the last one for as long as it is good. The request is made
// by hand because golang.org/x/oauth2 always encodes the id and the secret, which Java does by
// sasl.oauthbearer.header.urlencode alone, and knows of no retries. It is safe for concurrent
// use.
type tokenEndpoint struct {
	url           string
	id, secret    string
	scope         string
	encode        bool // the id and the secret, before base64
	backoff, most time.Duration
	renewAfter    float64 // share of a token's life
	client        *http.Client
	extensions    map[string]string

	mu             sync.Mutex
	token          string
	renew, expires time.Time // zero: unknown, and fetched anew for every connection
}

// tokensFromEndpoint returns the mechanism, nil if something is wrong with the properties.
func tokensFromEndpoint(r *reader, login jaas.Entry) sasl.Mechanism {
	config := endpointTLS(r, login)
	if config == nil {
		return nil
	}
	option := func(property, option string) string {
		if value := r.String(property); value != "" {
			return value
		}
		value, _ := login.Option(option)
		return value
	}
	e := &tokenEndpoint{
		url:        r.String("sasl.oauthbearer.token.endpoint.url"),
		id:         option("sasl.oauthbearer.client.credentials.client.id", "clientId"),
		secret:     option("sasl.oauthbearer.client.credentials.client.secret", "clientSecret"),
		scope:      option("sasl.oauthbearer.scope", "scope"),
		encode:     r.Bool("sasl.oauthbearer.header.urlencode"),
		backoff:    r.Duration("sasl.login.retry.backoff.ms"),
		most:       r.Duration("sasl.login.retry.backoff.max.ms"),
		renewAfter: r.Float64("sasl.login.refresh.window.factor"),
		extensions: extensionsOf(login),
	}
	connect := orElse(r.Duration("sasl.login.connect.timeout.ms"), tokenAttemptBound)
	transport := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: connect}).DialContext,
		TLSHandshakeTimeout:   connect,
		ResponseHeaderTimeout: orElse(r.Duration("sasl.login.read.timeout.ms"), tokenAttemptBound),
		TLSClientConfig:       config,
		DisableKeepAlives:     true, // one request, then none for the life of a token
	}
	e.client = &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return oauth.Oauth(e.auth)
}

func orElse(d, fallback time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return fallback
}

// auth returns the token of one more connection.
func (e *tokenEndpoint) auth(ctx context.Context) (oauth.Auth, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	if now.After(e.renew) {
		if err := e.fetch(ctx); err != nil && !now.Before(e.expires) {
			return oauth.Auth{}, err
		}
	}
	return oauth.Auth{Token: e.token, Extensions: e.extensions}, nil
}

// fetch gets a token, trying again for sasl.login.retry.backoff.max.ms in all, as Java does,
// where another try could help. The error is a Problem.
func (e *tokenEndpoint) fetch(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, tokenBound)
	defer cancel()
	begin := time.Now()
	for wait := max(e.backoff, time.Millisecond); ; wait *= 2 {
		again, err := e.attempt(ctx)
		if err == nil {
			return nil
		}
		left := e.most - time.Since(begin)
		if !again || left <= 0 {
			return err
		}
		select {
		case <-time.After(min(wait, left)):
		case <-ctx.Done():
			return err
		}
	}
}

// attempt asks once; again says whether another try could help.
func (e *tokenEndpoint) attempt(ctx context.Context) (again bool, err error) {
	form := url.Values{"grant_type": {"client_credentials"}}
	if e.scope != "" {
		form.Set("scope", e.scope)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url, strings.NewReader(form.Encode()))
	if err != nil {
		return false, e.problem("its URL does not read", "correct sasl.oauthbearer.token.endpoint.url")
	}
	id, secret := e.id, e.secret
	if e.encode {
		id, secret = url.QueryEscape(id), url.QueryEscape(secret)
	}
	request.SetBasicAuth(id, secret)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept", "application/json")
	begin := time.Now()
	response, err := e.client.Do(request)
	if err != nil {
		return true, e.unreached(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, mostTokenBytes))
	if err != nil {
		return true, e.unreached(err)
	}
	if response.StatusCode != http.StatusOK && response.StatusCode != http.StatusCreated {
		return response.StatusCode >= 500 || response.StatusCode == http.StatusTooManyRequests, e.refused(response.StatusCode, body)
	}
	return false, e.keep(body, begin)
}

// keep takes the token out of an answer. Its life ends with expires_in or its own exp,
// whichever is first.
func (e *tokenEndpoint) keep(body []byte, asked time.Time) error {
	var answer struct {
		Token     string  `json:"access_token"`
		ExpiresIn float64 `json:"expires_in"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || answer.Token == "" || strings.ContainsAny(answer.Token, " \t\r\n\x01") {
		return e.problem("its answer holds no access_token", "correct sasl.oauthbearer.token.endpoint.url: a token endpoint answers in JSON (RFC 6749)")
	}
	e.token, e.renew, e.expires = answer.Token, time.Time{}, time.Time{}
	expires := expiryOf(answer.Token)
	if answer.ExpiresIn > 0 {
		if told := asked.Add(time.Duration(answer.ExpiresIn * float64(time.Second))); expires.IsZero() || told.Before(expires) {
			expires = told
		}
	}
	if expires.After(asked) {
		e.expires = expires
		e.renew = asked.Add(time.Duration(e.renewAfter * float64(expires.Sub(asked))))
	}
	return nil
}

// expiryOf returns the exp of a token that is a JWT, zero for any other. The signature is the
// broker's matter.
func expiryOf(token string) time.Time {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return time.Time{}
	}
	data, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return time.Time{}
	}
	var claims struct {
		Expires float64 `json:"exp"`
	}
	const latest = 1 << 40 // seconds; beyond it, a duration overflows
	if err := json.Unmarshal(data, &claims); err != nil || claims.Expires <= 0 || claims.Expires > latest {
		return time.Time{}
	}
	return time.Unix(int64(claims.Expires), 0)
}

// refused says what an endpoint objects to, in its own words (RFC 6749, section 5.2) but for
// the secret.
func (e *tokenEndpoint) refused(status int, body []byte) error {
	var answer struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	_ = json.Unmarshal(body, &answer) // it may be a page for people, which says nothing here
	said := strings.Join(strings.Fields(answer.Error+" "+answer.Description), " ")
	if e.secret != "" {
		said = strings.ReplaceAll(said, e.secret, "[redacted]")
	}
	if len(said) > 200 {
		said = said[:200] + "..."
	}
	cause := fmt.Sprintf("it answers %d %s", status, http.StatusText(status))
	if said != "" {
		cause += " (" + said + ")"
	}
	switch {
	case answer.Error == "invalid_scope":
		return e.problem(cause, "correct sasl.oauthbearer.scope")
	case status == http.StatusUnauthorized, status == http.StatusForbidden, answer.Error == "invalid_client", answer.Error == "unauthorized_client":
		return e.problem(cause, "correct sasl.oauthbearer.client.credentials.client.id and .client.secret, or clientId and clientSecret in sasl.jaas.config")
	case status >= 500:
		return e.problem(cause, "see to the identity provider, and run again")
	default:
		return e.problem(cause, "correct sasl.oauthbearer.token.endpoint.url and sasl.oauthbearer.scope")
	}
}

// unreached says why there is no answer.
func (e *tokenEndpoint) unreached(err error) error {
	switch wrapped, ok := errors.AsType[*url.Error](err); {
	case isUnknownAuthority(err):
		return e.problem("its certificate is of an authority that is not trusted", "put the authority's certificate into ssl.truststore.location, or name a store for the endpoint alone by ssl.truststore.location=\"...\" in sasl.jaas.config")
	case isHostnameError(err):
		return e.problem("its certificate is not of the host name that was asked for", "use a name that the certificate has in sasl.oauthbearer.token.endpoint.url")
	case isTimeout(err):
		return e.problem("no answer in time", "correct sasl.oauthbearer.token.endpoint.url, or open the firewall between here and the endpoint")
	case ok:
		err = wrapped.Err // without the URL, which is told
	}
	return e.problem(err.Error(), "start the endpoint, or correct sasl.oauthbearer.token.endpoint.url")
}

// problem hides what the library said: the client library would take some of it for a broken
// connection to the broker, and try again.
func (e *tokenEndpoint) problem(cause, remedy string) error {
	shown := e.url
	if u, err := url.Parse(e.url); err == nil {
		shown = u.Redacted()
	}
	return &Problem{Cause: fmt.Sprintf("no token from %s: %s", shown, firstLine(cause)), Remedy: remedy, Category: Unreachable}
}
