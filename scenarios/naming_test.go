package scenarios

import (
	"slices"
	"strings"
	"testing"
)

const templated = `format: kaliper.scenario/1
name: templated
naming: convention
variables: {env: load, domain: user}
targets: {laptop: {bootstrap.servers: "localhost:9092"}}
target: laptop
topics:
  clicks: {name: "{env}.analytics.{domain}.clicks", partitions: 2}
  state: {name: "{env}.analytics.{domain}.state.snapshot", config: {cleanup.policy: compact}}
  theirs: {existing: "{env}.billing.order.created"}
  retried: {existing: "{env}.billing.order.created.retry"}
producers: {checkout: {topic: clicks, rate: 10/s, key: sequence}}
pipelines: {enrich: {from: clicks, to: state, failures: {ratio: 1%, policy: retry-topic}}}
consumers: {audit: {topics: [theirs, retried]}}
`

func namesOf(topics []Topic) (names []string) {
	for _, t := range topics {
		names = append(names, t.fixedName())
	}
	return names
}

func TestTemplatesAreFilledByEveryLayer(t *testing.T) {
	overlay := Source{Name: "over.yaml", Data: []byte("variables: {domain: account}")}
	for _, test := range []struct {
		name    string
		options Options
		want    string // of the first topic, by case
	}{
		{"the file", Options{}, "load.analytics.user.clicks"},
		{"an overlay", Options{Overlays: []Source{overlay}}, "load.analytics.account.clicks"},
		{"--set", Options{Overlays: []Source{overlay}, Sets: []string{"variables.env=staging"}}, "staging.analytics.account.clicks"},
		{"the matrix", Options{Sets: []string{"matrix={vary: {variables.env: [dev, load]}}"}}, "dev.analytics.user.clicks load.analytics.user.clicks"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := Parse(Source{Name: "s.yaml", Data: []byte(templated)}, test.options)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range s.Cases {
				got = append(got, c.Load.Topics[0].RealName)
			}
			if strings.Join(got, " ") != test.want {
				t.Errorf("names %q, want %q", got, test.want)
			}
			if len(s.Warnings) > 0 {
				t.Errorf("warnings %q", s.Warnings)
			}
		})
	}
}

// The names that kaliper derives follow the convention as those do that people write.
func TestDerivedNamesFollowTheConvention(t *testing.T) {
	s, err := Parse(Source{Name: "s.yaml", Data: []byte(templated)}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	load := s.Cases[0].Load
	got := namesOf(load.FailureTopics())
	if want := []string{"load.analytics.user.clicks.retry", "load.analytics.user.clicks.dlq"}; !slices.Equal(got, want) {
		t.Errorf("topics of failed records %q, want %q", got, want)
	}
	for _, name := range append(got, namesOf(load.Topics)...) {
		if wrong := conventionProblems(name); wrong != nil {
			t.Errorf("%s: %q", name, wrong)
		}
	}
}

func TestWhatPeopleRarelyWantOfNamesIsAWarning(t *testing.T) {
	for _, test := range []struct{ set, want string }{
		{"variables={env: load, domain: user, team: analytics}", "--set: variables.team: is in the name of no topic; write {team} where it belongs"},
		{"topics.clicks.config={cleanup.policy: compact}", "topics.clicks.name: load.analytics.user.clicks is compacted; by the convention its name ends in .snapshot"},
	} {
		s, err := Parse(Source{Name: "s.yaml", Data: []byte(templated)}, Options{Sets: []string{test.set}})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(strings.Join(s.Warnings, "\n"), test.want) {
			t.Errorf("%s: warnings %q, want %q", test.set, s.Warnings, test.want)
		}
	}
}

func TestASlipInAVariableIsAnError(t *testing.T) {
	for _, test := range []struct{ set, want string }{
		{"variables.enw=staging", `there is no "enw" under variables; did you mean "env"?`},
		{"variables.env=Staging", `{env} is "Staging", written at --set`},
		{"variables=null", `there is no "env" under variables; set variables: {env: ...}`},
		{"naming=conventional", `naming: unknown value "conventional"; did you mean "convention"?`},
	} {
		_, err := Parse(Source{Name: "s.yaml", Data: []byte(templated)}, Options{Sets: []string{test.set}})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.set, err, test.want)
		}
	}
}

func FuzzConvention(f *testing.F) {
	for _, name := range []string{"load.analytics.user.clicks", "a.b.c.d.dlq", "A.b_c..HTTPError.RETRY", "....", ""} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		wrong := conventionProblems(name)
		if wrong == nil {
			return
		}
		// What would be right must be so.
		if _, right, found := strings.Cut(wrong[len(wrong)-1], "write "); found && conventionProblems(right) != nil {
			t.Errorf("%q: %q is called right, and is wrong: %q", name, right, conventionProblems(right))
		}
	})
}
