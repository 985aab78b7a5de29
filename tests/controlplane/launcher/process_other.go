//go:build !linux

package main

import "syscall"

// dieWithParent has no equal outside Linux: there the launcher must not be killed with SIGKILL. Its parent may be.
func dieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{} }
