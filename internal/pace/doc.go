// Package pace decides when records should be sent, and wakes up then.
//
// Its first half is pure arithmetic: a Profile says how many records are due by a time, and a
// Schedule turns that into the intended times of one client, constant or Poisson. Nothing that
// the system under test does can move an intended time. Its second half, Clock and Waiter,
// keeps the schedule on this machine and meters what keeping it costs.
//
// The package refuses to decide what happens to a record that is late: whoever sends it keeps
// the intended time and records the slip.
package pace
