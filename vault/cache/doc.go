// Package cache keeps what the fold yielded on disk, so that get costs the same at 100 and at 100,000 entries
// (vault.md 5.14). It is derived state: it may be deleted at any time, and a file from another hand does not open (I17).
//
// The package knows documents, tokens and rows, not entries: vault says what is searched and what a row holds. Layout of
// cache.age: records | search column | row table | token index | hash table | pad | context | root. cache.tail holds what
// changed since. To add a section, give it offsets in the root, raise layoutVersion, and nothing else: another version
// is simply rebuilt.
package cache
