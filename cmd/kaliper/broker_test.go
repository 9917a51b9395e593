package main

import (
	"context"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"

	"kaliper/internal/analysis"
	"kaliper/internal/kafka"
)

// simulate runs kaliper broker and returns where it listens. It ends with the test.
func simulate(t *testing.T, flags ...string) (bootstrap string) {
	t.Helper()
	stdin, end := io.Pipe()
	out, stdout := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- run(context.Background(), append([]string{"broker", "--until-stdin-closes"}, flags...), stdin, stdout, io.Discard)
		stdout.Close()
	}()
	t.Cleanup(func() {
		end.Close()
		if got := <-code; got != int(analysis.ExitDone) {
			t.Errorf("kaliper broker ended with %d", got)
		}
	})
	var ready kafka.Ready
	if err := json.NewDecoder(out).Decode(&ready); err != nil {
		t.Fatal(err)
	}
	return ready.Bootstrap
}

func TestBrokerServesUntilItsInputEnds(t *testing.T) {
	if servers := strings.Split(simulate(t, "--brokers", "2"), ","); len(servers) != 2 {
		t.Errorf("it listens at %v", servers)
	}
}

func TestBrokerPorts(t *testing.T) {
	for _, test := range []struct {
		name     string
		first, n int
		want     []int
		wrong    bool
	}{
		{"are free ones by default", 0, 3, nil, false},
		{"follow the first", 9092, 3, []int{9092, 9093, 9094}, false},
		{"end at the last there is", 65535, 1, []int{65535}, false},
		{"cannot go beyond it", 65535, 2, nil, true},
		{"cannot be negative", -1, 1, nil, true},
		{"need a broker", 9092, 0, nil, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := portsFrom(test.first, test.n)
			if !slices.Equal(got, test.want) || (err != nil) != test.wrong {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}
