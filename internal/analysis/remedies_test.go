package analysis

import (
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"

	"kaliper/internal/kafka"
)

// A remedy under a kind that nothing is counted under would never be read.
func TestEveryRemedyIsOfAKindThatRecordsFailWith(t *testing.T) {
	kinds := []string{kafka.KindBufferFull, kafka.KindDeliveryTimeout}
	for code := int16(1); kerr.ErrorForCode(code) != nil && code < 1000; code++ {
		if e, ok := kerr.ErrorForCode(code).(*kerr.Error); ok {
			kinds = append(kinds, kafka.ErrorKind(e))
		}
	}
	for kind, text := range remedies() {
		if !slices.Contains(kinds, kind) {
			t.Errorf("no record fails with %s", kind)
		}
		if text == "" || strings.HasSuffix(text, ".") || strings.ToLower(text[:1]) != text[:1] {
			t.Errorf("%s: %q does not go on after a semicolon", kind, text)
		}
	}
}

func TestARemedyFollowsItsCause(t *testing.T) {
	if got := remedy("message_too_large"); !strings.HasPrefix(got, "; raise the topic's max.message.bytes") {
		t.Errorf("got %q", got)
	}
	if got := remedy("unheard_of"); got != "" {
		t.Errorf("a kind that tells nothing has the remedy %q", got)
	}
}
