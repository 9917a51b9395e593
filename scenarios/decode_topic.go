package scenarios

import (
	"regexp"
	"strings"
)

// What Kafka takes as the name of a topic, and how long a prefix may be that leaves room for
// the unique part of a name.
var topicCharacters = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

const (
	mostTopicName   = 249
	mostTopicPrefix = 100
)

// topicName reads name and prefix, of which a topic has one at most.
func (d *decoder) topicName(f fields, t *Topic) {
	t.RealName, t.Prefix = d.filled(f, "name"), d.filled(f, "prefix")
	if t.RealName != "" && t.Prefix != "" {
		f.wrong("prefix", "is of unique names, and name says a fixed one; leave one out")
	}
	for _, part := range []struct {
		key, text string
		most      int
	}{{"name", t.RealName, mostTopicName}, {"prefix", t.Prefix, mostTopicPrefix}} {
		switch {
		case part.text == "":
			if f.child(part.key) != nil && f.text(part.key, "") == "" {
				f.wrong(part.key, "is empty; leave it out")
			}
		case !topicCharacters.MatchString(part.text), part.text == ".", part.text == "..":
			f.wrong(part.key, "%q cannot name a topic; Kafka allows letters, digits, dots, hyphens and underscores%s", part.text, d.variables.blamed(f.text(part.key, "")))
		case len(part.text) > part.most:
			f.wrong(part.key, "has %d characters; use %d or fewer", len(part.text), part.most)
		case strings.HasPrefix(part.text, "__"):
			f.wrong(part.key, "%q begins as Kafka's own topics do; use another", part.text)
		}
	}
}

// failedRecords stands for the topics that failed records go to, among names of topics.
const failedRecords = "failed records"

// distinctTopicNames refuses two topics that would be one on the cluster.
func (d *decoder) distinctTopicNames(root fields, load Load) {
	of := map[string]string{}
	for _, t := range load.FailureTopics() {
		of[t.RealName] = failedRecords
		if t.Existing == "" && len(t.RealName) > mostTopicName {
			source, suffix := SplitName(t.Name)
			d.group(root, "topics", source).wrong("name", "has no room for the %s of the topic that failed records go to; use %d characters or fewer", suffix, mostTopicName-len(suffix))
		}
	}
	for _, t := range load.Topics {
		if t.RealName == "" {
			continue
		}
		if other, taken := of[t.RealName]; taken && other == failedRecords {
			d.group(root, "topics", t.Name).wrong("name", "%s is the name that a run gives the topic of failed records; leave this topic out", t.RealName)
		} else if taken {
			root.wrong("topics", "%s and %s have the same name, %s; use another for one of them", other, t.Name, t.RealName)
		}
		of[t.RealName] = t.Name
	}
}
