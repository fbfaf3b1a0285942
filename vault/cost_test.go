package vault

import (
	"context"
	"testing"

	"signet/vault/entry"
	"signet/vault/mirror/crashfs"
)

// cost is what one operation did to the disk, a process from opening to closing.
func cost(t *testing.T, w *world, act func(v *Vault)) crashfs.Stats {
	t.Helper()
	w.fs.ResetStats()
	v, err := w.tryOpen()
	must(t, err)
	act(v)
	must(t, v.Close())
	return w.fs.Stats()
}

// What a read and an edit cost does not depend on how many entries there are: counted in files, bytes and syncs, not in time.
func TestCostIsIndependentOfSize(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	var get, edit [2]crashfs.Stats
	for i, n := range []int{50, 5000} {
		w := newWorld(t)
		v := w.open()
		_, err := v.Import(ctx, "x", realistic(n))
		must(t, err)
		must(t, v.Maintain(ctx))
		must(t, v.Close())
		get[i] = cost(t, w, func(v *Vault) {
			if e, err := v.Entry(ctx, recID(n/2), View{}); err != nil || e.Title == "" {
				t.Errorf("%q, %v", e.Title, err)
			}
		})
		edit[i] = cost(t, w, func(v *Vault) {
			apply(t, v, entry.Set(recID(n/2), passwordPath, "new"))
		})
	}
	t.Logf("get  %+v\n     %+v\nedit %+v\n     %+v", get[0], get[1], edit[0], edit[1])
	const chunk = 64<<10 + 16
	for name, c := range map[string]struct {
		small, large crashfs.Stats
		opened       int
	}{"get": {get[0], get[1], 5}, "edit": {edit[0], edit[1], 12}} {
		if c.large.Opened > c.small.Opened || c.large.Opened > c.opened {
			t.Errorf("%s opens %d files, %d when there are few entries", name, c.large.Opened, c.small.Opened)
		}
		if c.large.BytesRead > c.small.BytesRead+6*chunk {
			t.Errorf("%s reads %d bytes, %d when there are few entries", name, c.large.BytesRead, c.small.BytesRead)
		}
		if c.large.BytesWritten > c.small.BytesWritten+1024 || c.large.Changes != c.small.Changes {
			t.Errorf("%s writes %d bytes in %d steps, %d in %d", name, c.large.BytesWritten, c.large.Changes, c.small.BytesWritten, c.small.Changes)
		}
	}
	if get[1].Listed > 0 || get[1].Changes > 0 {
		t.Errorf("a fresh get lists %d directories and changes %d things", get[1].Listed, get[1].Changes)
	}
	if edit[1].Syncs != 2 || edit[1].DirSyncs != 1 {
		t.Errorf("an edit syncs %d files and %d directories, want 2 and 1", edit[1].Syncs, edit[1].DirSyncs)
	}
}
