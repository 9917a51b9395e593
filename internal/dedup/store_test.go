package dedup_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"kaliper/internal/dedup"
	"kaliper/internal/redistest"
)

func open(t *testing.T, url string, mode dedup.Mode) *dedup.Store {
	t.Helper()
	s, err := dedup.Open(dedup.Config{URL: url, Mode: mode, TTL: time.Hour, Lease: time.Minute, Timeout: time.Second, Callers: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// before and after return what one round trip finds of one delivery.
func before(t *testing.T, s *dedup.Store, key, token string) dedup.Found {
	return one(t, s.Before, key, token)
}

func after(t *testing.T, s *dedup.Store, key, token string) dedup.Found {
	return one(t, s.After, key, token)
}

func one(t *testing.T, trip func(context.Context, []dedup.Delivery) error, key, token string) dedup.Found {
	t.Helper()
	list := []dedup.Delivery{{Key: key, Token: token}}
	if err := trip(t.Context(), list); err != nil {
		t.Fatal(err)
	}
	return list[0].Found
}

func want(t *testing.T, what string, got, want dedup.Found) {
	t.Helper()
	if got != want {
		t.Errorf("%s: found %d, want %d", what, got, want)
	}
}

func onBoth(t *testing.T, test func(t *testing.T, url string)) {
	t.Run("miniredis", func(t *testing.T) { test(t, "redis://"+miniredis.RunT(t).Addr()) })
	t.Run("redis", func(t *testing.T) { test(t, redistest.Start(t).URL()) })
}

func TestARecordThatIsDoneIsKnownInEveryMode(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		for _, mode := range []dedup.Mode{dedup.MarkFirst, dedup.MarkLast, dedup.Claim, dedup.Atomic} {
			s, key := open(t, url, mode), fmt.Sprint("k", mode)
			want(t, "first delivery", before(t, s, key, "1"), dedup.Fresh)
			want(t, "mark", after(t, s, key, "1"), dedup.Fresh)
			want(t, "second delivery", before(t, s, key, "2"), dedup.Done)
			want(t, "another record", before(t, s, key+"x", "3"), dedup.Fresh)
		}
	})
}

// A member that dies before it marks: only mark-first then knows the record as done.
func TestARecordThatIsNotMarkedIsFreeInEveryModeButMarkFirst(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		for mode, found := range map[dedup.Mode]dedup.Found{
			dedup.MarkFirst: dedup.Done, dedup.MarkLast: dedup.Fresh, dedup.Claim: dedup.Held, dedup.Atomic: dedup.Fresh,
		} {
			s, key := open(t, url, mode), fmt.Sprint("k", mode)
			want(t, "first delivery", before(t, s, key, "1"), dedup.Fresh)
			want(t, fmt.Sprint("second delivery, mode ", mode), before(t, s, key, "2"), found)
		}
	})
}

// The answer to a command is lost, and it is sent again.
func TestACommandThatIsRepeatedDoesNotTakeItsOwnMarkForAnothers(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		for _, mode := range []dedup.Mode{dedup.MarkFirst, dedup.MarkLast, dedup.Claim, dedup.Atomic} {
			s, key := open(t, url, mode), fmt.Sprint("k", mode)
			for range 2 {
				want(t, "before", before(t, s, key, "1"), dedup.Fresh)
			}
			for range 2 {
				want(t, "after", after(t, s, key, "1"), dedup.Fresh)
			}
		}
	})
}

func TestOfTwoAtomicEffectsOneIsMade(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s := open(t, url, dedup.Atomic)
		want(t, "one", before(t, s, "k", "1"), dedup.Fresh)
		want(t, "the other", before(t, s, "k", "2"), dedup.Fresh)
		want(t, "the other's effect", after(t, s, "k", "2"), dedup.Fresh)
		want(t, "one's effect", after(t, s, "k", "1"), dedup.Done)
	})
}

func TestAClaimEndsWithItsLease(t *testing.T) {
	server := miniredis.RunT(t)
	s := open(t, "redis://"+server.Addr(), dedup.Claim)
	want(t, "claim", before(t, s, "k", "1"), dedup.Fresh)
	server.FastForward(time.Minute - time.Second)
	want(t, "within the lease", before(t, s, "k", "2"), dedup.Held)
	server.FastForward(time.Second)
	want(t, "after it", before(t, s, "k", "2"), dedup.Fresh)
	want(t, "who comes too late", after(t, s, "k", "1"), dedup.Lost)
	want(t, "done all the same", before(t, s, "k", "3"), dedup.Done)
	server.FastForward(time.Hour)
	want(t, "forgotten", before(t, s, "k", "4"), dedup.Fresh)
}

