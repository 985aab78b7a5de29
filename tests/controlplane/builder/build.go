package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// buildAll builds the missing programs one after another: each already uses every core.
func buildAll(missing []program, version, cache string) error {
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return err
	}
	unlock, err := lock(filepath.Join(cache, ".lock"))
	if err != nil {
		return err
	}
	defer unlock()
	// Another builder may have made them while this one waited for the lock, and a killed one may have left crumbs.
	var todo []program
	for _, p := range missing {
		if !isExecutable(filepath.Join(cache, p.file)) {
			todo = append(todo, p)
		}
	}
	crumbs, _ := filepath.Glob(filepath.Join(cache, ".building-*"))
	for _, crumb := range crumbs {
		_ = os.Remove(crumb)
	}
	if len(todo) > 1 {
		fmt.Fprintf(os.Stderr, "Building Kubernetes %s's control plane for tests into %s\n", version, cache)
		fmt.Fprintln(os.Stderr, "(once for this version and all checkouts; 5 to 10 minutes on two cores)")
	}
	for i, p := range todo {
		if err := buildOne(p, version, cache, fmt.Sprintf("[%d/%d] %s", i+1, len(todo), p.name)); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return nil
}

// buildOne leaves either the whole program in the cache folder, or nothing.
func buildOne(p program, version, cache, title string) error {
	unfinished := filepath.Join(cache, ".building-"+p.file)
	defer os.Remove(unfinished)
	// -v names each package as it is compiled, which is what progress shows.
	cmd := exec.Command("go", "build", "-v", "-trimpath", "-ldflags", ldflags(version), "-o", unfinished, p.pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH)
	progress := startProgress(title)
	cmd.Stderr = progress
	started := time.Now()
	if err := cmd.Run(); err != nil {
		progress.finish("failed")
		return fmt.Errorf("go build %s: %w\n%s", p.pkg, err, progress.tail())
	}
	info, err := os.Stat(unfinished)
	if err != nil {
		return err
	}
	if err := os.Rename(unfinished, filepath.Join(cache, p.file)); err != nil {
		return err
	}
	progress.finish(fmt.Sprintf("built in %s, %d MB", time.Since(started).Round(time.Second), info.Size()>>20))
	return nil
}

// ldflags gives the programs the version that they report; without it they call themselves v0.0.0.
func ldflags(version string) string {
	parts := strings.SplitN(strings.TrimPrefix(version, "v"), ".", 3)
	const variable = " -X k8s.io/component-base/version."
	return "-s -w" + variable + "gitVersion=" + version + variable + "gitMajor=" + parts[0] + variable + "gitMinor=" + parts[1]
}

// sourceHash names the Go sources of a folder by their content, tests left out.
func sourceHash(folder string) (string, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil || len(files) == 0 {
		return "", fmt.Errorf("no Go source in %s: %v", folder, err)
	}
	hash := sha256.New()
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(hash, "%s %d\n%s", filepath.Base(file), len(text), text)
	}
	return hex.EncodeToString(hash.Sum(nil))[:12], nil
}

// lock keeps builders of all checkouts apart. The kernel drops the lock with its process, however that ends.
func lock(path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		fmt.Fprintf(os.Stderr, "Another build is under way (%s); waiting for it\n", path)
		for {
			err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX)
			if err == nil {
				break
			}
			if err != syscall.EINTR {
				file.Close()
				return nil, fmt.Errorf("lock %s: %w", path, err)
			}
		}
	}
	return func() { file.Close() }, nil
}
