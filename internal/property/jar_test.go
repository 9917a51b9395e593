package property

import (
	"strings"
	"testing"

	"kaliper/internal/kafkatest"
)

// The table is that of Kafka's own ConfigDef classes: names, types, defaults and legal values of
// producers, consumers and the clients that have no other role.
func TestOnRealKafkaTheTableIsThatOfItsOwnClasses(t *testing.T) {
	printed := string(kafkatest.Java(t, "generate/PrintConfigs.java", nil))
	theirs, ours := propertiesByName(printed), propertiesByName(kafka43)
	if len(theirs) < 300 {
		t.Fatalf("Kafka's classes have %d properties: %s", len(theirs), printed)
	}
	for name, line := range theirs {
		if ours[name] != line {
			t.Errorf("%s: Kafka has\n%q, the table\n%q", name, line, ours[name])
		}
	}
	for name := range ours {
		if _, there := theirs[name]; !there {
			t.Errorf("%s: the table has it, and Kafka does not", name)
		}
	}
	for _, role := range []Role{Producer, Consumer, Common} {
		for _, p := range All(role) {
			line := strings.Split(theirs[string(role)+" "+p.Name], "\t")
			if len(line) != 5 || line[2] != string(p.Type) || line[3] != p.Default {
				t.Errorf("%s %s is read as %s, default %q; Kafka has %q", role, p.Name, p.Type, p.Default, line)
			}
		}
	}
}

// propertiesByName returns the lines of a table by role and name.
func propertiesByName(table string) map[string]string {
	lines := map[string]string{}
	for line := range strings.Lines(table) {
		line = strings.TrimRight(line, "\r\n")
		if field := strings.SplitN(line, "\t", 3); len(field) == 3 {
			lines[field[0]+" "+field[1]] = line
		}
	}
	return lines
}
