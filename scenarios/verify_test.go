package scenarios

import (
	"strings"
	"testing"
)

func TestVerifySaysWhatIsLookedAtAfterTheLoad(t *testing.T) {
	const text = `
format: kaliper.scenario/1
name: verify
targets: {local: {bootstrap.servers: "localhost:9092"}}
target: local
topics:
  orders: {}
  state: {config: {cleanup.policy: "compact,delete"}}
producers:
  checkout: {topic: orders, rate: 100/s}
`
	const writesState = "producers.checkout.topic=state"
	for _, c := range []struct {
		name                 string
		sets                 []string
		readback, compaction bool
		integrity            Integrity
	}{
		{"nothing by itself", nil, false, false, IntegrityOff},
		{"compaction where a compacted topic is written", []string{writesState}, false, true, IntegrityOff},
		{"not where the file says none", []string{writesState, "verify=none"}, false, false, IntegrityOff},
		{"what is read back is stamped", []string{"verify=readback"}, true, false, IntegrityFull},
		{"both", []string{writesState, "verify=[compaction, readback]"}, true, true, IntegrityFull},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := Parse(Source{Name: "verify.yaml", Data: []byte(text)}, Options{Sets: c.sets, LookupEnv: noEnvironment})
			if err != nil {
				t.Fatal(err)
			}
			load := s.Cases[0].Load
			if v := load.Verify; v.Readback != c.readback || v.Compaction != c.compaction || load.Integrity != c.integrity || v.On() != (v.Properties.Role() != "") {
				t.Errorf("%+v, integrity %s", v, load.Integrity)
			}
		})
	}
	for condition, want := range map[string]string{
		"lost == 0":            "add a consumer group, or verify: readback",
		"readback.lost == 0":   `there is no group "readback"`,
		"readback.records > 1": "write verify: readback",
		"compaction.ratio < 1": "write verify: compaction",
	} {
		_, err := Parse(Source{Name: "verify.yaml", Data: []byte(text)}, Options{Sets: []string{"expect=['" + condition + "']"}, LookupEnv: noEnvironment})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", condition, err, want)
		}
	}
	for _, condition := range []string{"lost == 0", "readback.corrupted == 0", "readback.seconds < 1s"} {
		if _, err := Parse(Source{Name: "verify.yaml", Data: []byte(text)}, Options{Sets: []string{"verify=readback", "expect=['" + condition + "']"}, LookupEnv: noEnvironment}); err != nil {
			t.Error(err)
		}
	}
}
