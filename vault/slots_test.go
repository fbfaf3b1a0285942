package vault

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"signet/vault/format"
	"signet/vault/secret"
	"signet/vault/unlock"
)

func (h *home) slots(v *Vault) map[string]Slot {
	h.t.Helper()
	list, err := v.Slots(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	out := map[string]Slot{}
	for _, s := range list {
		out[s.Name] = s
	}
	return out
}

func names(slots map[string]Slot) string { return strings.Join(slices.Sorted(maps.Keys(slots)), " ") }

// copied is what a thief took while a way in was still good: the directory and the keyring.
func (h *home) copied() *home {
	h.t.Helper()
	n := h.elsewhere(true)
	n.ring.items = h.ring.snapshot()
	return n
}

// mixed is the vault of today with the local files of a thief's copy.
func (h *home) mixed(thief *home) *home {
	h.t.Helper()
	n := h.elsewhere(false)
	for _, name := range []string{deviceName, unlockDir, stateDir} {
		if err := os.CopyFS(filepath.Join(n.dir, name), os.DirFS(filepath.Join(thief.dir, name))); err != nil {
			b, rerr := os.ReadFile(filepath.Join(thief.dir, name))
			if rerr != nil {
				h.t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(n.dir, name), b, 0o600); err != nil {
				h.t.Fatal(err)
			}
		}
	}
	n.ring.items = thief.ring.snapshot()
	for _, name := range []string{cacheName, tailName} { // his old cache would hide what he can open
		if err := os.RemoveAll(filepath.Join(n.dir, name)); err != nil {
			h.t.Fatal(err)
		}
	}
	return n
}

func TestSlotListShowsBothKinds(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	v := h.init()
	got := h.slots(v)
	if names(got) != "keyring passphrase recovery" {
		t.Fatalf("slots %s", names(got))
	}
	if s := got["passphrase"]; !s.Local || s.WorkFactor != cheap || !s.Weak || s.Kept {
		t.Errorf("passphrase %+v", s)
	}
	if s := got["recovery"]; s.Local || !s.Authority || s.Stale || s.Added.IsZero() {
		t.Errorf("recovery %+v", s)
	}
}

func TestSlotAdd(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	v := h.init(NewWay{Kind: unlock.KindKeyring})
	before, err := v.rosterNow()
	must(t, err)
	must(t, v.AddWay(t.Context(), passWay(), nil))
	must(t, v.AddWay(t.Context(), NewWay{Kind: unlock.KindPassphrase, Name: "second", Passphrase: secret.FromString("other"), WorkFactor: cheap}, nil))
	must(t, v.AddWay(t.Context(), NewWay{Kind: unlock.KindPassphrase, Passphrase: secret.FromString("third"), WorkFactor: cheap}, nil))
	if got := names(h.slots(v)); got != "keyring passphrase passphrase-2 recovery second" {
		t.Errorf("slots %s", got)
	}
	for _, bad := range []NewWay{
		{Kind: unlock.KindKeyring},
		{Kind: unlock.KindPassphrase, Name: "second", Passphrase: secret.FromString("x"), WorkFactor: cheap},
		{Kind: unlock.KindPassphrase, Name: "recovery", Passphrase: secret.FromString("x"), WorkFactor: cheap},
	} {
		if err := v.AddWay(t.Context(), bad, nil); !errors.Is(err, ErrExists) {
			t.Errorf("%+v: %v", bad.Kind, err)
		}
	}
	after, err := v.rosterNow()
	must(t, err)
	if before.Head != after.Head {
		t.Error("adding a way in changed the roster")
	}
	if _, err := h.try(UnlockOptions{Method: "second", Secret: secret.FromString("other")}); err != nil {
		t.Errorf("by name: %v", err)
	}
	if _, err := h.try(UnlockOptions{Method: "second", Secret: secret.FromString(testPass)}); !errors.Is(err, ErrWrongPassphrase) {
		t.Errorf("with another way's passphrase: %v", err)
	}
	h.open("passphrase")
}

// A way in that cannot be written is not half there.
func TestSlotAddFails(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	v := h.init(passWay())
	h.ring.broken = true
	if err := v.AddWay(t.Context(), NewWay{Kind: unlock.KindKeyring}, nil); err == nil {
		t.Error("added to a broken keyring")
	}
	h.ring.broken = false
	if got := names(h.slots(v)); got != "passphrase recovery" {
		t.Errorf("slots %s", got)
	}
	h.open("passphrase")
}

// I18: a removed way in opens nothing written later and signs nothing that is folded.
func TestI18RemovedWayIn(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	v := h.init()
	apply(t, v, login(1, "Bank", "old")...)
	thief := h.copied()
	must(t, v.RemoveSlot(t.Context(), "passphrase", RemoveOptions{}))
	apply(t, v, login(2, "Mail", "canary-later")...)
	want := state(t, v)
	if got := names(h.slots(v)); got != "keyring recovery" {
		t.Errorf("slots %s", got)
	}
	_ = v.Close()
	// The thief's files on today's vault: his high-water marks, his way in, his passphrase.
	mixed := h.mixed(thief)
	for _, method := range []string{"passphrase", "keyring"} {
		v, err := mixed.try(UnlockOptions{Method: method, Secret: secret.FromString(testPass)})
		if err != nil {
			continue
		}
		if s, err := tryState(v); err == nil && strings.Contains(s, "canary-later") {
			t.Errorf("%s: the removed way in opened what was written later", method)
		}
		if _, err := v.Apply(t.Context(), nil, login(3, "forged", "x")); err == nil {
			t.Errorf("%s: the removed way in wrote into today's vault", method)
		}
	}
	// What the thief writes in his own copy and slips into ours is quarantined.
	tv := thief.open("passphrase")
	apply(t, tv, login(4, "slipped in", "x")...)
	_ = tv.Close()
	log := "log/" + v.self.Short()
	files, err := thief.mirror().Names(log)
	must(t, err)
	for _, f := range files {
		b, err := thief.mirror().Read(log+"/"+f, 1<<20)
		must(t, err)
		must(t, h.mirror().Put(log+"/"+f, b))
	}
	must(t, h.mirror().RemoveAll(cacheName, tailName))
	if s := state(t, h.open("keyring")); s != want {
		t.Errorf("after the thief's files:\n%s\nwant:\n%s", s, want)
	}
	// The old epochs stay readable for us, and the recovery code still opens everything.
	if s := state(t, h.open(MethodRecovery)); !strings.Contains(s, "Bank") || !strings.Contains(s, "Mail") {
		t.Errorf("by code: %s", s)
	}
	// The thief's marks on today's tree: nothing of his may look fresh.
	if _, err := h.try(UnlockOptions{Method: "passphrase"}); !errors.Is(err, ErrNotFound) {
		t.Errorf("the removed way in: %v", err)
	}
}

func TestLastWayStays(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	v := h.init(passWay())
	for _, keep := range []bool{true, false} {
		if err := v.RemoveSlot(t.Context(), "passphrase", RemoveOptions{KeepKey: keep}); !errors.Is(err, ErrLastWay) {
			t.Errorf("keep %v: %v", keep, err)
		}
	}
	if err := v.RemoveSlot(t.Context(), "nonsense", RemoveOptions{}); !errors.Is(err, ErrNotFound) {
		t.Errorf("unknown: %v", err)
	}
	must(t, v.RemoveSlot(t.Context(), "recovery", RemoveOptions{}))
	if got := names(h.slots(v)); got != "passphrase" {
		t.Errorf("slots %s", got)
	}
}

// --keep-key says what stays open and marks it until the next rekey.
func TestKeepKeyMarksWhatStaysOpen(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	v := h.init()
	thief := h.copied()
	before, err := v.rosterNow()
	must(t, err)
	must(t, v.RemoveSlot(t.Context(), "passphrase", RemoveOptions{KeepKey: true}))
	if s := h.slots(v)["passphrase"]; !s.Kept || !s.Gone {
		t.Errorf("removed with --keep-key: %+v", s)
	}
	after, err := v.rosterNow()
	must(t, err)
	if before.Head != after.Head {
		t.Error("the roster changed")
	}
	apply(t, v, login(2, "Mail", "later")...)
	_ = v.Close()
	if s := state(t, h.mixed(thief).open("passphrase")); !strings.Contains(s, "Mail") {
		t.Error("the warning would be wrong: the copy opens nothing new")
	}
	v = h.open("keyring")
	must(t, v.AddWay(t.Context(), passWay(), nil))
	must(t, v.RemoveSlot(t.Context(), "passphrase", RemoveOptions{}))
	if got := names(h.slots(v)); got != "keyring recovery" {
		t.Errorf("after a rekey: %s", got)
	}
}

func TestSlotChange(t *testing.T) {
	t.Parallel()
	for _, keep := range []bool{false, true} {
		t.Run(fmt.Sprintf("keep=%v", keep), func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			v := h.init()
			apply(t, v, login(1, "Bank", "s3cret")...)
			thief := h.copied()
			o := ChangeOptions{Passphrase: secret.FromString("new words"), KeepKey: keep}
			must(t, v.ChangeSlot(t.Context(), "passphrase", o))
			apply(t, v, login(2, "Mail", "later")...)
			s := h.slots(v)
			if names(s) != "keyring passphrase recovery" || s["passphrase"].Kept != keep || s["passphrase"].WorkFactor != cheap {
				t.Errorf("slots %+v", s)
			}
			_ = v.Close()
			if _, err := h.try(UnlockOptions{Secret: secret.FromString(testPass)}); !errors.Is(err, ErrWrongPassphrase) {
				t.Errorf("the old passphrase: %v", err)
			}
			for _, o := range []UnlockOptions{{Secret: secret.FromString("new words")}, {}} {
				v, err := h.try(o)
				must(t, err)
				if !strings.Contains(state(t, v), "Mail") {
					t.Error("not everything is there")
				}
			}
			tv, err := h.mixed(thief).try(UnlockOptions{Secret: secret.FromString(testPass)})
			opens := err == nil
			if opens {
				s, err := tryState(tv)
				opens = err == nil && strings.Contains(s, "Mail")
			}
			if opens != keep {
				t.Errorf("a copy of the old file opens what was written later: %v", opens)
			}
		})
	}
}

