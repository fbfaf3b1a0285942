package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// modules are what the machine needs beside what is built into Debian's kernel (hidraw is).
var modules = []string{"virtio_pci", "virtio_rng", "9p", "9pnet_virtio", "overlay", "uhid", "hid-generic", "usbhid"}

// linux is what the lab keeps of a kernel package: a folder with the kernel and the modules, which begin with their place in the order of loading.
type linux struct {
	version string
	dir     string
}

func (l linux) image() string { return filepath.Join(l.dir, "vmlinuz") }

// kernel returns the newest kernel in the cache, or fetches Debian's. Who wants another one removes the folder.
func kernel(ctx context.Context) (linux, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return linux{}, err
	}
	sum := sha256.Sum256([]byte(strings.Join(modules, " ")))
	cache = filepath.Join(cache, "signet-lab", hex.EncodeToString(sum[:4])) // another list of modules is another folder
	if dirs, _ := filepath.Glob(filepath.Join(cache, "linux-*")); len(dirs) != 0 {
		dir := slices.Max(dirs)
		return linux{strings.TrimPrefix(filepath.Base(dir), "linux-"), dir}, nil
	}
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return linux{}, err
	}
	work, err := os.MkdirTemp(cache, "new-")
	if err != nil {
		return linux{}, err
	}
	defer os.RemoveAll(work)
	version, err := download(ctx, work)
	if err != nil {
		return linux{}, err
	}
	if err := keep(ctx, work, version); err != nil {
		return linux{}, err
	}
	l := linux{version, filepath.Join(cache, "linux-"+version)}
	if err := os.Rename(filepath.Join(work, "kept"), l.dir); err != nil && !errors.Is(err, fs.ErrExist) { // somebody else was faster: as good
		return linux{}, err
	}
	return l, nil
}

var kernelPackage = regexp.MustCompile(`linux-image-(\d[\w.+-]*-amd64)\b`)

// download unpacks the package that linux-image-amd64 depends on. Package lists that are missing or old are fetched where that is allowed.
func download(ctx context.Context, work string) (version string, err error) {
	version, err = tryDownload(ctx, work)
	if err != nil && os.Geteuid() == 0 {
		say("fetching package lists, because: %v", err)
		if out, err := output(ctx, 2*time.Minute, "apt-get", "update", "-qq"); err != nil {
			say("apt-get update: %v\n%s", err, out)
		}
		version, err = tryDownload(ctx, work)
	}
	if err != nil {
		return "", fmt.Errorf("%w\nlinux-image-amd64 must come from a package source of this machine: `apt-get update && apt-get download linux-image-amd64` shows why not", err)
	}
	return version, nil
}

func tryDownload(ctx context.Context, work string) (version string, err error) {
	out, err := output(ctx, time.Minute, "apt-cache", "depends", "linux-image-amd64")
	m := kernelPackage.FindStringSubmatch(out)
	if err != nil || m == nil {
		return "", fmt.Errorf("apt-cache names no kernel: %w: %s", errors.Join(err), strings.TrimSpace(out))
	}
	say("downloading %s", m[0])
	out, err = output(ctx, 4*time.Minute, "sh", "-c", `cd "$1" && apt-get download -qq "$2"`, "sh", work, m[0])
	if err != nil {
		return "", fmt.Errorf("apt-get download %s: %w\n%s", m[0], err, out)
	}
	debs, _ := filepath.Glob(filepath.Join(work, "*.deb"))
	if len(debs) != 1 {
		return "", fmt.Errorf("apt-get download %s left %d packages\n%s", m[0], len(debs), out)
	}
	out, err = output(ctx, 2*time.Minute, "dpkg", "-x", debs[0], filepath.Join(work, "root"))
	if err != nil {
		return "", fmt.Errorf("unpack %s: %w\n%s", debs[0], err, out)
	}
	return m[1], nil
}

// keep copies the kernel and the modules, in the order in which they load, to the folder kept. The rest of the package, 400 MB of it, is not needed.
func keep(ctx context.Context, work, version string) error {
	root, kept := filepath.Join(work, "root"), filepath.Join(work, "kept")
	if err := os.Mkdir(kept, 0o700); err != nil {
		return err
	}
	if err := copyFile(filepath.Join(kept, "vmlinuz"), filepath.Join(root, "boot", "vmlinuz-"+version)); err != nil {
		return err
	}
	if out, err := output(ctx, 2*time.Minute, "depmod", "-b", root, version); err != nil {
		return fmt.Errorf("depmod: %w\n%s", err, out)
	}
	var order []string
	for _, name := range modules {
		out, err := output(ctx, time.Minute, "modprobe", "-d", root, "-S", version, "--show-depends", name)
		if err != nil {
			return fmt.Errorf("module %s: %w\n%s", name, err, out)
		}
		for line := range strings.Lines(out) { // "insmod PATH", or "builtin NAME"
			if path, ok := strings.CutPrefix(strings.TrimSpace(line), "insmod "); ok && !slices.Contains(order, path) {
				order = append(order, path)
			}
		}
	}
	for i, path := range order {
		if err := copyFile(filepath.Join(kept, fmt.Sprintf("%02d-%s", i, filepath.Base(path))), path); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
