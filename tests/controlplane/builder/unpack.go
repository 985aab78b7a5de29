package main

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
)

// unpack writes one member of a tar.gz to a path of our own: no name, link or mode of the archive reaches the disk.
func unpack(archive, member, to string, limit int64) error {
	file, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer file.Close()
	plain, err := gzip.NewReader(file)
	if err != nil {
		return fmt.Errorf("not a tar.gz: %w", err)
	}
	// The limit includes the members before it.
	bounded := &io.LimitedReader{R: plain, N: 2 * limit}
	for entries := tar.NewReader(bounded); ; {
		switch header, err := entries.Next(); {
		case errors.Is(err, io.EOF):
			return fmt.Errorf("the archive has no file %s", member)
		case err != nil:
			return fmt.Errorf("not a tar.gz: %w", err)
		case header.Name == member && header.Typeflag == tar.TypeReg:
			return writeProgram(to, entries, limit)
		}
	}
}
