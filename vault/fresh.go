package vault

import (
	"context"

	"signet/vault/cache"
	"signet/vault/mirror"
)

// openCache is the cache that reads go through.
type openCache struct {
	c        *cache.Cache
	file     mirror.File // nil when it stands in memory only
	detached bool        // ahead of its files: nothing may be appended to them from here
}

// fresh makes the cache hold what the heads say (vault.md 5.14): one read when it already does; otherwise the few missing
// segments are folded in, under the lock when it can be had within ReadWait, else in memory only; and when there is no usable
// cache, it is built anew. held says that the caller has the file lock. mu is held.
func (v *Vault) fresh(ctx context.Context, held bool) error {
	if err := v.openable(); err != nil {
		return err
	}
	if v.readOnly {
		return nil
	}
	for try := 0; ; try++ {
		err := v.freshOnce(ctx, held)
		if try < 5 && retry(err) {
			continue
		}
		return err
	}
}

func (v *Vault) freshOnce(ctx context.Context, held bool) error {
	if err := v.readHeads(); err != nil {
		return err
	}
	if v.fits(held) {
		return nil
	}
	if v.cache == nil {
		if v.reopen(); v.fits(held) {
			return nil
		}
	}
	if !held && !v.marks.lost {
		unlock, err := v.m.Lock(ctx, v.o.ReadWait)
		if err == nil {
			defer unlock()
			if held = v.settle() == nil; !held {
				if err := v.readHeads(); err != nil {
					return err
				}
			}
		}
	}
	v.reopen()
	if v.fits(held) {
		return nil
	}
	if v.cache != nil && !v.marks.lost {
		done, err := v.catchUp(ctx, held)
		if done || err != nil {
			return err
		}
	}
	return v.rebuild(ctx, held)
}

// fits reports whether the cache at hand is fresh; for a writer it must also be the one on disk.
func (v *Vault) fits(held bool) bool {
	if v.cache == nil || v.cache.c.Stamp() != cache.Stamp(v.marks.stamp) {
		return false
	}
	if !held || v.marks.lost {
		return true
	}
	if v.cache.detached || v.cache.file == nil {
		return false
	}
	same, err := v.m.Same(v.cache.file, cacheName)
	return err == nil && same
}

// dropCache forgets the cache at hand and wipes what it holds.
func (v *Vault) dropCache() {
	v.cache.close()
	v.cache = nil
}

func (o *openCache) close() {
	if o == nil {
		return
	}
	o.c.Close()
	if o.file != nil {
		_ = o.file.Close()
	}
}

// reopen opens cache and tail from disk; whatever is wrong with them is mended by a rebuild.
func (v *Vault) reopen() {
	v.dropCache()
	if v.marks.lost {
		return
	}
	file, err := v.m.Open(cacheName)
	if err != nil {
		return
	}
	tail, err := v.m.Read(tailName, maxTail)
	if err != nil {
		tail = nil
	}
	c, err := cache.Open(file, tail, v.cacheKeys())
	if err != nil {
		_ = file.Close()
		return
	}
	v.cache = &openCache{c: c, file: file}
}

// maxTail bounds what is read of a tail; it is merged at 512 KiB, so only a long series of killed processes gets there.
const maxTail = 64 << 20
