package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// These tests run on synctest's clock, which advances whenever everything waits: minutes take no time.

func TestAServerThatIsSlowButGoesOnIsWaitedFor(t *testing.T) {
	took, text, err := downloadFrom(t, pieces(12, 4*time.Second, 9*time.Second))
	if err != nil || text != "............" || took != 103*time.Second {
		t.Errorf("%q after %s: %v", text, took, err)
	}
}

func TestEachLimitEndsADownloadOnTime(t *testing.T) {
	for _, c := range []struct {
		server http.HandlerFunc
		after  time.Duration
		says   string
	}{
		{pieces(1, time.Hour), 5 * time.Second, "no answer within 5s"},
		{pieces(2, 4*time.Second, 20*time.Second), 14 * time.Second, "nothing more within 10s"},
		{pieces(1000, 4*time.Second), 2 * time.Minute, "not complete within 2m0s"},
	} {
		if took, _, err := downloadFrom(t, c.server); fmt.Sprint(err) != c.says || took != c.after {
			t.Errorf("%s: %v after %s", c.says, err, took)
		}
	}
}

// pieces serves parts of a body, with a pause before each. The last pause also applies to all later parts.
func pieces(count int, pauses ...time.Duration) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for i := range count {
			select {
			case <-time.After(pauses[min(i, len(pauses)-1)]):
			case <-r.Context().Done():
				return
			}
			fmt.Fprint(w, ".")
			w.(http.Flusher).Flush()
		}
	}
}

// downloadFrom reads the handler's whole response, with the limits of real downloads.
func downloadFrom(t *testing.T, handler http.HandlerFunc) (took time.Duration, text string, err error) {
	synctest.Test(t, func(t *testing.T) {
		connections := make(pipes)
		server := http.Server{Handler: handler}
		go server.Serve(connections)
		d := newDownloader()
		transport := &http.Transport{DialContext: connections.dial}
		d.client.Transport = transport
		started := time.Now()
		text, err = d.read(t.Context())
		took = time.Since(started)
		transport.CloseIdleConnections()
		server.Close()
	})
	return took, text, err
}

func (d *downloader) read(ctx context.Context) (string, error) {
	ctx, cancel := d.within(ctx)
	defer cancel()
	body, err := d.get(ctx, "http://server/file")
	if err != nil {
		return "", err
	}
	defer body.Close()
	text, err := io.ReadAll(body)
	return string(text), err
}

// pipes is an in-process network: synctest's clock stops while a goroutine waits for a real one.
type pipes chan net.Conn

func (p pipes) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	p <- server
	return client, nil
}

func (p pipes) Accept() (net.Conn, error) {
	if connection, ok := <-p; ok {
		return connection, nil
	}
	return nil, net.ErrClosed
}

func (p pipes) Close() error   { close(p); return nil }
func (p pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes"} }
