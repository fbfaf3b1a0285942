// Package format turns the bytes of every file kind of vault format 1 into values and back. See vault/FORMAT.md.
//
// It is pure: no files, no clock, no randomness of its own, no age. Everything it reads may have been written by a
// stranger, so every length, count, depth and number is bounded by limits.go before it is used, and nothing is parsed that
// was not signed byte for byte (signed.go hands out a Verified value, and decoders take nothing else).
//
// One file per file kind: slot.go, devicekey.go, recovery.go, statement.go, segment.go, snapshot.go, heads.go, hint.go,
// names.go. To add a file kind, copy segment.go with its test and its fuzz target, add its limits to limits.go and its
// chapter to vault/FORMAT.md.
package format
