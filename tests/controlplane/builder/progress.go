package main

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
)

// progress reports progress: on a terminal one line with the elapsed seconds and the current package, otherwise an
// occasional line. It keeps the last lines of output for a failed build.
type progress struct {
	title    string
	started  time.Time
	terminal bool
	done     chan struct{}
	stopped  sync.WaitGroup

	mu      sync.Mutex
	lines   []string
	partial string
}

const keptLines = 30

func startProgress(title string) *progress {
	info, err := os.Stderr.Stat()
	p := &progress{
		title:    title,
		started:  time.Now(),
		terminal: err == nil && info.Mode()&os.ModeCharDevice != 0,
		done:     make(chan struct{}),
	}
	p.stopped.Add(1)
	go p.tick()
	return p
}

// announce prints the start of an action if no running line counts its seconds.
func (p *progress) announce() {
	if !p.terminal {
		fmt.Fprintln(os.Stderr, p.title)
	}
}

// Write accepts the output of `go build -v`, or the progress of a download.
func (p *progress) Write(data []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	lines := strings.Split(p.partial+string(data), "\n")
	p.partial = lines[len(lines)-1]
	p.lines = append(p.lines, lines[:len(lines)-1]...)
	if extra := len(p.lines) - keptLines; extra > 0 {
		p.lines = p.lines[extra:]
	}
	return len(data), nil
}

func (p *progress) tick() {
	defer p.stopped.Done()
	interval := 30 * time.Second
	if p.terminal {
		interval = time.Second
	}
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-p.done:
			return
		case <-ticker.C:
			p.show(p.latest())
		}
	}
}

func (p *progress) latest() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.lines) == 0 {
		return ""
	}
	return p.lines[len(p.lines)-1]
}

func (p *progress) show(what string) {
	line := fmt.Sprintf("%s  %s  %s", p.title, time.Since(p.started).Round(time.Second), what)
	if p.terminal {
		// Cut to a narrow terminal's width: a wrapped line could not be overwritten.
		fmt.Fprintf(os.Stderr, "\r\033[K%.78s", line)
	} else {
		fmt.Fprintln(os.Stderr, line)
	}
}

// stop ends the running line and removes it.
func (p *progress) stop() {
	close(p.done)
	p.stopped.Wait()
	if p.terminal {
		fmt.Fprint(os.Stderr, "\r\033[K")
	}
}

// finish replaces the running line by the result.
func (p *progress) finish(outcome string) {
	p.stop()
	fmt.Fprintf(os.Stderr, "%s  %s\n", p.title, outcome)
}

func (p *progress) tail() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.TrimSpace(strings.Join(append(p.lines, p.partial), "\n"))
}
