package scenarios

import "slices"

// checkPipelines finds what is wrong between pipelines and the rest of the scenario.
func (d *decoder) checkPipelines(root fields, load Load, topics []string) {
	for _, name := range load.retryGroups() {
		for kind, taken := range map[string]bool{
			"producers": slices.ContainsFunc(load.Producers, func(g ProducerGroup) bool { return g.Name == name }),
			"consumers": slices.ContainsFunc(load.Consumers, func(g ConsumerGroup) bool { return g.Name == name }),
			"pipelines": slices.ContainsFunc(load.Pipelines, func(p Pipeline) bool { return p.Name == name }),
		} {
			if f := d.group(root, kind, name); taken {
				d.wrong(f.at, f.path, "has the name of the group that reads a retry topic; choose another")
			}
		}
	}
	for _, p := range load.Pipelines {
		f := d.group(root, "pipelines", p.Name)
		taken := slices.ContainsFunc(load.Producers, func(g ProducerGroup) bool { return g.Name == p.Name }) ||
			slices.ContainsFunc(load.Consumers, func(g ConsumerGroup) bool { return g.Name == p.Name })
		if taken {
			d.wrong(f.at, f.path, "has the name of a producer or consumer group; metrics are told apart by it, so choose another")
		}
		sound := true
		for _, end := range []struct{ key, topic, what string }{{"from", p.From, "reads"}, {"to", p.To, "writes to"}} {
			switch {
			case end.topic == "":
				f.wrong(end.key, "is missing; name the topic that the pipeline %s%s", end.what, known("", topics))
				sound = false
			case !slices.Contains(topics, end.topic):
				f.wrong(end.key, "there is no %q under topics%s", end.topic, known(end.topic, topics))
				sound = false
			}
		}
		if sound && reaches(load, p.To, p.From, nil) {
			f.wrong("to", "%s leads back to %s: its records would go round for ever; write to another topic", p.To, p.From)
		}
		if partitions, own := partitionsOf(load, p.From); own && partitions > 0 {
			f.warnOfIdle(p.Group(), partitions)
		}
	}
}

// reaches says whether records of one topic come to another one by way of pipelines.
func reaches(load Load, from, to string, seen []string) bool {
	if from == to {
		return true
	}
	if slices.Contains(seen, from) {
		return false
	}
	for _, p := range load.Pipelines {
		if p.From == from && reaches(load, p.To, to, append(seen, from)) {
			return true
		}
	}
	return false
}