// The cost alone: the current passphrase must be known, and the weak mark goes with the cost.
func TestSlotChangeWorkFactorAlone(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	v := h.init()
	if err := v.ChangeSlot(t.Context(), "passphrase", ChangeOptions{Current: secret.FromString("wrong"), WorkFactor: cheap + 1}); !errors.Is(err, ErrWrongPassphrase) {
		t.Errorf("with a wrong passphrase: %v", err)
	}
	must(t, v.ChangeSlot(t.Context(), "passphrase", ChangeOptions{Current: secret.FromString(testPass), WorkFactor: cheap + 1}))
	if s := h.slots(v)["passphrase"]; s.WorkFactor != cheap+1 {
		t.Errorf("%+v", s)
	}
	h.open("passphrase")
	if err := v.ChangeSlot(t.Context(), "recovery", ChangeOptions{}); err == nil {
		t.Error("changed a recovery code")
	}
	must(t, v.ChangeSlot(t.Context(), "keyring", ChangeOptions{}))
	h.open("keyring")
	h.open("passphrase")
}

// A way that cannot be written ends the command with nothing lost: the key is the old one, and every way still opens.
func TestRekeyWithALockedKeyring(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	v := h.init()
	apply(t, v, login(1, "Bank", "s3cret")...)
	must(t, v.AddWay(t.Context(), NewWay{Kind: unlock.KindPassphrase, Name: "second", Passphrase: secret.FromString("2"), WorkFactor: cheap}, nil))
	head, err := v.rosterNow()
	must(t, err)
	for name, spoil := range map[string]func(bool){
		"locked": func(on bool) { h.ring.locked = on },
		"broken": func(on bool) { h.ring.broken = on },
	} {
		spoil(true)
		if err := v.RemoveSlot(t.Context(), "second", RemoveOptions{}); err == nil {
			t.Fatalf("%s: removed", name)
		}
		spoil(false)
		now, err := v.rosterNow()
		must(t, err)
		if now.Head != head.Head {
			t.Errorf("%s: the roster changed", name)
		}
		apply(t, v, login(2, "after "+name, "x")...)
		for _, o := range []UnlockOptions{{Method: "keyring"}, {Method: "passphrase", Secret: secret.FromString(testPass)}, {Method: "second", Secret: secret.FromString("2")}} {
			v, err := h.try(o)
			if err != nil {
				t.Fatalf("%s: %s: %v", name, o.Method, err)
			}
			if v.key.HasOld() || !strings.Contains(state(t, v), "Bank") {
				t.Errorf("%s: %s: not as before", name, o.Method)
			}
		}
		if s := h.slots(v)["second"]; s.Unfinished {
			t.Errorf("%s: still under way: %+v", name, s)
		}
	}
}

