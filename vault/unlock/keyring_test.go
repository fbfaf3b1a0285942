package unlock

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"signet/vault/secret"
)

// shelf is an item store whose behaviour a test chooses.
type shelf struct {
	state  State
	unlock func(ctx context.Context) error
	get    func(service, user string) (string, error)
	set    func(service, user, value string) error
	del    func(service, user string) error
}

func (s *shelf) Probe(context.Context) State              { return s.state }
func (s *shelf) Unlock(ctx context.Context) error         { return s.unlock(ctx) }
func (s *shelf) Get(service, user string) (string, error) { return s.get(service, user) }
func (s *shelf) Set(service, user, value string) error    { return s.set(service, user, value) }
func (s *shelf) Delete(service, user string) error        { return s.del(service, user) }

var open = State{Available: true}

// quick is a Keyring without patience.
func quick(items Items) Keyring {
	return Keyring{Items: items, Probe: 50 * time.Millisecond, Wait: 50 * time.Millisecond, NoticeAfter: time.Millisecond}
}

// I15: a process never blocks longer than the time-out on the keyring. The store here answers nothing, ever.
func TestI15HangingKeyring(t *testing.T) {
	t.Parallel()
	hang := func() { select {} }
	mute := &shelf{
		state:  open,
		unlock: func(context.Context) error { hang(); return nil },
		get:    func(string, string) (string, error) { hang(); return "", nil },
		set:    func(string, string, string) error { hang(); return nil },
		del:    func(string, string) error { hang(); return nil },
	}
	locked := *mute
	locked.state = State{Available: true, Locked: true, Err: ErrKeyringLocked}
	ctx := context.Background()
	for name, call := range map[string]func(Keyring) error{
		"get":             func(k Keyring) error { _, err := k.Get(ctx, "u", false); return err },
		"get interactive": func(k Keyring) error { _, err := k.Get(ctx, "u", true); return err },
		"set":             func(k Keyring) error { return k.Set(ctx, "u", secret.FromString("v")) },
		"delete":          func(k Keyring) error { return k.Delete(ctx, "u") },
	} {
		if err := call(quick(mute)); !errors.Is(err, ErrKeyringTimeout) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := quick(&locked).Get(ctx, "u", true); !errors.Is(err, ErrKeyringTimeout) {
		t.Errorf("hanging dialog: got %v", err)
	}
}

type muteProbe struct{ *shelf }

func (muteProbe) Probe(context.Context) State { select {} }

func TestI15HangingProbe(t *testing.T) {
	t.Parallel()
	s := quick(muteProbe{}).ProbeKeyring(context.Background())
	if !errors.Is(s.Err, ErrKeyringTimeout) || s.Available || s.Hint == "" {
		t.Errorf("got %+v", s)
	}
}

func TestKeyringTellsThatItWaits(t *testing.T) {
	t.Parallel()
	told := make(chan string, 1)
	k := quick(&shelf{state: open, get: func(string, string) (string, error) { <-told; return "v", nil }})
	k.Wait = time.Minute
	k.Notice = func(s string) { told <- s } // the store answers only after the notice
	if got, err := k.Get(context.Background(), "u", true); err != nil || got.RevealString() != "v" {
		t.Errorf("got %v", err)
	}
}

func TestKeyringLockedShowsNoDialogUninvited(t *testing.T) {
	t.Parallel()
	unlocked := false
	s := &shelf{state: State{Available: true, Locked: true, Err: ErrKeyringLocked, Found: "gnome-keyring, locked", Hint: hintLocked}}
	s.unlock = func(context.Context) error { unlocked = true; return nil }
	s.get = func(string, string) (string, error) { return "v", nil }
	k := quick(s)
	k.Wait = time.Minute
	_, err := k.Get(context.Background(), "u", false)
	var told *KeyringError
	if !errors.Is(err, ErrKeyringLocked) || !errors.As(err, &told) || told.Hint != hintLocked || unlocked {
		t.Errorf("got %v, dialog %v", err, unlocked)
	}
	if _, err := k.Get(context.Background(), "u", true); err != nil || !unlocked {
		t.Errorf("interactive: got %v, dialog %v", err, unlocked)
	}
}

func TestKeyringErrorsPassThrough(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	empty := &shelf{state: open}
	empty.get = func(string, string) (string, error) { return "", &KeyringError{Err: ErrKeyringEmpty} }
	empty.del = func(string, string) error { return &KeyringError{Err: ErrKeyringEmpty} }
	empty.set = func(string, string, string) error { return nil }
	if _, err := quick(empty).Get(ctx, "u", true); !errors.Is(err, ErrKeyringEmpty) {
		t.Errorf("get of nothing: %v", err)
	}
	if err := quick(empty).Delete(ctx, "u"); err != nil {
		t.Errorf("delete of nothing: %v", err)
	}
	if err := quick(empty).Set(ctx, "u", secret.FromString("v")); !errors.Is(err, ErrKeyringLost) {
		t.Errorf("a store that forgets: %v", err)
	}
	other := &shelf{state: open}
	other.set = empty.set
	other.get = func(string, string) (string, error) { return "something else", nil }
	if err := quick(other).Set(ctx, "u", secret.FromString("v")); !errors.Is(err, ErrKeyringLost) {
		t.Errorf("a store that gives back something else: %v", err)
	}
	other.get = func(string, string) (string, error) { return strings.Repeat("x", MaxKeyFile+1), nil }
	if got, err := quick(other).Get(ctx, "u", true); !errors.Is(err, ErrDamaged) || !got.IsEmpty() {
		t.Errorf("an endless item: %v", err)
	}
	other.get = func(string, string) (string, error) { var paths []string; return paths[0], nil }
	if _, err := quick(other).Get(ctx, "u", true); err == nil {
		t.Error("a malformed answer passed")
	}
}

func TestKeyringCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	k := quick(&shelf{state: open, get: func(string, string) (string, error) { cancel(); select {} }})
	k.Wait = time.Minute
	if _, err := k.Get(ctx, "u", true); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := k.Get(ctx, "u", true); !errors.Is(err, context.Canceled) {
		t.Errorf("already cancelled: got %v", err)
	}
}

func TestKeyringDefaults(t *testing.T) {
	t.Parallel()
	var seen string
	s := &shelf{state: open, get: func(service, user string) (string, error) { seen = service + " " + user; return "v", nil }}
	if _, err := (Keyring{Items: s}).Get(context.Background(), User("vault", "device"), false); err != nil || seen != "signet vault/device" {
		t.Errorf("got %q, %v", seen, err)
	}
}
