package workload

import (
	"encoding/binary"
	"hash/crc32"
	"math"
)

// stampBytes is the length of a stamp.
const stampBytes = 36

// stampHeader is the key of the record header that carries the stamp of records whose value
// must stay as it is.
const stampHeader = "kaliper"

const stampMagic = 0x6b6c7031 // "klp1"

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// stamp identifies a record. On the wire, big-endian:
//
//	magic 4 | run 8 | producer 4 | sequence 8 | intended 8 | checksum 4
//
// The checksum is CRC-32C over the rest of the value followed by the first 32 bytes of the
// stamp, so that a producer can take the checksum of a prepared value once and continue it
// with a few bytes on the hot path.
type stamp struct {
	run      uint64 // of the trial: records of another one are not ours
	producer uint32 // client, counted over all groups of the trial
	sequence int64  // from 0, of this producer in this partition
	intended int64  // nanoseconds since the start of the load
}

// unreadable stands for the stamp of a record that has none though it was sent with one: its
// producer and its sequence are -1.
func unreadable() *stamp { return &stamp{producer: math.MaxUint32, sequence: -1} }

func (s *stamp) put(to []byte, restChecksum uint32) {
	_ = to[stampBytes-1]
	binary.BigEndian.PutUint32(to, stampMagic)
	binary.BigEndian.PutUint64(to[4:], s.run)
	binary.BigEndian.PutUint32(to[12:], s.producer)
	binary.BigEndian.PutUint64(to[16:], uint64(s.sequence))
	binary.BigEndian.PutUint64(to[24:], uint64(s.intended))
	binary.BigEndian.PutUint32(to[32:], crc32.Update(restChecksum, castagnoli, to[:32]))
}

// read takes a stamp; false if there is none.
func (s *stamp) read(from []byte) bool {
	if len(from) < stampBytes || binary.BigEndian.Uint32(from) != stampMagic {
		return false
	}
	s.run = binary.BigEndian.Uint64(from[4:])
	s.producer = binary.BigEndian.Uint32(from[12:])
	s.sequence = int64(binary.BigEndian.Uint64(from[16:]))
	s.intended = int64(binary.BigEndian.Uint64(from[24:]))
	return true
}

// intact says whether the stamp and the rest of the value are as they were sent.
func intact(from, rest []byte) bool {
	sum := crc32.Update(crc32.Checksum(rest, castagnoli), castagnoli, from[:32])
	return binary.BigEndian.Uint32(from[32:]) == sum
}
