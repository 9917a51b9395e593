package scenarios

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"kaliper/internal/suggest"
)

// Naming is what a scenario asks of its topics' names.
type Naming string

// The rules for names.
const (
	NamingFree       Naming = "free"       // what Kafka allows
	NamingConvention Naming = "convention" // env.team.domain.event-type, and a suffix
)

// SnapshotSuffix ends the name of a compacted topic, by the convention.
const SnapshotSuffix = ".snapshot"

// nameParts are the parts of a name by the convention.
var nameParts = []string{"env", "team", "domain", "event type"}

const conventionText = "<env>.<team>.<domain>.<event-type>"

func nameSuffixes() []string { return []string{DeadLetterSuffix, RetrySuffix, SnapshotSuffix} }

// conventionWord is a part of a name: words in small letters and digits with hyphens between them.
var conventionWord = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// SplitName parts a topic's name from the convention's suffix at its end, if it has one.
func SplitName(name string) (base, suffix string) {
	for _, suffix := range nameSuffixes() {
		if base, found := strings.CutSuffix(name, suffix); found {
			return base, suffix
		}
	}
	return name, ""
}

// conventionProblems says what is wrong with a name by the convention, part by part, and what
// would be right; nil where nothing is.
func conventionProblems(name string) (wrong []string) {
	base, suffix := SplitName(name)
	if lower := strings.ToLower(name); suffix == "" {
		if _, meant := SplitName(lower); meant != "" {
			base, suffix = name[:len(name)-len(meant)], meant
			wrong = append(wrong, fmt.Sprintf("the suffix %q is not in small letters", name[len(base):]))
		}
	}
	if _, second := SplitName(base); second != "" && suffix != "" {
		return []string{fmt.Sprintf("has two suffixes, %s and %s; a name has one at most", second, suffix)}
	}
	parts := strings.Split(base, ".")
	if len(parts) != len(nameParts) {
		return append(wrong, wrongCount(parts, suffix))
	}
	right := slices.Clone(parts)
	for i, part := range parts {
		if conventionWord.MatchString(part) {
			continue
		}
		right[i] = hyphened(part)
		switch {
		case part == "":
			wrong = append(wrong, "the "+nameParts[i]+" is empty")
		case part[0] >= '0' && part[0] <= '9':
			wrong = append(wrong, fmt.Sprintf("the %s %q begins with a digit; begin with a letter", nameParts[i], part))
		default:
			wrong = append(wrong, fmt.Sprintf("the %s %q is not of words in small letters with hyphens", nameParts[i], part))
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	if !slices.ContainsFunc(right, func(part string) bool { return !conventionWord.MatchString(part) }) {
		wrong = append(wrong, "write "+strings.Join(right, ".")+suffix)
	}
	return wrong
}

// wrongCount is the objection to a name with too few or too many parts.
func wrongCount(parts []string, suffix string) string {
	text := fmt.Sprintf("has %d of the %d parts of %s", len(parts), len(nameParts), conventionText)
	if suffix != "" {
		text += " before " + suffix
	}
	if len(parts) < len(nameParts) {
		return text + ", such as load.analytics.user.clicks" + suffix
	}
	text = strings.Replace(text, " of the 4 parts of ", " parts instead of the 4 of ", 1)
	joined := append(slices.Clone(parts[:len(nameParts)-1]), strings.Join(parts[len(nameParts)-1:], "-"))
	text += "; join words by hyphens: " + strings.Join(joined, ".") + suffix
	if last := parts[len(parts)-1]; len(parts) == len(nameParts)+1 && suffix == "" {
		text += fmt.Sprintf(", or end in a suffix, which %q is not: .dlq, .retry or .snapshot%s", last, suggest.DidYouMean("."+last, nameSuffixes()))
	}
	return text
}

// hyphened returns a part as the convention has it, as far as that can be told: OrderCreated and
// order_created become order-created.
func hyphened(part string) string {
	var b strings.Builder
	runes := []rune(part)
	for i, r := range runes {
		switch {
		case r == '_', r == '-':
			r = '-'
		case unicode.IsUpper(r):
			// The last capital of a row begins a word where a small letter follows: HTTPError.
			after := i > 0 && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]))
			if after && runes[i-1] != '-' && runes[i-1] != '_' {
				b.WriteByte('-')
			}
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
	}
	words := strings.FieldsFunc(b.String(), func(r rune) bool { return r == '-' })
	return strings.Join(words, "-")
}

