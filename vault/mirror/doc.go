// Package mirror is the local tree of a vault: sealed bytes on disk, written durably, under a lock, with the high-water
// marks (vault.md 5.2, 5.5). It never decrypts and never interprets: names and bytes only.
//
// Every write is: bytes to state/tmp/ on the same file system, fsync, rename, fsync of the directory. All of it goes
// through the FS interface (fs.go), whose real implementation is os*.go and whose crashing one is the package crashfs, so
// that tests can stop the world after every single step and look at what a power cut leaves.
//
// To add an operation: write it in terms of FS; if FS must grow, grow crashfs with it, and say in the method's comment
// what is durable when it returns.
package mirror
