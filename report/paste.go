package report

import (
	"slices"
	"strings"

	"kaliper/results"
)

// Paste is a block of a Java properties file to paste into a client's configuration.
type Paste struct {
	Heading string
	Lines   []string
}

// Text returns the lines as one text.
func (p Paste) Text() string { return strings.Join(p.Lines, "\n") + "\n" }

// pastes are the properties of the best cases, each case once.
func (s *study) pastes() []Paste {
	if s.variation == nil {
		return nil
	}
	var all []Paste
	place := map[int]int{}
	for _, b := range s.variation.best {
		if b.Nobody() || s.given(b) {
			continue
		}
		wins := lowerFirst(s.superlativeOf(b))
		if at, known := place[b.Case]; known {
			all[at].Heading += ", " + wins
			continue
		}
		place[b.Case] = len(all)
		c := s.subjects[b.Case]
		all = append(all, Paste{Heading: c.name + ": " + wins, Lines: propertyLines(c)})
	}
	return all
}

func lowerFirst(text string) string { return strings.ToLower(text[:1]) + text[1:] }

// propertyLines writes, for each group of clients, what is varied first and then what else was
// set. Kafka's defaults are left out, and so is what this client ignores, what connects, and
// what is secret. Varied settings that are no client properties are comments.
func propertyLines(c *subject) []string {
	var lines []string
	for _, setting := range c.summary.Settings {
		if !strings.Contains(setting.Path, ".config.") {
			lines = append(lines, "# "+oneLine(setting.Path+": "+setting.Value))
		}
	}
	var groups []string
	for _, p := range c.info.Effective {
		if !slices.Contains(groups, p.Group) {
			groups = append(groups, p.Group)
		}
	}
	for _, group := range groups {
		varied, set := groupLines(c, group)
		if len(varied)+len(set) > 0 && len(groups) > 1 {
			lines = append(lines, "# "+oneLine(group))
		}
		lines = append(append(lines, varied...), set...)
	}
	return lines
}

func groupLines(c *subject, group string) (varied, set []string) {
	for _, p := range c.info.Effective {
		switch {
		case p.Group != group || p.Class == "inert" || p.Class == "refused" || connects(p):
		case variesProperty(c.summary.Settings, p):
			varied = append(varied, p.Name+"="+escapeProperty(p.Value))
		case !strings.HasSuffix(p.Origin, " default"):
			set = append(set, p.Name+"="+escapeProperty(p.Value))
		}
	}
	return varied, set
}

// connects says whether a property is of the target, which the reader has, or secret.
func connects(p results.EffectiveProperty) bool {
	return p.Name == "bootstrap.servers" || p.Name == "security.protocol" || p.Name == "client.id" || p.Name == "group.id" ||
		strings.HasPrefix(p.Name, "ssl.") || strings.HasPrefix(p.Name, "sasl.") || strings.HasPrefix(p.Value, "[")
}

func variesProperty(settings []results.Setting, p results.EffectiveProperty) bool {
	kind, name, _ := strings.Cut(p.Group, ".")
	return slices.ContainsFunc(settings, func(s results.Setting) bool {
		of, property, found := strings.Cut(s.Path, ".config.")
		return found && property == p.Name && (of == kind+".*" || of == kind+"."+name)
	})
}

// escapeProperty writes a value so that java.util.Properties reads it back.
func escapeProperty(value string) string {
	value = strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(value)
	if strings.HasPrefix(value, " ") {
		value = `\` + value
	}
	return value
}

func oneLine(text string) string { return strings.NewReplacer("\n", " ", "\r", " ").Replace(text) }
