package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/spf13/pflag"

	"kaliper/scenarios"
)

// scenarioFlags are the flags of all commands that read a scenario.
type scenarioFlags struct {
	connectionFlags
	target   string
	overlays []string
	sets     []string
}

func (f *scenarioFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.target, "target", "", "use this target of the scenario, or embedded: the simulated broker")
	flags.StringVar(&f.servers, "bootstrap-server", "", "use the cluster at host:port[,host:port...] instead of the scenario's target")
	f.connectionFlags.register(flags)
	flags.StringArrayVar(&f.overlays, "overlay", nil, "lay this file over the scenario (repeatable; maps merge, lists replace)")
	flags.StringArrayVar(&f.sets, "set", nil, "set one value, path=value, over everything else (repeatable)")
}

// load reads the scenario that an argument names: a file, a built-in scenario, or - for
// standard input.
func (f *scenarioFlags) load(env *environment, argument string) (*scenarios.Scenario, error) {
	source, err := findScenario(env, argument)
	if err != nil {
		return nil, err
	}
	options := scenarios.Options{Sets: f.sets, Target: f.target}
	if err := f.apply(&options); err != nil {
		return nil, err
	}
	for _, path := range f.overlays {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, badInput(fmt.Errorf("overlay: %w", err))
		}
		options.Overlays = append(options.Overlays, scenarios.Source{Name: path, Data: data, ReadFile: os.ReadFile})
	}
	return scenarios.Parse(source, options)
}

func findScenario(env *environment, argument string) (scenarios.Source, error) {
	if argument == "-" {
		data, err := io.ReadAll(env.stdin)
		if err != nil {
			return scenarios.Source{}, fmt.Errorf("read the scenario from standard input: %w", err)
		}
		return scenarios.Source{Name: "standard input", Data: data, ReadFile: os.ReadFile}, nil
	}
	data, err := os.ReadFile(argument)
	if err == nil {
		return scenarios.Source{Name: argument, Data: data, ReadFile: os.ReadFile}, nil
	}
	if source, ok := scenarios.BuiltIn(argument); ok {
		return source, nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("there is no file and no built-in scenario %q; kaliper scenarios list shows the built-in ones", argument)
	}
	return scenarios.Source{}, badInput(err)
}
