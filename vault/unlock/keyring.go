package unlock

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signet/vault/secret"
)

// Service is the name under which Signet's items stand in every keyring (decisions.md, names of things on a machine).
const Service = "signet"

// Time-outs of vault.md 5.10.
const (
	probeTimeout = 5 * time.Second
	waitTimeout  = 120 * time.Second // a person reads a dialog and types a password
	noticeAfter  = 2 * time.Second
)

// User names the item of one device of one vault. Both ids can be read without a key, so a vault directory can be moved.
func User(vault, device string) string { return vault + "/" + device }

// Keyring is one item store, with the patience that people and broken services need: no call blocks longer than its
// time-out (I15). The zero values of the fields mean what vault.md 5.10 says.
type Keyring struct {
	Service     string        // "signet"
	Probe       time.Duration // 5 s
	Wait        time.Duration // 120 s when a prompt is expected
	NoticeAfter time.Duration // 2 s
	Notice      func(string)  // called after NoticeAfter of waiting; may be nil
	Items       Items         // nil: the operating system's
}

// Items is the store itself. All methods may block for ever; Keyring does not wait that long. Errors that wrap
// ErrKeyringEmpty or are a *KeyringError are passed on as they are.
type Items interface {
	// Probe looks, changes nothing and shows no dialog.
	Probe(ctx context.Context) State
	// Unlock shows the keyring's own dialog and waits for its end; nothing to do is success.
	Unlock(ctx context.Context) error
	Get(service, user string) (string, error)
	Set(service, user, value string) error
	Delete(service, user string) error
}

// State is what a probe found.
type State struct {
	Available bool // there is a keyring that answers
	Locked    bool
	Err       error  // nil when it can be used at once; ErrNoKeyring, ErrKeyringLocked or ErrKeyringTimeout otherwise
	Found     string // what was found, one line for people ("no D-Bus session bus …", "gnome-keyring, locked")
	Hint      string // the exact next step
}

func (s State) error() error {
	if s.Err == nil {
		return nil
	}
	return &KeyringError{s.Err, s.Found, s.Hint}
}

// ProbeKeyring looks for a bus first, so that no library starts a private one, and never blocks longer than Probe.
func (k Keyring) ProbeKeyring(ctx context.Context) State {
	ctx, cancel := context.WithTimeout(ctx, or(k.Probe, probeTimeout))
	defer cancel()
	s, err := within(ctx, func() (State, error) { return k.items().Probe(ctx), nil })
	if err != nil {
		return State{Err: ErrKeyringTimeout, Found: "the keyring service does not answer", Hint: hintHanging}
	}
	return s
}

// Get fetches the device key file. interactive false: a locked collection is ErrKeyringLocked at once, no dialog appears.
func (k Keyring) Get(ctx context.Context, user string, interactive bool) (secret.Secret, error) {
	patience, err := k.ready(ctx, interactive)
	if err != nil {
		return secret.Secret{}, err
	}
	return k.get(ctx, user, patience)
}

// Set stores, reads back and compares: a service whose dialog was dismissed answers as if it had stored (vault.md 2c).
func (k Keyring) Set(ctx context.Context, user string, value secret.Secret) error {
	patience, err := k.ready(ctx, true)
	if err != nil {
		return err
	}
	_, err = k.call(ctx, patience, "store", func() (string, error) {
		return "", k.items().Set(k.service(), user, value.RevealString())
	})
	if err != nil {
		return err
	}
	got, err := k.get(ctx, user, patience)
	if err != nil && !errors.Is(err, ErrKeyringEmpty) {
		return fmt.Errorf("read key back: %w", err)
	}
	defer got.Wipe()
	if !got.Equal(value) {
		return &KeyringError{ErrKeyringLost, "it answered that the key was stored, and does not have it", hintLost}
	}
	return nil
}

// Delete removes the item; absence is fine.
func (k Keyring) Delete(ctx context.Context, user string) error {
	patience, err := k.ready(ctx, true)
	if err != nil {
		return err
	}
	_, err = k.call(ctx, patience, "delete", func() (string, error) {
		return "", k.items().Delete(k.service(), user)
	})
	if errors.Is(err, ErrKeyringEmpty) {
		return nil
	}
	return err
}

// ready probes and, where a person may be asked, unlocks. It returns how long the next call may take: an unlocked keyring
// can still ask whether this program may have the item (KeePassXC, macOS).
func (k Keyring) ready(ctx context.Context, interactive bool) (time.Duration, error) {
	s := k.ProbeKeyring(ctx)
	if ctx.Err() != nil {
		return 0, fmt.Errorf("open keyring: %w", ctx.Err())
	}
	if !interactive {
		return or(k.Probe, probeTimeout), s.error()
	}
	wait := or(k.Wait, waitTimeout)
	if !s.Locked {
		return wait, s.error()
	}
	uctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	_, err := k.call(uctx, wait, "unlock", func() (string, error) { return "", k.items().Unlock(uctx) })
	return wait, err
}

func (k Keyring) get(ctx context.Context, user string, patience time.Duration) (secret.Secret, error) {
	v, err := k.call(ctx, patience, "read", func() (string, error) { return k.items().Get(k.service(), user) })
	if err != nil {
		return secret.Secret{}, err
	}
	if len(v) > MaxKeyFile {
		return secret.Secret{}, fmt.Errorf("read keyring item: %w: %d bytes", ErrDamaged, len(v))
	}
	return secret.FromString(v), nil
}

// call runs f in a goroutine with a time-out and a notice. A call that is given up goes on in its goroutine: the
// libraries below cannot be stopped, and its late answer goes nowhere.
func (k Keyring) call(ctx context.Context, patience time.Duration, verb string, f func() (string, error)) (string, error) {
	cctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if k.Notice != nil {
		t := time.AfterFunc(or(k.NoticeAfter, noticeAfter), func() { k.Notice(noticeWaiting) })
		defer t.Stop()
	}
	v, err := within(cctx, f)
	var told *KeyringError
	switch {
	case err == nil:
		return v, nil
	case ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded):
		return "", fmt.Errorf("%s keyring item: %w", verb, ctx.Err())
	case cctx.Err() != nil, errors.Is(err, context.DeadlineExceeded): // f may see the end of ctx before cctx does
		return "", &KeyringError{ErrKeyringTimeout, fmt.Sprintf("no answer within %s", patience), hintHanging}
	case errors.As(err, &told), errors.Is(err, ErrKeyringEmpty):
		return "", err
	}
	return "", fmt.Errorf("%s keyring item: %v", verb, err)
}

func (k Keyring) items() Items {
	if k.Items != nil {
		return k.Items
	}
	return system{}
}

func (k Keyring) service() string {
	if k.Service != "" {
		return k.Service
	}
	return Service
}

func or(d, otherwise time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return otherwise
}

// within runs f in its own goroutine and waits for it or for ctx. A panic in f is an error: the client library asserts
// types of what a service answers.
func within[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type answer struct {
		v   T
		err error
	}
	c := make(chan answer, 1)
	go func() {
		var a answer
		defer func() {
			if r := recover(); r != nil {
				a.err = fmt.Errorf("malformed answer: %v", r)
			}
			c <- a
		}()
		a.v, a.err = f()
	}()
	select {
	case a := <-c:
		return a.v, a.err
	case <-ctx.Done():
		var zero T
		return zero, ctx.Err()
	}
}
