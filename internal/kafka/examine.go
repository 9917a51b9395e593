package kafka

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"kaliper/results"
)

// Codes of what an examination finds, beside those of a snapshot.
const (
	FindingUnreachable   = "broker_unreachable"
	FindingMixedVersions = "versions_mixed"
	FindingRacksPartial  = "racks_partial"
	FindingLeadersUneven = "leaders_uneven"
)

// roundTrips is how many requests each broker is timed with, and roundTripBound how long one
// broker may take for all of them.
const (
	roundTrips     = 20
	roundTripBound = 5 * time.Second
)

// Examination is what a look at a cluster, which changes nothing, finds.
type Examination struct {
	ClusterID  string           `json:"cluster_id"`
	Topics     int              `json:"topics"` // that the user may see
	Partitions int              `json:"partitions"`
	Brokers    []ExaminedBroker `json:"brokers"`
	Findings   []results.Reason `json:"findings"`
	Permissions
}

// ExaminedBroker is one broker as it was reached by the address that it advertises.
type ExaminedBroker struct {
	ID        int32      `json:"id"`
	Address   string     `json:"address"`
	Rack      string     `json:"rack,omitempty"`
	Version   string     `json:"version,omitempty"` // a guess from the requests it knows
	Leads     int        `json:"leads"`             // partitions
	Replicas  int        `json:"replicas"`
	RoundTrip *RoundTrip `json:"round_trip"` // null where it does not answer
	Unreached string     `json:"unreached,omitempty"`
	Remedy    string     `json:"remedy,omitempty"`
}

// RoundTrip is the time of small requests, one after another, that need nothing of the
// broker but an answer.
type RoundTrip struct {
	Requests int     `json:"requests"`
	Median   float64 `json:"median_seconds"`
	Max      float64 `json:"max_seconds"`
}

// Examine looks at the brokers and all topics that the user may see. A broker that does not
// answer at its advertised address within 5 s is a finding, not an error.
func (a *Admin) Examine(ctx context.Context) (Examination, error) {
	view, err := a.metadata(ctx, nil)
	if err != nil {
		return Examination{}, fmt.Errorf("examine cluster: %w", err)
	}
	e := Examination{ClusterID: deref(view.ClusterID), Topics: len(view.Topics)}
	for _, b := range view.Brokers {
		broker := ExaminedBroker{ID: b.NodeID, Address: net.JoinHostPort(b.Host, strconv.Itoa(int(b.Port))), Rack: deref(b.Rack)}
		if err := a.reach(ctx, &broker); err != nil {
			return Examination{}, err
		}
		e.Brokers = append(e.Brokers, broker)
	}
	slices.SortFunc(e.Brokers, func(a, b ExaminedBroker) int { return cmp.Compare(a.ID, b.ID) })
	e.count(view)
	e.Findings = append(e.findings(), environment(view)...)
	if e.Permissions, err = a.permissions(ctx); err != nil {
		return Examination{}, err
	}
	return e, nil
}

// reach times requests to one broker; the error is that of ctx alone.
func (a *Admin) reach(ctx context.Context, b *ExaminedBroker) error {
	bounded, cancel := context.WithTimeout(ctx, roundTripBound)
	defer cancel()
	to := a.client.Broker(int(b.ID))
	request := kmsg.NewPtrApiVersionsRequest()
	request.ClientSoftwareName, request.ClientSoftwareVersion = "kaliper", "1"
	var times []time.Duration
	for i := range roundTrips + 1 {
		begin := time.Now()
		response, err := request.RequestWith(bounded, to)
		took := time.Since(begin)
		if err == nil {
			err = kerr.ErrorForCode(response.ErrorCode)
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			b.Unreached, _ = diagnose(err)
			b.Remedy = startOrCorrect
			return nil
		}
		if i == 0 {
			b.Version = kversion.FromApiVersionsResponse(response).VersionGuess()
			continue // opens the connection
		}
		times = append(times, took)
	}
	slices.Sort(times)
	b.RoundTrip = &RoundTrip{
		Requests: len(times),
		Median:   (times[(len(times)-1)/2] + times[len(times)/2]).Seconds() / 2,
		Max:      times[len(times)-1].Seconds(),
	}
	return nil
}

func (e *Examination) count(view *kmsg.MetadataResponse) {
	of := map[int32]*ExaminedBroker{}
	for i := range e.Brokers {
		of[e.Brokers[i].ID] = &e.Brokers[i]
	}
	for _, t := range view.Topics {
		e.Partitions += len(t.Partitions)
		for _, p := range t.Partitions {
			if b := of[p.Leader]; b != nil {
				b.Leads++
			}
			for _, id := range p.Replicas {
				if b := of[id]; b != nil { // else it is down
					b.Replicas++
				}
			}
		}
	}
}

// unevenLeads is how many times its even share a broker may lead before it is worth a word:
// topics with fewer partitions than brokers lead to some.
const unevenLeads = 1.5

// findings says what about the brokers themselves would colour a measurement.
func (e *Examination) findings() []results.Reason {
	found := []results.Reason{}
	addf := func(code, format string, args ...any) {
		found = append(found, results.Reason{Code: code, Text: fmt.Sprintf(format, args...)})
	}
	versions, racked := map[string]bool{}, 0
	for _, b := range e.Brokers {
		if b.Unreached != "" {
			addf(FindingUnreachable, "broker %d does not answer at the address that it advertises, %s: %s; %s", b.ID, b.Address, b.Unreached, b.Remedy)
		}
		if b.Version != "" {
			versions[b.Version] = true
		}
		if b.Rack != "" {
			racked++
		}
		if even := float64(e.Partitions) / float64(len(e.Brokers)); float64(b.Leads) > unevenLeads*even && float64(b.Leads) > even+1 {
			addf(FindingLeadersUneven, "broker %d leads %d of %d partitions, where %.0f would be even", b.ID, b.Leads, e.Partitions, even)
		}
	}
	if len(versions) > 1 {
		addf(FindingMixedVersions, "the brokers have different versions")
	}
	if racked > 0 && racked < len(e.Brokers) {
		addf(FindingRacksPartial, "%d of %d brokers have a rack, so replicas cannot be spread over racks", racked, len(e.Brokers))
	}
	return found
}
