package vault

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"signet/vault/format"
	"signet/vault/secret"
)

func (r Report) states() map[string]FileState {
	out := map[string]FileState{}
	for _, f := range r.Files {
		out[f.Path] = f.State
	}
	return out
}

func (r Report) has(code string) bool {
	return slices.ContainsFunc(r.Problems, func(p Problem) bool { return p.Code == code })
}

func (h *home) locked() Report {
	h.t.Helper()
	r, err := h.at().Doctor(h.t.Context())
	must(h.t, err)
	return r
}

func (h *home) doctor(v *Vault) Report {
	h.t.Helper()
	r, err := v.Doctor(h.t.Context())
	must(h.t, err)
	return r
}

// strong is a home whose vault gives doctor nothing to say.
func strongHome(t *testing.T) (*home, *Vault) {
	t.Helper()
	h := newHome(t)
	v := h.init(NewWay{Kind: "keyring"})
	apply(t, v, login(1, "Bank", "s3cret")...)
	apply(t, v, login(2, "Mail", "s3cret")...)
	return h, v
}

func TestDoctorOnAGoodVault(t *testing.T) {
	t.Parallel()
	h, v := strongHome(t)
	must(t, v.RemoveSlot(t.Context(), "recovery", RemoveOptions{})) // two epochs
	apply(t, v, login(3, "Shop", "x")...)
	for name, r := range map[string]Report{"locked": h.locked(), "unlocked": h.doctor(v)} {
		if !r.Intact() || len(r.Problems) > 0 {
			t.Errorf("%s: %+v", name, r.Problems)
		}
		for _, f := range r.Files {
			sealed := f.State == StateSealed && name == "locked"
			if f.State != StateOK && !sealed || f.Next != "" {
				t.Errorf("%s: %+v", name, f)
			}
		}
		if r.VaultID != v.ID().String() || r.Unlocked != (name == "unlocked") {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// Every synced file, damaged and removed in turn: doctor names it and the next step, opening does not panic, and nothing of the
// others is dropped.
func TestDoctorNamesEveryDamagedFile(t *testing.T) {
	t.Parallel()
	h, v := strongHome(t)
	must(t, v.Rotate(t.Context(), "test"))
	apply(t, v, login(3, "Shop", "x")...)
	_ = v.Close()
	var files []string
	for p, s := range h.locked().states() {
		if s == StateSealed && format.ParseName(p).Kind != format.FileUnknown {
			files = append(files, p)
		}
	}
	if len(files) < 8 {
		t.Fatalf("only %d files", len(files))
	}
	for _, p := range files {
		for name, spoil := range map[string]func(string) error{
			"flipped": func(f string) error {
				b, err := os.ReadFile(f)
				if err != nil {
					return err
				}
				b[len(b)/2] ^= 4
				return os.WriteFile(f, b, 0o600)
			},
			"cut":     func(f string) error { return os.Truncate(f, 100) },
			"emptied": func(f string) error { return os.Truncate(f, 0) },
		} {
			c := h.copied()
			must(t, os.RemoveAll(filepath.Join(c.dir, cacheName)))
			must(t, spoil(filepath.Join(c.dir, p)))
			if r := c.locked(); r.states()[p] != StateDamaged || r.Intact() {
				t.Errorf("%s %s: locked doctor says %s", p, name, r.states()[p])
			}
			v, err := c.try(UnlockOptions{})
			if err != nil {
				if errors.Is(err, os.ErrNotExist) {
					t.Errorf("%s %s: %v", p, name, err)
				}
				continue // without slot or roster nothing opens, and it says so
			}
			r := c.doctor(v)
			if r.states()[p] != StateDamaged || r.Intact() {
				t.Errorf("%s %s: doctor says %s", p, name, r.states()[p])
			}
			for _, f := range r.Files {
				if f.State != StateOK && f.Next == "" {
					t.Errorf("%s %s: no next step for %s (%s)", p, name, f.Path, f.State)
				}
			}
			_ = v.Close()
			if b, err := os.ReadFile(filepath.Join(c.dir, p)); err != nil || len(b) == 0 && name != "emptied" {
				t.Errorf("%s %s: the damaged file was touched (I14): %v", p, name, err)
			}
		}
	}
}

func TestDoctorNamesMissingAndForeignFiles(t *testing.T) {
	t.Parallel()
	h, v := strongHome(t)
	first := logFiles(t, h)[0]
	must(t, os.Remove(filepath.Join(h.dir, first)))
	for p, data := range map[string]string{
		"epochs/000001/foo.age": "x", "log/note.txt": "x", "~$lock": "x", "notes.txt": "x", "unlock/x.json": "{}", "state/tmp/9-1": "x",
		"log/" + v.Device().Short() + "/00000001-" + strings.Repeat("0", 32) + ".age.sync-conflict-1": "x",
	} {
		must(t, os.MkdirAll(filepath.Dir(filepath.Join(h.dir, p)), 0o700))
		must(t, os.WriteFile(filepath.Join(h.dir, p), []byte(data), 0o600))
	}
	must(t, os.Mkdir(filepath.Join(filepath.Dir(h.dir), ".vault.new-123"), 0o700))
	h.opt.SyncedFolder = func(string) (string, bool) { return "Dropbox", true }
	v.o.SyncedFolder = h.opt.SyncedFolder
	r := h.doctor(v)
	for p, want := range map[string]FileState{
		"epochs/000001/foo.age": StateForeign, "log/note.txt": StateForeign, "~$lock": StateForeign, "notes.txt": StateForeign, "unlock/x.json": StateForeign,
		"state/tmp/9-1": StateLeftOver, first[:len("log/12345678/00000001-")] + "*.age": StateMissing,
	} {
		if got := r.states()[p]; got != want {
			t.Errorf("%s: %q, want %q", p, got, want)
		}
	}
	if r.Intact() || !r.has("left-over") || !r.has("synced-folder") {
		t.Errorf("problems %+v", r.Problems)
	}
}

func logFiles(t *testing.T, h *home) []string {
	t.Helper()
	var out []string
	for p := range h.locked().states() {
		if strings.HasPrefix(p, "log/") {
			out = append(out, p)
		}
	}
	slices.Sort(out)
	return out
}

// I17: files of this device from another hand are refused and named.
func TestI17OwnFilesFromAnotherHand(t *testing.T) {
	t.Parallel()
	h, v := strongHome(t)
	must(t, v.Local().Put("draft", []byte("mine")))
	other, ov := strongHome(t)
	must(t, ov.Local().Put("draft", []byte("theirs")))
	for _, p := range []string{"state/local/draft.age", waysName} {
		b, err := os.ReadFile(filepath.Join(other.dir, p))
		must(t, err)
		must(t, os.WriteFile(filepath.Join(h.dir, p), b, 0o600))
	}
	if got, err := v.Local().Get("draft"); !errors.Is(err, ErrCorrupt) || got != nil {
		t.Errorf("draft: %q %v", got, err)
	}
	r := h.doctor(v)
	if r.states()["state/local/draft.age"] != StateDamaged || r.states()[waysName] != StateDamaged || r.Intact() {
		t.Errorf("states %v", r.states())
	}
	_ = v.Close()
	b, err := os.ReadFile(filepath.Join(other.dir, "state/heads"))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(h.dir, "state/heads"), b, 0o600))
	if _, err := h.try(UnlockOptions{}); !errors.Is(err, ErrWayChanged) {
		t.Errorf("heads from another hand: %v", err)
	}
}

// A blob that stands under the name of another is not taken for it, and neither is one for the list of ways.
func TestI17SwappedOwnFiles(t *testing.T) {
	t.Parallel()
	h, v := strongHome(t)
	must(t, v.Local().Put("one", []byte("1")))
	b, err := os.ReadFile(filepath.Join(h.dir, "state/local/one.age"))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(h.dir, "state/local/two.age"), b, 0o600))
	must(t, os.WriteFile(filepath.Join(h.dir, waysName), b, 0o600))
	if got, err := v.Local().Get("two"); !errors.Is(err, ErrCorrupt) || got != nil {
		t.Errorf("two: %q %v", got, err)
	}
	if _, err := v.Slots(t.Context()); !errors.Is(err, ErrCorrupt) {
		t.Errorf("ways: %v", err)
	}
}

