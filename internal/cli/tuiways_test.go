package cli

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"signet/tui/screen"
	"signet/vault"
	"signet/vault/secret"
)

func (d *desk) ways() map[string]screen.WayRow {
	d.Helper()
	l, err := tuiWays{d.app}.List(d.Context(), d.vault)
	d.must(err)
	out := map[string]screen.WayRow{}
	for _, w := range l.Ways {
		out[w.Name] = w
	}
	return out
}

func TestWaysAreListedAsTheyAre(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ways := d.ways()
	pass, code := ways["passphrase"], ways["recovery"]
	if len(ways) != 2 || !pass.Device || !pass.Weak || pass.WorkFactor != 10 || !pass.Last || pass.Added.IsZero() || code.Device || code.Kind != screen.WayRecovery {
		t.Errorf("%+v", ways)
	}
	l, _ := tuiWays{d.app}.List(t.Context(), d.vault)
	if len(l.Devices) != 1 || l.Devices[0].Name != "laptop" || !l.Devices[0].This || l.Devices[0].By != "" || !l.Keyring {
		t.Errorf("devices %+v", l)
	}
}

func TestAWayIsAddedTestedRenamedAndRemoved(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	w, ctx := tuiWays{d.app}, t.Context()
	d.must(w.Add(ctx, d.vault, screen.NewWay{Kind: screen.WayPassphrase, Name: "desk", Passphrase: secret.FromString("another one"), WorkFactor: 10}))
	if !d.opens("desk", "another one") || !d.opens("passphrase", deskPass) {
		t.Fatal("one of the two does not open the vault")
	}
	if err := w.Test(ctx, d.vault, "desk", secret.FromString(deskPass)); !d.app.tuiFaults().WrongSecret(err) {
		t.Errorf("the wrong passphrase of a test: %v", err)
	}
	d.must(w.Test(ctx, d.vault, "desk", secret.FromString("another one")))
	d.must(w.Test(ctx, d.vault, "recovery", secret.FromString(d.code)))
	if err := w.Rename(ctx, d.vault, "desk", "passphrase"); err == nil || !strings.Contains(err.Error(), "there already") {
		t.Errorf("renamed onto another one: %v", err)
	}
	d.must(w.Rename(ctx, d.vault, "desk", "table"))
	d.must(w.Remove(ctx, d.vault, "passphrase", false))
	if got := slices.Sorted(maps.Keys(d.ways())); !slices.Equal(got, []string{"recovery", "table"}) || d.opens("passphrase", deskPass) || !d.opens("table", "another one") {
		t.Errorf("left: %v", got)
	}
	if err := w.Remove(ctx, d.vault, "table", false); !errors.Is(err, vault.ErrLastWay) {
		t.Errorf("the last way in: %v", err)
	}
	// The session goes on with the key that took the old one's place.
	if _, err := d.vault.Apply(ctx, nil, []vault.Edit{vault.SetEdit(vault.IDs{Rand: d.app.Rand}.Record(), "title", "x")}); err != nil {
		t.Errorf("the vault cannot be written any more: %v", err)
	}
}

func TestAPassphraseIsChangedWithAndWithoutTheKey(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	w, ctx := tuiWays{d.app}, t.Context()
	d.must(w.Change(ctx, d.vault, "passphrase", screen.WayChange{Passphrase: secret.FromString("the second one"), WorkFactor: 10, KeepKey: true}))
	if !d.ways()["passphrase"].Kept || d.opens("passphrase", deskPass) || !d.opens("passphrase", "the second one") {
		t.Error("a changed passphrase with the key kept")
	}
	if err := w.Change(ctx, d.vault, "passphrase", screen.WayChange{Current: secret.FromString("wrong"), WorkFactor: 11}); !d.app.tuiFaults().WrongSecret(err) {
		t.Errorf("the cost was changed with a wrong passphrase: %v", err)
	}
	d.must(w.Change(ctx, d.vault, "passphrase", screen.WayChange{Current: secret.FromString("the second one"), WorkFactor: 11}))
	if p := d.ways()["passphrase"]; p.Kept || p.WorkFactor != 11 || !d.opens("passphrase", "the second one") {
		t.Errorf("a changed cost: %+v", p)
	}
}

func TestARecoveryCodeTakesThePlaceOfTheOldOne(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	w, ctx := tuiWays{d.app}, t.Context()
	p, err := w.PrepareRecovery(ctx, d.vault, "recovery")
	d.must(err)
	code, _ := p.Recovery()
	if len(d.ways()) != 2 || d.opens("recovery", code.Text.RevealString()) {
		t.Fatal("the code works before it was confirmed")
	}
	if !p.Check(code.Words) || p.Check(secret.FromString(d.code)) {
		t.Error("the code is not checked")
	}
	if v, err := p.Commit(ctx); err != nil || v != nil {
		t.Fatalf("commit: %v, %v", v, err)
	}
	_, err = d.vault.Apply(ctx, nil, []vault.Edit{vault.SetEdit(vault.IDs{Rand: d.app.Rand}.Record(), "title", "written later")})
	d.must(err)
	if n := d.reads("recovery", code.Text.RevealString()); n != 1 {
		t.Errorf("the new code reads %d entries", n)
	}
	if n := d.reads("recovery", d.code); n != 0 {
		t.Error("the old code reads what was written after it was replaced")
	}
	s, err := w.PrepareRecovery(ctx, d.vault, "")
	d.must(err)
	d.must(s.SaveSheet(ctx, "~/sheet"))
	_, err = s.Commit(ctx)
	d.must(err)
	d.must(w.Remove(ctx, d.vault, "recovery-2", false))
	q, err := w.PrepareRecovery(ctx, d.vault, "")
	d.must(err)
	q.Discard()
	if got := slices.Sorted(maps.Keys(d.ways())); len(got) != 2 {
		t.Errorf("a discarded code was added: %v", got)
	}
}

// What the vault refuses at the end is an answer, not a hang, also when it is asked again.
func TestACommitThatFailsAnswersTwice(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	p, err := tuiWays{d.app}.PrepareRecovery(t.Context(), d.vault, "nobody")
	d.must(err)
	code, _ := p.Recovery()
	if !p.Check(code.Text) {
		t.Fatal("the code is not the code")
	}
	for range 2 {
		if _, err := p.Commit(t.Context()); err == nil {
			t.Fatal("a code took the place of one that is not there")
		}
	}
}
