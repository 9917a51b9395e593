package results

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
)

// ReplaceFile writes a file so that a reader, or a machine that loses power, sees the old
// content or the new one, whole: a temporary file beside it is written, synced and renamed,
// and the rename is synced too. Every derived file of a run is written by it.
func ReplaceFile(path string, data []byte) error {
	temporary, err := writeTemporary(path, data)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Rename(temporary, path); err != nil {
		return fmt.Errorf("write %s: %w", path, errors.Join(err, os.Remove(temporary)))
	}
	if err := syncDirectory(filepath.Dir(path)); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// writeTemporary writes a synced file beside path, and leaves none behind if it cannot.
func writeTemporary(path string, data []byte) (name string, err error) {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return "", err
	}
	_, err = file.Write(data)
	if err == nil {
		err = file.Sync()
	}
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err == nil { // CreateTemp makes files for their owner alone; results are read by others too
		err = os.Chmod(file.Name(), 0o644)
	}
	if err != nil {
		return "", errors.Join(err, os.Remove(file.Name()))
	}
	return file.Name(), nil
}

// syncDirectory makes the names in a directory survive a loss of power. Windows has no such
// call, and journals its names by itself.
func syncDirectory(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	directory, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(directory.Sync(), directory.Close())
}
