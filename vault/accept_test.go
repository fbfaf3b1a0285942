package vault

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"signet/vault/entry"
)

// richHome is a vault with history, a removed field and several log files, and a cache that holds all of it.
func richHome(t *testing.T) (*home, string) {
	t.Helper()
	h, v := strongHome(t)
	apply(t, v, entry.Set(recID(1), passwordPath, "second"))
	apply(t, v, append(login(3, "Shop", "x"), entry.Set(recID(1), "subtitle", "savings"))...)
	apply(t, v, entry.Set(recID(1), passwordPath, "third"), entry.Remove(recID(1), "subtitle"), entry.Remove(recID(2), "cred/aaaaaaaa/username"))
	want := state(t, v)
	must(t, v.Close())
	return h, want
}

// Files of the log are lost for good while the cache still holds what they wrote. Once the person has accepted that, nothing of
// it may depend on the cache any more: values, conflicts and history are there after the cache was deleted as well.
func TestAcceptSavesWhatOnlyTheCacheHolds(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(h *home, files []string) []string{
		"the first":            func(_ *home, f []string) []string { return f[:1] },
		"one in the middle":    func(_ *home, f []string) []string { return f[2:3] },
		"the newest":           func(_ *home, f []string) []string { return f[len(f)-1:] },
		"two that touch":       func(_ *home, f []string) []string { return f[2:4] },
		"all":                  func(_ *home, f []string) []string { return f },
		"the marks, and one":   func(_ *home, f []string) []string { return []string{"state/heads", f[2]} },
		"the marks, and all":   func(_ *home, f []string) []string { return append([]string{"state/heads"}, f...) },
		"the marks alone":      func(*home, []string) []string { return []string{"state/heads"} },
		"the newest, damaged":  func(h *home, f []string) []string { h.write(f[4], flip(h.read(f[4]), 900)); return nil },
		"the marks, one split": func(h *home, f []string) []string { h.write(f[1], h.read(f[1])[:700]); return []string{"state/heads"} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, want := richHome(t)
			for _, f := range lose(h, logFiles(t, h)) {
				must(t, os.Remove(filepath.Join(h.dir, f)))
			}
			v := h.open("keyring")
			accept(t, v)
			if got := state(t, v); got != want {
				t.Errorf("after accepting:\n%s\nwant\n%s", got, want)
			}
			must(t, v.Close())
			h.forgetful()
			v = h.open("keyring")
			if got := state(t, v); got != want {
				t.Errorf("without the cache:\n%s\nwant\n%s", got, want)
			}
			if r := h.doctor(v); !strings.Contains(name, "damaged") && !strings.Contains(name, "split") && !r.Intact() {
				t.Errorf("doctor: %v %v", r.Problems, r.states())
			}
			apply(t, v, login(9, "Later", "y")...)
		})
	}
}

func accept(t testing.TB, v *Vault) {
	t.Helper()
	_, err := v.AcceptHeads(context.Background())
	must(t, err)
}

// What the log says later than the cache stays: a cache of long ago is put beside a newer log, and nothing comes back that was
// replaced, deleted or purged since.
func TestAcceptBringsNothingBack(t *testing.T) {
	t.Parallel()
	h, v := strongHome(t)
	must(t, v.Close())
	old := h.read(cacheName)
	v = h.open("keyring")
	apply(t, v, entry.Set(recID(1), passwordPath, "second"))
	_, err := v.PurgeEntries(t.Context(), []ID{recID(2)})
	must(t, err)
	want := state(t, v)
	must(t, v.Close())
	h.write(cacheName, old)
	must(t, os.Remove(filepath.Join(h.dir, "state/heads")))
	must(t, h.mirror().RemoveAll(tailName))
	files := len(logFiles(t, h))
	v = h.open("keyring")
	accept(t, v)
	if got := state(t, v); got != want {
		t.Errorf("after accepting:\n%s\nwant\n%s", got, want)
	}
	if n := len(logFiles(t, h)); n != files {
		t.Errorf("%d files were written for nothing", n-files)
	}
}

// A lost file comes back after its values were written anew: nothing is doubled, and nothing that was replaced lives again.
func TestAcceptedFileComesBack(t *testing.T) {
	t.Parallel()
	for _, victims := range [][]int{{1}, {2}, {4}, {2, 4}} {
		h, want := richHome(t)
		files := logFiles(t, h)
		kept := map[string][]byte{}
		for _, i := range victims {
			kept[files[i]] = h.read(files[i])
			must(t, h.mirror().Remove(files[i]))
		}
		v := h.open("keyring")
		accept(t, v)
		must(t, v.Close())
		for name, whole := range kept {
			h.write(name, whole)
		}
		v = h.open("keyring")
		accept(t, v)
		if got := state(t, v); got != want {
			t.Errorf("files %v: with them back:\n%s\nwant\n%s", victims, got, want)
		}
	}
}

