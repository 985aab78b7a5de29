package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// downloadAll downloads programs into the cache folder, all at once. It returns those that failed, and a report.
func (d *downloader) downloadAll(programs []program, cache string) (left []program, sentence string) {
	progress := startProgress("Downloading " + names(programs))
	ctx, cancel := d.within(context.Background())
	defer cancel()
	started, meter := time.Now(), &meter{into: progress}
	errs := make([]error, len(programs))
	var wait sync.WaitGroup
	for i, p := range programs {
		wait.Go(func() { errs[i] = d.downloadOne(ctx, p, cache, meter) })
	}
	wait.Wait()
	progress.stop()
	var done []program
	var failed []string
	for i, p := range programs {
		if errs[i] == nil {
			done = append(done, p)
		} else {
			left = append(left, p)
			failed = append(failed, fmt.Sprintf("%s (%v)", p.name, errs[i]))
		}
	}
	if len(done) > 0 {
		took := time.Since(started).Round(time.Second)
		sentence = fmt.Sprintf("Downloaded %s in %s, %d MB. ", names(done), took, meter.bytes.Load()>>20)
	}
	if len(left) > 0 {
		sentence += "Not downloaded: " + strings.Join(failed, ", ") + "; building instead."
	}
	return left, strings.TrimSpace(sentence)
}

// downloadOne leaves either the complete program with the pinned checksum in the cache folder, or nothing.
func (d *downloader) downloadOne(ctx context.Context, p program, cache string, meter io.Writer) error {
	if p.release.sha256 == "" {
		return errors.New("no checksum is pinned in " + pinFile)
	}
	unfinished := filepath.Join(cache, ".downloading-"+p.name)
	defer os.Remove(unfinished)
	if err := d.fetch(ctx, *p.release, unfinished, meter); err != nil {
		return err
	}
	if p.release.member != "" {
		archive := unfinished
		unfinished += "-unpacked"
		defer os.Remove(unfinished)
		if err := unpack(archive, p.release.member, unfinished, d.size); err != nil {
			return err
		}
	}
	return os.Rename(unfinished, filepath.Join(cache, p.downloaded()))
}

// fetch downloads the file of a release, and fails if it does not have the pinned checksum.
func (d *downloader) fetch(ctx context.Context, from release, to string, meter io.Writer) error {
	body, err := d.get(ctx, from.url)
	if err != nil {
		return err
	}
	defer body.Close()
	hash := sha256.New()
	if err := writeProgram(to, io.TeeReader(body, io.MultiWriter(hash, meter)), d.size); err != nil {
		return err
	}
	if sum := hex.EncodeToString(hash.Sum(nil)); sum != from.sha256 {
		return fmt.Errorf("SHA-256 %s…, pinned is %s…", sum[:12], from.sha256[:12])
	}
	return nil
}

// writeProgram writes an executable file. The sync ensures that a rename never exposes an incomplete file.
func writeProgram(path string, from io.Reader, limit int64) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	defer file.Close()
	switch n, err := io.Copy(file, io.LimitReader(from, limit+1)); {
	case err != nil:
		return err
	case n > limit:
		return fmt.Errorf("larger than %d MB", limit>>20)
	}
	return errors.Join(file.Sync(), file.Close())
}

// A meter reports each MB of all downloads together.
type meter struct {
	bytes atomic.Int64
	into  io.Writer
}

func (m *meter) Write(data []byte) (int, error) {
	if sum := m.bytes.Add(int64(len(data))); sum>>20 > (sum-int64(len(data)))>>20 {
		fmt.Fprintf(m.into, "%d MB\n", sum>>20)
	}
	return len(data), nil
}
