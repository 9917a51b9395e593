package kafka

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The page of troubleshooting promises bounds, which no row of its tables reaches: they are what
// connecting is configured with.
func TestConnectingIsBoundedAsThePageSays(t *testing.T) {
	page := strings.Join(strings.Fields(string(must(os.ReadFile("../../docs/troubleshooting.md"))(t))), " ")
	for promise, configured := range map[string]time.Duration{
		"a host that swallows packets takes `socket.connection.setup.timeout.ms` \\((\\d+ s)\\)": producer("localhost:9092").Duration("socket.connection.setup.timeout.ms"),
		"nothing before the load takes more than (\\d+ s) to connect":                            connectBound,
		"whether every broker answers at its own address is known after (\\d+ s)":                2*advertisedBound + requestBound,
	} {
		found := regexp.MustCompile(promise).FindStringSubmatch(page)
		if found == nil {
			t.Errorf("the page does not say %q", promise)
			continue
		}
		if stated := must(time.ParseDuration(strings.ReplaceAll(found[1], " ", "")))(t); stated != configured {
			t.Errorf("%q is stated, %v configured", found[0], configured)
		}
	}
}
