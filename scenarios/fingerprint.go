package scenarios

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"kaliper/internal/property"
)

// Fingerprint hashes all that the case sends and how: load, topics, times, client properties with
// their defaults. Where the target is, and what it is called, is no part of it.
func (c Case) Fingerprint() string {
	h := sha256.New()
	load := c.Load
	load.Target, load.KeepTopics = Target{}, false
	load.Producers, load.Consumers = nil, nil
	load.Pipelines = slices.Clone(load.Pipelines)
	for i := range load.Pipelines {
		load.Pipelines[i].Dedup.Redis = RedisURL{}
	}
	fmt.Fprintf(h, "%+v\n", load)
	for _, g := range c.Load.Producers {
		writeProperties(h, g.Properties)
		g.Properties = property.Set{}
		fmt.Fprintf(h, "%+v\n", g)
	}
	for _, g := range c.Load.Consumers {
		writeProperties(h, g.Properties)
		g.Properties = property.Set{}
		g.Dedup.Redis = RedisURL{}
		fmt.Fprintf(h, "%+v\n", g)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil)[:16])
}

func writeProperties(h interface{ Write([]byte) (int, error) }, set property.Set) {
	for _, e := range set.All() {
		if e.Name != "bootstrap.servers" {
			fmt.Fprintf(h, "%s=%s\n", e.Name, e.Printed())
		}
	}
}
