package vault

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"signet/vault/secret"
	"signet/vault/unlock"
)

func draft(id, text string) Draft { return Draft{id, secret.FromString(text)} }

func drafts(t *testing.T, v *Vault) map[string]string {
	t.Helper()
	list, err := v.Local().Drafts()
	must(t, err)
	out := map[string]string{}
	for _, d := range list {
		out[d.ID] = d.Data.RevealString()
	}
	return out
}

// A draft outlives the lock, belongs to one process at a time, and goes when it is dropped.
func TestADraftIsKeptForTheNextUnlock(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.open()
	must(t, a.Local().SaveDraft(t.Context(), draft("one", "first")))
	must(t, a.Local().SaveDraft(t.Context(), draft("one", "second")))
	b := w.open()
	if got := drafts(t, b); len(got) != 0 {
		t.Errorf("another process took %v while its owner lives", got)
	}
	if err := b.Local().SaveDraft(t.Context(), draft("one", "theirs")); !errors.Is(err, ErrInUse) {
		t.Errorf("another process wrote over it: %v", err)
	}
	must(t, a.Close())
	if got := drafts(t, b); got["one"] != "second" {
		t.Errorf("after the owner locked: %v", got)
	}
	if got := drafts(t, w.open()); len(got) != 0 {
		t.Errorf("a third one took %v", got)
	}
	must(t, b.Local().DropDraft("one"))
	must(t, b.Local().DropDraft("one"))
	must(t, b.Close())
	if got := drafts(t, w.open()); len(got) != 0 {
		t.Errorf("dropped, and there is %v", got)
	}
	for _, f := range w.fs.Files() {
		if bytes.Contains([]byte(f), []byte("draft-")) {
			t.Errorf("%s is left", f)
		}
	}
}

func TestADraftIsSealed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.open()
	must(t, v.Local().SaveDraft(t.Context(), draft("one", "canary-draft-7f3a")))
	for _, f := range w.fs.Files() {
		if bytes.Contains(w.fs.ReadFile(f), []byte("canary")) {
			t.Errorf("%s holds clear text", f)
		}
	}
	must(t, v.Close())
	if err := v.Local().SaveDraft(t.Context(), draft("two", "x")); !errors.Is(err, ErrLocked) {
		t.Errorf("sealed after the keys were wiped: %v", err)
	}
	file := w.fs.ReadFile("state/local/draft-one.age")
	file[len(file)-1] ^= 1
	w.fs.WriteFile("state/local/draft-one.age", file)
	must(t, w.open().Local().SaveDraft(t.Context(), draft("other", "good")))
	list, err := w.open().Local().Drafts()
	if !errors.Is(err, ErrCorrupt) || len(list) != 0 {
		t.Errorf("a flipped bit gave %d drafts, %v", len(list), err)
	}
}

func TestDraftsAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.open().Local()
	for _, id := range []string{"", "../x", "A", "a-b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"} {
		if err := l.SaveDraft(t.Context(), draft(id, "x")); err == nil {
			t.Errorf("id %q accepted", id)
		}
	}
	if err := l.SaveDraft(t.Context(), Draft{"big", secret.New(make([]byte, maxDraft+1))}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
	note := secret.New(make([]byte, 2<<20))
	must(t, l.SaveDraft(t.Context(), Draft{"long", note}))
	for i := range maxDrafts - 1 {
		must(t, l.SaveDraft(t.Context(), draft(fmt.Sprint("n", i), "x")))
	}
	if err := l.SaveDraft(t.Context(), draft("more", "x")); !errors.Is(err, ErrTooLarge) {
		t.Errorf("too many: %v", err)
	}
	must(t, l.SaveDraft(t.Context(), draft("n3", "again")))
	must(t, l.v.Close())
	if got := drafts(t, w.open()); len(got) != maxDrafts || len(got["long"]) != 2<<20 {
		t.Errorf("%d came back", len(got))
	}
}

// A change of the device's key takes the drafts along, and a program that still has the old one is told so in place of sealing what nobody opens.
func TestDraftsOutliveAChangeOfTheKey(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	v := h.init(NewWay{Kind: unlock.KindPassphrase, Passphrase: secret.FromString(testPass), WorkFactor: cheap})
	must(t, v.Local().SaveDraft(t.Context(), draft("one", "typed")))
	old := h.open("passphrase")
	must(t, v.ChangeSlot(t.Context(), "passphrase", ChangeOptions{Passphrase: secret.FromString("new"), WorkFactor: cheap}))
	if err := old.Local().SaveDraft(t.Context(), draft("two", "x")); !errors.Is(err, ErrWayChanged) {
		t.Errorf("sealed with the old key: %v", err)
	}
	must(t, v.Close())
	again, err := h.try(UnlockOptions{Method: "passphrase", Secret: secret.FromString("new")})
	must(t, err)
	if got := drafts(t, again); len(got) != 1 || got["one"] != "typed" {
		t.Errorf("came back %v", got)
	}
}
