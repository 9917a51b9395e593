//go:build unix

package kafka

import "syscall"

// ownProcessGroup keeps a terminal's signals from the child.
func ownProcessGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
