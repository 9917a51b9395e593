package kafka

import "testing"

func TestBatchLimit(t *testing.T) {
	const mib = 1 << 20
	for _, test := range []struct {
		name           string
		batchSize      int32
		maxRequestSize int32
		payload        Payload
		want           int32
	}{
		{"is batch.size where nothing is compressed", 16384, mib, Payload{LargestRecord: 120}, 16384 + 3},
		{"does not depend on the largest record while it fits", 16384, mib, Payload{LargestRecord: 8000, CompressionRatio: 1}, 16384 + 3},
		{"holds a record larger than batch.size alone", 16384, mib, Payload{LargestRecord: 40000}, 40064},
		{"grows with compression, less the margin of Java's estimate", 16384, mib, Payload{LargestRecord: 323, CompressionRatio: 0.5}, 64 + 323 + 30476},
		{"does not grow where compression does not pay", 16384, mib, Payload{LargestRecord: 323, CompressionRatio: 0.99}, 16384 + 3},
		{"ends at max.request.size", 16384, 20000, Payload{LargestRecord: 40000}, 20000},
		{"is never below what the client library takes", 0, mib, Payload{LargestRecord: 10}, 512},
		{"holds one record where batching is off", 0, mib, Payload{LargestRecord: 1000}, 1064},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := batchLimit(test.batchSize, test.maxRequestSize, test.payload); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
		})
	}
}

func FuzzBatchLimitHoldsTheLargestRecord(f *testing.F) {
	f.Add(int32(16384), int32(1<<20), 1000, 0.5)
	f.Fuzz(func(t *testing.T, batchSize, maxRequestSize int32, record int, ratio float64) {
		if batchSize < 0 || maxRequestSize < 1024 || maxRequestSize > mostBytes-requestSlack || record < 0 || record > int(mostBytes) || batchSize > mostBytes {
			t.Skip()
		}
		payload := Payload{LargestRecord: record, CompressionRatio: ratio}
		limit, request := batchLimit(batchSize, maxRequestSize, payload), requestLimit(maxRequestSize, payload)
		if limit < 512 || limit > max(maxRequestSize, 512) {
			t.Errorf("limit %d lies outside of 512 to max.request.size %d", limit, maxRequestSize)
		}
		if record+batchSlack <= int(maxRequestSize) && int(limit) < record+batchOverhead {
			t.Errorf("limit %d does not hold a record of %d", limit, record)
		}
		if request < limit+requestSlack && request < maxRequestSize+requestSlack {
			t.Errorf("a request of %d does not hold a batch of %d", request, limit)
		}
	})
}
