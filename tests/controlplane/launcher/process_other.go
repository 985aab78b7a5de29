//go:build !linux

package main

import "syscall"

// dieWithParent has no effect outside Linux: there, do not kill the launcher with SIGKILL. Its parent may be killed.
func dieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{} }
