package scenarios

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"kaliper/internal/unit"
)

func dedupKeys() []string {
	return []string{"redis", "mode", "per", "id", "ttl", "lease", "timeout", "unavailable"}
}

// What fills the gaps of dedup. The lease is under Kafka's default session.timeout.ms of 45 s, so
// that what a crashed member had claimed is free when its partitions go to another one.
const (
	defaultDedupTTL     = 7 * 24 * time.Hour
	defaultDedupLease   = 30 * time.Second
	defaultDedupTimeout = time.Second
)

// dedup reads the key dedup of a consumer group: a map, or the URL of a Redis server.
func (d *decoder) dedup(f fields, total time.Duration) Dedup {
	n := f.child("dedup")
	if n == nil {
		return Dedup{}
	}
	fallback := Dedup{Mode: DedupClaim, ID: DedupByRecord, TTL: defaultDedupTTL, Lease: defaultDedupLease, Timeout: defaultDedupTimeout}
	if n.kind == scalar {
		fallback.Redis = d.redisURL(n, f.path+".dedup")
		return fallback
	}
	m := d.fields(n, f.path+".dedup", dedupKeys(), nil)
	if m.n == nil {
		return Dedup{}
	}
	dd := Dedup{
		Mode: DedupMode(m.choice("mode", string(fallback.Mode), []string{
			string(DedupNone), string(DedupMarkFirst), string(DedupMarkLast), string(DedupClaim), string(DedupAtomic),
		})),
		PerBatch:         m.choice("per", "record", []string{"record", "batch"}) == "batch",
		ID:               DedupID(m.choice("id", string(fallback.ID), []string{string(DedupByRecord), string(DedupByOffset)})),
		TTL:              m.duration("ttl", fallback.TTL),
		Lease:            m.duration("lease", fallback.Lease),
		Timeout:          m.duration("timeout", fallback.Timeout),
		ProcessUnchecked: m.choice("unavailable", "wait", []string{"wait", "process"}) == "process",
	}
	switch server := m.child("redis"); {
	case server != nil && server.kind == scalar:
		dd.Redis = d.redisURL(server, m.path+".redis")
	case server != nil:
		m.wrong("redis", "is %s; write the server's URL, such as redis://localhost:6379/0", server.kind)
	case dd.On():
		m.wrong("redis", "is missing; write the server's URL, such as redis://localhost:6379/0")
	}
	for _, one := range []struct {
		key   string
		value time.Duration
	}{{"ttl", dd.TTL}, {"lease", dd.Lease}, {"timeout", dd.Timeout}} {
		if one.value < leastDedupTime {
			m.wrong(one.key, "%s is too short; use %s or more", one.value, leastDedupTime)
		}
	}
	if dd.Timeout > mostDedupTimeout {
		m.wrong("timeout", "%s is too long; use %s or less, for a member that waits cannot end", dd.Timeout, mostDedupTimeout)
	}
	if dd.Mode == DedupClaim && dd.TTL < dd.Lease {
		m.wrong("ttl", "%s is shorter than the lease of %s, which a mark outlives", unit.FormatDuration(dd.TTL), unit.FormatDuration(dd.Lease))
	}
	if dd.On() && dd.TTL < total {
		m.warn("ttl", "%s is shorter than the load of %s: what comes again after that is not recognized", unit.FormatDuration(dd.TTL), unit.FormatDuration(total))
	}
	return dd
}

// leastDedupTime is Redis' own resolution. A round trip that is under way when the trial ends is
// waited for.
const (
	leastDedupTime   = time.Millisecond
	mostDedupTimeout = 4 * time.Second
)

// redisURL reads a URL. What is wrong with it is said without it, for it may have a password.
func (d *decoder) redisURL(n *node, path string) RedisURL {
	// Whatever stands before the @ must be references as far as it is a password.
	if before, _, found := cutLast(n.text, "@"); found {
		if _, password, ok := strings.Cut(strings.TrimPrefix(before, scheme(before)), ":"); ok && reference.ReplaceAllString(password, "") != "" {
			d.wrong(n.at, path, "has a password in it, which is not shown; write a reference instead: redis://:${env:REDIS_PASSWORD}@host:6379/0")
			return RedisURL{}
		}
	}
	text := n.text
	if strings.Contains(n.text, "${") {
		expanded, err := d.expandEscaped(n)
		if err != nil {
			d.wrong(n.at, path, "%v", err)
			return RedisURL{}
		}
		text = expanded
	}
	if err := checkRedisURL(text); err != nil {
		d.wrong(n.at, path, "%v", err)
		return RedisURL{}
	}
	return RedisURL{text: text, printed: n.text}
}