func TestSlotRename(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	v := h.init()
	must(t, v.RenameSlot(t.Context(), "passphrase", "typed"))
	must(t, v.RenameSlot(t.Context(), "recovery", "paper"))
	if got := names(h.slots(v)); got != "keyring paper typed" {
		t.Errorf("slots %s", got)
	}
	for _, bad := range [][2]string{{"typed", "keyring"}, {"typed", "recovery"}, {"paper", "typed"}, {"typed", "a b"}, {"typed", ""}} {
		if err := v.RenameSlot(t.Context(), bad[0], bad[1]); err == nil {
			t.Errorf("renamed %q to %q", bad[0], bad[1])
		}
	}
	if err := v.RenameSlot(t.Context(), "nobody", "x"); !errors.Is(err, ErrNotFound) {
		t.Errorf("unknown: %v", err)
	}
	_ = v.Close()
	if _, err := h.try(UnlockOptions{Method: "typed", Secret: secret.FromString(testPass)}); err != nil {
		t.Errorf("by its new name: %v", err)
	}
	h.open(MethodRecovery)
}

func TestSlotTest(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	v := h.init()
	must(t, v.TestSlot(t.Context(), "keyring", UnlockOptions{}))
	must(t, v.TestSlot(t.Context(), "passphrase", UnlockOptions{Secret: secret.FromString(testPass)}))
	must(t, v.TestSlot(t.Context(), "recovery", UnlockOptions{Secret: secret.FromString(h.code)}))
	for _, s := range h.slots(v) {
		if s.Tested.IsZero() {
			t.Errorf("%s: the test was not noted", s.Name)
		}
	}
	other, err := newRecoveryCode()
	must(t, err)
	for name, c := range map[string]struct {
		slot   string
		secret string
	}{
		"wrong passphrase": {"passphrase", "no"}, "another code": {"recovery", other.Text().RevealString()}, "unknown": {"x", "y"},
	} {
		if err := v.TestSlot(t.Context(), c.slot, UnlockOptions{Secret: secret.FromString(c.secret)}); err == nil {
			t.Errorf("%s: passed", name)
		}
	}
	h.ring.items = map[string]string{}
	if err := v.TestSlot(t.Context(), "keyring", UnlockOptions{}); !errors.Is(err, unlock.ErrKeyringEmpty) {
		t.Errorf("empty keyring: %v", err)
	}
}

