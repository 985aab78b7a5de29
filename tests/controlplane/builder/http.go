package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// A downloader has short limits for a silent server and a long limit for a slow one.
type downloader struct {
	client *http.Client
	// Limit from the request to the response headers, including DNS, TLS and redirects.
	answer time.Duration
	// Limit between two reads of a body.
	stall time.Duration
	// Limit of all downloads together.
	total time.Duration
	// Limit of a file, in bytes.
	size int64
}

func newDownloader() *downloader {
	// The default transport reads HTTPS_PROXY and NO_PROXY.
	transport := http.DefaultTransport.(*http.Transport).Clone()
	// The checksum is that of the stored file, so content encodings are not decoded.
	transport.DisableCompression = true
	return &downloader{
		client: &http.Client{Transport: transport, CheckRedirect: keepEncrypted},
		answer: 5 * time.Second,
		stall:  10 * time.Second,
		total:  2 * time.Minute,
		size:   512 << 20,
	}
}

func keepEncrypted(next *http.Request, via []*http.Request) error {
	if via[0].URL.Scheme == "https" && next.URL.Scheme != "https" {
		return fmt.Errorf("redirected to %s, which is not encrypted", next.URL.Host)
	}
	if len(via) >= 10 {
		return errors.New("redirected too often")
	}
	return nil
}

func (d *downloader) within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, d.total, fmt.Errorf("not complete within %s", d.total))
}

// get returns the body of the response. The limits also apply to its reads.
func (d *downloader) get(ctx context.Context, address string) (io.ReadCloser, error) {
	request, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	watch := time.AfterFunc(d.answer, func() { cancel(fmt.Errorf("no answer within %s", d.answer)) })
	defer watch.Stop()
	response, err := d.client.Do(request.WithContext(ctx))
	if err != nil {
		defer cancel(nil)
		return nil, reason(ctx, err)
	}
	if response.StatusCode != http.StatusOK {
		defer cancel(nil)
		response.Body.Close()
		return nil, fmt.Errorf("%s answers %s", response.Request.URL.Host, response.Status)
	}
	stalled := func() { cancel(fmt.Errorf("nothing more within %s", d.stall)) }
	return &body{response.Body, ctx, cancel, d.stall, time.AfterFunc(d.stall, stalled)}, nil
}

// A body fails a read that gets no byte within the stall limit.
type body struct {
	io.ReadCloser
	ctx    context.Context
	cancel context.CancelCauseFunc
	stall  time.Duration
	watch  *time.Timer
}

func (b *body) Read(into []byte) (int, error) {
	n, err := b.ReadCloser.Read(into)
	if n > 0 {
		b.watch.Reset(b.stall)
	}
	if err != nil && err != io.EOF {
		err = reason(b.ctx, err)
	}
	return n, err
}

func (b *body) Close() error {
	b.watch.Stop()
	b.cancel(nil)
	return b.ReadCloser.Close()
}

// reason returns the limit that ended a request, otherwise the error without its URL.
func reason(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}
