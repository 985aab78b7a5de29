package main

import (
	"os"
	"path/filepath"
	"syscall"
	"time"
)

const folderPrefix = "sender-operator-cp-"

// newFolder makes the data folder of one control plane under base. A lock that the kernel releases with this process
// marks it as in use. Folders of killed owners are removed too.
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

// Another process may be creating a folder whose lock is not held.
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
