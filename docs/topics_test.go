package docs_test

import (
	"slices"
	"testing"

	"kaliper/internal/kafka"
)

func TestTheTopicsPageExplainsEveryCodeOfDescribe(t *testing.T) {
	want := []string{
		kafka.ReasonOffline, kafka.ReasonUnderReplicated, kafka.ReasonUnbalanced, kafka.TopicLeadersUneven,
		kafka.TopicReplicasUneven, kafka.TopicRacksShared, kafka.TopicSizesUneven,
	}
	if got := firstCells(onlyTable(t, "topics.md", "| code | means |")); !slices.Equal(got, want) {
		t.Errorf("the page has %v, want %v", got, want)
	}
}

func TestTheTopicsPageExplainsWhatDoctorDoesNotKnow(t *testing.T) {
	want := []string{kafka.ClusterRightsUnknown, kafka.TopicRightsUnknown, kafka.QuotasUnknown}
	if got := firstCells(onlyTable(t, "topics.md", "| unknown | means |")); !slices.Equal(got, want) {
		t.Errorf("the page has %v, want %v", got, want)
	}
}
