package dedup

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// Mode is when messages are marked.
type Mode int

// The modes.
const (
	MarkFirst Mode = iota
	MarkLast
	Claim
	Atomic
)

// Config says where Redis is and what is kept there.
type Config struct {
	URL     string
	Mode    Mode
	TTL     time.Duration // of marks
	Lease   time.Duration // of claims
	Timeout time.Duration // of a round trip, and of connecting
	Callers int           // how many goroutines ask at the same time
}

// Store is the marks of one group. Its methods may be called concurrently.
type Store struct {
	client *redis.Client
	config Config
	trips  atomic.Int64
}

// TakeRoundTrips returns how many round trips were made since the last take, those that failed
// among them.
func (s *Store) TakeRoundTrips() int64 { return s.trips.Swap(0) }

// Delivery is a message that was delivered, and what is known of it.
type Delivery struct {
	Key   string
	Token string // of this delivery alone
	Found Found
}

// Found is what Redis says of a message.
type Found int

// What may be found.
const (
	Fresh Found = iota // not processed, and ours to process; after, in atomic mode: the effect is ours
	Done               // processed, or in mark-first mode: begun
	Held               // claimed by another one
	// Lost is said after: the claim was over before the confirmation, so that others may have
	// processed the message, too.
	Lost
)

const (
	donePrefix  = "d:"
	claimPrefix = "c:"
)

// silence keeps the library from writing to standard error: what it says is counted or returned.
type silence struct{}

func (silence) Printf(context.Context, string, ...any) {}

// Open makes a store; it does not connect yet.
func Open(c Config) (*Store, error) {
	options, err := redis.ParseURL(c.URL)
	if err != nil {
		return nil, errors.New("the URL of Redis cannot be read") // what the library says shows the password
	}
	redis.SetLogger(silence{})
	options.DialTimeout, options.ReadTimeout, options.WriteTimeout, options.PoolTimeout = c.Timeout, c.Timeout, c.Timeout, c.Timeout
	// Repeating is up to the caller, who counts it.
	options.MaxRetries, options.DialerRetries = -1, 1
	options.PoolSize, options.PipelinePoolSize = max(c.Callers, 1), -1
	options.ContextTimeoutEnabled = true
	options.ConnMaxIdleTime = -1 // a connection that is made anew costs a round trip of somebody
	options.ClientName = "kaliper"
	options.DisableIdentity = true
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	return &Store{client: redis.NewClient(options), config: c}, nil
}

// Close closes all connections.
func (s *Store) Close() error { return s.client.Close() }

// Before asks what is known of messages that are about to be processed, and marks or claims them
// as the mode wants. After an error it may be called again with the same deliveries.
func (s *Store) Before(ctx context.Context, list []Delivery) error {
	switch s.config.Mode {
	case MarkFirst:
		return s.setIfAbsent(ctx, list, donePrefix, s.config.TTL)
	case Claim:
		return s.setIfAbsent(ctx, list, claimPrefix, s.config.Lease)
	default:
		return s.look(ctx, list)
	}
}

// After marks messages that were processed. After an error it may be called again.
func (s *Store) After(ctx context.Context, list []Delivery) error {
	switch s.config.Mode {
	case MarkFirst:
		return nil
	case Atomic:
		return s.setIfAbsent(ctx, list, donePrefix, s.config.TTL)
	case Claim:
		return s.confirm(ctx, list)
	}
	commands := make([]*redis.StatusCmd, len(list))
	return s.trip(ctx, func(p redis.Pipeliner) {
		for i := range list {
			commands[i] = p.Set(ctx, list[i].Key, donePrefix+list[i].Token, s.config.TTL)
			list[i].Found = Fresh
		}
	})
}

// trip sends commands together. That a key is not there is no error.
func (s *Store) trip(ctx context.Context, queue func(redis.Pipeliner)) error {
	pipe := s.client.Pipeline()
	queue(pipe)
	s.trips.Add(1)
	commands, err := pipe.Exec(ctx)
	for _, c := range commands {
		if e := c.Err(); e != nil && !errors.Is(e, redis.Nil) {
			return &Error{e}
		}
	}
	if err != nil && !errors.Is(err, redis.Nil) {
		return &Error{err}
	}
	return nil
}

