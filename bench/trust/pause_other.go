//go:build !unix

package main

import (
	"errors"
	"os"
)

func pause(*os.Process) error {
	return errors.New("processes cannot be stopped on this system: leave the plant stop out (-only)")
}
func resume(*os.Process) error { return nil }
