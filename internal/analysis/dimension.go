package analysis

import (
	"slices"
	"strings"

	"kaliper/results"
)

// Dimension is a varied setting of a run's cases. Settings whose values always go together, as
// those of a zip do, are one dimension: their effects cannot be told apart.
type Dimension struct {
	Name   string
	Paths  []string
	Levels []string // in the order of the cases
	of     []int    // level by case
}

// Level returns the index in Levels of a case's setting, by the case's index.
func (d Dimension) Level(index int) int { return d.of[index] }

// Dimensions returns what is varied among cases, in the matrix' order. What has one value in all
// of them, or is not set in every one, is no dimension.
func Dimensions(cases []results.SummaryCase) []Dimension {
	if len(cases) < 2 {
		return nil
	}
	var all []Dimension
	for _, setting := range cases[0].Settings {
		d := Dimension{Name: setting.Label, Paths: []string{setting.Path}}
		if d.Name == "" {
			d.Name = setting.Path[strings.LastIndexByte(setting.Path, '.')+1:]
		}
		for _, c := range cases {
			at := slices.IndexFunc(c.Settings, func(s results.Setting) bool { return s.Path == setting.Path })
			if at < 0 {
				break
			}
			level := slices.Index(d.Levels, c.Settings[at].Value)
			if level < 0 {
				level = len(d.Levels)
				d.Levels = append(d.Levels, c.Settings[at].Value)
			}
			d.of = append(d.of, level)
		}
		if len(d.of) < len(cases) || len(d.Levels) < 2 {
			continue
		}
		// Levels are numbered by appearance, so those that go together have the same numbers.
		same := slices.IndexFunc(all, func(other Dimension) bool { return slices.Equal(other.of, d.of) })
		if same < 0 {
			all = append(all, d)
			continue
		}
		together := &all[same]
		together.Paths = append(together.Paths, setting.Path)
		if together.Name != d.Name {
			together.Name += " and " + d.Name
		}
		for i := range together.Levels {
			together.Levels[i] += ", " + d.Levels[i]
		}
	}
	return all
}
