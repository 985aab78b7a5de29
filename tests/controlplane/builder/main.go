// Command builder puts the programs of the tests' control plane into the user's cache folder, once for all checkouts.
//
// It runs in the folder of go.mod, which pins every version. It takes each program from KUBEBUILDER_ASSETS or the
// cache folder. A program that neither has is downloaded if its checksum is pinned, or else built. Progress goes to
// stderr, and one JSON line to stdout. `builder pin` writes the checksums.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "tests/controlplane/build:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	versions, err := readVersions("go.mod")
	if err != nil {
		return err
	}
	if slices.Equal(arguments, []string{"pin"}) {
		return pin(newDownloader(), published(versions), pinFile)
	}
	if len(arguments) > 0 {
		return fmt.Errorf("unknown arguments %q: there is only pin", arguments)
	}
	return provide(versions)
}

// provide gets the missing programs and prints the path of each program.
func provide(versions versions) error {
	mayDownload, err := downloadsAllowed()
	if err != nil {
		return err
	}
	cache, err := cacheFolder(versions.kubernetes)
	if err != nil {
		return err
	}
	pins, err := readPins(pinFile)
	if err != nil {
		return err
	}
	programs, err := programs(versions, pins)
	if err != nil {
		return err
	}
	var from *downloader
	if mayDownload {
		from = newDownloader()
	}
	found, missing := locate(programs, cache, mayDownload)
	if len(missing) > 0 {
		if err := supply(missing, versions.kubernetes, cache, from); err != nil {
			return err
		}
		if found, missing = locate(programs, cache, mayDownload); len(missing) > 0 {
			return fmt.Errorf("%s vanished from %s", names(missing), cache)
		}
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{"version": versions.kubernetes, "programs": found})
}

// downloadsAllowed reads the variable that turns downloads off.
func downloadsAllowed() (bool, error) {
	switch value := os.Getenv("SENDER_OPERATOR_CONTROLPLANE"); value {
	case "":
		return true, nil
	case "build":
		return false, nil
	default:
		return false, fmt.Errorf("SENDER_OPERATOR_CONTROLPLANE is %q: its only value is build, for no downloads", value)
	}
}
