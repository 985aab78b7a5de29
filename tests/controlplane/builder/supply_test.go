package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
)

func TestWhatCanNotBeDownloadedIsBuilt(t *testing.T) {
	t.Setenv("KUBEBUILDER_ASSETS", "")
	server := serve(t, theProgram)
	cache := t.TempDir()
	crumb := filepath.Join(cache, ".downloading-kube-apiserver")
	if err := os.WriteFile(crumb, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	right := buildable("kubectl", server.URL+"/program", sumOf(theProgram))
	wrong := buildable("etcd", server.URL+"/program", sumOf("another"))
	ours := buildable("launcher", "", "")
	if err := supply([]program{right, wrong, ours}, "v1.2.3", cache, newDownloader()); err != nil {
		t.Fatal(err)
	}
	found, _ := locate([]program{right, wrong, ours}, cache, true)
	for name, file := range map[string]string{"kubectl": right.downloaded(), "etcd": "etcd", "launcher": "launcher"} {
		if found[name] != filepath.Join(cache, file) {
			t.Errorf("%s: %s", name, found[name])
		}
	}
	// The lock and the three programs, without the partial file and the file with the wrong checksum.
	if entries := inside(t, cache); len(entries) != 4 {
		t.Error(entries)
	}
}

func TestWithoutADownloaderEverythingIsBuilt(t *testing.T) {
	t.Setenv("KUBEBUILDER_ASSETS", "")
	server := serve(t, theProgram)
	cache := t.TempDir()
	kubectl := buildable("kubectl", server.URL+"/program", sumOf(theProgram))
	if err := supply([]program{kubectl}, "v1.2.3", cache, nil); err != nil {
		t.Fatal(err)
	}
	if found, _ := locate([]program{kubectl}, cache, false); found["kubectl"] != filepath.Join(cache, "kubectl") {
		t.Error(found)
	}
}

func TestTwoAtOnceDownloadOnce(t *testing.T) {
	t.Setenv("KUBEBUILDER_ASSETS", "")
	var requests atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		_, _ = w.Write([]byte(theProgram))
	}))
	defer server.Close()
	cache := t.TempDir()
	kubectl := buildable("kubectl", server.URL, sumOf(theProgram))
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			if err := supply([]program{kubectl}, "v1.2.3", cache, newDownloader()); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	if got := requests.Load(); got != 1 {
		t.Errorf("%d requests", got)
	}
}

func buildable(name, url, sum string) program {
	p := program{name: name, file: name, pkg: "./testdata/program"}
	if url != "" {
		p.release = &release{url: url, sha256: sum}
	}
	return p
}
