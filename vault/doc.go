// Package vault is the only door to a vault directory: it unlocks one, reads entries, writes edits durably, and keeps the
// promises of vault.md (invariants I1 to I18, each a test named after it). Above it, internal/session hands out one open
// vault; below it, each sub-room knows one thing and nothing else.
//
// A Vault is an unlocked directory. What is true stands in the signed files of log/, roster/ and epochs/; state/heads says
// how far this device has come; state/cache.age and cache.tail hold what the fold of all that yields. The way of a read is
// fresh.go: heads, and if the cache carries the same stamp nothing else is touched. The way of a write is
// write.go: lock, settle what a crash left (settle.go), make the cache fresh, guard (trust.go), turn edits into
// operations (ops.go), commit segments (commit.go), advance the cache. When files are lost for good, accept.go begins the
// marks anew and rescue.go first writes what only the cache still holds.
//
// A fold of everything (foldall.go: a new cache, a snapshot, a check of one) holds no vault in memory: segments are judged, read
// again one by one, and what they add is sorted on a pile of sealed parts (fold.Pile, spool.go). Nothing is ever taken from the
// cache for it, so a cache that lies or is old cannot get into a snapshot.
//
// What is this device's own stands in state/local/ (local.go: sealed blobs; use.go, made.go, drafts.go, requests.go and waiting.go are their tenants) and in bound/
// (bound.go: keys that never leave the device). own.go lets one update change both these and the log.
//
// Where to put the next thing: a new kind of edit is a function that fills a tx (write.go) and nothing more; a new check of
// files belongs to library.go, which reads and judges every file of the logs; a new ceremony that changes the
// roster or the ways in stands beside init.go and rekey.go. Nothing here prints, asks, or reads a clock or randomness but
// through Options.
package vault
