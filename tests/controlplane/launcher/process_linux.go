package main

import "syscall"

// dieWithParent lets the kernel kill the child when the launcher ends, even by SIGKILL.
func dieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
