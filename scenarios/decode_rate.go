package scenarios

import (
	"strconv"
	"strings"
	"time"

	"kaliper/internal/unit"
)

// rate reads one rate, or a list of phases. Phases begin with the load, that is with the
// warm-up; the last one lasts to the end.
func (d *decoder) rate(f fields, total time.Duration) ([]Phase, string) {
	n := f.child("rate")
	if n == nil {
		f.wrong("rate", "is missing; write for example rate: 5000/s, or rate: max for as fast as the system takes records")
		return nil, ""
	}
	if n.kind != list {
		text, ok := f.scalar("rate", "a rate such as 5000/s, or a list of phases")
		if !ok {
			return nil, ""
		}
		rate, err := unit.ParseRate(text)
		if err != nil {
			f.wrong("rate", "%v", err)
			return nil, text
		}
		if !rate.Max && rate.PerSecond == 0 {
			f.wrong("rate", "offers nothing; leave the group out")
		}
		return []Phase{{From: rate, To: rate}}, rate.String()
	}
	if len(n.items) == 0 {
		f.wrong("rate", "has no phase; write for example [{for: 30s, at: 5000/s}]")
		return nil, ""
	}
	return d.phases(f, n, total)
}

func (d *decoder) phases(f fields, n *node, total time.Duration) ([]Phase, string) {
	var phases []Phase
	var texts []string
	begin, offers := time.Duration(0), false
	for i, item := range n.items {
		path := f.path + ".rate[" + strconv.Itoa(i) + "]"
		m := d.fields(item, path, []string{"name", "for", "at", "from", "to"}, nil)
		p := Phase{Name: m.text("name", ""), For: m.duration("for", 0)}
		d.phaseRates(m, &p)
		last := i == len(n.items)-1
		step := p.From == p.To
		if p.For == 0 && (!last || !step) {
			m.wrong("for", "is missing; write how long the phase lasts, such as for: 30s")
		}
		if begin >= total && i > 0 {
			d.warn(item.at, path, "is never reached: it begins at %s, when the load has ended (warmup + duration is %s)", unit.FormatDuration(begin), unit.FormatDuration(total))
		}
		if len(phases) > 0 && p.From.Bytes != phases[0].From.Bytes {
			d.wrong(item.at, path, "mixes records/s with bytes/s; use one of them in all phases")
		}
		begin += p.For
		offers = offers || p.From.PerSecond > 0 || p.To.PerSecond > 0
		texts = append(texts, phaseText(p, last))
		if last && step {
			p.For = 0
		}
		phases = append(phases, p)
		if last && !step { // after a ramp its end's rate goes on
			phases = append(phases, Phase{Name: p.Name, From: p.To, To: p.To})
		}
	}
	if !offers {
		f.wrong("rate", "offers nothing in any phase")
	}
	return phases, strings.Join(texts, ", ")
}

// phaseRates reads at, or from and to.
func (d *decoder) phaseRates(m fields, p *Phase) {
	if m.child("at") != nil {
		if m.child("from") != nil || m.child("to") != nil {
			m.wrong("at", "excludes from and to; write at for a step, from and to for a ramp")
		}
		p.From = d.phaseRate(m, "at")
		p.To = p.From
		return
	}
	if m.child("from") == nil || m.child("to") == nil {
		d.wrong(m.at, m.path, "lacks its rate; write at: 5000/s for a step, or from: and to: for a ramp")
		return
	}
	p.From, p.To = d.phaseRate(m, "from"), d.phaseRate(m, "to")
	if p.From.Bytes != p.To.Bytes {
		m.wrong("to", "mixes records/s with bytes/s; use one of them")
	}
}

func (d *decoder) phaseRate(m fields, key string) unit.Rate {
	text, ok := m.scalar(key, "a rate such as 5000/s")
	if !ok {
		return unit.Rate{}
	}
	rate, err := unit.ParseRate(text)
	switch {
	case err != nil:
		m.wrong(key, "%v", err)
	case rate.Max:
		m.wrong(key, "max is a closed loop and no phase of a schedule; write rate: max alone")
		return unit.Rate{PerSecond: 1}
	}
	return rate
}

func phaseText(p Phase, last bool) string {
	text := p.From.String()
	if p.To != p.From {
		text += " to " + p.To.String()
	}
	if p.Name != "" {
		text = p.Name + " " + text
	}
	if last && p.To == p.From {
		return text
	}
	return text + " for " + unit.FormatDuration(p.For)
}
