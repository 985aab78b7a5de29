package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// A program that the control plane or its user needs.
type program struct {
	name string
	// The package for `go build`.
	pkg string
	// The file name of a build in the cache folder.
	file string
	// May be in KUBEBUILDER_ASSETS, the convention of Kubernetes' test environments.
	fromAssets bool
	// The project's release for this platform; nil for our own program.
	release *release
}

// downloaded is the file name of a download in the cache folder. Its checksum distinguishes the download from builds
// and from downloads of another pin.
func (p program) downloaded() string {
	return p.name + "-" + p.release.sha256[:12]
}

func programs(versions versions, pins map[string]string) ([]program, error) {
	hash, err := sourceHash("launcher")
	if err != nil {
		return nil, err
	}
	list := []program{
		{name: "kube-apiserver", pkg: "k8s.io/kubernetes/cmd/kube-apiserver"},
		{name: "kube-controller-manager", pkg: "k8s.io/kubernetes/cmd/kube-controller-manager"},
		{name: "kubectl", pkg: "k8s.io/kubernetes/cmd/kubectl"},
		{name: "etcd", pkg: "go.etcd.io/etcd/server/v3"},
	}
	for i, p := range list {
		release := releaseOf(p.name, versions, runtime.GOOS, runtime.GOARCH)
		release.sha256 = pins[release.url]
		list[i].file, list[i].fromAssets, list[i].release = p.name, true, &release
	}
	// Checkouts with different launchers share the cache folder, so its name contains its source hash.
	return append(list, program{name: "launcher", pkg: "./launcher", file: "launcher-" + hash}), nil
}

// locate returns the path of each program, and the missing programs.
func locate(programs []program, cache string, mayDownload bool) (map[string]string, []program) {
	found := map[string]string{}
	var missing []program
	for _, p := range programs {
		if path := pathOf(p, cache, mayDownload); path != "" {
			found[p.name] = path
		} else {
			missing = append(missing, p)
		}
	}
	return found, missing
}

func pathOf(p program, cache string, mayDownload bool) string {
	var places []string
	if assets := os.Getenv("KUBEBUILDER_ASSETS"); assets != "" && p.fromAssets {
		places = append(places, filepath.Join(assets, p.name))
	}
	if mayDownload && p.release != nil && p.release.sha256 != "" {
		places = append(places, filepath.Join(cache, p.downloaded()))
	}
	for _, place := range append(places, filepath.Join(cache, p.file)) {
		if isExecutable(place) {
			return place
		}
	}
	return ""
}

func isExecutable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0
}

func names(programs []program) string {
	var names []string
	for _, p := range programs {
		names = append(names, p.name)
	}
	return strings.Join(names, ", ")
}

// sourceHash is a hash of a folder's Go sources, without tests.
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
