package cli

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"signet/internal/logind"
	"signet/internal/session"
	"signet/passkeys"
	"signet/tui/screen"
	"signet/vault"
	"signet/vault/secret"
)

// sayings are what a held vault says.
type sayings struct {
	mu   sync.Mutex
	list []string
}

func (t *sayings) say(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.list = append(t.list, text)
}

func holding(t *testing.T) (*desk, *heldVault, *sayings) {
	t.Helper()
	d := newDesk(t)
	h, said := newHeldVault(d.app, d.opener.dir), &sayings{}
	h.say = said.say
	h.unlock = func(ctx context.Context, _ func(bool)) (*vault.Vault, error) {
		at, err := vault.At(d.opener.dir, d.opener.options())
		if err != nil {
			return nil, err
		}
		return at.Unlock(ctx, vault.UnlockOptions{Secret: secret.FromString(deskPass)})
	}
	t.Cleanup(func() { h.lock(context.Background(), nil, "") })
	return d, h, said
}

func TestHeldVaultLocksByItsRules(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for name, c := range map[string]struct {
		rules      session.Settings
		open, idle time.Duration
		busy       int
		asking     bool
		due        bool
	}{
		"at work":           {session.Settings{LockIdle: time.Minute, LockMax: time.Hour}, 2 * time.Minute, 2 * time.Minute, 1, false, false},
		"idle":              {session.Settings{LockIdle: time.Minute, LockMax: time.Hour}, 2 * time.Minute, time.Minute, 0, false, true},
		"not idle yet":      {session.Settings{LockIdle: time.Minute, LockMax: time.Hour}, 2 * time.Minute, 59 * time.Second, 0, false, false},
		"somebody is asked": {session.Settings{LockIdle: time.Minute, LockMax: time.Hour}, 2 * time.Minute, 2 * time.Minute, 0, true, false},
		"open for long":     {session.Settings{LockIdle: time.Minute, LockMax: time.Hour}, time.Hour, time.Second, 1, true, true},
		"never":             {session.Settings{}, 1000 * time.Hour, 1000 * time.Hour, 0, false, false},
	} {
		h := newHeldVault(&App{}, "")
		h.local, h.rules, h.opened, h.used, h.busy = &session.Local{}, c.rules, now.Add(-c.open), now.Add(-c.idle), c.busy
		h.asking = func() bool { return c.asking }
		if why := h.due(now); (why != "") != c.due {
			t.Errorf("%s: %q", name, why)
		}
		h.local = nil
		if why := h.due(now); why != "" {
			t.Errorf("%s, locked: %q", name, why)
		}
	}
}

// A machine that goes to sleep waits until the vault is locked, and the next request opens it again.
func TestHeldVaultLocksForTheMachine(t *testing.T) {
	t.Parallel()
	_, h, said := holding(t)
	for _, why := range []logind.Why{logind.Suspend, logind.Screen} {
		if err := h.door.Open(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		l := h.current()
		done := false
		h.machineEvent(t.Context(), logind.Event{Why: why, Done: func() {
			_, err := l.Info(context.Background())
			done = errors.Is(err, vault.ErrLocked)
		}})
		if _, err := h.door.Store().Count(t.Context()); !done || !errors.Is(err, passkeys.ErrLocked) || h.current() != nil {
			t.Errorf("%d: was it locked when the machine went on? %v; %v", why, done, err)
		}
	}
	if len(said.list) != 2 || slices.Contains(said.list, "") {
		t.Errorf("said %q", said.list)
	}
}

// What lock.on does not name is not obeyed, and a change of the rules counts at once.
func TestHeldVaultFollowsTheRules(t *testing.T) {
	t.Parallel()
	d, h, _ := holding(t)
	if err := h.door.Open(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	d.set(screen.SettingChange{Name: "lock.on", Value: "screen"})
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		h.mu.Lock()
		on := h.rules.LockOn
		h.mu.Unlock()
		if slices.Equal(on, []string{"screen"}) {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("lock.on is still %q", on)
		}
	}
	h.machineEvent(t.Context(), logind.Event{Why: logind.Suspend, Done: func() {}})
	if h.current() == nil {
		t.Error("locked for what the rules do not name")
	}
}

// Who serves ends with the vault locked.
func TestHeldVaultIsLockedAtTheEnd(t *testing.T) {
	t.Parallel()
	_, h, _ := holding(t)
	if err := h.door.Open(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	l := h.current()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	h.watch(ctx)
	if _, err := l.Info(t.Context()); !errors.Is(err, vault.ErrLocked) {
		t.Error(err)
	}
}