// setIfAbsent sets the keys that are not there, and says whose the others are.
func (s *Store) setIfAbsent(ctx context.Context, list []Delivery, prefix string, ttl time.Duration) error {
	commands := make([]*redis.StatusCmd, len(list))
	err := s.trip(ctx, func(p redis.Pipeliner) {
		for i := range list {
			commands[i] = p.SetArgs(ctx, list[i].Key, prefix+list[i].Token, redis.SetArgs{Mode: "NX", TTL: ttl})
		}
	})
	if err != nil {
		return err
	}
	var there []int
	for i, c := range commands {
		list[i].Found = Fresh
		if c.Err() != nil {
			there = append(there, i)
		}
	}
	if len(there) == 0 {
		return nil
	}
	values := make([]*redis.StringCmd, len(there))
	err = s.trip(ctx, func(p redis.Pipeliner) {
		for i, at := range there {
			values[i] = p.Get(ctx, list[at].Key)
		}
	})
	if err != nil {
		return err
	}
	for i, at := range there {
		list[at].Found = found(values[i], list[at].Token)
	}
	return nil
}

// found reads a key that was there a moment ago. One that has ended meanwhile is held: whoever
// waits for it asks again.
func found(value *redis.StringCmd, token string) Found {
	text := value.Val()
	switch {
	case value.Err() != nil:
		return Held
	case text == donePrefix+token || text == claimPrefix+token:
		return Fresh // the answer to our own command was lost
	case strings.HasPrefix(text, claimPrefix):
		return Held
	}
	return Done
}

// look reads keys.
func (s *Store) look(ctx context.Context, list []Delivery) error {
	values := make([]*redis.StringCmd, len(list))
	err := s.trip(ctx, func(p redis.Pipeliner) {
		for i := range list {
			values[i] = p.Get(ctx, list[i].Key)
		}
	})
	if err != nil {
		return err
	}
	for i, v := range values {
		list[i].Found = Fresh
		if v.Err() == nil && v.Val() != donePrefix+list[i].Token {
			list[i].Found = Done
		}
	}
	return nil
}

// confirm turns claims into marks. The message was processed, so it is marked whoever has claimed
// it meanwhile.
func (s *Store) confirm(ctx context.Context, list []Delivery) error {
	before := make([]*redis.StatusCmd, len(list))
	err := s.trip(ctx, func(p redis.Pipeliner) {
		for i := range list {
			before[i] = p.SetArgs(ctx, list[i].Key, donePrefix+list[i].Token, redis.SetArgs{TTL: s.config.TTL, Get: true})
		}
	})
	if err != nil {
		return err
	}
	for i, c := range before {
		list[i].Found = Fresh
		if was := c.Val(); was != claimPrefix+list[i].Token && was != donePrefix+list[i].Token {
			list[i].Found = Lost
		}
	}
	return nil
}

// removedAtOnce is how many keys are looked through, and removed, in one step.
const removedAtOnce = 1000

// Remove removes all keys that begin with a prefix, which has no characters of a pattern in it.
func (s *Store) Remove(ctx context.Context, prefix string) error {
	var cursor uint64
	for {
		keys, next, err := s.client.Scan(ctx, cursor, prefix+"*", removedAtOnce).Result()
		if err != nil {
			return &Error{err}
		}
		if len(keys) > 0 {
			if err := s.client.Unlink(ctx, keys...).Err(); err != nil {
				return &Error{err}
			}
		}
		if cursor = next; cursor == 0 {
			return nil
		}
	}
}

// Server is what a Redis server tells of itself; empty where it does not.
type Server struct {
	Version   string
	MaxMemory string // bytes; 0 for no bound
	Policy    string // what is evicted when memory is full
}

// Evicts says whether the server may forget marks before their time.
func (s Server) Evicts() bool {
	return s.MaxMemory != "" && s.MaxMemory != "0" && s.Policy != "" && s.Policy != "noeviction"
}

// Ask connects, and says what the server is.
func (s *Store) Ask(ctx context.Context) (Server, error) {
	if err := s.client.Ping(ctx).Err(); err != nil {
		return Server{}, &Error{err}
	}
	var server Server
	text, err := s.client.Info(ctx).Result()
	if err != nil { // a user without the right to ask may still keep marks
		return server, nil
	}
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch key {
		case "redis_version":
			server.Version = value
		case "maxmemory":
			server.MaxMemory = value
		case "maxmemory_policy":
			server.Policy = value
		}
	}
	return server, nil
}

// Try writes and removes a mark as the mode does, so that a right or a command that is missing is
// known before it is needed.
func (s *Store) Try(ctx context.Context, key string) error {
	list := []Delivery{{Key: key, Token: "try"}}
	if err := s.Before(ctx, list); err != nil {
		return err
	}
	if err := s.After(ctx, list); err != nil {
		return err
	}
	if err := s.client.Unlink(ctx, key).Err(); err != nil {
		return &Error{err}
	}
	if list[0].Found != Fresh {
		return fmt.Errorf("a mark that was set is not there")
	}
	return nil
}
