package workload

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"

	"github.com/twmb/franz-go/pkg/kbin"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"kaliper/internal/kafka"
)

// nullBroker acknowledges every produce request without looking at its records, over pipes
// within the process: what a client reaches against it is the client's own ceiling.
type nullBroker struct {
	topic      string
	partitions int
}

// nullAddress is where clients think that the null broker is.
const nullAddress = "null:9092"

// nullVersions are the requests that a producer needs, with the highest version that the null
// broker speaks.
var nullVersions = map[int16]int16{0: 9, 3: 9, 18: 3, 22: 4}

// options makes a client talk to this broker alone.
func (b *nullBroker) options(ctx context.Context) []kgo.Opt {
	return []kgo.Opt{kgo.SeedBrokers(nullAddress), kgo.Dialer(b.dial(ctx))}
}

// dial returns how a client connects to this broker, until ctx ends.
func (b *nullBroker) dial(ctx context.Context) kafka.DialFunc {
	return func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		stop := context.AfterFunc(ctx, func() { server.Close() })
		go func() {
			defer stop()
			defer server.Close()
			_ = b.serve(server) // ends when the client closes
		}()
		return client, nil
	}
}

// serve answers the requests of one connection until it ends.
func (b *nullBroker) serve(conn net.Conn) error {
	var size [4]byte
	var body []byte
	for {
		if _, err := io.ReadFull(conn, size[:]); err != nil {
			return err
		}
		n := int(binary.BigEndian.Uint32(size[:]))
		if cap(body) < n {
			body = make([]byte, n)
		}
		body = body[:n]
		if _, err := io.ReadFull(conn, body); err != nil {
			return err
		}
		answer, err := b.answer(body)
		if err != nil {
			return err
		}
		if answer != nil {
			if _, err := conn.Write(answer); err != nil {
				return err
			}
		}
	}
}

// answer returns the framed response to a request, nil where none is wanted.
func (b *nullBroker) answer(request []byte) ([]byte, error) {
	reader := kbin.Reader{Src: request}
	key, version, correlation := reader.Int16(), reader.Int16(), reader.Int32()
	reader.NullableString() // client id
	req := kmsg.RequestForKey(key)
	if req == nil {
		return nil, fmt.Errorf("null broker: request %d is not known", key)
	}
	// A client that asks in a version that is not known is told what is known in version 0.
	unknownVersion := version > nullVersions[key]
	if unknownVersion {
		version = 0
	}
	req.SetVersion(version)
	if req.IsFlexible() {
		kmsg.SkipTags(&reader)
	}
	if !unknownVersion {
		if err := req.ReadFrom(reader.Src); err != nil {
			return nil, fmt.Errorf("null broker: read request %d: %w", key, err)
		}
	}
	response := b.respond(req, unknownVersion)
	if response == nil {
		return nil, nil
	}
	answer := binary.BigEndian.AppendUint32(make([]byte, 4), uint32(correlation))
	if response.IsFlexible() && key != 18 { // KIP-511: the answer to ApiVersions has the old header
		answer = append(answer, 0)
	}
	answer = response.AppendTo(answer)
	binary.BigEndian.PutUint32(answer, uint32(len(answer)-4))
	return answer, nil
}

func (b *nullBroker) respond(request kmsg.Request, unknownVersion bool) kmsg.Response {
	switch request := request.(type) {
	case *kmsg.ApiVersionsRequest:
		response := request.ResponseKind().(*kmsg.ApiVersionsResponse)
		if unknownVersion {
			const unsupportedVersion = 35
			response.ErrorCode = unsupportedVersion
		}
		for key, most := range nullVersions {
			v := kmsg.NewApiVersionsResponseApiKey()
			v.ApiKey, v.MaxVersion = key, most
			response.ApiKeys = append(response.ApiKeys, v)
		}
		return response
	case *kmsg.MetadataRequest:
		return b.metadata(request)
	case *kmsg.InitProducerIDRequest:
		response := request.ResponseKind().(*kmsg.InitProducerIDResponse)
		response.ProducerID = 1
		return response
	case *kmsg.ProduceRequest:
		if request.Acks == 0 {
			return nil
		}
		response := request.ResponseKind().(*kmsg.ProduceResponse)
		for _, t := range request.Topics {
			topic := kmsg.NewProduceResponseTopic()
			topic.Topic = t.Topic
			for _, p := range t.Partitions {
				partition := kmsg.NewProduceResponseTopicPartition()
				partition.Partition = p.Partition
				topic.Partitions = append(topic.Partitions, partition)
			}
			response.Topics = append(response.Topics, topic)
		}
		return response
	}
	return request.ResponseKind()
}

func (b *nullBroker) metadata(request *kmsg.MetadataRequest) kmsg.Response {
	response := request.ResponseKind().(*kmsg.MetadataResponse)
	broker := kmsg.NewMetadataResponseBroker()
	broker.NodeID, broker.Host, broker.Port = 1, "null", 9092
	response.Brokers = append(response.Brokers, broker)
	response.ControllerID = 1
	topic := kmsg.NewMetadataResponseTopic()
	topic.Topic = &b.topic
	for i := range b.partitions {
		partition := kmsg.NewMetadataResponseTopicPartition()
		partition.Partition, partition.Leader = int32(i), 1
		partition.Replicas, partition.ISR = []int32{1}, []int32{1}
		topic.Partitions = append(topic.Partitions, partition)
	}
	response.Topics = append(response.Topics, topic)
	return response
}
