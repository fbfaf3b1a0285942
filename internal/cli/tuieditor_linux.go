package cli

import "golang.org/x/sys/unix"

// heldInMemory asks the system whether a directory is on a file system that is held in memory.
func heldInMemory(dir string) (bool, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return false, err
	}
	kind := int64(st.Type)
	return (kind == unix.TMPFS_MAGIC || kind == unix.RAMFS_MAGIC) && unix.Access(dir, unix.W_OK|unix.X_OK) == nil, nil
}
