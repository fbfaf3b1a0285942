// Package atomicfile writes one file durably or not at all: exports, recovery files, the configuration — what lies outside a
// vault directory. (Inside it, vault/mirror has rules of its own.)
//
// A file is written beside its name with mode 0600, fsynced, given its name, and the directory is fsynced; a reader sees the
// old file or the new one, never a half. What is no regular file (a link, a device, a pipe) is never replaced, and no file
// is replaced unless the caller says so. To add a way to write, keep these four promises and test each.
package atomicfile
