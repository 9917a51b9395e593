package kafka

import (
	"strconv"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"kaliper/internal/property"
)

// settings are what a test sets, legal or not, over Java's defaults.
type settings struct {
	Properties
	set map[string]string
}

// producer and consumer return a client's properties with settings, in pairs, on top.
func producer(bootstrap string, pairs ...string) Properties {
	return client(property.Producer, bootstrap, pairs)
}

func consumer(bootstrap string, pairs ...string) Properties {
	return client(property.Consumer, bootstrap, pairs)
}

func client(role property.Role, bootstrap string, pairs []string) Properties {
	defaults, errs := property.Resolve(role, nil)
	if len(errs) > 0 {
		panic(errs[0]) // Java's defaults are legal
	}
	s := settings{WithBootstrap(defaults, bootstrap), map[string]string{}}
	for i := 0; i < len(pairs); i += 2 {
		s.set[pairs[i]] = pairs[i+1]
	}
	return s
}

func (p settings) String(name string) string {
	if v, ok := p.set[name]; ok {
		return v
	}
	return p.Properties.String(name)
}

func (p settings) Int64(name string) int64 {
	n, _ := strconv.ParseInt(p.String(name), 10, 64)
	return n
}

func (p settings) Duration(name string) time.Duration {
	return time.Duration(p.Int64(name)) * time.Millisecond
}

func (p settings) Bool(name string) bool { return p.String(name) == "true" }

func (p settings) IsSet(name string) bool {
	_, ok := p.set[name]
	return ok
}

func TestEveryRolesDefaultsMakeAClient(t *testing.T) {
	for _, role := range []property.Role{property.Common, property.Producer, property.Consumer} {
		t.Run(string(role), func(t *testing.T) {
			set, errs := property.Resolve(role, map[string]property.Value{"bootstrap.servers": {Text: "localhost:9092, [::1]:9093"}})
			if len(errs) > 0 {
				t.Fatal(errs)
			}
			opts, err := CommonOptions(set)
			switch role {
			case property.Producer:
				opts, err = ProducerOptions(set, Payload{})
			case property.Consumer:
				opts, err = ConsumerOptions(set, Role{Group: "g"})
			}
			if err != nil {
				t.Fatal(err)
			}
			client := must(kgo.NewClient(opts...))(t)
			defer client.Close()
			if seeds := client.OptValue(kgo.SeedBrokers).([]string); len(seeds) != 2 {
				t.Errorf("bootstrap servers are %v", seeds)
			}
		})
	}
}

func TestBootstrapServersCanBeReplaced(t *testing.T) {
	set, _ := property.Resolve(property.Common, nil)
	if _, err := CommonOptions(set); err == nil {
		t.Error("no bootstrap server is no error")
	}
	if _, err := CommonOptions(WithBootstrap(set, "localhost:9092")); err != nil {
		t.Error(err)
	}
}

// must fails the test on an error.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
