package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// With a new version in go.mod, this fails until `go run ./builder pin` has run. Without pins, everything is built.
func TestTheChecksumsOfTheVersionsInGoModArePinned(t *testing.T) {
	versions, err := readVersions("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	pins, err := readPins("../" + pinFile)
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, urls := range published(versions) {
		for _, url := range urls {
			if count++; pins[url] == "" {
				t.Errorf("no checksum of %s: run \"go run ./builder pin\" in tests/controlplane", url)
			}
		}
	}
	if count != len(pins) {
		t.Errorf("%d URLs, %d checksums", count, len(pins))
	}
}

func TestProgramsKnowTheirURLsAndChecksums(t *testing.T) {
	t.Chdir("..")
	kubectl := "https://dl.k8s.io/release/v1.2.3/bin/" + runtime.GOOS + "/" + runtime.GOARCH + "/kubectl"
	list, err := programs(versions{kubernetes: "v1.2.3", etcd: "v4.5.6"}, map[string]string{kubectl: "abc"})
	if err != nil {
		t.Fatal(err)
	}
	releases := map[string]*release{}
	for _, p := range list {
		releases[p.name] = p.release
	}
	if *releases["kubectl"] != (release{url: kubectl, sha256: "abc"}) || releases["launcher"] != nil {
		t.Error(releases["kubectl"], releases["launcher"])
	}
	folder := "etcd-v4.5.6-" + runtime.GOOS + "-" + runtime.GOARCH
	etcd := "https://github.com/etcd-io/etcd/releases/download/v4.5.6/" + folder + ".tar.gz"
	if *releases["etcd"] != (release{url: etcd, member: folder + "/etcd"}) {
		t.Error(releases["etcd"])
	}
}

func TestPinWritesWhatTheProjectsPublish(t *testing.T) {
	a, b, c := sumOf("a"), sumOf("b"), sumOf("c")
	sums := fmt.Sprintf("%s  bin/linux/amd64/kubectl\n%s *unwanted\n%s  bin/linux/arm64/kubectl\n", a, b, c)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/v1/SHA256SUMS" {
			w.WriteHeader(http.StatusNotFound)
		}
		fmt.Fprint(w, sums)
	}))
	defer server.Close()
	folder, path := server.URL+"/v1/", filepath.Join(t.TempDir(), pinFile)
	wanted := []string{folder + "bin/linux/arm64/kubectl", folder + "bin/linux/amd64/kubectl"}
	if err := pin(newDownloader(), map[string][]string{folder: wanted}, path); err != nil {
		t.Fatal(err)
	}
	written, err := os.ReadFile(path)
	if err != nil || string(written) != pinHead+a+"  "+wanted[1]+"\n"+c+"  "+wanted[0]+"\n" {
		t.Errorf("%s%v", written, err)
	}
	if pins, err := readPins(path); err != nil || len(pins) != 2 || pins[wanted[0]] != c {
		t.Error(pins, err)
	}
	for says, published := range map[string]map[string][]string{
		"SHA256SUMS does not name": {folder: {folder + "bin/windows/kubectl"}},
		"answers 404 Not Found":    {server.URL + "/v2/": wanted},
	} {
		if err := pin(newDownloader(), published, path); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
		if text, _ := os.ReadFile(path); string(text) != string(written) {
			t.Errorf("%s: the file is now %s", says, text)
		}
	}
}

func TestALineThatIsNoChecksumIsAnError(t *testing.T) {
	short, odd := sumOf("a")[2:], strings.Repeat("x", 64)
	for _, text := range []string{"<html>", sumOf("a"), short + "  kubectl", odd + "  kubectl"} {
		if sums, err := parseSums(text); err == nil {
			t.Errorf("%q: %v", text, sums)
		}
	}
}
