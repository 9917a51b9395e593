package schema

import (
	"encoding/hex"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// deepest is how far values that contain themselves are followed.
const deepest = 6

// drawer draws the parts of one value.
type drawer struct {
	random *rand.Rand // what the value is like
	filler *rand.Rand // what its texts say: their lengths must not change anything else
	leaves []leaf     // texts that may grow, in the order in which they were drawn
	extra  []int      // by leaf, bytes beyond its natural length; nil at first
}

// leaf is a text that may grow.
type leaf struct {
	free bool // its name says that it is prose
	room int  // bytes that it may have beyond its natural length
}

func newDrawer(a, b uint64) *drawer {
	return &drawer{random: rand.New(rand.NewPCG(a, b)), filler: rand.New(rand.NewPCG(b, a))}
}

// share divides missing bytes among the texts that may grow: those whose name says that they
// are prose, else all. It returns nil where nothing is missing or nothing may grow.
func (d *drawer) share(missing int) []int {
	if missing <= 0 || len(d.leaves) == 0 {
		return nil
	}
	prose := slices.ContainsFunc(d.leaves, func(l leaf) bool { return l.free && l.room > 0 })
	extra := make([]int, len(d.leaves))
	// Those that are full leave their share to the others.
	for range len(d.leaves) {
		var open []int
		for i, l := range d.leaves {
			if (l.free || !prose) && extra[i] < l.room {
				open = append(open, i)
			}
		}
		if len(open) == 0 || missing == 0 {
			break
		}
		each, rest := missing/len(open), missing%len(open)
		for n, i := range open {
			more := each
			if n < rest {
				more++
			}
			more = min(more, d.leaves[i].room-extra[i])
			extra[i] += more
			missing -= more
		}
	}
	return extra
}

// proseNames are the last words of names whose texts are as long as people write them.
var proseNames = []string{"note", "notes", "text", "description", "comment", "comments", "message", "body", "payload", "content", "data", "summary", "details", "remarks"}

// lastWord returns the last word of order_id, orderId or order-id, in small letters.
func lastWord(name string) string {
	end := strings.LastIndexFunc(name, func(r rune) bool { return r == '_' || r == '-' || r == '.' || r == ' ' })
	name = name[end+1:]
	for i := len(name) - 1; i > 0; i-- {
		if name[i] >= 'A' && name[i] <= 'Z' && name[i-1] >= 'a' && name[i-1] <= 'z' {
			name = name[i:]
			break
		}
	}
	return strings.ToLower(name)
}

// unbounded is the length of a text without a bound.
const unbounded = 64 << 20

// grow notes a leaf and returns by how much it is to be longer.
func (d *drawer) grow(name string, natural, most int) int {
	d.leaves = append(d.leaves, leaf{free: slices.Contains(proseNames, lastWord(name)), room: max(most-natural, 0)})
	if n := len(d.leaves); n <= len(d.extra) {
		return d.extra[n-1]
	}
	return 0
}

// text returns a text of a field: an identifier where the name says so, else words.
func (d *drawer) text(name string, least, most int) string {
	switch word := lastWord(name); {
	case (word == "id" || word == "uuid" || word == "guid") && least <= 36 && most >= 36:
		return d.uuid()
	case (word == "sku" || word == "code") && least <= 9 && most >= 9:
		return "SKU-" + string(d.digits(5))
	}
	natural := min(max(least, 6+d.random.IntN(7)), most)
	return string(d.words(natural + d.grow(name, natural, most)))
}

// binary returns bytes of a field.
func (d *drawer) binary(name string) []byte {
	const natural = 8
	b := make([]byte, natural+d.grow(name, natural, unbounded))
	for i := range b {
		b[i] = byte(d.filler.Uint32())
	}
	return b
}

func (d *drawer) digits(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('0' + d.random.IntN(10))
	}
	return b
}

// words returns a text of exactly so many bytes.
func (d *drawer) words(size int) []byte {
	b := make([]byte, 0, size+12)
	for len(b) < size {
		// The square favours the first, common words.
		f := d.filler.Float64()
		b = append(append(b, commonWords[int(f*f*float64(len(commonWords)))]...), ' ')
	}
	if b = b[:size]; size > 0 && b[size-1] == ' ' {
		b[size-1] = '.'
	}
	return b
}

// commonWords are of English prose and of order systems, so that texts compress as texts do.
var commonWords = strings.Fields(`the of and to in is was for that on with as by at from are this be or not
have an they which one you were all her she there would their we him been has when who will no more
item price customer order returned pending warehouse payment invoice delivery quantity total carrier`)

func (d *drawer) fixed(size int) []byte {
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(d.random.Uint32())
	}
	return b
}

// uuid returns a random UUID, version 4.
func (d *drawer) uuid() string {
	b := d.fixed(16)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// moment returns a time of the years 2023 to 2025.
func (d *drawer) moment() time.Time {
	return time.UnixMilli(1_700_000_000_000 + d.random.Int64N(50_000_000_000)).UTC()
}

// integer returns a whole number of a field: the name tells how large such ones are.
func (d *drawer) integer(name string) int64 {
	switch lastWord(name) {
	case "at", "time", "timestamp", "ms", "millis":
		return d.moment().UnixMilli()
	case "quantity", "count", "qty", "number":
		return 1 + d.random.Int64N(9)
	}
	return d.random.Int64N(1_000_000)
}

// small is integer for what holds 32 bits.
func (d *drawer) small(name string) int32 {
	if n := d.integer(name); n < 1<<31 {
		return int32(n)
	}
	return int32(d.moment().Unix())
}

// amount returns a number with two decimals.
func (d *drawer) amount() float64 { return float64(d.random.Int64N(100_000)) / 100 }

// several returns how many elements a list gets.
func (d *drawer) several(depth int) int {
	if depth > deepest {
		return 0
	}
	return 1 + d.random.IntN(3)
}

// absent says whether something optional is left out.
func (d *drawer) absent(depth int) bool {
	return depth > deepest || d.random.IntN(5) == 0
}
