package main

import (
	"bytes"
	"debug/elf"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

//go:embed init.sh
var initScript []byte

//go:embed run.sh
var runScript []byte

// archive is a cpio archive in the format that the kernel unpacks (newc): a header of hexadecimal numbers, the name, the content, each filled up to 4.
type archive struct {
	bytes.Buffer
	inode int
}

// Kinds of files in an archive (stat.h).
const (
	kindFolder = 0o040000
	kindDevice = 0o020000
	kindFile   = 0o100000
)

func (a *archive) add(name string, mode, major, minor int, content []byte) {
	a.inode++
	fmt.Fprintf(a, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x",
		a.inode, mode, 0, 0, 1, 0, len(content), 0, 0, major, minor, len(name)+1, 0)
	a.WriteString(name + "\x00")
	a.fill()
	a.Write(content)
	a.fill()
}

func (a *archive) fill() { a.Write(make([]byte, (4-a.Len()%4)%4)) }

// initramfs is what the kernel finds first: busybox, the modules, and init.sh.
func initramfs(l linux) ([]byte, error) {
	var a archive
	for _, dir := range []string{"bin", "dev", "proc", "sys", "modules", "lower", "upper", "root"} {
		a.add(dir, kindFolder|0o755, 0, 0, nil)
	}
	a.add("dev/console", kindDevice|0o600, 5, 1, nil)
	busybox, err := staticBusybox()
	if err != nil {
		return nil, err
	}
	a.add("bin/busybox", kindFile|0o755, 0, 0, busybox)
	a.add("init", kindFile|0o755, 0, 0, initScript)
	files, _ := filepath.Glob(filepath.Join(l.dir, "*.ko"))
	if len(files) == 0 {
		return nil, fmt.Errorf("no modules in %s: remove the folder, and the next run fetches the kernel again", l.dir)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		a.add("modules/"+filepath.Base(name), kindFile|0o644, 0, 0, b)
	}
	a.add("TRAILER!!!", 0, 0, 0, nil)
	return a.Bytes(), nil
}

// staticBusybox is the busybox of this machine, which must need no library: there is none yet where it runs.
func staticBusybox() ([]byte, error) {
	path, err := exec.LookPath("busybox")
	if err != nil {
		return nil, err
	}
	f, err := elf.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	libs, err := f.ImportedLibraries()
	if err == nil && len(libs) != 0 {
		err = errors.New("it needs libraries; the package busybox-static has one that does not")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return os.ReadFile(path)
}