// A field in conflict whose writes are lost keeps all its values.
func TestAcceptKeepsConflicts(t *testing.T) {
	t.Parallel()
	h, v := strongHome(t)
	must(t, v.Close())
	other := h.copied()
	v = h.open("keyring")
	apply(t, v, entry.Set(recID(1), passwordPath, "mine"))
	must(t, v.Close())
	ov := other.open("keyring")
	apply(t, ov, entry.Set(recID(1), passwordPath, "theirs"))
	must(t, ov.Close())
	for _, f := range logFiles(t, other) {
		if !slices.Contains(logFiles(t, h), f) {
			h.write(f, other.read(f))
		}
	}
	h.forgetful()
	v = h.open("keyring")
	want := state(t, v)
	if !strings.Contains(want, `"mine"`) || !strings.Contains(want, `"theirs"`) {
		t.Fatalf("no conflict:\n%s", want)
	}
	must(t, v.Close())
	for _, f := range logFiles(t, h)[2:] {
		must(t, os.Remove(filepath.Join(h.dir, f)))
	}
	v = h.open("keyring")
	accept(t, v)
	must(t, v.Close())
	h.forgetful()
	if got := state(t, h.open("keyring")); got != want {
		t.Errorf("without the cache:\n%s\nwant\n%s", got, want)
	}
}

// Before it is accepted, doctor says that only the cache holds something; afterwards, what was saved and what no cache has.
func TestAcceptNamesWhatItSavesAndWhatNot(t *testing.T) {
	t.Parallel()
	h, _ := richHome(t)
	must(t, os.Remove(filepath.Join(h.dir, logFiles(t, h)[3])))
	v := h.open("keyring")
	if r := h.doctor(v); !r.has("cache-only") {
		t.Errorf("doctor says nothing of the cache: %+v", r.Problems)
	}
	a, err := v.AcceptHeads(t.Context())
	must(t, err)
	if a.Entries != 1 || len(a.SIDs) != 1 || len(a.Unsaved) > 0 {
		t.Errorf("saved: %+v", a)
	}
	if r := h.doctor(v); len(r.Problems) > 0 {
		t.Errorf("doctor afterwards: %+v", r.Problems)
	}
	must(t, v.Close())

	must(t, os.Remove(filepath.Join(h.dir, logFiles(t, h)[0])))
	h.forgetful()
	v = h.open("keyring")
	a, err = v.AcceptHeads(t.Context())
	must(t, err)
	if a.Entries > 0 || len(a.Unsaved) != 1 || !strings.Contains(a.Unsaved[0], "file 1 wrote: no cache holds it") {
		t.Errorf("without a cache: %+v", a)
	}
}

// A cache that another hand wrote, or that is damaged, saves nothing that was not there: only what is read whole counts.
func TestAcceptWithABrokenCache(t *testing.T) {
	t.Parallel()
	h, want := richHome(t)
	must(t, os.Remove(filepath.Join(h.dir, logFiles(t, h)[3])))
	whole := h.read(cacheName)
	lines := strings.Split(want, "\n")
	for i := range 8 {
		h2 := h.copied()
		h2.write(cacheName, flip(whole, len(whole)*(2*i+1)/16))
		v := h2.open("keyring")
		a, err := v.AcceptHeads(t.Context())
		must(t, err)
		for line := range strings.Lines(state(t, v)) {
			if line = strings.TrimSuffix(line, "\n"); !slices.Contains(lines, line) && !strings.Contains(line, "second") && !strings.Contains(line, "s3cret") {
				t.Errorf("flip %d brings %q", i, line)
			}
		}
		if state(t, v) != want && len(a.Unsaved) == 0 {
			t.Errorf("flip %d: something is gone and nothing named", i)
		}
	}
}

// What the cache holds of a file that is here and must not be believed is not written under the own signature: it is named.
func TestAcceptDoesNotSignWhatIsQuarantined(t *testing.T) {
	t.Parallel()
	w := settled(t)
	v := w.open()
	apply(t, v, entry.Set(recID(1), passwordPath, "of the thief"), entry.Set(recID(7), "title", "of the thief"))
	v.mu.Lock()
	defer v.mu.Unlock()
	tr, err := v.trust()
	must(t, err)
	lib, err := v.provenLibrary(t.Context(), tr)
	must(t, err)
	f := lib.files[len(lib.files)-1]
	f.judge(StateQuarantined, "written after its key had ended")
	delete(lib.bySID, f.sid)
	r := v.newRescue(lib, true)
	defer r.close()
	n, err := r.run(t.Context(), nil)
	must(t, err)
	if n != 0 || len(r.unsaved) != 1 || !strings.Contains(r.unsaved[0], f.path()) {
		t.Errorf("%d records to save, unsaved %v", n, r.unsaved)
	}
}
