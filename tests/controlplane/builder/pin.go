package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

const pinHead = `# SHA-256 of the published binaries that ./build may download.
# "go run ./builder pin" in this folder writes this file.
`

// pin writes the checksums of the URLs into the file. It reads them from the SHA256SUMS in the folder of each URL.
func pin(from *downloader, published map[string][]string, path string) error {
	var lines []string
	var errs []error
	for folder, urls := range published {
		sums, err := from.sums(folder + "SHA256SUMS")
		if err != nil {
			errs = append(errs, fmt.Errorf("%sSHA256SUMS: %w", folder, err))
			continue
		}
		for _, url := range urls {
			sum, ok := sums[strings.TrimPrefix(url, folder)]
			if !ok {
				errs = append(errs, fmt.Errorf("%sSHA256SUMS does not name %s", folder, url))
			}
			lines = append(lines, sum+"  "+url+"\n")
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	slices.SortFunc(lines, func(a, b string) int { return cmp.Compare(a[64:], b[64:]) })
	return os.WriteFile(path, []byte(pinHead+strings.Join(lines, "")), 0o644)
}

func (d *downloader) sums(url string) (map[string]string, error) {
	ctx, cancel := d.within(context.Background())
	defer cancel()
	body, err := d.get(ctx, url)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	text, err := io.ReadAll(io.LimitReader(body, 1<<20))
	if err != nil {
		return nil, err
	}
	return parseSums(string(text))
}
