package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// execMode runs one command under the guard and ends with its exit code, or 128 and the signal's number. When the guard
// ends, the command gets SIGTERM, and SIGKILL after the grace. Lines on stdin are commands: `signal NAME`, as in
// `signal KILL`, sends a signal and has no answer. Signals that end the launcher count as the guard's end. The
// command's own stdin is empty; stdout and stderr are the launcher's.
func execMode(arguments []string, stdin io.Reader) int {
	flags := flag.NewFlagSet("exec", flag.ExitOnError)
	grace := flags.Duration("grace", 10*time.Second, "time between SIGTERM and SIGKILL")
	_ = flags.Parse(arguments)
	if flags.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "launcher exec: a command is needed")
		return 2
	}
	ctx, lines := guard(stdin)
	cmd := exec.Command(flags.Arg(0), flags.Args()[1:]...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = dieWithParent()
	if err := cmd.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "launcher exec:", err)
		return 127
	}
	exited := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(exited)
	}()
	end, kill := ctx.Done(), (<-chan time.Time)(nil)
	for {
		select {
		case <-exited:
			return exitCode(cmd.ProcessState)
		case <-end:
			end, kill = nil, time.After(*grace)
			// A stopped process would not handle the signal.
			_ = cmd.Process.Signal(syscall.SIGTERM)
			_ = cmd.Process.Signal(syscall.SIGCONT)
		case <-kill:
			_ = cmd.Process.Kill()
		case line := <-lines:
			if s, known := signals[strings.TrimPrefix(line, "signal ")]; known {
				_ = cmd.Process.Signal(s)
			} else {
				fmt.Fprintf(os.Stderr, "launcher exec: no command is called %q\n", line)
			}
		}
	}
}

var signals = map[string]syscall.Signal{
	"TERM": syscall.SIGTERM, "KILL": syscall.SIGKILL, "STOP": syscall.SIGSTOP, "CONT": syscall.SIGCONT,
}

func exitCode(state *os.ProcessState) int {
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return state.ExitCode()
}
