//go:build unix && !linux

package mirror

import "os"

// syncData is a full Sync here (on macOS with F_FULLFSYNC): fdatasync is absent or promises less.
func syncData(f *os.File) error { return f.Sync() }
