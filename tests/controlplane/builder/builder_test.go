package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestProgramsOfKubebuilderAssetsComeBeforeTheCacheAndTheRestIsMissing(t *testing.T) {
	assets, cache := t.TempDir(), t.TempDir()
	t.Setenv("KUBEBUILDER_ASSETS", assets)
	for path, mode := range map[string]os.FileMode{
		filepath.Join(assets, "etcd"): 0o755, filepath.Join(cache, "etcd"): 0o755, filepath.Join(cache, "kubectl"): 0o755,
		filepath.Join(assets, "launcher"):       0o755,
		filepath.Join(assets, "kube-apiserver"): 0o644,
	} {
		if err := os.WriteFile(path, nil, mode); err != nil {
			t.Fatal(err)
		}
	}
	found, missing := locate([]program{
		{name: "etcd", file: "etcd", fromAssets: true},
		{name: "kubectl", file: "kubectl", fromAssets: true},
		{name: "kube-apiserver", file: "kube-apiserver", fromAssets: true},
		{name: "launcher", file: "launcher-123"},
	}, cache, true)
	if found["etcd"] != filepath.Join(assets, "etcd") || found["kubectl"] != filepath.Join(cache, "kubectl") {
		t.Error(found)
	}
	if len(missing) != 2 || missing[0].name != "kube-apiserver" || missing[1].name != "launcher" {
		t.Error(missing)
	}
}

func TestADownloadIsFoundByItsPinAndOnlyWhereDownloadsAreAllowed(t *testing.T) {
	t.Setenv("KUBEBUILDER_ASSETS", "")
	cache, sum := t.TempDir(), strings.Repeat("0123456789abcdef", 4)
	etcd := program{name: "etcd", file: "etcd", release: &release{sha256: sum}}
	path := filepath.Join(cache, "etcd-0123456789ab")
	if err := os.WriteFile(path, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	if found, _ := locate([]program{etcd}, cache, true); found["etcd"] != path {
		t.Error(found)
	}
	if found, missing := locate([]program{etcd}, cache, false); len(missing) != 1 {
		t.Error("without downloads:", found)
	}
	etcd.release = &release{sha256: strings.Repeat("f", 64)}
	if found, missing := locate([]program{etcd}, cache, true); len(missing) != 1 {
		t.Error("of another pin:", found)
	}
}

func TestTheOnlyValueOfTheSwitchIsBuild(t *testing.T) {
	for value, want := range map[string]bool{"": true, "build": false} {
		t.Setenv("SENDER_OPERATOR_CONTROLPLANE", value)
		if got, err := downloadsAllowed(); err != nil || got != want {
			t.Errorf("%q: %v, %v", value, got, err)
		}
	}
	t.Setenv("SENDER_OPERATOR_CONTROLPLANE", "no")
	if _, err := downloadsAllowed(); err == nil {
		t.Error("taken for something: no")
	}
}

func TestCacheFolderFollowsItsVariables(t *testing.T) {
	for _, c := range []struct{ own, xdg, want string }{
		{"/a", "/b", "/a/controlplane/v1-"},
		{"", "/b", "/b/sender-operator/controlplane/v1-"},
		{"", "", "/home/x/.cache/sender-operator/controlplane/v1-"},
	} {
		t.Setenv("SENDER_OPERATOR_CACHE", c.own)
		t.Setenv("XDG_CACHE_HOME", c.xdg)
		t.Setenv("HOME", "/home/x")
		if got, err := cacheFolder("v1"); err != nil || !strings.HasPrefix(got, c.want) {
			t.Errorf("%+v: %s, %v", c, got, err)
		}
	}
}

func TestEveryLibraryOfKubernetesHasKubernetesVersion(t *testing.T) {
	versions, err := readVersions("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		_, replaced, ok := strings.Cut(line, " => ")
		if ok && !strings.Contains(replaced, " v0"+strings.TrimPrefix(versions.kubernetes, "v1")) {
			t.Errorf("not of %s: %s", versions.kubernetes, line)
		}
	}
}

func TestAMissingOrOldGoIsOneSentence(t *testing.T) {
	old := t.TempDir()
	script := "#!/bin/sh\necho 'go: go.mod requires go >= 1.26.0 (running go 1.20; GOTOOLCHAIN=local)' >&2\nexit 1\n"
	if err := os.WriteFile(filepath.Join(old, "go"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	for path, says := range map[string]string{
		"/usr/bin:/bin":             "no 'go' is on the PATH",
		old + ":" + "/usr/bin:/bin": "running go 1.20",
	} {
		if _, err := os.Stat("/usr/bin/go"); err == nil && !strings.HasPrefix(path, old) {
			continue
		}
		cmd := exec.Command("../build")
		cmd.Env = []string{"PATH=" + path}
		output, err := cmd.CombinedOutput()
		if text := string(output); err == nil || strings.Count(text, "\n") != 1 || !strings.Contains(text, says) {
			t.Errorf("%v: %s", err, text)
		}
	}
}