// checkNaming holds the topics' names against the convention.
func (d *decoder) checkNaming(root fields, load Load) {
	if load.Naming != NamingConvention {
		return
	}
	var declared []string
	for _, t := range load.Topics {
		declared = append(declared, t.fixedName())
	}
	for _, t := range load.Topics {
		d.checkName(d.group(root, "topics", t.Name), t, declared)
	}
	d.checkFailureNames(root, load)
}

func (d *decoder) checkName(f fields, t Topic, declared []string) {
	key := "name"
	if f.child("existing") != nil {
		key = "existing"
	}
	name := t.fixedName()
	switch {
	case f.child("prefix") != nil:
		f.wrong("prefix", "makes unique names, which do not follow the convention %s; use name", conventionText)
		return
	case f.child(key) == nil:
		d.wrong(f.at, f.path, "has no name, and a unique one does not follow the convention %s; write for example name: load.analytics.user.%s", conventionText, t.Name)
		return
	case name == "" || template.MatchString(name) || key == "name" && !topicCharacters.MatchString(name): // with an objection of its own
		return
	}
	if wrong := conventionProblems(name); wrong != nil {
		f.wrong(key, "%q does not follow the convention: %s%s", name, strings.Join(wrong, "; "), d.variables.blamed(f.child(key).text))
		return
	}
	base, suffix := SplitName(name)
	switch suffix {
	case SnapshotSuffix:
		if t.Existing == "" && !t.Compacted() { // an existing one is looked at by the run
			at := f.child(key).at
			if policy := f.child("config").get("cleanup.policy"); policy != nil {
				at = policy.at
			}
			d.wrong(at, f.path+".config.cleanup.policy", "%s is a snapshot by its name, and not compacted; set cleanup.policy: compact, or leave %s out of the name", name, suffix)
		}
	case DeadLetterSuffix, RetrySuffix:
		if !slices.Contains(declared, base) {
			f.wrong(key, "%q belongs to %s, and no topic here has that name%s", name, base, known(base, declared))
		}
	}
	if suffix != SnapshotSuffix && t.Compacted() {
		f.warn(key, "%s is compacted; by the convention its name ends in %s", name, SnapshotSuffix)
	}
}

// blamed says which variables of a template are no words of the convention.
func (v *variables) blamed(text string) string {
	blame := ""
	for _, found := range template.FindAllStringSubmatch(text, -1) {
		if of := v.of[found[1]]; !conventionWord.MatchString(of.text) {
			blame += fmt.Sprintf("; {%s} is %q, written at %s", found[1], of.text, of.at)
		}
	}
	return blame
}

// checkFailureNames holds those names against the convention that kaliper derives: of the topics
// that failed records go to.
func (d *decoder) checkFailureNames(root fields, load Load) {
	check := func(f fields, source string, failures Failures) {
		for _, t := range load.Topics {
			base, suffix := SplitName(t.fixedName())
			if t.Name != source || suffix == "" || len(failures.Suffixes()) == 0 {
				continue
			}
			f.wrong("failures", "failed records of %s%s would go to %[1]s%[2]s%[3]s, which has two suffixes and so does not follow the convention; use policy: retry, skip or stop",
				base, suffix, failures.Suffixes()[0])
		}
	}
	for _, g := range load.Consumers {
		for _, topic := range g.Topics {
			check(d.group(root, "consumers", g.Name), topic, g.Failures)
		}
	}
	for _, p := range load.Pipelines {
		check(d.group(root, "pipelines", p.Name), p.From, p.Failures)
	}
}

// fixedName returns the cluster's name of a topic; empty where it is a unique one.
func (t Topic) fixedName() string {
	if t.Existing != "" {
		return t.Existing
	}
	return t.RealName
}

// Compacted says whether the topic declares that it is compacted.
func (t Topic) Compacted() bool { return strings.Contains(t.Config["cleanup.policy"], "compact") }
