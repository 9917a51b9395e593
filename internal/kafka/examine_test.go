package kafka

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"kaliper/results"
)

func testExamine(t *testing.T, a *Admin, on target) {
	createNamed(t, a, NewTopic{Name: "load.examined", Partitions: 6, ReplicationFactor: on.brokers})
	e := must(a.Examine(t.Context()))(t)
	leads := 0
	for _, b := range e.Brokers {
		leads += b.Leads
		if r := b.RoundTrip; r == nil || r.Requests != roundTrips || r.Median <= 0 || r.Median > r.Max {
			t.Errorf("broker %d: %+v, %+v", b.ID, b, r)
		}
		if b.Version == "" || b.Address == "" || b.Unreached != "" {
			t.Errorf("got %+v", b)
		}
	}
	if len(e.Brokers) != on.brokers || e.Partitions < 6 || leads != e.Partitions || e.Topics < 1 || e.ClusterID == "" {
		t.Errorf("got %+v", e)
	}
}

// The classic: the bootstrap server answers, and names an address that cannot be reached.
func TestABrokerThatAdvertisesADeadAddressIsNamed(t *testing.T) {
	cluster := simulate(t)
	alive := cluster.ListenAddrs()[0]
	cluster.ControlKey(int16(kmsg.Metadata), func(req kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		resp := req.ResponseKind().(*kmsg.MetadataResponse)
		resp.Brokers = append(resp.Brokers, brokerAt(0, alive), brokerAt(1, "127.0.0.1:1"))
		return resp, nil, true
	})
	e := must(connect(t, bootstrapOf(cluster)).Examine(t.Context()))(t)
	if len(e.Brokers) != 2 || e.Brokers[0].RoundTrip == nil || e.Brokers[1].RoundTrip != nil {
		t.Fatalf("got %+v", e)
	}
	i := slices.IndexFunc(e.Findings, func(r results.Reason) bool { return r.Code == FindingUnreachable })
	if i < 0 || !strings.Contains(e.Findings[i].Text, "127.0.0.1:1") || !strings.Contains(e.Findings[i].Text, "advertised.listeners") {
		t.Errorf("got %v", e.Findings)
	}
}

func TestWhatIsUnevenAboutBrokersIsFound(t *testing.T) {
	for _, test := range []struct {
		name string
		e    Examination
		want []string
	}{
		{"nothing of even ones", Examination{Partitions: 7, Brokers: []ExaminedBroker{{Leads: 3}, {Leads: 4}}}, nil},
		{"a single partition", Examination{Partitions: 1, Brokers: []ExaminedBroker{{Leads: 1}, {}, {}}}, nil},
		{"one that leads most", Examination{Partitions: 12, Brokers: []ExaminedBroker{{Leads: 10}, {Leads: 2}}}, []string{FindingLeadersUneven}},
		{"two versions", Examination{Brokers: []ExaminedBroker{{Version: "v4.3"}, {Version: "v3.9"}}}, []string{FindingMixedVersions}},
		{"a rack of one alone", Examination{Brokers: []ExaminedBroker{{Rack: "a"}, {}}}, []string{FindingRacksPartial}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var codes []string
			for _, r := range test.e.findings() {
				codes = append(codes, r.Code)
			}
			if !slices.Equal(codes, test.want) {
				t.Errorf("got %v, want %v", codes, test.want)
			}
		})
	}
}

func TestAClusterWithoutATopicIsExamined(t *testing.T) {
	e := must(connect(t, bootstrapOf(simulate(t, kfake.NumBrokers(2)))).Examine(t.Context()))(t)
	if len(e.Findings) > 0 || len(e.Brokers) != 2 {
		t.Errorf("got %+v", e)
	}
}

// Brokers without an authorizer let everybody do everything, and tell so.
func TestWhatTheClusterDoesNotTellIsUnknown(t *testing.T) {
	cluster := simulate(t)
	for key, refused := range map[kmsg.Key]func(kmsg.Response){
		kmsg.DescribeCluster: func(r kmsg.Response) { r.(*kmsg.DescribeClusterResponse).ClusterAuthorizedOperations = 0 },
		kmsg.DescribeClientQuotas: func(r kmsg.Response) {
			r.(*kmsg.DescribeClientQuotasResponse).ErrorCode = kerr.ClusterAuthorizationFailed.Code
		},
	} {
		cluster.ControlKey(int16(key), func(req kmsg.Request) (kmsg.Response, error, bool) {
			resp := req.ResponseKind()
			refused(resp)
			return resp, nil, true
		})
	}
	e := must(connect(t, bootstrapOf(cluster)).Examine(t.Context()))(t)
	var codes []string
	for _, reason := range e.Unknown {
		codes = append(codes, reason.Code)
	}
	if !slices.Contains(codes, ClusterRightsUnknown) || !slices.Contains(codes, QuotasUnknown) || e.OnCluster != nil || e.Quotas != nil {
		t.Errorf("got %+v", e.Permissions)
	}
}

