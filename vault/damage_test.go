package vault

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"signet/vault/entry"
	"signet/vault/format"
	"signet/vault/mirror/crashfs"
)

// Every kind of file, with a bit flipped or cut short at many places, with and without the cache: never a panic, never a value
// that was not written, never a silent loss. Either the vault says that it does not open, or what it shows is what was
// there, less what the damaged file alone held, and then doctor names that file.
func TestDamageIsNamedAndNeverSilent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ever := map[string]bool{} // every line that a state ever had
	life(t, w, func(op crashfs.Op) {
		if op.Kind != "sync" || op.Name != "state/heads" {
			return
		}
		for line := range strings.Lines(state(t, w.clone().open())) {
			ever[line] = true
		}
	})
	v := w.open()
	want := state(t, v)
	must(t, v.Close())
	for _, name := range w.fs.Files() {
		if name == "state/lock" {
			continue
		}
		t.Run(strings.ReplaceAll(name, "/", " "), func(t *testing.T) {
			t.Parallel()
			whole := w.fs.ReadFile(name)
			for i, damaged := range damages(whole) {
				for _, withCache := range []bool{true, false} {
					if withCache && i%3 > 0 { // with it most files are not looked at
						continue
					}
					c := w.clone()
					c.t = t
					c.fs.WriteFile(name, damaged)
					if !withCache {
						c.fs.DeleteFile(cacheName)
						c.fs.DeleteFile(tailName)
					}
					survives(t, c, name, want, ever, fmt.Sprintf("damage %d of %d bytes, cache %v", i, len(whole), withCache))
				}
			}
		})
	}
}

// damages flips single bits and cuts, mostly where headers, edges of chunks and ends are.
func damages(whole []byte) (out [][]byte) {
	n := len(whole)
	for _, at := range []int{1, 100, 1200, n / 2, n - 1} {
		if at >= 0 && at < n {
			out = append(out, flip(whole, at))
		}
	}
	for _, at := range []int{0, n / 2, n - 1} {
		if at >= 0 && at < n {
			out = append(out, bytes.Clone(whole[:at]))
		}
	}
	return append(out, append(bytes.Clone(whole), 'x'))
}

func survives(t *testing.T, c *world, name, want string, ever map[string]bool, what string) {
	t.Helper()
	v, err := c.tryOpen()
	if err != nil {
		if strings.HasPrefix(name, "att/") || strings.Contains(name, "cache") || name == vaultName {
			t.Errorf("%s: does not open: %v", what, err)
		}
		return
	}
	defer v.Close()
	got, err := tryState(v)
	if err != nil {
		return // said so
	}
	for line := range strings.Lines(got) {
		if !ever[line] {
			t.Errorf("%s: shows what was never there: %s", what, line)
		}
	}
	rep, err := v.Doctor(context.Background())
	must(t, err)
	named := false
	for _, f := range rep.Files {
		named = named || f.Path == name && f.State != StateOK
	}
	kind := format.ParseName(name).Kind
	if kind != format.FileUnknown && !named {
		t.Errorf("%s: doctor does not name it", what)
	}
	if got != want && rep.Intact() {
		t.Errorf("%s: something is gone and doctor finds the vault intact", what)
	}
	if _, err := v.Apply(context.Background(), nil, []Edit{entry.Set(recID(90), "title", "after")}); err == nil {
		if got := value(t, v, recID(90), "title"); got != "after" {
			t.Errorf("%s: an acknowledged edit reads %q", what, got)
		}
	}
}