// Lost high-water marks: reading goes on, writing waits until the person accepts what is here.
func TestAcceptLostHeads(t *testing.T) {
	t.Parallel()
	h, v := strongHome(t)
	want := state(t, v)
	_ = v.Close()
	must(t, os.Remove(filepath.Join(h.dir, "state/heads")))
	v = h.open("keyring")
	if s := state(t, v); s != want {
		t.Errorf("reading:\n%s", s)
	}
	if _, err := v.Apply(t.Context(), nil, login(3, "x", "y")); !errors.Is(err, ErrHeadsLost) {
		t.Errorf("writing: %v", err)
	}
	if err := v.RemoveSlot(t.Context(), "recovery", RemoveOptions{}); !errors.Is(err, ErrHeadsLost) {
		t.Errorf("slot rm: %v", err)
	}
	if r := h.doctor(v); r.Intact() || !r.has("heads") {
		t.Errorf("doctor: %+v", r.Problems)
	}
	accept(t, v)
	apply(t, v, login(3, "Shop", "y")...)
	if r := h.doctor(v); !r.Intact() {
		t.Errorf("after: %+v %+v", r.Problems, r.states())
	}
	_ = v.Close()
	if s := state(t, h.open("keyring")); !strings.Contains(s, "Shop") || !strings.Contains(s, "Bank") {
		t.Errorf("in the end:\n%s", s)
	}
}

