//go:build !unix

package atomicfile

// SyncDir does nothing where directories cannot be synced: there the file system's own journal keeps the order.
func SyncDir(string) error { return nil }
