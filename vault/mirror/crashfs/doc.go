// Package crashfs is a file system in memory that crashes, for tests of the mirror and of the vault.
//
// It knows what a disk may forget: content that was not synced, in any mix and torn anywhere, and directory entries that
// were not synced, each for itself. A test hangs a function on After and asks there, after every single step, for the
// Survivors of a power cut at this moment (or for the world after Kill, where only the process died), opens them and looks.
// Fail makes chosen steps fail (a full disk); Stats counts what was read and written.
//
// It is harsher than real file systems: a rename between two directories may survive in both or in neither until both were
// synced. To add a kind of damage, add it to survive.go with a test that a careless writer falls for.
package crashfs
