package main

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"kaliper/internal/analysis"
)

// ciJob is what the examples for GitHub and GitLab have in common here.
type ciJob struct {
	Services yaml.Node `yaml:"services"`
	Steps    []struct {
		Run  string         `yaml:"run"`
		With map[string]any `yaml:"with"`
	} `yaml:"steps"`
	Script []string `yaml:"script"`
}

type ciService struct {
	Image     string            `yaml:"image"`
	Name      string            `yaml:"name"`
	Env       map[string]string `yaml:"env"`
	Variables map[string]string `yaml:"variables"`
}

// ciJobs reads the example jobs, by file.
func ciJobs(t *testing.T) map[string]ciJob { return ciJobsFrom(t, "../../deploy/ci") }

func ciJobsFrom(t *testing.T, folder string) map[string]ciJob {
	t.Helper()
	jobs := map[string]ciJob{}
	for _, name := range []string{"github-kafka.yml", "github-embedded.yml", "github-baseline.yml", "gitlab.yml"} {
		data, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		var file struct {
			Jobs map[string]ciJob `yaml:"jobs"`
			Gate ciJob            `yaml:"gate"`
		}
		if err := yaml.Unmarshal(data, &file); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		jobs[name] = file.Gate
		if job, ok := file.Jobs["gate"]; ok {
			jobs[name] = job
		}
	}
	return jobs
}

// commands are the lines of a job that call kaliper.
func (j ciJob) commands() [][]string {
	texts := slices.Clone(j.Script)
	for _, step := range j.Steps {
		texts = append(texts, strings.Split(step.Run, "\n")...)
	}
	var all [][]string
	for _, text := range texts {
		if words := strings.Fields(text); len(words) > 0 && words[0] == "kaliper" {
			all = append(all, words[1:])
		}
	}
	return all
}

// broker returns the settings of a job's Kafka under their names in server.properties, as the
// image translates them, and the image. A job without one has none.
func (j ciJob) broker(t *testing.T) (image string, settings map[string]string) {
	t.Helper()
	var services []ciService
	if j.Services.Kind == yaml.MappingNode {
		named := map[string]ciService{}
		if err := j.Services.Decode(&named); err != nil {
			t.Fatal(err)
		}
		services = slices.Collect(maps.Values(named))
	} else if err := j.Services.Decode(&services); err != nil && j.Services.Kind != 0 {
		t.Fatal(err)
	}
	settings = map[string]string{}
	for _, service := range services {
		image = service.Image + service.Name
		for _, variables := range []map[string]string{service.Env, service.Variables} {
			for name, value := range variables {
				settings[strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(name, "KAFKA_"), "_", "."))] = value
			}
		}
	}
	return image, settings
}

// portableBroker leaves out what says where the container is.
func portableBroker(settings map[string]string) map[string]string {
	rest := maps.Clone(settings)
	for _, name := range []string{"node.id", "process.roles", "controller.quorum.voters", "listeners", "advertised.listeners",
		"listener.security.protocol.map", "controller.listener.names", "heap.opts"} {
		delete(rest, name)
	}
	return rest
}

func TestTheCommandsOfTheCIExamplesAreLegal(t *testing.T) {
	t.Chdir("../..")
	for name, job := range ciJobsFrom(t, "deploy/ci") {
		commands := job.commands()
		if name == "github-baseline.yml" {
			continue // below
		}
		if len(commands) != 1 || commands[0][0] != "gate" {
			t.Errorf("%s calls %q", name, commands)
			continue
		}
		// The gate is started with a budget that is too short: all else must be legal.
		got := call(t, append(commands[0], "--set", "gate.budget=1s")...)
		if got.code != analysis.ExitBadInput || !strings.Contains(got.stderr, "gate.budget: 1s holds 0 pairs") {
			t.Errorf("%s: exit %d: %s", name, got.code, got.stderr)
		}
		if got := call(t, "check", commands[0][1]); got.code != analysis.ExitDone {
			t.Errorf("check %s: exit %d: %s", commands[0][1], got.code, got.stderr)
		}
	}
}

func TestTheCommandsOfTheBaselineExampleAreLegal(t *testing.T) {
	t.Chdir("../..")
	job := ciJobsFrom(t, "deploy/ci")["github-baseline.yml"]
	commands := job.commands()
	if len(commands) != 2 {
		t.Fatalf("it calls %q", commands)
	}
	write, judge := commands[0], commands[1]
	// Each is started so that nothing but that keeps it from its trials: too long without --yes, and
	// without a baseline.
	if got := call(t, append(write, "--set", "repeats=10000")...); got.code != analysis.ExitBadInput || !strings.Contains(got.stderr, "10000 trials take about") {
		t.Errorf("writing: exit %d: %s", got.code, got.stderr)
	}
	if got := call(t, judge...); got.code != analysis.ExitBadInput || !strings.Contains(got.stderr, "--write-baseline makes one") {
		t.Errorf("judging: exit %d: %s", got.code, got.stderr)
	}
	// What is judged is what was written: the same scenario, and the file that is kept and fetched.
	file := write[slices.Index(write, "--write-baseline")+1]
	if write[1] != judge[1] || file != judge[slices.Index(judge, "--baseline")+1] {
		t.Errorf("it writes %q and judges %q", write, judge)
	}
	var kept, fetched bool
	for _, step := range job.Steps {
		kept = kept || step.With["name"] == "baseline" && step.With["path"] == file
		fetched = fetched || strings.Contains(step.Run, "gh run download") && strings.Contains(step.Run, "--name baseline")
	}
	if !kept || !fetched {
		t.Errorf("kept %v, fetched %v", kept, fetched)
	}
}

func TestTheBrokersOfTheCIExamplesAreAlike(t *testing.T) {
	jobs := ciJobs(t)
	image, github := jobs["github-kafka.yml"].broker(t)
	if image != "apache/kafka:4.3.1" || len(portableBroker(github)) != 6 {
		t.Errorf("image %q, settings %v", image, portableBroker(github))
	}
	for _, name := range []string{"gitlab.yml", "github-baseline.yml"} {
		other, settings := jobs[name].broker(t)
		if other != image || !maps.Equal(portableBroker(github), portableBroker(settings)) {
			t.Errorf("%s has the image %q and the settings %v, github-kafka.yml %q and %v", name, other, portableBroker(settings), image, portableBroker(github))
		}
	}
}

func TestThePageShowsTheCIExamples(t *testing.T) {
	page, err := os.ReadFile("../../docs/ci.md")
	if err != nil {
		t.Fatal(err)
	}
	for name := range ciJobs(t) {
		if !bytes.Contains(page, []byte("../deploy/ci/"+name)) {
			t.Errorf("docs/ci.md does not name %s", name)
		}
	}
}
