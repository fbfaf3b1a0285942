package uhidsetup

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// hidden are directories that the service does not see (ProtectHome, PrivateTmp).
var hidden = []string{"/home", "/root", "/run/user", "/tmp", "/var/tmp"}

// Program decides what the service runs. A program that somebody else than root could change would be a way to root for whoever can: then a copy is made that
// only root can change. copyFrom is "" where exe itself will do.
func Program(exe string) (program, copyFrom string, err error) {
	real, err := filepath.EvalSymlinks(exe)
	if err != nil {
		return "", "", err
	}
	inside := func(dir string) bool { return strings.HasPrefix(real, dir+"/") }
	if real != BinaryCopy && !slices.ContainsFunc(hidden, inside) && rootOnly(real) {
		return real, "", nil
	}
	return BinaryCopy, real, nil
}

// rootOnly reports whether only root can change a file: it and every directory above it.
func rootOnly(path string) bool {
	for {
		info, err := os.Stat(path)
		if err != nil || !ownedByRoot(info) || info.Mode().Perm()&0o022 != 0 {
			return false
		}
		if path == "/" {
			return true
		}
		path = filepath.Dir(path)
	}
}

// sameFile compares two files by what is in them.
func sameFile(a, b string) (bool, error) {
	fa, err := os.Open(a)
	if err != nil {
		return false, err
	}
	defer fa.Close() //nolint:errcheck // only read
	fb, err := os.Open(b)
	if err != nil {
		return false, err
	}
	defer fb.Close() //nolint:errcheck // only read
	var ba, bb [1 << 16]byte
	for {
		na, ea := io.ReadFull(fa, ba[:])
		nb, eb := io.ReadFull(fb, bb[:])
		if !bytes.Equal(ba[:na], bb[:nb]) {
			return false, nil
		}
		if ea != nil || eb != nil {
			return ended(ea) && ended(eb), nil
		}
	}
}

func ended(err error) bool { return err == io.EOF || err == io.ErrUnexpectedEOF }
