package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// process is one child with its own log file.
type process struct {
	name   string
	cmd    *exec.Cmd
	log    string
	exited chan struct{}
}

// startProcess must be called by the main goroutine: see init.
func startProcess(name, path string, args []string, log string) (*process, error) {
	file, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	cmd := exec.Command(path, args...)
	cmd.Stdout, cmd.Stderr = file, file
	cmd.SysProcAttr = dieWithParent()
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	p := &process{name: name, cmd: cmd, log: log, exited: make(chan struct{})}
	go func() {
		_ = cmd.Wait()
		close(p.exited)
	}()
	return p, nil
}

func (p *process) pid() int { return p.cmd.Process.Pid }

func (p *process) running() bool {
	select {
	case <-p.exited:
		return false
	default:
		return true
	}
}

// kill ends the process without a graceful shutdown, and returns when it has ended. The data of these processes is not
// needed, and a graceful shutdown takes seconds.
func (p *process) kill() {
	_ = p.cmd.Process.Signal(syscall.SIGKILL)
	<-p.exited
}

// failure returns how the process ended, and the end of its log.
func (p *process) failure() error {
	return fmt.Errorf("%s ended (%v); its log ends with:\n%s", p.name, p.cmd.ProcessState, logTail(p.log, 15))
}

// lostPort reports whether the process ended because its port was taken.
func (p *process) lostPort() bool {
	return !p.running() && strings.Contains(logTail(p.log, 30), "address already in use")
}

func logTail(path string, lines int) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// pollInterval is short compared to a start, which takes seconds, and long compared to one request.
const pollInterval = 25 * time.Millisecond
