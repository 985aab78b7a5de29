package main

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// supply downloads the missing programs, and builds those that it can't download. Without a downloader, it builds all.
func supply(missing []program, version, cache string, from *downloader) error {
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return err
	}
	unlock, err := lock(filepath.Join(cache, ".lock"))
	if err != nil {
		return err
	}
	defer unlock()
	// Another builder may have added them while this one waited for the lock. A killed one may have left partial files.
	_, todo := locate(missing, cache, from != nil)
	for _, pattern := range []string{".building-*", ".downloading-*"} {
		crumbs, _ := filepath.Glob(filepath.Join(cache, pattern))
		for _, crumb := range crumbs {
			_ = os.Remove(crumb)
		}
	}
	if from != nil {
		todo = download(todo, cache, from)
	}
	return buildAll(todo, version, cache)
}

// download returns the programs that remain to be built: our own, and those that could not be downloaded.
func download(todo []program, cache string, from *downloader) []program {
	var theirs, ours []program
	for _, p := range todo {
		if p.release != nil {
			theirs = append(theirs, p)
		} else {
			ours = append(ours, p)
		}
	}
	if len(theirs) == 0 {
		return ours
	}
	left, sentence := from.downloadAll(theirs, cache)
	fmt.Fprintln(os.Stderr, sentence)
	return append(left, ours...)
}

// lock serializes the builders of all checkouts. The kernel releases it when its process ends for any reason.
func lock(path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		fmt.Fprintf(os.Stderr, "Another build is under way (%s); waiting for it\n", path)
		for {
			err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX)
			if err == nil {
				break
			}
			if err != syscall.EINTR {
				file.Close()
				return nil, fmt.Errorf("lock %s: %w", path, err)
			}
		}
	}
	return func() { file.Close() }, nil
}
