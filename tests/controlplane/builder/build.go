package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// buildAll builds programs one after another: each already uses every core.
func buildAll(todo []program, version, cache string) error {
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

// buildOne leaves either the complete program in the cache folder, or nothing.
func buildOne(p program, version, cache, title string) error {
	unfinished := filepath.Join(cache, ".building-"+p.file)
	defer os.Remove(unfinished)
	// -v prints each package as it is compiled, for the progress.
	cmd := exec.Command("go", "build", "-v", "-trimpath", "-ldflags", ldflags(version), "-o", unfinished, p.pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH)
	progress := startProgress(title)
	progress.announce()
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

// ldflags sets the version that the programs report; without it they report v0.0.0.
func ldflags(version string) string {
	parts := strings.SplitN(strings.TrimPrefix(version, "v"), ".", 3)
	const variable = " -X k8s.io/component-base/version."
	flags := "-s -w" + variable + "gitVersion=" + version
	return flags + variable + "gitMajor=" + parts[0] + variable + "gitMinor=" + parts[1]
}
