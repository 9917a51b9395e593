package scenarios

import (
	"strings"
	"testing"
)

func TestChosenTopicNames(t *testing.T) {
	const text = `format: kaliper.scenario/1
name: chosen
targets: {laptop: {bootstrap.servers: "localhost:9092"}}
target: laptop
topics: {orders: TOPIC}
producers: {checkout: {topic: orders, rate: 10/s}}
`
	for _, test := range []struct{ topic, want string }{
		{"{name: team.orders}", ""},
		{"{prefix: team_}", ""},
		{"{name: a, prefix: b}", "leave one out"},
		{"{name: 'team orders'}", "cannot name a topic"},
		{"{name: ..}", "cannot name a topic"},
		{"{name: ''}", "is empty"},
		{"{name: __mine}", "Kafka's own"},
		{"{prefix: " + strings.Repeat("a", 101) + "}", "use 100 or fewer"},
		{"{existing: a, prefix: b}", "cannot be set for an existing topic"},
		{"{name: a}, returns: {name: a}", "orders and returns have the same name"},
		{"{copies: 3}", "topic orders has 3 copies, and each client writes to one of them; use 3 clients or more"},
		{"{copies: 1}", ""},
		{"{copies: 2, partitions: 60000}", "2 copies of 60000 partitions are 120000; use 100000 partitions in all or fewer"},
		{"{copies: 0}", "0 is too small; use 1 or more"},
		{"{copies: 2}, orders-2: {}", "orders-2 is the name of a copy, and of another topic"},
		{"{copies: 2, name: a}, returns: {name: a-1}", "a-1 is the name of a copy, and of topic returns"},
		{"{copies: 10, name: " + strings.Repeat("a", 248) + "}", "has no room for the number of a copy"},
	} {
		t.Run(test.topic, func(t *testing.T) {
			_, err := Parse(Source{Name: "s.yaml", Data: []byte(strings.Replace(text, "TOPIC", test.topic, 1))}, Options{})
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}
