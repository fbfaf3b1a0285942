// Package mirror is the local tree of a vault: sealed bytes on disk, written durably, under a lock, with the high-water
// marks (vault.md 5.2, 5.5). It never decrypts and never interprets: names and bytes only.
//
// Every write is: bytes to state/tmp/ on the same file system, fsync, rename, fsync of the directory. All of it goes
// through the FS interface, so that crashfs_test.go can stop the world after every single step and look.
package mirror
