package cli

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"signet/internal/session"
	"signet/internal/session/sessiontest"
	"signet/tui/screen"
	"signet/vault"
	"signet/vault/secret"
	"signet/vault/unlock"
)

// auditVault is a real vault as the screens see it, with logins that all have the same weak password.
func auditVault(t *testing.T, titles ...string) (*App, *tuiVault) {
	t.Helper()
	a := testApp(&bytes.Buffer{}, &bytes.Buffer{})
	v, err := vault.Init(t.Context(), filepath.Join(t.TempDir(), "vault"), vault.Options{}, vault.InitOptions{
		DeviceName: "test", NoRecovery: true, Ways: []vault.NewWay{{Kind: unlock.KindPassphrase, Passphrase: secret.FromString("correct horse"), WorkFactor: 10}},
	})
	if err != nil {
		t.Fatal(err)
	}
	tv := &tuiVault{a: a, s: session.NewLocal(v, time.Now)}
	t.Cleanup(func() { _ = tv.Lock(context.Background()) })
	for _, title := range titles {
		_, edits := sessiontest.Login(title, "ada", "letmein")
		if _, err := tv.Apply(t.Context(), nil, edits); err != nil {
			t.Fatal(err)
		}
	}
	return a, tv
}

func TestTheScreensAuditARealVault(t *testing.T) {
	t.Parallel()
	a, v := auditVault(t, "Bank", "Shop")
	port := tuiAuditor{a}
	if _, ok := port.Last(v); ok {
		t.Error("there is a report before the first run")
	}
	stages := map[string]bool{}
	rep, err := port.Run(t.Context(), v, screen.AuditOptions{}, func(stage string, done, total int) { stages[stage] = done == total })
	if err != nil {
		t.Fatal(err)
	}
	if !stages["entries"] || rep.Entries != 2 || rep.Passwords != 2 || rep.Online || len(rep.Unchecked) != 1 || rep.Unchecked[0].Failed {
		t.Errorf("stages %v, report %+v", stages, rep)
	}
	for id, kinds := range rep.ByEntry() {
		if !slices.Contains(kinds, screen.AuditWeak) || !slices.Contains(kinds, screen.AuditReused) {
			t.Errorf("%s has %v", id, kinds)
		}
	}
	if last, ok := port.Last(v); !ok || len(last.Findings) != len(rep.Findings) {
		t.Errorf("the last report has %d findings (%v), not %d", len(last.Findings), ok, len(rep.Findings))
	}
}

// What was mended goes with the next run, and only that.
func TestAMendedFindingGoes(t *testing.T) {
	t.Parallel()
	a, v := auditVault(t, "Bank", "Shop")
	port := tuiAuditor{a}
	rep, err := port.Run(t.Context(), v, screen.AuditOptions{}, nil)
	if err != nil || len(rep.Findings) != 4 { // both weak, both reused
		t.Fatalf("%d findings, %v", len(rep.Findings), err)
	}
	f := rep.Findings[0]
	edit := vault.SetEdit(f.Entry, f.Path, "x7#Kd-9vQ2!mZr8@Lp0w")
	if _, err := v.Apply(t.Context(), nil, []vault.Edit{edit}); err != nil {
		t.Fatal(err)
	}
	rep, err = port.Run(t.Context(), v, screen.AuditOptions{}, nil)
	if err != nil || len(rep.Findings) != 1 || rep.Findings[0].Entry == f.Entry || rep.Findings[0].Kind != screen.AuditWeak {
		t.Errorf("findings %+v, %v", rep.Findings, err)
	}
}

// Locking wipes what audits remember, and nothing runs afterwards.
func TestAnAuditEndsWithTheLock(t *testing.T) {
	t.Parallel()
	a, v := auditVault(t, "Bank")
	port := tuiAuditor{a}
	if _, err := port.Run(t.Context(), v, screen.AuditOptions{}, nil); err != nil {
		t.Fatal(err)
	}
	if err := v.Lock(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, ok := port.Last(v); ok {
		t.Error("a locked vault still has its report")
	}
	if _, err := port.Run(t.Context(), v, screen.AuditOptions{}, nil); !errors.Is(err, vault.ErrLocked) {
		t.Errorf("a locked vault is audited: %v", err)
	}
}

// The kinds of the screens and those of the engine are the same, in the same order.
func TestTheScreensKnowEveryKindOfFinding(t *testing.T) {
	t.Parallel()
	var of []string
	for _, k := range screen.AuditKinds() {
		of = append(of, string(k))
	}
	if !slices.Equal(of, auditKinds()) {
		t.Errorf("screens: %v, engine: %v", of, auditKinds())
	}
}

func TestTheEstimatorOfTheScreens(t *testing.T) {
	t.Parallel()
	s, err := tuiEstimator{}.Estimate(t.Context(), secret.FromString("x7#Kd-9vQ2!mZr8@Lp0w"))
	if err != nil || s.Score != 4 || s.Words != "strong" || s.Bits < 60 {
		t.Errorf("%+v, %v", s, err)
	}
	plain, _ := tuiEstimator{}.Estimate(t.Context(), secret.FromString("ada.lovelace-77"))
	known, _ := tuiEstimator{}.Estimate(t.Context(), secret.FromString("ada.lovelace-77"), "Bank", "ada.lovelace@example.com")
	if known.Bits >= plain.Bits {
		t.Errorf("the user's own name makes it no weaker: %.0f and %.0f bits", plain.Bits, known.Bits)
	}
}
