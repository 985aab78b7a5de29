// Command builder puts the programs of the tests' control plane into the user's cache folder, once for all checkouts.
//
// It runs in the folder of go.mod, which pins every version. What KUBEBUILDER_ASSETS offers is taken from there, what the
// cache folder has is left alone, and the rest is built. Progress goes to stderr, and one JSON line to stdout.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
)

// A program that the control plane or its user needs.
type program struct {
	name string
	// What `go build` is asked for.
	pkg string
	// The file name in the cache folder.
	file string
	// Offered by KUBEBUILDER_ASSETS, the convention of Kubernetes' test environments.
	fromAssets bool
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "tests/controlplane/build:", err)
		os.Exit(1)
	}
}

func run() error {
	version, err := kubernetesVersion("go.mod")
	if err != nil {
		return err
	}
	cache, err := cacheFolder(version)
	if err != nil {
		return err
	}
	programs, err := programs()
	if err != nil {
		return err
	}
	found, missing := locate(programs, cache)
	if len(missing) > 0 {
		if err := buildAll(missing, version, cache); err != nil {
			return err
		}
		for _, p := range missing {
			found[p.name] = filepath.Join(cache, p.file)
		}
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{"version": version, "programs": found})
}

func programs() ([]program, error) {
	hash, err := sourceHash("launcher")
	if err != nil {
		return nil, err
	}
	list := []program{
		{name: "kube-apiserver", pkg: "k8s.io/kubernetes/cmd/kube-apiserver", fromAssets: true},
		{name: "kube-controller-manager", pkg: "k8s.io/kubernetes/cmd/kube-controller-manager", fromAssets: true},
		{name: "kubectl", pkg: "k8s.io/kubernetes/cmd/kubectl", fromAssets: true},
		{name: "etcd", pkg: "go.etcd.io/etcd/server/v3", fromAssets: true},
		// Checkouts with different launchers share the cache folder, so its name carries its source.
		{name: "launcher", pkg: "./launcher", file: "launcher-" + hash},
	}
	for i := range list {
		if list[i].file == "" {
			list[i].file = list[i].name
		}
	}
	return list, nil
}

// locate says where each program is, and which are nowhere.
func locate(programs []program, cache string) (map[string]string, []program) {
	found := map[string]string{}
	var missing []program
	assets := os.Getenv("KUBEBUILDER_ASSETS")
	for _, p := range programs {
		if path := filepath.Join(assets, p.name); assets != "" && p.fromAssets && isExecutable(path) {
			found[p.name] = path
		} else if path := filepath.Join(cache, p.file); isExecutable(path) {
			found[p.name] = path
		} else {
			missing = append(missing, p)
		}
	}
	return found, missing
}

func isExecutable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

var kubernetesLine = regexp.MustCompile(`(?m)^\s*(?:require )?k8s\.io/kubernetes (v\d+\.\d+\.\d+)`)

func kubernetesVersion(goMod string) (string, error) {
	text, err := os.ReadFile(goMod)
	if err != nil {
		return "", err
	}
	match := kubernetesLine.FindSubmatch(text)
	if match == nil {
		return "", errors.New("go.mod requires no released version of k8s.io/kubernetes")
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
