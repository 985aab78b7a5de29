package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// versions are the required versions in go.mod.
type versions struct{ kubernetes, etcd string }

func readVersions(goMod string) (versions, error) {
	text, err := os.ReadFile(goMod)
	if err != nil {
		return versions{}, err
	}
	kubernetes, err := required(text, "k8s.io/kubernetes")
	if err != nil {
		return versions{}, err
	}
	etcd, err := required(text, "go.etcd.io/etcd/server/v3")
	return versions{kubernetes: kubernetes, etcd: etcd}, err
}

func required(goMod []byte, module string) (string, error) {
	line := regexp.MustCompile(`(?m)^\s*(?:require )?` + regexp.QuoteMeta(module) + ` (v\S+)`)
	match := line.FindSubmatch(goMod)
	if match == nil {
		return "", fmt.Errorf("go.mod requires no %s", module)
	}
	return string(match[1]), nil
}

func cacheFolder(version string) (string, error) {
	base := os.Getenv("SENDER_OPERATOR_CACHE")
	if base == "" {
		base = os.Getenv("XDG_CACHE_HOME")
		if base == "" {
			home, err := os.UserHomeDir()
			if err != nil {
				return "", fmt.Errorf("no cache folder: %w; set SENDER_OPERATOR_CACHE", err)
			}
			base = filepath.Join(home, ".cache")
		}
		base = filepath.Join(base, "sender-operator")
	}
	base, err := filepath.Abs(base)
	if err != nil {
		return "", err
	}
	return filepath.Join(base, "controlplane", strings.Join([]string{version, runtime.GOOS, runtime.GOARCH}, "-")), nil
}
