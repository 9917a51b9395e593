package scenarios

import "time"

// Change is one thing that happens to a consumer group during the load.
type Change struct {
	At     time.Duration // since the load's start
	Action Action
	// Members is how many join, leave or crash.
	Members int
	// Back is how long after a crash its members come back, under their old names; 0: never.
	Back time.Duration
	// Every is the time between two members' restarts.
	Every time.Duration
	// Seek is where the group goes on reading: From, Offset, Timestamp, or Ago.
	Seek Start
	Ago  time.Duration // so far before the seek, by the records' timestamps; 0: see Seek
}

// Action is what a change does.
type Action string

// The actions, by their keys in the file.
const (
	// ActionJoin starts members.
	ActionJoin Action = "join"
	// ActionLeave ends members in order: what they hold is processed and committed first.
	ActionLeave Action = "leave"
	// ActionCrash ends members as kill -9 does: nothing is committed, nobody is told.
	ActionCrash Action = "crash"
	// ActionRollingRestart ends the members in order, one after the other, and starts each again
	// at once.
	ActionRollingRestart Action = "rolling_restart"
	// ActionSeek sets the positions of all partitions.
	ActionSeek Action = "seek"
)

// Stall is a time in which handlers finish nothing.
type Stall struct{ At, For time.Duration }

// MostMembers returns how many members the group has at the most.
func (g ConsumerGroup) MostMembers() int {
	now, most := g.Members, g.Members
	for _, c := range g.Schedule {
		switch c.Action {
		case ActionJoin:
			now += c.Members
		case ActionLeave:
			now -= c.Members
		case ActionCrash:
			if c.Back == 0 {
				now -= c.Members
			}
		}
		most = max(most, now)
	}
	return most
}

// FallsBehindByPlan says whether the scenario makes the group fall behind, or stand still, on
// purpose.
func (g ConsumerGroup) FallsBehindByPlan() bool {
	if g.Start.After > 0 || g.Start.Backlog > 0 || len(g.Processing.Stalls) > 0 {
		return true
	}
	for _, c := range g.Schedule {
		if c.Action == ActionSeek || c.Action == ActionCrash {
			return true
		}
	}
	return false
}
