package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
)

// serve starts a server of one content; other paths serve it with errors.
func serve(t *testing.T, content string) *httptest.Server {
	mux := http.NewServeMux()
	whole := func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(content)) }
	mux.HandleFunc("/program", whole)
	mux.HandleFunc("/archive", whole)
	mux.Handle("/moved/program", http.RedirectHandler("/program", http.StatusFound))
	mux.HandleFunc("/truncated", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte(content))
	})
	mux.HandleFunc("/encoded", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write([]byte(content))
	})
	mux.HandleFunc("/large", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 2<<10)) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server
}

// silent is a server that accepts connections and sends nothing.
func silent(t *testing.T) string { return "http://" + listen(t).Addr().String() }

func refusing(t *testing.T) string {
	listener := listen(t)
	listener.Close()
	return "http://" + listener.Addr().String()
}

func listen(t *testing.T) net.Listener {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return listener
}

func inside(t *testing.T, folder string) []os.DirEntry {
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func sumOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

type entry struct {
	header tar.Header
	text   string
}

// member is a file of an archive, or a link to /etc/passwd.
func member(name string, kind byte, text string) entry {
	header := tar.Header{Name: name, Typeflag: kind, Mode: 0o644, Size: int64(len(text)), Linkname: "/etc/passwd"}
	return entry{header, text}
}

func tarGz(t *testing.T, entries ...entry) string {
	var plain bytes.Buffer
	archive := tar.NewWriter(&plain)
	for _, e := range entries {
		if err := archive.WriteHeader(&e.header); err != nil {
			t.Fatal(err)
		}
		if _, err := archive.Write([]byte(e.text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return gz(t, plain.String())
}

func gz(t *testing.T, text string) string {
	var packed bytes.Buffer
	to := gzip.NewWriter(&packed)
	if _, err := to.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.String()
}
