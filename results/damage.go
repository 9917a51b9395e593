package results

import (
	"fmt"
	"strings"
)

// maxDamages bounds the list of a file whose every frame is damaged.
const maxDamages = 10

// damageList gathers what is wrong with a file, in words.
type damageList struct {
	texts []string
	more  int
}

func (d *damageList) addf(format string, args ...any) {
	if len(d.texts) == maxDamages {
		d.more++
		return
	}
	d.texts = append(d.texts, fmt.Sprintf(format, args...))
}

func (d *damageList) String() string {
	text := strings.Join(d.texts, "; ")
	if d.more > 0 {
		text += fmt.Sprintf("; and %d more", d.more)
	}
	return text
}
