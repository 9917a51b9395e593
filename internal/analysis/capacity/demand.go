package capacity

// Demand is what is planned for.
type Demand struct {
	RecordsPerSecond  float64 // today
	RecordBytes       float64 // key and value
	WireBytes         float64 // of a record
	Compression       string
	Groups            int
	Members           int // of each group, at the least; 0 leaves it open
	ReplicationFactor int
	Survive           int     // brokers that may be away while it is carried
	Growth            float64 // 2: twice the rate
	Headroom          float64 // share of the capacity that is kept free
	RetentionSeconds  float64
	LingerSeconds     float64
	BatchBytes        float64
	Keyed             bool // records are spread over all partitions
	Limits            Limits
}

// Limits are what one broker may be given, as its hardware or its provider says. 0 is not known.
type Limits struct {
	NetworkIn, NetworkOut float64 // bytes/s
	DiskWrite             float64 // bytes/s
	Disk                  float64 // bytes
	Partitions            int     // replicas of partitions
}

// Known says whether there is any limit.
func (l Limits) Known() bool { return l != Limits{} }

// Grown returns the rate after growth, records/s.
func (d Demand) Grown() float64 { return d.RecordsPerSecond * d.Growth }

// Needed returns what the system must be able to carry, so that the headroom stays free.
func (d Demand) Needed() float64 { return d.Grown() / (1 - d.Headroom) }

// Bytes is what the demand moves and keeps after growth, over all brokers: bytes/s and bytes.
type Bytes struct {
	In   float64 // from producers, and between brokers for replication
	Out  float64 // to groups, and between brokers for replication
	Disk float64 // for the retention, with the headroom free
}

// Bytes returns what the demand moves and keeps.
func (d Demand) Bytes() Bytes {
	wire := d.Grown() * d.WireBytes
	replicas := float64(d.ReplicationFactor)
	return Bytes{
		In:   wire * replicas,
		Out:  wire * (float64(d.Groups) + replicas - 1),
		Disk: wire * replicas * d.RetentionSeconds / (1 - d.Headroom),
	}
}
