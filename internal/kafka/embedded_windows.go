package kafka

import "syscall"

// ownProcessGroup keeps a console's control events from the child.
func ownProcessGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}