// Recovery codes: added by a device alone it has no authority; the old code passes its own on; replacing shuts the old one.
func TestRecoveryCodes(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	v := h.init()
	first := h.code
	must(t, v.AddRecovery(t.Context(), AddRecoveryOptions{Show: h.show}))
	second := h.code
	s := h.slots(v)
	if names(s) != "keyring passphrase recovery recovery-2" || s["recovery-2"].Authority || !s["recovery"].Authority || s["recovery-2"].Stale {
		t.Errorf("slots %+v", s)
	}
	must(t, v.AddRecovery(t.Context(), AddRecoveryOptions{Name: "safe", Show: h.show, Old: secret.FromString(first), Replace: "recovery"}))
	third := h.code
	s = h.slots(v)
	if names(s) != "keyring passphrase recovery-2 safe" || !s["safe"].Authority {
		t.Errorf("slots %+v", s)
	}
	apply(t, v, login(1, "Bank", "later")...)
	for code, opens := range map[string]bool{first: false, second: true, third: true} {
		got, err := h.try(UnlockOptions{Method: MethodRecovery, Secret: secret.FromString(code)})
		if has := err == nil && strings.Contains(state(t, got), "Bank"); has != opens {
			t.Errorf("opens what was written later: %v, want %v (%v)", has, opens, err)
		}
	}
	must(t, v.RemoveSlot(t.Context(), "recovery-2", RemoveOptions{}))
	if err := v.RemoveSlot(t.Context(), "safe", RemoveOptions{KeepKey: true}); err == nil {
		t.Error("keep-key for a member")
	}
	for name, o := range map[string]AddRecoveryOptions{
		"not confirmed":   {Show: func(context.Context, Sheet) error { return nil }},
		"name taken":      {Show: h.show, Name: "safe"},
		"bad name":        {Show: h.show, Name: "a/b"},
		"a removed code":  {Show: h.show, Old: secret.FromString(first)},
		"replace unknown": {Show: h.show, Replace: "nobody"},
	} {
		if err := v.AddRecovery(t.Context(), o); err == nil {
			t.Errorf("%s: added", name)
		}
	}
	if got := names(h.slots(v)); got != "keyring passphrase safe" {
		t.Errorf("slots %s", got)
	}
}

