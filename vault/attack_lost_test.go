package vault

import (
	"testing"
)

// A file of the log is lost, the vault is used without it, and then it is put back as doctor says: what it holds is there
// again, in the cache as well, whatever was done in between.
func TestLostFileComesBack(t *testing.T) {
	t.Parallel()
	for name, between := range map[string]func(h *home, v *Vault){
		"nothing": func(*home, *Vault) {},
		"an edit": func(_ *home, v *Vault) { apply(t, v, login(20, "in between", "x")...) },
		"accepted": func(_ *home, v *Vault) {
			accept(t, v)
			apply(t, v, login(20, "in between", "x")...)
		},
		"damaged": func(*home, *Vault) {},
	} {
		for _, victim := range []int{1, 3} { // in the middle, and the newest
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				h, v := strongHome(t)
				apply(t, v, login(3, "Shop", "x")...)
				apply(t, v, SetEdit(recID(1), passwordPath, "changed"))
				must(t, v.Close())
				file := logFiles(t, h)[victim]
				whole := h.read(file)
				if name == "damaged" {
					h.write(file, flip(whole, len(whole)/2))
				} else {
					must(t, h.mirror().Remove(file))
				}
				h.forgetful()
				v = h.open("keyring")
				between(h, v)
				must(t, v.Close())
				must(t, h.open("keyring").Close())
				h.write(file, whole)
				v = h.open("keyring")
				if name == "accepted" {
					if r := h.doctor(v); !r.has("returned") {
						t.Errorf("file %d: doctor does not say that it is back: %v", victim, r.Problems)
					}
					accept(t, v)
				}
				cached := state(t, v)
				if value(t, v, recID(1), "title") != "Bank" || value(t, v, recID(2), "title") != "Mail" || value(t, v, recID(1), passwordPath) != "changed" {
					t.Errorf("file %d: with the file back the vault says\n%s", victim, cached)
				}
				must(t, v.Close())
				h.forgetful()
				if got := state(t, h.open("keyring")); got != cached {
					t.Errorf("file %d: the cache says\n%s\nthe files\n%s", victim, cached, got)
				}
			})
		}
	}
}

// A file that is lost for good, anywhere in the log, and that the person has given up: doctor has nothing more to say, and the log
// is compacted again.
func TestLostFileGivenUp(t *testing.T) {
	t.Parallel()
	for victim := range 4 {
		h, v := strongHome(t)
		apply(t, v, login(3, "Shop", "x")...)
		apply(t, v, login(4, "Club", "x")...)
		must(t, v.Close())
		must(t, h.mirror().Remove(logFiles(t, h)[victim]))
		h.forgetful()
		v = h.open("keyring")
		if h.doctor(v).Intact() {
			t.Errorf("file %d: intact with a file gone", victim)
		}
		accept(t, v)
		if r := h.doctor(v); !r.Intact() {
			t.Errorf("file %d: after that doctor says %v %v", victim, r.Problems, r.states())
		}
		want := state(t, v)
		must(t, maintained(v))
		if n := len(logFiles(t, h)); n != 1 {
			t.Errorf("file %d: %d files, want 1", victim, n)
		}
		must(t, v.RemoveSlot(t.Context(), "recovery", RemoveOptions{}))
		must(t, v.PurgeVault(t.Context()))
		if got := state(t, v); got != want {
			t.Errorf("file %d: %s", victim, got)
		}
	}
}
