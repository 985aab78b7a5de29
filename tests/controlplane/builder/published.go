package main

import (
	"encoding/hex"
	"fmt"
	"os"
	"strings"
)

// A release is a project's published file with a program for one platform.
type release struct {
	url string
	// The pinned SHA-256 of the file at the URL; empty without a pin.
	sha256 string
	// The program's name inside the archive; empty if the URL serves the program itself.
	member string
}

// URL prefixes of a version's files. Both folders have a file SHA256SUMS.
const (
	kubernetesReleases = "https://dl.k8s.io/release/"
	etcdReleases       = "https://github.com/etcd-io/etcd/releases/download/"
)

func releaseOf(name string, versions versions, goos, goarch string) release {
	if name == "etcd" {
		folder := "etcd-" + versions.etcd + "-" + goos + "-" + goarch
		return release{url: etcdReleases + versions.etcd + "/" + folder + ".tar.gz", member: folder + "/etcd"}
	}
	return release{url: kubernetesReleases + versions.kubernetes + "/bin/" + goos + "/" + goarch + "/" + name}
}

// published returns the URLs that `pin` pins, by the folder whose SHA256SUMS lists them. For macOS, Kubernetes
// publishes only kubectl, and etcd no tar.gz.
func published(versions versions) map[string][]string {
	var kubernetes, etcd []string
	for _, goarch := range []string{"amd64", "arm64"} {
		for _, name := range []string{"kube-apiserver", "kube-controller-manager", "kubectl"} {
			kubernetes = append(kubernetes, releaseOf(name, versions, "linux", goarch).url)
		}
		kubernetes = append(kubernetes, releaseOf("kubectl", versions, "darwin", goarch).url)
		etcd = append(etcd, releaseOf("etcd", versions, "linux", goarch).url)
	}
	return map[string][]string{
		kubernetesReleases + versions.kubernetes + "/": kubernetes,
		etcdReleases + versions.etcd + "/":             etcd,
	}
}

// pinFile has a line for each file that may be downloaded: its SHA-256 and its URL.
const pinFile = "published.sha256"

func readPins(path string) (map[string]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	pins, err := parseSums(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return pins, nil
}

// parseSums reads lines of a checksum and a name, as sha256sum writes them, into checksums by name.
func parseSums(text string) (map[string]string, error) {
	sums := map[string]string{}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		sum, name, _ := strings.Cut(line, " ")
		// sha256sum marks files that it read in binary mode with an asterisk.
		name = strings.TrimPrefix(strings.TrimSpace(name), "*")
		if bytes, err := hex.DecodeString(sum); err != nil || len(bytes) != 32 || name == "" {
			return nil, fmt.Errorf("not a SHA-256 and a name: %q", line)
		}
		sums[name] = strings.ToLower(sum)
	}
	return sums, nil
}
