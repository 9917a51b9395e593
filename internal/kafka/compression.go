package kafka

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Java's default levels (KIP-390), at which the codecs take their usual way.
const (
	gzipDefaultLevel = -1
	lz4DefaultLevel  = 9 // and the fast compressor: Lz4BlockOutputStream takes the high one for every other level
	zstdDefaultLevel = 3
)

// codec reads compression.type and the level that goes with it.
func codec(r *reader) kgo.CompressionCodec {
	const name = "compression.type"
	switch kind := strings.ToLower(r.String(name)); kind {
	case "none", "":
		return kgo.NoCompression()
	case "gzip":
		return gzipCodec(r)
	case "snappy":
		return kgo.SnappyCompression()
	case "lz4":
		return lz4Codec(r)
	case "zstd":
		return zstdCodec(r)
	default:
		r.reject(name, kind, "use one of none, gzip, snappy, lz4, zstd")
		return kgo.NoCompression()
	}
}

func gzipCodec(r *reader) kgo.CompressionCodec {
	const name = "compression.gzip.level"
	level := r.Int64(name)
	switch {
	case !r.IsSet(name) || level == gzipDefaultLevel:
		return kgo.GzipCompression()
	case level < 1 || level > 9:
		r.reject(name, level, "use 1 to 9, or -1 for the default")
	}
	return kgo.GzipCompression().WithLevel(int(level))
}

// lz4Codec maps Java's levels 1 to 17 onto the high compressor's nine; the default stays with
// the fast compressor in both.
func lz4Codec(r *reader) kgo.CompressionCodec {
	const name = "compression.lz4.level"
	level := r.Int64(name)
	switch {
	case !r.IsSet(name) || level == lz4DefaultLevel:
		return kgo.Lz4Compression()
	case level < 1 || level > 17:
		r.reject(name, level, "use 1 to 17")
		return kgo.Lz4Compression()
	}
	levels := [...]lz4.CompressionLevel{lz4.Level1, lz4.Level2, lz4.Level3, lz4.Level4, lz4.Level5, lz4.Level6, lz4.Level7, lz4.Level8, lz4.Level9}
	return kgo.Lz4Compression().WithLevel(int(levels[min(int(level), len(levels))-1]))
}

// zstdCodec maps zstd's levels onto the four of the Go library as the library itself says.
func zstdCodec(r *reader) kgo.CompressionCodec {
	const name, least, most = "compression.zstd.level", -131072, 22
	level := r.Int64(name)
	switch {
	case !r.IsSet(name):
		level = zstdDefaultLevel
	case level < least || level > most:
		r.reject(name, level, fmt.Sprintf("use %d to %d", least, most))
	}
	return zstdOf(level)
}

func zstdOf(level int64) kgo.CompressionCodec {
	return kgo.ZstdCompression().WithLevel(int(zstd.EncoderLevelFromZstd(int(level))))
}

// CompressionRatio returns the size of sample, about one batch of encoded payload, after the
// compression that p asks for, as a share of its size before: 1 where nothing is compressed
// or compression does not pay.
func CompressionRatio(p Properties, sample []byte) (float64, error) {
	r := &reader{Properties: p}
	compressor, err := kgo.DefaultCompressor(codec(r))
	if err := r.err(); err != nil {
		return 1, err
	}
	if err != nil {
		return 1, fmt.Errorf("compress a sample: %w", err)
	}
	if compressor == nil || len(sample) == 0 {
		return 1, nil
	}
	compressed, _ := compressor.Compress(new(bytes.Buffer), sample)
	return min(float64(len(compressed))/float64(len(sample)), 1), nil
}
