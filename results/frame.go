package results

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
)

// A journal is a magic line, its schema's name, and then frames, one after the other:
//
//	uint32  length of the payload, little endian
//	uint32  CRC-32C (Castagnoli) of the payload, little endian
//	payload a JSON object with one key: begin, interval or end
//
// A length of its own, rather than lines, finds the end of a frame without reading it as
// JSON; the checksum tells a frame that was half written when the power went from a whole one.
const (
	magicLine       = JournalSchema + "\n"
	frameHeaderSize = 8
	// maxFrameBytes bounds what a reader allocates for a length that may be garbage. A frame
	// of a hundred groups with full histograms has 2 MiB.
	maxFrameBytes = 64 << 20
	// maxMagicBytes bounds the search for the magic line's end in a foreign file.
	maxMagicBytes = 64
)

// appendFrame appends one frame to buffer.
func appendFrame(buffer, payload []byte) ([]byte, error) {
	if len(payload) > maxFrameBytes {
		return buffer, fmt.Errorf("a frame of %d bytes is over the limit of %d", len(payload), maxFrameBytes)
	}
	buffer = binary.LittleEndian.AppendUint32(buffer, uint32(len(payload)))
	buffer = binary.LittleEndian.AppendUint32(buffer, crc32.Checksum(payload, castagnoli()))
	return append(buffer, payload...), nil
}

// castagnoli returns CRC-32C's table, which the library builds once and computes in hardware.
func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// errCut says that a journal ends within something.
var errCut = errors.New("cut off")

// frameReader reads a journal's frames in order.
type frameReader struct {
	reader  *bufio.Reader
	offset  int64 // bytes read
	frames  int   // whole frames read
	payload bytes.Buffer
}

// newFrameReader reads the magic line. The error wraps errCut where the line is a part of
// what it should be, ErrForeign or ErrNewerSchema where it is another.
func newFrameReader(r io.Reader) (*frameReader, error) {
	f := &frameReader{reader: bufio.NewReaderSize(r, 1<<16)}
	line, err := f.reader.Peek(maxMagicBytes)
	if err != nil && err != io.EOF {
		return nil, err
	}
	end := bytes.IndexByte(line, '\n')
	if end < 0 {
		if strings.HasPrefix(magicLine, string(line)) {
			return nil, fmt.Errorf("%w in its first line, after %d bytes", errCut, len(line))
		}
		return nil, fmt.Errorf("%w: it does not start with %q", ErrForeign, JournalSchema)
	}
	if _, err := checkSchema(string(line[:end]), JournalSchema); err != nil {
		return nil, err
	}
	if _, err := f.reader.Discard(end + 1); err != nil {
		return nil, err
	}
	f.offset = int64(end + 1)
	return f, nil
}

// next returns the payload of the next frame, valid until the next call. The error is io.EOF
// at the end of the last whole frame, wraps errCut where a frame is not whole, and else says
// what is wrong with it. There is no way on after an error: a wrong length has no end.
func (f *frameReader) next() ([]byte, error) {
	var header [frameHeaderSize]byte
	n, err := io.ReadFull(f.reader, header[:])
	switch {
	case err == io.EOF:
		return nil, io.EOF
	case err == io.ErrUnexpectedEOF:
		return nil, fmt.Errorf("%w in the header of frame %d (byte %d): %d bytes of %d are there",
			errCut, f.frames+1, f.offset, n, frameHeaderSize)
	case err != nil:
		return nil, err
	}
	length := int64(binary.LittleEndian.Uint32(header[:4]))
	if length > maxFrameBytes {
		return nil, fmt.Errorf("frame %d (byte %d) is corrupt: it claims %d bytes", f.frames+1, f.offset, length)
	}
	// CopyN grows the buffer with what is really there, not with what the header claims.
	f.payload.Reset()
	read, err := io.CopyN(&f.payload, f.reader, length)
	if err == io.EOF {
		return nil, fmt.Errorf("%w in frame %d (byte %d): %d bytes of %d are there",
			errCut, f.frames+1, f.offset, read, length)
	}
	if err != nil {
		return nil, err
	}
	if sum := crc32.Checksum(f.payload.Bytes(), castagnoli()); sum != binary.LittleEndian.Uint32(header[4:]) {
		return nil, fmt.Errorf("frame %d (byte %d) is corrupt: its checksum does not match", f.frames+1, f.offset)
	}
	f.frames++
	f.offset += frameHeaderSize + length
	return f.payload.Bytes(), nil
}

// histogramKey starts the histogram of a measure.Encoded within a payload, from the comma
// that parts it from the figures to the opening quote of its base64. No string of JSON can
// contain it, for there the quotes would be escaped.
const histogramKey = `,"hdr":"`

// cutHistograms cuts the histograms out of a payload, in place, and leaves their figures. They
// are nearly all of a journal's bytes: cut first, what remains is parsed many times faster.
func cutHistograms(payload []byte) []byte {
	kept := 0
	for rest := payload; ; {
		start := bytes.Index(rest, []byte(histogramKey))
		if start < 0 {
			return payload[:kept+copy(payload[kept:], rest)]
		}
		length := bytes.IndexByte(rest[start+len(histogramKey):], '"')
		if length < 0 { // no JSON, as its parser will say
			return payload[:kept+copy(payload[kept:], rest)]
		}
		kept += copy(payload[kept:], rest[:start])
		rest = rest[start+len(histogramKey)+length+1:]
	}
}