func TestUnlockOrderAndPersons(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	_ = h.init().Close()
	if v := h.open(""); v.OpenedBy() != "keyring" {
		t.Errorf("opened by %s", v.OpenedBy())
	}
	h.opt.Order = []string{"passphrase"}
	who := &person{secrets: []string{"wrong", testPass}}
	v, err := h.try(UnlockOptions{Interactive: true, Prompter: who})
	if err != nil || v.OpenedBy() != "passphrase" || !slices.Contains(who.heard, "wrong passphrase") {
		t.Errorf("got %v, %q", err, who.heard)
	}
	// Nobody there: the keyring is tried, the passphrase is not asked for.
	h.ring.locked = true
	_, err = h.try(UnlockOptions{})
	var all *UnlockError
	if !errors.As(err, &all) || len(all.Tries) != 2 || !errors.Is(err, ErrLocked) || !errors.Is(err, ErrNeedsPerson) || !errors.Is(err, unlock.ErrKeyringLocked) {
		t.Errorf("got %v", err)
	}
	// A secret given is for the passphrase, and nothing else is tried.
	_, err = h.try(UnlockOptions{Secret: secret.FromString("wrong")})
	if !errors.As(err, &all) || len(all.Tries) != 1 || !errors.Is(err, ErrWrongPassphrase) {
		t.Errorf("got %v", err)
	}
	// Three tries, then the end.
	who = &person{secrets: []string{"a", "b", "c", testPass}}
	if _, err := h.try(UnlockOptions{Method: "passphrase", Interactive: true, Prompter: who}); !errors.Is(err, ErrWrongPassphrase) {
		t.Errorf("got %v", err)
	}
	if _, err := h.try(UnlockOptions{Method: "tpm"}); !errors.Is(err, ErrNotFound) || !errors.Is(err, ErrLocked) {
		t.Errorf("unknown method: %v", err)
	}
}

// device.json, the hints and the trusted list hold nothing that is believed: damage is repaired or told, and costs no secret.
func TestDamagedLocalFiles(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(h *home) error{
		"device.json gone":    func(h *home) error { return os.Remove(filepath.Join(h.dir, deviceName)) },
		"device.json garbage": func(h *home) error { return os.WriteFile(filepath.Join(h.dir, deviceName), []byte("{"), 0o600) },
		"device.json of another device": func(h *home) error {
			hint, err := readDeviceHint(h.mirror())
			if err != nil {
				return err
			}
			hint.Device = format.NewMemberID([16]byte{1})
			_, rcpt, err := newDeviceKey()
			if err != nil {
				return err
			}
			hint.Recipient = rcpt
			return writeDeviceHint(h.mirror(), hint)
		},
		"device.json with another id": func(h *home) error {
			hint, err := readDeviceHint(h.mirror())
			if err != nil {
				return err
			}
			hint.Device = format.NewMemberID([16]byte{1})
			return writeDeviceHint(h.mirror(), hint)
		},
		"ways gone":    func(h *home) error { return os.Remove(filepath.Join(h.dir, waysName)) },
		"ways garbage": func(h *home) error { return os.WriteFile(filepath.Join(h.dir, waysName), []byte("x"), 0o600) },
		"a hint that is none": func(h *home) error {
			return os.WriteFile(filepath.Join(h.dir, unlockDir, "plugin-x.json"), []byte("x"), 0o600)
		},
	} {
		h := newHome(t)
		v := h.init()
		apply(t, v, login(1, "Bank", "s3cret")...)
		_ = v.Close()
		must(t, spoil(h))
		got := h.open("passphrase")
		if len(h.notices) == 0 {
			t.Errorf("%s: not told", name)
		}
		apply(t, got, login(2, "Mail", "x")...)
		_ = got.Close()
		h.notices = nil
		again := h.open("passphrase")
		if name != "a hint that is none" && len(h.notices) > 0 {
			t.Errorf("%s: not repaired: %q", name, h.notices)
		}
		if hint, err := readDeviceHint(h.mirror()); err != nil || hint.Device != again.Device() {
			t.Errorf("%s: device.json %+v, %v", name, hint, err)
		}
	}
}

