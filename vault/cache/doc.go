// Package cache keeps what the fold yielded on disk, so that get costs the same at 100 and at 100,000 entries
// (vault.md 5.14). It is derived state: it may be deleted at any time, and a file from another hand does not open (I17).
//
// The package knows documents, tokens and rows, not entries: vault says what is searched and what a row holds.
//
// cache.age is one age file (seal.Local, purpose cache), read with random access in chunks of 64 KiB. Its plaintext:
//
//	records | search column | row table | token index | title table | context | zeros up to a chunk's edge | root
//
// The root stands alone in the last chunk, which opening decrypts anyway: it holds the offsets of the others, and fences
// that lead to the one or two chunks a look-up needs. root.go, record.go, rows.go, tokens.go, titles.go and column.go each
// own one section: how it is written and how it is read. pages.go is the only reader of the file, build.go the only writer.
// cache.tail (tail.go, frame.go) holds what changed since, and shadows the file in every look-up; merge.go puts the two
// together without parsing a record. match.go answers words from the index, find.go substrings from the column.
//
// The file is authenticated by our own key, yet every number in it is bounded before use: a bug or a flipped bit in memory
// ends in ErrStale and a rebuild, not in a panic. Rebuilding is always right; so is deleting both files.
//
// To add a section: write it in builder.finish, give it a place in root (sections), raise layoutVersion, and nothing else;
// files of another version are simply rebuilt.
package cache
