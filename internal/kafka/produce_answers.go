package kafka

import (
	"context"
	"encoding/binary"
	"net"
	"sync"

	"github.com/twmb/franz-go/pkg/kbin"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// PartitionAnswer is what a broker says of one batch in its answer to a produce request. Kind
// is ErrorKind's, empty where the batch was taken.
type PartitionAnswer struct {
	Partition int32
	Kind      string
}

// WatchProduce returns a dialer whose connections tell every batch's answer, in the order in
// which they are read and before the client sees them. The answers of one response are one
// call; answers is only valid during it.
//
// It is there because the client library retries what a broker refuses (NOT_ENOUGH_REPLICAS,
// NOT_LEADER_OR_FOLLOWER, ...) without a word, and in the end reports a delivery timeout, as
// Java does: neither its hooks nor its errors carry the cause, and its debug log is a line for
// every request. The cost is a few hundred nanoseconds a response. It relies on requests being
// written whole, one a Write, and leaves alone what it cannot read.
//
// It is not for acks=0, which has no answers.
func WatchProduce(dial DialFunc, tell func(answers []PartitionAnswer)) DialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &watchedConn{Conn: conn, tell: tell, versions: map[int32]int16{}}, nil
	}
}

// mostAnswerBytes bounds what is kept of one response; a larger one goes by unread. A thousand
// partitions' answers take about 40 KB.
const mostAnswerBytes = 1 << 20

// watchedConn reads along. One goroutine writes, one reads.
type watchedConn struct {
	net.Conn
	tell func([]PartitionAnswer)

	mu       sync.Mutex
	versions map[int32]int16 // of the produce requests without an answer, by correlation id

	// Of the goroutine that reads.
	head    [8]byte // size and correlation id of the response that is being read
	headGot int
	left    int // bytes of the body to come
	version int16
	keep    bool // the body is an answer to a produce request
	body    []byte
	answers []PartitionAnswer
}

// Write implements net.Conn. A request begins with its size, key, version and correlation id.
func (c *watchedConn) Write(request []byte) (int, error) {
	const head = 4 + 2 + 2 + 4
	if len(request) >= head && binary.BigEndian.Uint16(request[4:]) == uint16(kmsg.Produce) {
		c.mu.Lock()
		c.versions[int32(binary.BigEndian.Uint32(request[8:]))] = int16(binary.BigEndian.Uint16(request[6:]))
		c.mu.Unlock()
	}
	return c.Conn.Write(request)
}

// Read implements net.Conn.
func (c *watchedConn) Read(into []byte) (int, error) {
	n, err := c.Conn.Read(into)
	c.follow(into[:n])
	return n, err
}

// follow takes the next bytes of the stream of responses, however they are cut.
func (c *watchedConn) follow(data []byte) {
	for len(data) > 0 {
		if c.headGot < len(c.head) {
			n := copy(c.head[c.headGot:], data)
			c.headGot += n
			data = data[n:]
			if c.headGot == len(c.head) {
				c.begin()
			}
			continue
		}
		n := min(c.left, len(data))
		if c.keep {
			c.body = append(c.body, data[:n]...)
		}
		c.left -= n
		data = data[n:]
		c.finish()
	}
}

// begin looks at the head of a response.
func (c *watchedConn) begin() {
	c.left = int(binary.BigEndian.Uint32(c.head[:])) - 4
	id := int32(binary.BigEndian.Uint32(c.head[4:]))
	c.mu.Lock()
	c.version, c.keep = c.versions[id]
	delete(c.versions, id)
	c.mu.Unlock()
	c.keep = c.keep && c.left <= mostAnswerBytes
	c.body = c.body[:0]
	c.finish()
}

// finish tells a response that is there as a whole, and makes ready for the next one.
func (c *watchedConn) finish() {
	if c.left > 0 {
		return
	}
	c.headGot = 0
	if !c.keep {
		return
	}
	c.answers = appendAnswers(c.answers[:0], c.body, c.version)
	if len(c.answers) > 0 {
		c.tell(c.answers)
	}
}

// appendAnswers decodes what follows the correlation id of a produce response; nothing where it
// is not one.
func appendAnswers(to []PartitionAnswer, body []byte, version int16) []PartitionAnswer {
	response := kmsg.NewPtrProduceResponse()
	response.SetVersion(version)
	if version < 0 || version > response.MaxVersion() {
		return to
	}
	if response.IsFlexible() { // the header has tags, of which there are none yet
		reader := kbin.Reader{Src: body}
		for range reader.Uvarint() {
			reader.Uvarint()
			reader.Span(int(reader.Uvarint()))
			if !reader.Ok() {
				return to
			}
		}
		body = reader.Src
	}
	if response.UnsafeReadFrom(body) != nil {
		return to
	}
	for _, t := range response.Topics {
		for _, p := range t.Partitions {
			to = append(to, PartitionAnswer{p.Partition, ErrorKind(kerr.ErrorForCode(p.ErrorCode))})
		}
	}
	return to
}
