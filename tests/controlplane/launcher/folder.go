package main

import (
	"os"
	"path/filepath"
	"syscall"
	"time"
)

const folderPrefix = "sender-operator-cp-"

// newFolder makes the data folder of one control plane under base. A lock that the kernel drops with this process marks
// it as in use; folders whose owner was killed before it could remove them are removed on the way.
func newFolder(base string) (path string, remove func(), err error) {
	removeAbandoned(base)
	path, err = os.MkdirTemp(base, folderPrefix)
	if err != nil {
		return "", nil, err
	}
	file, err := os.Create(filepath.Join(path, "lock"))
	if err == nil {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	}
	if err != nil {
		_ = os.RemoveAll(path)
		return "", nil, err
	}
	return path, func() {
		_ = os.RemoveAll(path)
		_ = file.Close()
	}, nil
}

// A folder without a held lock may be one that is being made this very moment.
const youngest = time.Minute

func removeAbandoned(base string) {
	locks, _ := filepath.Glob(filepath.Join(base, folderPrefix+"*", "lock"))
	for _, lock := range locks {
		info, err := os.Stat(lock)
		if err != nil || time.Since(info.ModTime()) < youngest {
			continue
		}
		file, err := os.Open(lock)
		if err != nil {
			continue
		}
		if syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			_ = os.RemoveAll(filepath.Dir(lock))
		}
		_ = file.Close()
	}
}
