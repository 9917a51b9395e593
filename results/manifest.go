package results

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// The names of a run directory's files.
const (
	manifestName = "manifest.json"
	summaryName  = "summary.json"
	trialsName   = "trials"
)

// WriteManifest writes manifest.json of a run's directory, whole or not at all.
func WriteManifest(directory string, manifest Manifest) error {
	manifest.Schema = ManifestSchema
	return writeJSON(filepath.Join(directory, manifestName), manifest)
}

// ReadManifest reads manifest.json of a run's directory. The error wraps fs.ErrNotExist,
// ErrForeign or ErrNewerSchema where that is the reason.
func ReadManifest(directory string) (Manifest, error) {
	var manifest Manifest
	err := readJSON(filepath.Join(directory, manifestName), ManifestSchema, &manifest)
	return manifest, err
}

// WriteSummary writes summary.json of a run's directory, whole or not at all.
func WriteSummary(directory string, summary Summary) error {
	summary.Schema = SummarySchema
	return writeJSON(filepath.Join(directory, summaryName), summary)
}

// ReadSummary reads summary.json of a run's directory. What kaliper itself reports is always
// derived from the journals anew; this is for those who have the summary alone.
func ReadSummary(directory string) (Summary, error) {
	var summary Summary
	err := readJSON(filepath.Join(directory, summaryName), SummarySchema, &summary)
	return summary, err
}

func writeJSON(path string, value any) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // conditions such as ack.p99 < 50ms are read by people
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return ReplaceFile(path, text.Bytes())
}

// readJSON reads a file whose "schema" must be one that this kaliper knows. Unknown keys are
// left alone: within a version, keys are only ever added.
func readJSON(path, schema string, value any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	var header struct {
		Schema string `json:"schema"`
	}
	if err := json.Unmarshal(data, &header); err != nil {
		return fmt.Errorf("read %s: %w: %w", path, ErrDamaged, err)
	}
	if _, err := checkSchema(header.Schema, schema); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	if err := json.Unmarshal(data, value); err != nil {
		return fmt.Errorf("read %s: %w: %w", path, ErrDamaged, err)
	}
	return nil
}
