package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"kaliper/internal/suggest"
)

// Only keeps the cases that all labels agree with, and drops the others: each selection is
// label=value, where a path may stand for its label, and several values of one label are
// alternatives. The error names what no case has.
func (s *Scenario) Only(selections []string) error {
	if len(selections) == 0 {
		return nil
	}
	var order []string
	wanted := map[string][]string{} // label -> values
	for _, selection := range selections {
		label, value, err := s.selection(selection)
		if err != nil {
			return err
		}
		if wanted[label] == nil {
			order = append(order, label)
		}
		wanted[label] = append(wanted[label], value)
	}
	kept := slices.DeleteFunc(slices.Clone(s.Cases), func(c Case) bool {
		return slices.ContainsFunc(order, func(label string) bool {
			return !slices.ContainsFunc(c.Settings, func(setting Setting) bool {
				return setting.Label == label && slices.Contains(wanted[label], setting.Value)
			})
		})
	})
	if len(kept) == 0 {
		return fmt.Errorf("--only %s: no case has all of these values: the matrix excludes them", strings.Join(selections, " --only "))
	}
	s.Cases = kept
	return nil
}

// selection takes label=value apart. Values may contain = signs, labels may not.
func (s *Scenario) selection(text string) (label, value string, err error) {
	name, value, found := strings.Cut(text, "=")
	if !found {
		return "", "", fmt.Errorf("--only %s: write label=value, as in --only %s", text, s.exampleSelection())
	}
	var labels, values []string
	for _, c := range s.Cases {
		for _, setting := range c.Settings {
			if !slices.Contains(labels, setting.Label) {
				labels = append(labels, setting.Label)
			}
			if setting.Label != name && setting.Path != name {
				continue
			}
			label = setting.Label
			if !slices.Contains(values, setting.Value) {
				values = append(values, setting.Value)
			}
		}
	}
	switch {
	case len(labels) == 0:
		return "", "", fmt.Errorf("--only %s: the scenario has no matrix, so that it has one case only", text)
	case label == "":
		return "", "", fmt.Errorf("--only %s: nothing called %q is varied%s; what is: %s", text, name, suggest.DidYouMean(name, labels), strings.Join(labels, ", "))
	case !slices.Contains(values, value):
		return "", "", fmt.Errorf("--only %s: %s has no value %q%s; it has %s", text, label, value, suggest.DidYouMean(value, values), strings.Join(values, ", "))
	}
	return label, value, nil
}

func (s *Scenario) exampleSelection() string {
	if settings := s.Cases[0].Settings; len(settings) > 0 {
		return settings[0].Label + "=" + settings[0].Value
	}
	return "codec=lz4"
}
