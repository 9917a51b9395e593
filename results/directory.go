package results

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Latest is the reference to the run that started last.
const Latest = "latest"

// NewRunID returns the name of a run: 20261123T161200Z-demo-7f3a. Names sort by time; the
// last part, of random's lower bits, keeps apart what starts in the same second.
func NewRunID(now time.Time, scenario string, random uint32) string {
	name := strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return '-'
	}, scenario), "-")
	const longest = 60 // some file systems end at 143 bytes a name
	if name = name[:min(len(name), longest)]; name == "" {
		name = "run"
	}
	return fmt.Sprintf("%s-%s-%04x", now.UTC().Format("20060102T150405Z"), name, random&0xffff)
}

// CreateRun makes the directory of a run in the folder of results, which is made if needed.
// A directory that exists is an error: take another id.
func CreateRun(root, id string) (directory string, err error) {
	if err := os.MkdirAll(root, 0o755); err != nil {
		return "", fmt.Errorf("create run: %w", err)
	}
	directory = filepath.Join(root, id)
	if err := os.Mkdir(directory, 0o755); err != nil {
		return "", fmt.Errorf("create run: %w", err)
	}
	if err := os.Mkdir(filepath.Join(directory, trialsName), 0o755); err != nil {
		return "", fmt.Errorf("create run: %w", err)
	}
	return directory, syncDirectory(root)
}

// TrialDirectory returns the directory of a trial within its run's.
func TrialDirectory(run string, ref TrialRef) string {
	return filepath.Join(run, trialsName, ref.Case, ref.Number())
}

// JournalPath returns the path of a trial's journal within its run's directory.
func JournalPath(run string, ref TrialRef) string {
	return filepath.Join(TrialDirectory(run, ref), JournalName)
}

// String returns the trial's name: CASE/N, or CASE/N-2 for the second attempt.
func (r TrialRef) String() string { return r.Case + "/" + r.Number() }

// Reference names a run on the command line, or a case of it: RUN or RUN#CASE.
type Reference struct {
	Run  string // a directory, an id, the beginning of one, or "latest"
	Case string // an id or the beginning of one; empty for the whole run
}

// ParseReference takes RUN or RUN#CASE apart.
func ParseReference(text string) (Reference, error) {
	run, name, named := text, "", false
	if i := strings.LastIndexByte(text, '#'); i >= 0 {
		run, name, named = text[:i], text[i+1:], true
	}
	if run == "" || named && name == "" {
		return Reference{}, fmt.Errorf("%q names no run: write RUN or RUN#CASE, where RUN is a directory, the beginning of a run's id, or %q", text, Latest)
	}
	return Reference{run, name}, nil
}

// Find returns the directory of the run that reference names: a path, an id in root, the
// beginning of just one id in root, or "latest".
func Find(root, reference string) (directory string, err error) {
	if isRun(reference) {
		return filepath.Clean(reference), nil
	}
	if reference != "" && filepath.Base(reference) == reference && isRun(filepath.Join(root, reference)) {
		return filepath.Join(root, reference), nil
	}
	ids, err := List(root)
	if err != nil {
		return "", err
	}
	if reference == Latest {
		if len(ids) == 0 {
			return "", fmt.Errorf("find run: there are no runs in %s: `kaliper run` makes one, --results names another folder", root)
		}
		return filepath.Join(root, ids[len(ids)-1]), nil
	}
	matching := slices.DeleteFunc(ids, func(id string) bool { return reference == "" || !strings.HasPrefix(id, reference) })
	switch len(matching) {
	case 1:
		return filepath.Join(root, matching[0]), nil
	case 0:
		return "", fmt.Errorf("find run: %q is neither the directory of a run nor the beginning of an id in %s: name one, or %q", reference, root, Latest)
	default:
		return "", fmt.Errorf("find run: %q fits %d runs in %s (%s): write more of the id", reference, len(matching), root, strings.Join(matching, ", "))
	}
}

// List returns the ids of the runs in a folder of results, the oldest first. A folder that
// does not exist holds none.
func List(root string) ([]string, error) {
	entries, err := os.ReadDir(root)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list runs: %w", err)
	}
	var ids []string
	for _, entry := range entries {
		if entry.IsDir() && isRun(filepath.Join(root, entry.Name())) {
			ids = append(ids, entry.Name())
		}
	}
	return ids, nil // ReadDir sorts, and ids start with their time
}

// isRun reports whether a directory holds a run, be it without its manifest.
func isRun(directory string) bool {
	if _, err := os.Stat(filepath.Join(directory, manifestName)); err == nil {
		return true
	}
	info, err := os.Stat(filepath.Join(directory, trialsName))
	return err == nil && info.IsDir()
}

// FindCase returns the case whose id is name, or just one that begins with it.
func (m Manifest) FindCase(name string) (CaseInfo, error) {
	var found []CaseInfo
	var ids []string
	for _, c := range m.Cases {
		if c.ID == name {
			return c, nil
		}
		if name != "" && strings.HasPrefix(c.ID, name) {
			found = append(found, c)
		}
		ids = append(ids, c.ID)
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return CaseInfo{}, fmt.Errorf("run %s has no case %q: it has %s", m.ID, name, strings.Join(ids, ", "))
	default:
		return CaseInfo{}, fmt.Errorf("%q fits %d cases of run %s: write more of it (%s)", name, len(found), m.ID, strings.Join(ids, ", "))
	}
}
