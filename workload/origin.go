package workload

import (
	"encoding/binary"

	"github.com/twmb/franz-go/pkg/kgo"
)

// originHeader is the key of the header of a record that a pipeline or a transaction wrote.
// The stamp goes through pipelines as it is; what it lacks to be told apart there is the
// partition whose sequence it counts. On the wire, big-endian:
//
//	partition 4, -1: that of the record itself | client 4 | transaction 8
//
// Without transactions the last two are left out.
const originHeader = "kaliper-origin"

const (
	originBytes      = 4
	transactionBytes = 12
)

// origin is where a record was first produced, and the transaction that wrote it last.
type origin struct {
	partition   int32
	client      uint32
	transaction int64 // -1: none
}

// append adds the header's value to a buffer.
func (o origin) append(to []byte) []byte {
	to = binary.BigEndian.AppendUint32(to, uint32(o.partition))
	if o.transaction < 0 {
		return to
	}
	to = binary.BigEndian.AppendUint32(to, o.client)
	return binary.BigEndian.AppendUint64(to, uint64(o.transaction))
}

// originOf returns where a record comes from: from itself, unless its header says otherwise.
func originOf(r *kgo.Record) origin {
	o := origin{partition: r.Partition, transaction: -1}
	for i := len(r.Headers) - 1; i >= 0; i-- { // it is the last one
		if r.Headers[i].Key != originHeader {
			continue
		}
		from := r.Headers[i].Value
		if len(from) >= originBytes {
			if p := int32(binary.BigEndian.Uint32(from)); p >= 0 {
				o.partition = p
			}
		}
		if len(from) >= originBytes+transactionBytes {
			o.client = binary.BigEndian.Uint32(from[4:])
			o.transaction = int64(binary.BigEndian.Uint64(from[8:]))
		}
		break
	}
	return o
}
