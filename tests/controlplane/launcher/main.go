// Command launcher starts processes that must never outlive its parent: a Kubernetes control plane for tests, or any
// single command.
//
//	launcher start --etcd PATH --kube-apiserver PATH --kube-controller-manager PATH
//	launcher exec [--grace 10s] -- COMMAND ARGUMENT…
//
// The guard is stdin: its end (the parent has ended) or SIGTERM, SIGINT or SIGHUP ends everything. On Linux, the kernel
// also kills the children if the launcher itself is killed. Lines on stdin are commands; see startMode and execMode.
package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"
)

// Pdeathsig acts when the *thread* that forked ends. The main goroutine forks, and stays on the main thread, which
// lives as long as the process.
func init() { runtime.LockOSThread() }

func main() {
	mode := ""
	if len(os.Args) > 1 {
		mode = os.Args[1]
	}
	switch mode {
	case "start":
		os.Exit(startMode(os.Args[2:]))
	case "exec":
		os.Exit(execMode(os.Args[2:], os.Stdin))
	default:
		fmt.Fprintln(os.Stderr, "usage: launcher start --etcd PATH --kube-apiserver PATH --kube-controller-manager PATH")
		fmt.Fprintln(os.Stderr, "       launcher exec [--grace 10s] -- COMMAND ARGUMENT…")
		os.Exit(2)
	}
}

// guard reads commands from stdin, and cancels the context on the end of stdin or on a signal.
func guard(stdin io.Reader) (ctx context.Context, lines <-chan string) {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	// The parent may have ended, so writes can fail with SIGPIPE; that must not end the launcher before its children.
	signal.Ignore(syscall.SIGPIPE)
	commands := make(chan string)
	go func() {
		<-signals
		cancel()
	}()
	go func() {
		defer cancel()
		scanner := bufio.NewScanner(stdin)
		for scanner.Scan() {
			select {
			case commands <- scanner.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	return ctx, commands
}