// What a run makes for itself is not there when doctor looks: the cluster tells rights by its name.
func TestTheRightsOnWhatARunMakesAreAskedFor(t *testing.T) {
	t.Run("of who may do everything", func(t *testing.T) {
		e := must(connect(t, bootstrapOf(simulate(t, kfake.NumBrokers(3)))).Examine(t.Context()))(t)
		for _, right := range []string{"Create", "Delete", "Read", "Write"} {
			if !slices.Contains(e.OnOwnTopics, right) || right != "Create" && right != "Write" && !slices.Contains(e.OnOwnGroups, right) {
				t.Errorf("%s is not among %v and %v", right, e.OnOwnTopics, e.OnOwnGroups)
			}
		}
		if !slices.Equal(e.OnOwnIDs, []string{"Describe"}) || e.Topics > 0 {
			t.Errorf("on transactional ids %v; %d topics", e.OnOwnIDs, e.Topics)
		}
		if !slices.ContainsFunc(e.Unknown, func(r results.Reason) bool { return r.Code == IDRightsUnknown }) {
			t.Errorf("writing transactional ids is taken as known: %v", e.Unknown)
		}
	})
	t.Run("of who may do nothing", func(t *testing.T) {
		cluster := simulate(t)
		for key, refuse := range map[kmsg.Key]func(kmsg.Response){
			kmsg.DescribeGroups: func(r kmsg.Response) {
				group := kmsg.NewDescribeGroupsResponseGroup()
				group.ErrorCode = kerr.GroupAuthorizationFailed.Code
				r.(*kmsg.DescribeGroupsResponse).Groups = append(r.(*kmsg.DescribeGroupsResponse).Groups, group)
			},
			kmsg.DescribeTransactions: func(r kmsg.Response) {
				state := kmsg.NewDescribeTransactionsResponseTransactionState()
				state.ErrorCode = kerr.TransactionalIDAuthorizationFailed.Code
				r.(*kmsg.DescribeTransactionsResponse).TransactionStates = append(r.(*kmsg.DescribeTransactionsResponse).TransactionStates, state)
			},
		} {
			cluster.ControlKey(int16(key), func(req kmsg.Request) (kmsg.Response, error, bool) {
				resp := req.ResponseKind()
				refuse(resp)
				return resp, nil, true
			})
		}
		e := must(connect(t, bootstrapOf(cluster)).Examine(t.Context()))(t)
		if e.OnOwnGroups == nil || len(e.OnOwnGroups) > 0 || e.OnOwnIDs == nil || len(e.OnOwnIDs) > 0 {
			t.Errorf("groups %v, transactional ids %v", e.OnOwnGroups, e.OnOwnIDs)
		}
	})
}

// Brokers give a share group without Read no records, and no word.
func TestAShareGroupsRightToReadIsAskedFor(t *testing.T) {
	for _, test := range []struct {
		name   string
		rights int32
		lacks  bool
	}{
		{"with Read", 1<<kmsg.ACLOperationRead | 1<<kmsg.ACLOperationDescribe, false},
		{"with Write alone", 1<<kmsg.ACLOperationWrite | 1<<kmsg.ACLOperationDescribe, true},
		{"on a cluster that does not tell", math.MinInt32, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			cluster := simulate(t)
			admin := connect(t, bootstrapOf(cluster))
			cluster.ControlKey(int16(kmsg.Metadata), func(req kmsg.Request) (kmsg.Response, error, bool) {
				resp := req.ResponseKind().(*kmsg.MetadataResponse)
				topic := kmsg.NewMetadataResponseTopic()
				topic.Topic, topic.AuthorizedOperations = kmsg.StringPtr("load.seen"), test.rights
				resp.Brokers, resp.Topics = append(resp.Brokers, brokerAt(0, cluster.ListenAddrs()[0])), append(resp.Topics, topic)
				return resp, nil, true
			})
			err := admin.RequireRead(t.Context(), []string{"load.seen"})
			if category, _ := CategoryOf(err); (category == Unreachable) != test.lacks || err != nil && !strings.Contains(err.Error(), "grant it Read") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestOperationsHaveTheNamesOfKafkasTools(t *testing.T) {
	for operation, want := range map[kmsg.ACLOperation]string{kmsg.ACLOperationRead: "Read", kmsg.ACLOperationIdempotentWrite: "IdempotentWrite"} {
		if got := operationName(operation); got != want {
			t.Errorf("%v is %s, want %s", operation, got, want)
		}
	}
}
