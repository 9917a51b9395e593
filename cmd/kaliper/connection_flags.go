package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"kaliper/internal/property"
	"kaliper/scenarios"
)

// connectionFlags say how to connect, under the names of Kafka's own tools. They are of every
// command that uses a cluster or reads a scenario. Of what says the same, --bootstrap-server
// wins, then --command-property, then the file.
type connectionFlags struct {
	servers    string
	file       string
	properties []string
}

func (f *connectionFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.file, "command-config", "", "a Java client's properties file, which says how to connect")
	flags.StringArrayVar(&f.properties, "command-property", nil, "one client property, as name=value (repeatable)")
}

// named says whether any flag names a cluster.
func (f *connectionFlags) named() bool {
	return f.servers != "" || f.file != "" || len(f.properties) > 0
}

// apply makes the flags options of a scenario.
func (f *connectionFlags) apply(options *scenarios.Options) error {
	options.Bootstrap, options.CommandProperties, options.ReadFile = f.servers, f.properties, os.ReadFile
	if f.file == "" {
		return nil
	}
	data, err := os.ReadFile(f.file)
	if err != nil {
		return badInput(fmt.Errorf("--command-config: %w", err))
	}
	options.CommandConfig = scenarios.Source{Name: f.file, Data: data}
	return nil
}

// withoutSecrets returns a command line for files and outputs: of properties that are secrets
// it keeps the name, and the value only where it is a reference.
func withoutSecrets(args []string) []string {
	kept := slices.Clone(args)
	for i, text := range args {
		var value string
		switch flag, joined, found := strings.Cut(text, "="); {
		case found && takesProperty(flag):
			value = joined
		case i > 0 && takesProperty(args[i-1]):
			value = text
		default:
			continue
		}
		path, content, found := strings.Cut(value, "=")
		name := path
		if _, below, ok := strings.Cut(path, "config."); ok {
			name = below
		} else if target, ok := strings.CutPrefix(path, "targets."); ok {
			_, name, _ = strings.Cut(target, ".")
		}
		if found && property.Exposed(strings.TrimSpace(name), content) != "" {
			kept[i] = strings.TrimSuffix(text, content) + property.Redacted
		}
	}
	return kept
}

// takesProperty says whether a flag's value is name=value or path=value.
func takesProperty(flag string) bool { return flag == "--command-property" || flag == "--set" }
