package results

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"time"
)

// BaselineSchema names the format of a baseline.
const BaselineSchema = "kaliper.baseline/1"

// mostBaseline bounds a baseline's file: it is small enough for git, or it is none.
const mostBaseline = 4 << 20

// Baseline is the figures of one case's trials, and all that tells whether later ones may be
// compared with them. It is small enough for git.
type Baseline struct {
	Schema   string    `json:"schema"`
	Run      string    `json:"run"`
	Scenario string    `json:"scenario"` // its name
	Started  time.Time `json:"started"`
	// Settings is a hash of the case's resolved settings: client properties, load, topics, and what
	// samples, schemas and files of values hold. What the target is called, where it is and how
	// clients prove who they are there are no part of it.
	Settings        string            `json:"settings"`
	WarmupSeconds   float64           `json:"warmup_seconds"`
	DurationSeconds float64           `json:"duration_seconds"`
	Machine         Machine           `json:"machine"`
	Broker          BaselineBroker    `json:"broker"`
	Versions        map[string]string `json:"versions"` // kaliper, go, franz-go, ...
	Client          string            `json:"client"`
	Trials          []BaselineTrial   `json:"trials"`
}

// BaselineBroker is what the cluster was.
type BaselineBroker struct {
	Simulated bool   `json:"simulated"`
	Version   string `json:"version"`
	Brokers   int    `json:"brokers"`
	// Security is the security.protocol of the clients; empty where it is not known.
	Security string `json:"security,omitempty"`
}

// BaselineTrial is the figures of one complete trial that did not fail.
type BaselineTrial struct {
	Round int `json:"round"`
	// Untrusted says why the trial cannot be trusted; empty where it can. Only who allows untrusted
	// trials writes a baseline with such ones.
	Untrusted []string              `json:"untrusted,omitempty"`
	Metrics   map[string]TrialValue `json:"metrics"`
}

// UntrustedTrials returns how many of the trials cannot be trusted.
func (b Baseline) UntrustedTrials() int {
	n := 0
	for _, trial := range b.Trials {
		if len(trial.Untrusted) > 0 {
			n++
		}
	}
	return n
}

// WriteBaseline writes a baseline, whole or not at all.
func WriteBaseline(path string, baseline Baseline) error {
	baseline.Schema = BaselineSchema
	return writeJSON(path, baseline)
}

// ReadBaseline reads a baseline. The error wraps fs.ErrNotExist, ErrForeign or ErrNewerSchema
// where that is the reason.
func ReadBaseline(path string) (Baseline, error) {
	file, err := os.Open(path)
	if err != nil {
		return Baseline{}, fmt.Errorf("read baseline: %w", err)
	}
	defer file.Close()
	baseline, err := DecodeBaseline(file)
	if err != nil {
		return baseline, fmt.Errorf("read baseline %s: %w", filepath.Clean(path), err)
	}
	return baseline, nil
}

// DecodeBaseline reads a baseline and checks that it can be compared with.
func DecodeBaseline(r io.Reader) (Baseline, error) {
	var baseline Baseline
	data, err := io.ReadAll(io.LimitReader(r, mostBaseline+1))
	if err != nil {
		return baseline, err
	}
	if len(data) > mostBaseline {
		return baseline, fmt.Errorf("%w: it is larger than %d bytes", ErrForeign, mostBaseline)
	}
	var header struct {
		Schema string `json:"schema"`
	}
	if err := json.Unmarshal(data, &header); err != nil {
		return baseline, fmt.Errorf("%w: %w", ErrForeign, err)
	}
	if _, err := checkSchema(header.Schema, BaselineSchema); err != nil {
		return baseline, err
	}
	// Within a version keys are only ever added, so that unknown ones are left alone.
	if err := json.NewDecoder(bytes.NewReader(data)).Decode(&baseline); err != nil {
		return Baseline{}, err
	}
	return baseline, baseline.check()
}

func (b Baseline) check() error {
	switch {
	case b.Settings == "":
		return errors.New("it lacks its settings' hash: write it again with --write-baseline")
	case len(b.Trials) == 0:
		return errors.New("it has no trials: write it again with --write-baseline")
	case !(b.DurationSeconds > 0) || math.IsInf(b.DurationSeconds, 0):
		return errors.New("its trials have no duration: write it again with --write-baseline")
	}
	for i, trial := range b.Trials {
		if len(trial.Metrics) == 0 {
			return fmt.Errorf("trial %d has no figures: write it again with --write-baseline", i+1)
		}
	}
	return nil
}
