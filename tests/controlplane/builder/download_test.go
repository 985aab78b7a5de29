package main

import (
	"archive/tar"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const theProgram = "the program"

func TestADownloadOfThePinnedChecksumIsInTheCacheAsAProgram(t *testing.T) {
	archive := tarGz(t, member("v1/README.md", tar.TypeReg, "text"), member("v1/etcd", tar.TypeReg, theProgram))
	for what, c := range map[string]struct {
		path, served, inside string
	}{
		"as it is":          {"/program", theProgram, ""},
		"after a redirect":  {"/moved/program", theProgram, ""},
		"out of an archive": {"/archive", archive, "v1/etcd"},
		// Some servers declare the compression of a tar.gz as a content encoding.
		"not unpacked twice": {"/encoded", archive, "v1/etcd"},
	} {
		server := serve(t, c.served)
		etcd := program{name: "etcd", release: &release{url: server.URL + c.path, sha256: sumOf(c.served), member: c.inside}}
		cache := t.TempDir()
		left, sentence := newDownloader().downloadAll([]program{etcd}, cache)
		if len(left) > 0 || !strings.HasPrefix(sentence, "Downloaded etcd in ") {
			t.Errorf("%s: %s", what, sentence)
		}
		if text, err := os.ReadFile(filepath.Join(cache, etcd.downloaded())); string(text) != theProgram {
			t.Errorf("%s: %q, %v", what, text, err)
		}
		if found, _ := locate([]program{etcd}, cache, true); found["etcd"] == "" || len(inside(t, cache)) != 1 {
			t.Errorf("%s: %v, %v", what, found, inside(t, cache))
		}
	}
}

func TestADownloadThatFailsSaysWhyAndLeavesNothing(t *testing.T) {
	server := serve(t, theProgram)
	good := sumOf(theProgram)
	encrypted := httptest.NewTLSServer(http.RedirectHandler(server.URL+"/program", http.StatusFound))
	t.Cleanup(encrypted.Close)
	for _, c := range []struct{ url, sum, says string }{
		{server.URL + "/program", sumOf("another"), "SHA-256 " + good[:12] + "…, pinned is " + sumOf("another")[:12] + "…"},
		{server.URL + "/truncated", good, "unexpected EOF"},
		{server.URL + "/nowhere", good, "answers 404 Not Found"},
		{server.URL + "/large", good, "larger than 0 MB"},
		{server.URL + "/program", "", "no checksum is pinned in published.sha256"},
		{encrypted.URL, good, "which is not encrypted"},
		{silent(t), good, "no answer within 50ms"},
		{refusing(t), good, "connection refused"},
	} {
		d, cache := newDownloader(), t.TempDir()
		d.size = 1 << 10
		if strings.HasPrefix(c.url, "https") {
			d.client.Transport = encrypted.Client().Transport
		}
		if strings.HasPrefix(c.says, "no answer") {
			d.answer = 50 * time.Millisecond
		}
		etcd := program{name: "etcd", release: &release{url: c.url, sha256: c.sum}}
		left, sentence := d.downloadAll([]program{etcd}, cache)
		if len(left) != 1 || !strings.Contains(sentence, c.says) || strings.Count(sentence, "\n") > 0 {
			t.Errorf("%s: %q", c.says, sentence)
		}
		if !strings.HasPrefix(sentence, "Not downloaded: etcd (") || !strings.HasSuffix(sentence, "); building instead.") {
			t.Errorf("%s: %q", c.says, sentence)
		}
		if rest := inside(t, cache); len(rest) > 0 {
			t.Errorf("%s: %v", c.says, rest)
		}
	}
}

func TestWithoutAPinThereIsNoRequest(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("a request") }))
	defer server.Close()
	newDownloader().downloadAll([]program{{name: "etcd", release: &release{url: server.URL}}}, t.TempDir())
}

func TestAnArchiveWithoutTheProgramFails(t *testing.T) {
	large := strings.Repeat("x", 2<<10)
	others := []entry{member("../v1/etcd", tar.TypeReg, ""), member("v1/etcd", tar.TypeSymlink, "")}
	for says, served := range map[string]string{
		"not a tar.gz: gzip: invalid header": theProgram,
		"not a tar.gz: unexpected EOF":       tarGz(t, member("v1/etcd", tar.TypeReg, theProgram))[:40],
		"the archive has no file v1/etcd":    tarGz(t, others...),
		"larger than 0 MB":                   tarGz(t, member("v1/etcd", tar.TypeReg, large)),
		"invalid tar header":                 gz(t, large),
	} {
		server, d, cache := serve(t, served), newDownloader(), t.TempDir()
		d.size = 1 << 10
		archive := release{url: server.URL + "/archive", sha256: sumOf(served), member: "v1/etcd"}
		etcd := program{name: "etcd", release: &archive}
		if left, sentence := d.downloadAll([]program{etcd}, cache); len(left) != 1 || !strings.Contains(sentence, says) {
			t.Errorf("%s: %q", says, sentence)
		}
		if rest := inside(t, cache); len(rest) > 0 {
			t.Errorf("%s: %v", says, rest)
		}
	}
}
