package vault

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"signet/vault/entry"
	"signet/vault/mirror"
)

// Whatever happens to cache and tail, a reader sees the same.
func TestAnyCacheYieldsTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.open()
	older := map[string][]byte{}
	for i := range 20 {
		apply(t, v, login(i, fmt.Sprintf("Entry %d", i), "x")...)
		apply(t, v, entry.Set(recID(i/2), "subtitle", fmt.Sprint(i)))
		if i == 10 {
			older[cacheName], older[tailName] = w.fs.ReadFile(cacheName), w.fs.ReadFile(tailName)
		}
	}
	want := state(t, v)
	tail := w.fs.ReadFile(tailName)
	for name, spoil := range map[string]func(c *world){
		"fresh":           func(*world) {},
		"no cache":        func(c *world) { c.fs.DeleteFile(cacheName) },
		"no tail":         func(c *world) { c.fs.DeleteFile(tailName) },
		"neither":         func(c *world) { c.fs.DeleteFile(cacheName); c.fs.DeleteFile(tailName) },
		"older tail":      func(c *world) { c.fs.WriteFile(tailName, older[tailName]) },
		"older both":      func(c *world) { c.fs.WriteFile(cacheName, older[cacheName]); c.fs.WriteFile(tailName, older[tailName]) },
		"torn tail":       func(c *world) { c.fs.WriteFile(tailName, tail[:len(tail)-5]) },
		"flipped in tail": func(c *world) { c.fs.WriteFile(tailName, flip(tail, len(tail)/2)) },
		"flipped cache":   func(c *world) { b := c.fs.ReadFile(cacheName); c.fs.WriteFile(cacheName, flip(b, len(b)-40)) },
		"foreign cache":   func(c *world) { c.fs.WriteFile(cacheName, []byte("age-encryption.org/v1\n")) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := w.clone()
			spoil(c)
			for range 2 {
				r := c.open()
				if got := state(t, r); got != want {
					t.Errorf("state differs:\n%s---\n%s", got, want)
				}
			}
			apply(t, c.open(), entry.Set(recID(1), "title", "after"))
			if got := value(t, c.open(), recID(1), "title"); got != "after" {
				t.Errorf("next edit: title %q", got)
			}
		})
	}
}

func flip(b []byte, i int) []byte {
	out := append([]byte(nil), b...)
	out[i] ^= 1
	return out
}

// A reader that cannot get the lock folds in memory, and appends nothing.
func TestReaderWithoutTheLockFoldsInMemory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.open()
	apply(t, a, login(1, "Mail", "one")...)
	b := w.open()
	tail := w.fs.ReadFile(tailName)
	apply(t, a, entry.Set(recID(1), "title", "Post"))
	w.fs.WriteFile(tailName, tail) // as if the writer had died before the tail
	unlock, err := mirror.New(w.fs).Lock(context.Background(), 0)
	must(t, err)
	for name, v := range map[string]*Vault{"open before": b, "opened now": w.open()} {
		if got := value(t, v, recID(1), "title"); got != "Post" {
			t.Errorf("%s: title %q", name, got)
		}
	}
	if got := w.fs.ReadFile(tailName); len(got) != len(tail) {
		t.Error("the tail was written without the lock")
	}
	unlock()
	apply(t, b, entry.Set(recID(1), "subtitle", "x"))
	if got := state(t, w.open()); got != state(t, b) {
		t.Errorf("after a detached reader wrote: %s", got)
	}
}

// Several handles edit one vault at once; nothing is lost, whoever reads.
func TestConcurrentEditorsLoseNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const editors, edits = 4, 12
	var wg sync.WaitGroup
	for i := range editors {
		v := w.open()
		wg.Add(2)
		go func() {
			defer wg.Done()
			for n := range edits {
				if _, err := v.Apply(context.Background(), nil, []Edit{entry.Set(recID(i*100+n), "title", fmt.Sprint(i, n))}); err != nil {
					t.Errorf("editor %d: %v", i, err)
				}
			}
		}()
		go func() {
			defer wg.Done()
			for range edits {
				if _, err := tryState(v); err != nil {
					t.Errorf("reader %d: %v", i, err)
				}
			}
		}()
	}
	wg.Wait()
	want := state(t, w.open())
	w.fs.DeleteFile(cacheName)
	w.fs.DeleteFile(tailName)
	v := w.open()
	n, err := v.Len(context.Background())
	if err != nil || n != editors*edits {
		t.Errorf("%d records, %v", n, err)
	}
	if got := state(t, v); got != want {
		t.Error("cache and files differ")
	}
	if w.notices.has("fork") || w.notices.has("missing") {
		t.Errorf("notices %v", w.notices.list)
	}
}
