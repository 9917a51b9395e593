package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// quota is a cgroup of its own with a limit on processor time, in version 1 or 2 of cgroups,
// whichever has the cpu controller here. It takes root.
type quota struct {
	folder string
	file   string // of the group, that holds the limit
	none   string // what to write there for no limit
}

const quotaPeriod = 100 * time.Millisecond

// quotaRoots are where systems mount the cpu controller.
var quotaRoots = []string{"/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup"}

// newQuota makes a group that gets this share of one processor.
func newQuota(share float64) (*quota, error) {
	period := strconv.FormatInt(quotaPeriod.Microseconds(), 10)
	most := strconv.FormatInt(int64(share*float64(quotaPeriod.Microseconds())), 10)
	for _, root := range quotaRoots {
		q := &quota{folder: filepath.Join(root, fmt.Sprintf("kaliper-bench-trust-%d", os.Getpid()))}
		var settings [][2]string
		switch {
		case exists(filepath.Join(root, "cpu.cfs_quota_us")):
			q.file, q.none = "cpu.cfs_quota_us", "-1"
			settings = [][2]string{{"cpu.cfs_period_us", period}, {q.file, most}}
		case exists(filepath.Join(root, "cgroup.controllers")):
			if err := write(filepath.Join(root, "cgroup.subtree_control"), "+cpu"); err != nil {
				return nil, err
			}
			q.file, q.none = "cpu.max", "max "+period
			settings = [][2]string{{q.file, most + " " + period}}
		default:
			continue
		}
		if err := os.Mkdir(q.folder, 0o755); err != nil {
			return nil, fmt.Errorf("make a cgroup with a processor quota (the plant quota takes root): %w", err)
		}
		for _, setting := range settings {
			if err := write(filepath.Join(q.folder, setting[0]), setting[1]); err != nil {
				return nil, errors.Join(err, q.release())
			}
		}
		return q, nil
	}
	return nil, fmt.Errorf("none of %s has the cpu controller: leave the plant quota out (-only)", strings.Join(quotaRoots, ", "))
}

// hold puts a process with all its threads under the limit.
func (q *quota) hold(pid int) error {
	return write(filepath.Join(q.folder, "cgroup.procs"), strconv.Itoa(pid))
}

// lift ends the limit; the group stays.
func (q *quota) lift() error { return write(filepath.Join(q.folder, q.file), q.none) }

// release removes the group, whose process must have ended.
func (q *quota) release() error { return os.Remove(q.folder) }

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// write writes to a file of a cgroup, which is there already.
func write(path, text string) error {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	return errors.Join(err, file.Close())
}
