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
func ReplaceFile(path string, data []byte) (err error) {
	directory := filepath.Dir(path)
	temporary, err := os.CreateTemp(directory, "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("write %s: %w", path, errors.Join(err, os.Remove(temporary.Name())))
		}
	}()
	_, err = temporary.Write(data)
	if err == nil {
		err = temporary.Sync()
	}
	if closeErr := temporary.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	// CreateTemp makes files for their owner alone; results are read by others too.
	if err = os.Chmod(temporary.Name(), 0o644); err != nil {
		return err
	}
	if err = os.Rename(temporary.Name(), path); err != nil {
		return err
	}
	if err := syncDirectory(directory); err != nil { // the file is in place: nothing to remove
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
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