// A keyring that is not there any more can be removed: the key in it opens nothing from then on.
func TestRemoveAKeyringThatIsGone(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	_ = h.init().Close()
	v := h.open("passphrase")
	h.ring.locked, h.ring.broken = true, true
	must(t, v.RemoveSlot(t.Context(), "keyring", RemoveOptions{}))
	apply(t, v, login(1, "Bank", "x")...)
	if got := names(h.slots(v)); got != "passphrase recovery" {
		t.Errorf("slots %s", got)
	}
	_ = v.Close()
	h.notices = nil
	v = h.open("passphrase")
	if len(h.notices) > 0 || v.key.HasOld() {
		t.Errorf("not finished: %q", h.notices)
	}
	if err := v.ChangeSlot(t.Context(), "passphrase", ChangeOptions{Passphrase: secret.FromString("other"), KeepKey: true}); err != nil {
		t.Errorf("change without a keyring: %v", err)
	}
}

// The list of ways in was lost: what is not known cannot be rewritten, and no command may lock the person out over it.
func TestWaysAfterALostList(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	v := h.init()
	apply(t, v, login(1, "Bank", "x")...)
	_ = v.Close()
	must(t, os.Remove(filepath.Join(h.dir, waysName)))
	v = h.open("passphrase")
	s := h.slots(v)
	if names(s) != "keyring passphrase recovery" || !s["keyring"].Unlisted || s["passphrase"].Unlisted {
		t.Errorf("slots %+v", s)
	}
	must(t, v.AddWay(t.Context(), NewWay{Kind: unlock.KindPassphrase, Name: "second", Passphrase: secret.FromString("2"), WorkFactor: cheap}, nil))
	if err := v.RemoveSlot(t.Context(), "second", RemoveOptions{}); !errors.Is(err, ErrUnlisted) {
		t.Errorf("rekey with an unknown recipient: %v", err)
	}
	for _, o := range []UnlockOptions{{Method: "passphrase", Secret: secret.FromString(testPass)}, {Method: "second", Secret: secret.FromString("2")}} {
		if _, err := h.try(o); err != nil {
			t.Errorf("%s: %v", o.Method, err)
		}
	}
	must(t, v.RemoveSlot(t.Context(), "keyring", RemoveOptions{KeepKey: true})) // unlisted: its files go
	must(t, v.AddWay(t.Context(), NewWay{Kind: unlock.KindKeyring}, nil))
	must(t, v.ChangeSlot(t.Context(), "passphrase", ChangeOptions{Passphrase: secret.FromString("3")}))
	if got := names(h.slots(v)); got != "keyring passphrase recovery second" {
		t.Errorf("slots %s", got)
	}
	for _, o := range []UnlockOptions{{Method: "keyring"}, {Method: "passphrase", Secret: secret.FromString("3")}, {Method: "second", Secret: secret.FromString("2")}} {
		v, err := h.try(o)
		if err != nil || !strings.Contains(state(t, v), "Bank") {
			t.Errorf("%s: %v", o.Method, err)
		}
	}
}
