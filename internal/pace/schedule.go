package pace

import "math/rand/v2"

// Schedule is the sequence of intended times of one client out of several that share a
// Profile. It is owned by one goroutine and allocates nothing.
type Schedule struct {
	profile *Profile
	clients float64
	piece   int
	random  *rand.Rand // nil for constant arrivals
	place   float64    // of the next record in the profile's count of records
	next    int64
}

// NewConstant returns the schedule of client (0 <= client < clients): of the records 0, 1, 2,
// ... that the profile makes due it takes every clients-th, so that the group as a whole is
// evenly spaced.
func NewConstant(profile *Profile, client, clients int) *Schedule {
	s := &Schedule{profile: profile, clients: float64(clients), place: float64(client)}
	s.next = s.timeOfPlace()
	return s
}

// NewPoisson returns the schedule of one of clients independent Poisson processes, which add
// up to a Poisson process of the profile's rate. It is a unit-rate process whose time is
// stretched by the inverse of the profile, so ramps are exact too.
func NewPoisson(profile *Profile, clients int, random *rand.Rand) *Schedule {
	s := &Schedule{profile: profile, clients: float64(clients), random: random}
	s.place = random.ExpFloat64() * s.clients
	s.next = s.timeOfPlace()
	return s
}

// Next returns the next intended time in nanoseconds since the start of the load; false where
// the schedule has ended. It does not consume it: Advance does.
func (s *Schedule) Next() (int64, bool) {
	return s.next, s.next >= 0
}

// Advance goes on to the next record.
func (s *Schedule) Advance() {
	if s.random == nil {
		s.place += s.clients
	} else {
		s.place += s.random.ExpFloat64() * s.clients
	}
	s.next = s.timeOfPlace()
}

// timeOfPlace returns the time at which record number s.place is due, -1 at the end. Places
// only rise, so the piece is remembered.
func (s *Schedule) timeOfPlace() int64 {
	for ; s.piece < len(s.profile.pieces); s.piece++ {
		piece := &s.profile.pieces[s.piece]
		if within := s.place - piece.due; within < piece.recordsIn {
			return piece.start + int64(piece.timeOf(max(within, 0)))
		}
	}
	return -1
}

// Remaining counts the records that are still to come, and consumes them.
func (s *Schedule) Remaining() int64 {
	var n int64
	for ; s.next >= 0; s.Advance() {
		n++
	}
	return n
}
