package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestServingCertificateIsGoodForLoopbackOnly(t *testing.T) {
	ca := must(newAuthority())(t)
	roots := x509.NewCertPool()
	roots.AddCert(ca.certificate)
	leaf := parse(t, must(ca.server())(t))
	for name, good := range map[string]bool{"127.0.0.1": true, "localhost": true, "kubernetes.example": false} {
		_, err := leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: name})
		if (err == nil) != good {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestClientCertificateNamesUserAndGroups(t *testing.T) {
	ca := must(newAuthority())(t)
	subject := parse(t, must(ca.client("jane", "dev", "ops"))(t)).Subject
	if subject.CommonName != "jane" || !slices.Equal(subject.Organization, []string{"dev", "ops"}) {
		t.Error(subject)
	}
}

func TestFreePortStaysClearOfEphemeralOnes(t *testing.T) {
	port := must(freePort())(t)
	if port < lowestPort || port >= highestPort {
		t.Error(port)
	}
	listener, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
}

func TestNewFolderRemovesOnlyFoldersWhoseOwnerIsGone(t *testing.T) {
	base := t.TempDir()
	age := func(folder string) {
		old := time.Now().Add(-2 * youngest)
		if err := os.Chtimes(filepath.Join(folder, "lock"), old, old); err != nil {
			t.Fatal(err)
		}
	}
	make := func(name string) string {
		folder := filepath.Join(base, name)
		if err := errors.Join(os.Mkdir(folder, 0o700), os.WriteFile(filepath.Join(folder, "lock"), nil, 0o600)); err != nil {
			t.Fatal(err)
		}
		return folder
	}
	held, removeHeld, err := newFolder(base)
	if err != nil {
		t.Fatal(err)
	}
	abandoned, young, foreign := make(folderPrefix+"abandoned"), make(folderPrefix+"young"), make("somebody-elses")
	age(held)
	age(abandoned)
	age(foreign)

	own, removeOwn, err := newFolder(base)
	if err != nil {
		t.Fatal(err)
	}
	for folder, there := range map[string]bool{held: true, abandoned: false, young: true, foreign: true, own: true} {
		if exists(folder) != there {
			t.Errorf("%s: there %v", filepath.Base(folder), exists(folder))
		}
	}
	removeOwn()
	removeHeld()
	if exists(own) || exists(held) {
		t.Error("a removed folder is still there")
	}
}

func exists(path string) bool { _, err := os.Stat(path); return err == nil }

// eventually polls until the condition holds; a failing test waits for the whole deadline.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for !condition() {
		if time.Now().After(deadline) {
			t.Fatalf("never seen: %s", what)
		}
		time.Sleep(pollInterval)
	}
}

// alive omits zombies: in a container, process 1 may never reap them.
func alive(pid int) bool {
	state, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return runtime.GOOS != "linux" && syscall.Kill(pid, 0) == nil
	}
	_, after, _ := strings.Cut(string(state), ") ")
	return !strings.HasPrefix(after, "Z")
}

func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func parse(t *testing.T, p pair) *x509.Certificate {
	t.Helper()
	certificate, err := tls.X509KeyPair(p.certificate, p.key)
	if err != nil {
		t.Fatal(err)
	}
	return must(x509.ParseCertificate(certificate.Certificate[0]))(t)
}