// Files that the marks name are gone for good: named, and after the person has accepted it, edits go on.
func TestAcceptLostFiles(t *testing.T) {
	t.Parallel()
	h, v := strongHome(t)
	_ = v.Close()
	files := logFiles(t, h)
	must(t, os.Remove(filepath.Join(h.dir, files[len(files)-1])))
	must(t, os.RemoveAll(filepath.Join(h.dir, cacheName)))
	v = h.open("keyring")
	if r := h.doctor(v); r.Intact() {
		t.Error("intact with a file gone")
	}
	accept(t, v)
	apply(t, v, login(3, "Shop", "y")...)
	if r := h.doctor(v); !r.Intact() {
		t.Errorf("after: %+v %+v", r.Problems, r.states())
	}
	if s := state(t, v); !strings.Contains(s, "Shop") || !strings.Contains(s, "Bank") {
		t.Errorf("in the end:\n%s", s)
	}
}

func TestDoctorMendsHints(t *testing.T) {
	t.Parallel()
	h, v := strongHome(t)
	must(t, os.Remove(filepath.Join(h.dir, vaultName)))
	must(t, os.WriteFile(filepath.Join(h.dir, deviceName), []byte("{}"), 0o600))
	if r := h.locked(); r.states()[vaultName] != StateMissing || !r.has("device") {
		t.Errorf("locked: %+v", r)
	}
	if r := h.doctor(v); !r.Intact() {
		t.Errorf("unlocked: %+v", r)
	}
	if r := h.locked(); !r.Intact() || len(r.Problems) > 0 {
		t.Errorf("after: %+v", r)
	}
}

// A slot of the current epoch that is gone: doctor says so, and a new epoch that gives everybody a slot again begins by Rotate,
// or by itself with the next edit.
func TestRotateAfterALostSlot(t *testing.T) {
	t.Parallel()
	h, v := strongHome(t)
	names, err := h.mirror().Names("epochs/000001")
	must(t, err)
	for _, n := range names {
		if strings.HasPrefix(n, "rec-") {
			must(t, os.Remove(filepath.Join(h.dir, "epochs/000001", n)))
		}
	}
	if r := h.doctor(v); r.Intact() || !r.has("slot") {
		t.Errorf("doctor: %+v", r.Problems)
	}
	apply(t, v, login(3, "Shop", "y")...)
	if r := h.doctor(v); !r.Intact() {
		t.Errorf("after: %+v", r.Problems)
	}
	must(t, v.Rotate(t.Context(), "doctor"))
	if r := h.doctor(v); !r.Intact() {
		t.Errorf("after Rotate: %+v", r.Problems)
	}
	if _, err := h.try(UnlockOptions{Method: MethodRecovery, Secret: secret.FromString(h.code)}); err != nil {
		t.Errorf("the code: %v", err)
	}
}
