// Package format turns the bytes of every file kind of vault format 1 into values and back. See vault/FORMAT.md.
//
// It is pure: no files, no clock, no randomness of its own, no age. Everything it reads may have been written by a
// stranger, so every length, count, depth and number is bounded by limits.go before it is used, and nothing is parsed that
// was not signed byte for byte (signed.go hands out a Verified value, and decoders take nothing else).
//
// One file per kind of text:
//
//	strict.go, strictget.go, emit.go  the one way to read and write JSON; scan.go the fast way for what comes in masses
//	signed.go, padding.go             what every signed text ends with
//	header.go, segment.go, op.go      segments; snapshot.go, snapread.go, recordline.go snapshots
//	statement.go, statementread.go    roster statements; rosterfile.go the file of them
//	slot.go, devicekey.go, bech32.go  key files; recovery.go, recoverytext.go, recoverywords.go the recovery code
//	heads.go, hint.go, names.go       marks, small hints, names of files
//	attachment.go, history.go         values of fields that have a shape of their own
//
// To add a file kind, copy segment.go with its test and its fuzz target, add its limits to limits.go, its chapter to
// vault/FORMAT.md and a golden file to testdata. What is there is frozen: golden_test.go fails when a byte changes.
package format