// expandEscaped resolves references. One that is only a part of a URL is escaped, so that a
// password may have any character.
func (d *decoder) expandEscaped(n *node) (string, error) {
	if whole := reference.FindString(n.text); whole == n.text {
		return d.expand(n, true)
	}
	var failed error
	text := reference.ReplaceAllStringFunc(n.text, func(found string) string {
		one, err := d.expand(&node{at: n.at, kind: scalar, text: found}, true)
		if err != nil {
			failed = err
		}
		if _, after, userinfo := strings.Cut(n.text[strings.Index(n.text, found):], "@"); userinfo && after != "" {
			return url.User(one).String()
		}
		return one
	})
	return text, failed
}

// checkRedisURL says what is wrong with a URL, without showing it.
func checkRedisURL(text string) error {
	const example = "write for example redis://localhost:6379/0"
	u, err := url.Parse(text)
	if err != nil {
		return fmt.Errorf("is no URL; %s", example)
	}
	switch u.Scheme {
	case "redis", "rediss":
	case "unix":
		if u.Path == "" {
			return fmt.Errorf("names no socket; write for example unix:///run/redis/redis.sock")
		}
		return nil
	case "":
		return fmt.Errorf("lacks the scheme; %s", example)
	default:
		return fmt.Errorf("has a scheme that is none of redis, rediss (TLS) and unix; %s", example)
	}
	if u.Hostname() == "" {
		return fmt.Errorf("names no host; %s", example)
	}
	if u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("has options after ? or #, which are not read; leave them out, and write timeout: beside it")
	}
	if database := strings.Trim(u.Path, "/"); database != "" {
		if n, err := strconv.Atoi(database); err != nil || n < 0 {
			return fmt.Errorf("has %q for a database, which is a number; %s", database, example)
		}
	}
	return nil
}

// scheme returns what a URL begins with: redis://.
func scheme(text string) string {
	if i := strings.Index(text, "://"); i >= 0 {
		return text[:i+len("://")]
	}
	return ""
}

func cutLast(text, separator string) (before, after string, found bool) {
	if i := strings.LastIndex(text, separator); i >= 0 {
		return text[:i], text[i+len(separator):], true
	}
	return text, "", false
}

// checkDedup finds what is wrong between dedup and the rest of a group's settings, which are read.
// writes says that what the group does with a record is written to a topic.
func (d *decoder) checkDedup(f fields, g ConsumerGroup, writes bool) {
	if !g.Dedup.On() {
		return
	}
	wrong := func(key, format string, args ...any) {
		if m := f.child("dedup"); m.kind == mapping {
			fields{d: d, n: m, at: m.at, path: f.path + ".dedup"}.wrong(key, format, args...)
			return
		}
		f.wrong("dedup", format, args...)
	}
	switch {
	case g.Dedup.Mode == DedupAtomic && writes:
		wrong("mode", "atomic makes the effect in Redis, in one step with its mark, and what a pipeline writes, or a group with failures, is in Kafka; use claim, mark-last or mark-first")
	case g.Processing.HandOff && g.Commit == CommitAuto:
		f.wrong("dedup", "can do nothing for records that are committed before they are processed, as commit: auto does with processing.hand_off: a crash loses them; leave hand_off out")
	}
	if g.Processing.PerBatch && !g.Dedup.PerBatch {
		wrong("per", "record: the handler takes a poll's records at once (processing.per: batch); use per: batch")
	}
	if g.Dedup.Mode != DedupClaim || g.Properties.Role() == "" {
		return
	}
	warn := func(format string, args ...any) {
		f.d.warn(f.position("dedup"), joinPath(f.path, "dedup.lease"), format, args...)
	}
	if longest := g.Properties.Duration("max.poll.interval.ms"); longest > 0 && g.Dedup.Lease >= longest {
		warn("%s is not shorter than max.poll.interval.ms %s: who waits for what a crashed member had claimed is put out of the group", g.Dedup.Lease, longest)
	}
	records, each := int64(1), "a record takes"
	if g.Dedup.PerBatch && !g.Processing.PerBatch {
		records, each = g.Properties.Int64("max.poll.records"), "a poll of max.poll.records may take"
	}
	if takes := time.Duration(records) * g.Processing.Time; takes >= g.Dedup.Lease {
		warn("%s is over before the handler is done, for %s %s: others may process the same records meanwhile", g.Dedup.Lease, each, takes)
	}
}
