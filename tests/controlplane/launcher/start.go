package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// ready is the line with the access data of the control plane.
type ready struct {
	DataDir    string         `json:"dataDir"`
	Kubeconfig string         `json:"kubeconfig"`
	Server     string         `json:"server"`
	PIDs       map[string]int `json:"pids"`
}

// answer is the line that follows each command.
type answer struct {
	Command string         `json:"command"`
	OK      bool           `json:"ok"`
	Error   string         `json:"error,omitempty"`
	PIDs    map[string]int `json:"pids"`
}

// startMode runs a control plane: one JSON line when it is ready, then one for each command until the guard ends it. If
// it can't start, the only line has an `error`.
// Commands: `stop`, `start`, `restart`, `pause`, `continue`, each followed by the name of a program. `stop` is a
// power cut (SIGKILL); `start` returns when the program is usable again, on its old port.
func startMode(arguments []string) int {
	flags := flag.NewFlagSet("start", flag.ExitOnError)
	paths := map[string]*string{}
	for _, name := range []string{etcd, apiServer, kubeManager} {
		paths[name] = flags.String(name, name, "path of the program")
	}
	_ = flags.Parse(arguments)
	programs := programs{}
	for name, path := range paths {
		programs[name] = *path
	}
	out := json.NewEncoder(os.Stdout)
	if err := serve(programs, out); err != nil {
		_ = out.Encode(map[string]string{"error": err.Error()})
		return 1
	}
	return 0
}

func serve(programs programs, out *json.Encoder) error {
	ctx, lines := guard(os.Stdin)
	folder, remove, err := newFolder(os.TempDir())
	if err != nil {
		return err
	}
	defer remove()
	c, err := startControlPlane(ctx, programs, folder)
	// Children end before their folder is deleted.
	defer c.killAll()
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return err
	}
	if err := out.Encode(ready{folder, c.files.adminKubeconfig(), serverURL(c.port), c.pids()}); err != nil {
		return err
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case line := <-lines:
			reply := answer{Command: line, OK: true}
			if err := c.command(ctx, line); err != nil {
				reply.OK, reply.Error = false, err.Error()
			}
			reply.PIDs = c.pids()
			if err := out.Encode(reply); err != nil {
				return err
			}
		}
	}
}

func (c *controlPlane) command(ctx context.Context, line string) error {
	verb, name, _ := strings.Cut(line, " ")
	child := c.children[name]
	if child == nil {
		return fmt.Errorf("no program is called %q", name)
	}
	switch verb {
	case "stop":
		child.kill()
		return nil
	case "start":
		if child.running() {
			return fmt.Errorf("%s is running", name)
		}
		return c.startAgain(ctx, name)
	case "restart":
		child.kill()
		return c.startAgain(ctx, name)
	case "pause":
		return child.cmd.Process.Signal(syscall.SIGSTOP)
	case "continue":
		return child.cmd.Process.Signal(syscall.SIGCONT)
	}
	return fmt.Errorf("no command is called %q", verb)
}

// startAgain starts a program that was ready before, with its existing data.
func (c *controlPlane) startAgain(ctx context.Context, name string) error {
	switch name {
	case etcd:
		return c.spawn(etcd, etcdArguments(c.files))
	case apiServer:
		return c.startAPIServer(ctx)
	default:
		return c.spawn(kubeManager, managerArguments(c.files))
	}
}

func (c *controlPlane) pids() map[string]int {
	pids := map[string]int{"launcher": os.Getpid()}
	for name, child := range c.children {
		if child.running() {
			pids[name] = child.pid()
		}
	}
	return pids
}
