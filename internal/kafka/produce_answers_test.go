package kafka

import (
	"context"
	"encoding/binary"
	"net"
	"slices"
	"sync"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func TestWhatABrokerRefusesAndTheClientRetriesIsTold(t *testing.T) {
	cluster := simulate(t, kfake.SeedTopics(2, "orders"))
	refusals := 3
	cluster.ControlKey(int16(kmsg.Produce), func(req kmsg.Request) (kmsg.Response, error, bool) {
		if refusals--; refusals >= 0 {
			cluster.KeepControl()
		}
		if refusals < 0 {
			return nil, nil, false
		}
		produce := req.(*kmsg.ProduceRequest)
		resp := req.ResponseKind().(*kmsg.ProduceResponse)
		for _, topic := range produce.Topics {
			answer := kmsg.NewProduceResponseTopic()
			answer.Topic, answer.TopicID = topic.Topic, topic.TopicID
			for _, p := range topic.Partitions {
				one := kmsg.NewProduceResponseTopicPartition()
				one.Partition, one.ErrorCode = p.Partition, kerr.NotEnoughReplicas.Code
				answer.Partitions = append(answer.Partitions, one)
			}
			resp.Topics = append(resp.Topics, answer)
		}
		return resp, nil, true
	})
	settings := producer(bootstrapOf(cluster))
	dial := must(Dialer(settings))(t)
	var mu sync.Mutex
	var told []PartitionAnswer
	opts := append(must(ProducerOptions(settings, Payload{}))(t), kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.Dialer(WatchProduce(dial, func(answers []PartitionAnswer) {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, answers...)
		})))
	client := must(kgo.NewClient(opts...))(t)
	defer client.Close()
	result := client.ProduceSync(t.Context(), &kgo.Record{Topic: "orders", Partition: 1, Value: []byte("x")})
	if err := result.FirstErr(); err != nil {
		t.Fatal(err)
	}
	want := []PartitionAnswer{{1, "not_enough_replicas"}, {1, "not_enough_replicas"}, {1, "not_enough_replicas"}, {1, ""}}
	mu.Lock()
	defer mu.Unlock()
	if !slices.Equal(told, want) {
		t.Errorf("told %v, want %v", told, want)
	}
}

// produceAnswer is a response on the wire, with the correlation id 7.
func produceAnswer(version int16, codes ...int16) []byte {
	resp := kmsg.NewPtrProduceResponse()
	resp.SetVersion(version)
	topic := kmsg.NewProduceResponseTopic()
	topic.Topic = "orders"
	for i, code := range codes {
		p := kmsg.NewProduceResponseTopicPartition()
		p.Partition, p.ErrorCode = int32(i), code
		topic.Partitions = append(topic.Partitions, p)
	}
	resp.Topics = append(resp.Topics, topic)
	body := []byte{0, 0, 0, 7}
	if resp.IsFlexible() {
		body = append(body, 0)
	}
	body = resp.AppendTo(body)
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), body...)
}

func TestAnswersAreReadHoweverTheStreamIsCut(t *testing.T) {
	other := []byte{0, 0, 0, 6, 0, 0, 0, 3, 0xff, 0xff}
	for _, version := range []int16{3, 8, 9, 12, 13} {
		stream := slices.Concat(other, produceAnswer(version, 0, kerr.NotEnoughReplicas.Code), []byte{0, 0, 0, 4, 0, 0, 0, 4}, other)
		for size := 1; size <= len(stream); size++ {
			var told []PartitionAnswer
			c := &watchedConn{tell: func(a []PartitionAnswer) { told = append(told, a...) }, versions: map[int32]int16{7: version}}
			for chunk := range slices.Chunk(stream, size) {
				c.follow(chunk)
			}
			if want := []PartitionAnswer{{0, ""}, {1, "not_enough_replicas"}}; !slices.Equal(told, want) {
				t.Fatalf("version %d in pieces of %d: told %v", version, size, told)
			}
		}
	}
}

func FuzzAnswersOfAnyStreamAreReadWithoutPanic(f *testing.F) {
	for _, version := range []int16{3, 9, 13} {
		f.Add(produceAnswer(version, 0, 19), version)
	}
	f.Fuzz(func(_ *testing.T, stream []byte, version int16) {
		c := &watchedConn{tell: func([]PartitionAnswer) {}, versions: map[int32]int16{7: version}}
		c.follow(stream)
	})
}

func TestAConnectionThatIsRefusedIsNotWatched(t *testing.T) {
	dial := WatchProduce((&net.Dialer{}).DialContext, nil)
	if _, err := dial(context.Background(), "tcp", closedPort(t)); err == nil {
		t.Error("no error")
	}
}