func TestTheAnswersOfABatchAreInOrder(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) {
		s := open(t, url, dedup.Claim)
		want(t, "claimed by another one", before(t, s, "k1", "x"), dedup.Fresh)
		want(t, "done", before(t, s, "k2", "x"), dedup.Fresh)
		s.TakeRoundTrips()
		after(t, s, "k2", "x")
		if n := s.TakeRoundTrips(); n != 1 {
			t.Errorf("%d round trips", n)
		}
		var list []dedup.Delivery
		for i := range 4 {
			list = append(list, dedup.Delivery{Key: fmt.Sprint("k", i), Token: fmt.Sprint(i)})
		}
		s.TakeRoundTrips()
		if err := s.Before(t.Context(), list); err != nil {
			t.Fatal(err)
		}
		if n := s.TakeRoundTrips(); n != 2 { // the second one asks whose the keys are that were there
			t.Errorf("%d round trips", n)
		}
		for i, found := range []dedup.Found{dedup.Fresh, dedup.Held, dedup.Done, dedup.Fresh} {
			want(t, list[i].Key, list[i].Found, found)
		}
	})
}

func TestRemoveTakesTheKeysOfAPrefixAlone(t *testing.T) {
	server := redistest.Start(t)
	s := open(t, server.URL(), dedup.MarkFirst)
	for _, key := range []string{"kaliper:a:1", "kaliper:a:2", "kaliper:b:1", "other"} {
		before(t, s, key, "1")
	}
	if err := s.Remove(t.Context(), "kaliper:a:"); err != nil {
		t.Fatal(err)
	}
	left := strings.Join(server.Keys(), " ")
	if !strings.Contains(left, "kaliper:b:1") || !strings.Contains(left, "other") || strings.Contains(left, "kaliper:a:") {
		t.Errorf("left: %q", left)
	}
}

func TestErrorsHaveKinds(t *testing.T) {
	server := redistest.Start(t, "--requirepass", "wanted")
	full := redistest.Start(t, "--maxmemory", "1", "--maxmemory-policy", "noeviction")
	deaf, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer deaf.Close()
	gone := redistest.Start(t)
	gone.Kill()
	for _, test := range []struct {
		kind, url string
		refused   bool
	}{
		{"noauth", server.URL(), true},
		{"wrongpass", "redis://:other@" + server.Address(), true},
		{"oom", full.URL(), false},
		{"timeout", "redis://" + deaf.Addr().String(), false},
		{"connection", gone.URL(), false},
	} {
		t.Run(test.kind, func(t *testing.T) {
			s, err := dedup.Open(dedup.Config{URL: test.url, Mode: dedup.Claim, TTL: time.Hour, Lease: time.Minute, Timeout: 300 * time.Millisecond})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			err = s.Before(t.Context(), []dedup.Delivery{{Key: "k", Token: "1"}})
			e, ok := errors.AsType[*dedup.Error](err)
			if !ok || e.Kind() != test.kind || e.Refused() != test.refused {
				t.Errorf("error %v (%T)", err, err)
				if ok {
					t.Errorf("kind %s, refused %v; want %s, %v", e.Kind(), e.Refused(), test.kind, test.refused)
				}
			}
		})
	}
}

func TestAServerTellsWhetherItEvicts(t *testing.T) {
	for policy, evicts := range map[string]bool{"noeviction": false, "allkeys-lru": true} {
		s := open(t, redistest.Start(t, "--maxmemory", "100mb", "--maxmemory-policy", policy).URL(), dedup.Claim)
		server, err := s.Ask(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if server.Evicts() != evicts || server.Version == "" {
			t.Errorf("%s: %+v", policy, server)
		}
		if err := s.Try(t.Context(), "try"); err != nil {
			t.Error(err)
		}
	}
	s := open(t, redistest.Start(t).URL(), dedup.Claim)
	if server, err := s.Ask(t.Context()); err != nil || server.Evicts() {
		t.Errorf("without a bound: %+v, %v", server, err)
	}
}

func TestAWrongURLIsNotShown(t *testing.T) {
	if _, err := dedup.Open(dedup.Config{URL: "redis://:planted@host:port"}); err == nil || strings.Contains(err.Error(), "planted") {
		t.Errorf("error %v", err)
	}
}
