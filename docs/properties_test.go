package docs_test

import (
	"strings"
	"testing"

	"kaliper/internal/property"
)

const propertiesPage = "properties.md"

func TestThePageListsEveryClientProperty(t *testing.T) {
	var security []property.Property
	for _, role := range []property.Role{property.Producer, property.Consumer, property.Common} {
		var own []property.Property
		for _, p := range property.All(role) {
			shared, inCommon := property.Lookup(property.Common, p.Name)
			switch {
			case isSecurity(p):
				if role == property.Common {
					security = append(security, p)
				} else if !inCommon || !same(p, shared) {
					t.Errorf("%s is another one for a %s: the page has one table for all", p.Name, role)
				}
			case role == property.Common || !inCommon || !same(p, shared):
				own = append(own, p)
			}
		}
		compareGenerated(t, propertiesPage, "internal/property, "+string(role), propertyTable(own))
	}
	compareGenerated(t, propertiesPage, "internal/property, security", propertyTable(security))
}

func isSecurity(p property.Property) bool {
	return strings.HasPrefix(p.Name, "ssl.") || strings.HasPrefix(p.Name, "sasl.")
}

func same(a, b property.Property) bool {
	return a.Default == b.Default && a.Class == b.Class && a.How == b.How
}

func propertyTable(list []property.Property) string {
	var rows [][]string
	for _, p := range list {
		fallback, how := "–", p.How
		if p.Default != "" {
			fallback = "`" + p.Default + "`"
		}
		if how == "" {
			how = "as in Java"
		}
		rows = append(rows, []string{"`" + p.Name + "`", fallback, string(p.Class), how})
	}
	return markdownTable([]string{"property", "default", "class", "how"}, rows)
}
