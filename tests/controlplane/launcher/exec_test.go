package main

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The test binary acts as the launcher if this variable is set.
const asLauncher = "TEST_BINARY_IS_LAUNCHER"

func TestMain(m *testing.M) {
	if os.Getenv(asLauncher) != "" {
		main()
	}
	os.Exit(m.Run())
}

// Shell scripts that print their process id first. A shell that waits for a builtin's child handles a signal at once.
const (
	obedient = `trap 'exit 7' TERM; echo $$; while :; do sleep 1 & wait; done`
	stubborn = `trap '' TERM; echo $$; while :; do sleep 1 & wait; done`
)

type leashed struct {
	cmd   *exec.Cmd
	stdin io.WriteCloser
	pid   int
}

func startLeashed(t *testing.T, script string) leashed {
	t.Helper()
	cmd := exec.Command(os.Args[0], "exec", "--grace", "200ms", "--", "/bin/sh", "-c", script)
	cmd.Env = append(os.Environ(), asLauncher+"=1")
	cmd.Stderr = os.Stderr
	stdin := must(cmd.StdinPipe())(t)
	stdout := must(cmd.StdoutPipe())(t)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	// A launcher that misses its end must not hang the test.
	deadline := time.AfterFunc(2*time.Minute, func() { _ = cmd.Process.Kill() })
	t.Cleanup(func() { deadline.Stop() })
	line := must(bufio.NewReader(stdout).ReadString('\n'))(t)
	return leashed{cmd, stdin, must(strconv.Atoi(strings.TrimSpace(line)))(t)}
}

// code waits for the end and returns the launcher's exit code.
func (l leashed) code() int {
	_ = l.cmd.Wait()
	return l.cmd.ProcessState.ExitCode()
}

func TestExecPassesTheExitCode(t *testing.T) {
	if code := startLeashed(t, `echo $$; exit 3`).code(); code != 3 {
		t.Error(code)
	}
}

func TestExecEndsTheCommandWhenStdinEnds(t *testing.T) {
	l := startLeashed(t, obedient)
	l.stdin.Close()
	if code := l.code(); code != 7 || alive(l.pid) {
		t.Error(code, alive(l.pid))
	}
}

func TestExecKillsACommandThatIgnoresSIGTERM(t *testing.T) {
	l := startLeashed(t, stubborn)
	l.stdin.Close()
	if code := l.code(); code != 128+9 || alive(l.pid) {
		t.Error(code, alive(l.pid))
	}
}

func TestExecEndsACommandThatIsStopped(t *testing.T) {
	l := startLeashed(t, obedient)
	_, _ = io.WriteString(l.stdin, "signal STOP\n")
	l.stdin.Close()
	if code := l.code(); code != 7 {
		t.Error(code)
	}
}

func TestExecSendsTheSignalThatALineNames(t *testing.T) {
	l := startLeashed(t, obedient)
	_, _ = io.WriteString(l.stdin, "signal KILL\n")
	if code := l.code(); code != 128+9 {
		t.Error(code)
	}
}

func TestCommandDoesNotOutliveAKilledLauncher(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux can promise this")
	}
	l := startLeashed(t, stubborn)
	_ = l.cmd.Process.Kill()
	_ = l.cmd.Wait()
	eventually(t, "the command's end", func() bool { return !alive(l.pid) })
}
