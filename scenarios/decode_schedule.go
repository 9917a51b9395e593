package scenarios

import (
	"strconv"
	"strings"
	"time"

	"kaliper/internal/unit"
)

const scheduleExample = "[{at: 20s, crash: 1}]"

func actions() []string {
	return []string{string(ActionJoin), string(ActionLeave), string(ActionCrash), string(ActionRollingRestart), string(ActionSeek)}
}

// schedule reads what happens to a group during the load: one action an entry.
func (d *decoder) schedule(f fields, g ConsumerGroup, total time.Duration) []Change {
	n := f.child("schedule")
	if n == nil {
		return nil
	}
	if n.kind != list {
		f.wrong("schedule", "is %s; write a list such as %s", n.kind, scheduleExample)
		return nil
	}
	if g.Assigned {
		f.wrong("schedule", "needs a group, and assigned: true is without one; leave one of them out")
	}
	var changes []Change
	members := g.Members
	for i, item := range n.items {
		path := f.path + ".schedule[" + strconv.Itoa(i) + "]"
		m := d.fields(item, path, append([]string{"at", "back_after"}, actions()...), nil)
		c, ok := d.change(m)
		if !ok {
			continue
		}
		switch {
		case m.child("at") == nil:
			m.wrong("at", "is missing; write when, since the load's start, such as at: 20s")
		case c.At >= total && total > 0:
			m.wrong("at", "%s is when the load has ended (warmup + duration is %s)", unit.FormatDuration(c.At), unit.FormatDuration(total))
		case len(changes) > 0 && c.At < changes[len(changes)-1].At:
			m.wrong("at", "%s is before the entry above; order them by time", unit.FormatDuration(c.At))
		}
		members = d.membersAfter(m, c, members)
		changes = append(changes, c)
	}
	return changes
}

// change reads one entry; false where it has no action, or more than one.
func (d *decoder) change(m fields) (Change, bool) {
	c := Change{At: m.duration("at", 0)}
	var found []string
	for _, action := range actions() {
		if m.child(action) != nil {
			found = append(found, action)
		}
	}
	if len(found) != 1 {
		d.wrong(m.at, m.path, "has %d actions; write one of %s", len(found), strings.Join(actions(), ", "))
		return c, false
	}
	c.Action = Action(found[0])
	d.onlyWith(m, "back_after", c.Action == ActionCrash, "crash")
	switch c.Action {
	case ActionSeek:
		d.seek(m, &c)
	case ActionRollingRestart:
		r := d.fields(m.child(found[0]), m.path+"."+found[0], []string{"every"}, nil)
		c.Every = r.duration("every", 0)
		if c.Every <= 0 {
			r.wrong("every", "is missing; write the time between two members, such as every: 5s")
		}
	default:
		c.Members = m.count(found[0], 1, 1, 10_000)
		c.Back = m.duration("back_after", 0)
	}
	return c, true
}

// membersAfter returns how many members are left, which must not be less than none.
func (d *decoder) membersAfter(m fields, c Change, members int) int {
	switch c.Action {
	case ActionJoin:
		return members + c.Members
	case ActionLeave, ActionCrash:
		if c.Members > members {
			m.wrong(string(c.Action), "%d of %d members cannot %s; use %d or less", c.Members, members, c.Action, members)
		}
		if c.Back == 0 {
			return max(members-c.Members, 0)
		}
	}
	return members
}

// seek reads earliest or latest, or a map with a position.
func (d *decoder) seek(m fields, c *Change) {
	n := m.child("seek")
	if n.kind == scalar {
		c.Seek.From = StartFrom(m.choice("seek", string(StartLatest), []string{string(StartEarliest), string(StartLatest)}))
		return
	}
	p := d.fields(n, m.path+".seek", []string{"offset", "timestamp", "ago"}, nil)
	given := 0
	for _, key := range []string{"offset", "timestamp", "ago"} {
		if p.child(key) != nil {
			given++
		}
	}
	switch {
	case given != 1:
		m.wrong("seek", "names one position: earliest, latest, {offset: 1000}, {timestamp: 2026-01-31T12:00:00Z} or {ago: 30s}")
	case p.child("ago") != nil:
		if c.Ago = p.duration("ago", 0); c.Ago <= 0 {
			p.wrong("ago", "is 0; use seek: latest")
		}
	default:
		c.Seek = d.position(p)
	}
}

// stalls reads the times in which a handler finishes nothing.
func (d *decoder) stalls(m fields, total time.Duration) []Stall {
	n := m.child("stall")
	if n == nil {
		return nil
	}
	if n.kind != list {
		m.wrong("stall", "is %s; write a list such as [{at: 20s, for: 5s}]", n.kind)
		return nil
	}
	var stalls []Stall
	for i, item := range n.items {
		f := d.fields(item, m.path+".stall["+strconv.Itoa(i)+"]", []string{"at", "for"}, nil)
		s := Stall{At: f.duration("at", 0), For: f.duration("for", 0)}
		if s.For <= 0 {
			f.wrong("for", "is missing; write how long the handler stands still, such as for: 5s")
		}
		if s.At >= total && total > 0 {
			f.wrong("at", "%s is when the load has ended (warmup + duration is %s)", unit.FormatDuration(s.At), unit.FormatDuration(total))
		}
		if i > 0 && len(stalls) > 0 && s.At < stalls[len(stalls)-1].At+stalls[len(stalls)-1].For {
			f.wrong("at", "%s is before the end of the stall above; order them by time", unit.FormatDuration(s.At))
		}
		stalls = append(stalls, s)
	}
	return stalls
}
