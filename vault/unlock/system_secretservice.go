//go:build (dragonfly && cgo) || (freebsd && cgo) || linux || netbsd || openbsd

package unlock

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/godbus/dbus/v5"
)

// Names of the Secret Service (freedesktop.org Secret Service API 0.2).
const (
	ssName       = "org.freedesktop.secrets"
	ssPath       = dbus.ObjectPath("/org/freedesktop/secrets")
	ssService    = "org.freedesktop.Secret.Service"
	ssCollection = "org.freedesktop.Secret.Collection"
	ssPrompt     = "org.freedesktop.Secret.Prompt"
	ssLogin      = dbus.ObjectPath("/org/freedesktop/secrets/collection/login")
	noObject     = dbus.ObjectPath("/")
)

// system is the operating system's keyring: the Secret Service on the session bus. Items are read and written by
// go-keyring; looking and unlocking is ours, on a connection of our own, because go-keyring starts a bus where there is none,
// waits for dialogs for ever and takes a dismissed one for success.
type system struct{}

// Probe implements Items.
func (system) Probe(ctx context.Context) State {
	addr, found := busAddress(os.Getenv, fileExists, os.Getuid())
	if addr == "" {
		return State{Err: ErrNoKeyring, Found: found, Hint: hintNoBus}
	}
	ss, err := dial(ctx, addr)
	if err != nil {
		return State{Err: ErrNoKeyring, Found: fmt.Sprintf("a D-Bus session bus that cannot be reached (%v)", err), Hint: hintNoBus}
	}
	defer ss.close()
	return ss.look(ctx)
}

// Unlock implements Items.
func (system) Unlock(ctx context.Context) error {
	addr, found := busAddress(os.Getenv, fileExists, os.Getuid())
	if addr == "" {
		return &KeyringError{ErrNoKeyring, found, hintNoBus}
	}
	ss, err := dial(ctx, addr)
	if err != nil {
		return err
	}
	defer ss.close()
	return ss.unlock(ctx)
}

// secretService is one private connection. Closing it takes an open dialog away.
type secretService struct {
	conn *dbus.Conn
	root dbus.BusObject
}

// dial connects within ctx. The connection outlives ctx until close, so that a dialog can still be taken away.
func dial(ctx context.Context, addr string) (*secretService, error) {
	life, kill := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, kill)
	conn, err := dbus.Connect(addr, dbus.WithContext(life), dbus.WithSignalHandler(dbus.NewSequentialSignalHandler()))
	if err != nil || !stop() {
		kill()
		return nil, fmt.Errorf("connect to the session bus: %w", errors.Join(err, ctx.Err()))
	}
	return &secretService{conn, conn.Object(ssName, ssPath)}, nil
}

// close ends the connection, and with it its context.
func (s *secretService) close() { _ = s.conn.Close() }

func (s *secretService) look(ctx context.Context) State {
	who, err := s.provider(ctx)
	if err != nil {
		return s.asked(ctx, "", err)
	}
	if who == "" {
		return State{Err: ErrNoKeyring, Found: "a D-Bus session bus, but no Secret Service (keyring) on it", Hint: hintNoService}
	}
	collection, err := s.collection(ctx)
	if err != nil {
		return s.asked(ctx, who, err)
	}
	if collection == noObject {
		return State{Err: ErrNoKeyring, Found: who + ", which has no keyring in it yet", Hint: hintNoCollection}
	}
	locked, err := s.locked(ctx, collection)
	if err != nil {
		return s.asked(ctx, who, err)
	}
	if locked {
		return State{Available: true, Locked: true, Err: ErrKeyringLocked, Found: who + ", locked", Hint: hintLocked}
	}
	return State{Available: true, Found: who + ", unlocked"}
}

// asked is the state when the service itself failed to answer a question.
func (s *secretService) asked(ctx context.Context, who string, err error) State {
	if who == "" {
		who = "the keyring service"
	}
	if ctx.Err() != nil {
		return State{Err: ErrKeyringTimeout, Found: who + " does not answer", Hint: hintHanging}
	}
	return State{Err: ErrNoKeyring, Found: fmt.Sprintf("%s, which answers with an error (%v)", who, err), Hint: hintNoService}
}

// provider names the program behind the Secret Service, starting it when the bus knows how; "" when there is none.
func (s *secretService) provider(ctx context.Context) (string, error) {
	bus := s.conn.BusObject()
	var owned bool
	if err := bus.CallWithContext(ctx, "org.freedesktop.DBus.NameHasOwner", 0, ssName).Store(&owned); err != nil {
		return "", err
	}
	if !owned {
		var names []string
		if err := bus.CallWithContext(ctx, "org.freedesktop.DBus.ListActivatableNames", 0).Store(&names); err != nil {
			return "", err
		}
		if !slices.Contains(names, ssName) {
			return "", nil
		}
		var code uint32
		if err := bus.CallWithContext(ctx, "org.freedesktop.DBus.StartServiceByName", 0, ssName, uint32(0)).Store(&code); err != nil {
			return "", err
		}
	}
	var pid uint32
	if err := bus.CallWithContext(ctx, "org.freedesktop.DBus.GetConnectionUnixProcessID", 0, ssName).Store(&pid); err != nil {
		return "a Secret Service", nil //nolint:nilerr // only a name for people; some buses do not tell
	}
	return programName(pid), nil
}

// programName is the program's name from /proc, where it has harmless characters.
func programName(pid uint32) string {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	name := strings.TrimSpace(string(b))
	plain := !strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.'
	})
	if err != nil || name == "" || !plain {
		return "a Secret Service"
	}
	if strings.HasPrefix(name, "gnome-keyring") { // comm is cut at 15 bytes
		return "gnome-keyring"
	}
	return name
}

// collection is the one that go-keyring uses: login, else what the alias default names; noObject when there is none.
func (s *secretService) collection(ctx context.Context) (dbus.ObjectPath, error) {
	v, err := s.property(ctx, s.root, ssService, "Collections")
	if err != nil {
		return noObject, err
	}
	paths, ok := v.Value().([]dbus.ObjectPath)
	if !ok {
		return noObject, errors.New("it does not list its collections")
	}
	if slices.Contains(paths, ssLogin) {
		return ssLogin, nil
	}
	var path dbus.ObjectPath
	if err := s.root.CallWithContext(ctx, ssService+".ReadAlias", 0, "default").Store(&path); err != nil {
		return noObject, err
	}
	return path, nil
}

func (s *secretService) locked(ctx context.Context, collection dbus.ObjectPath) (bool, error) {
	v, err := s.property(ctx, s.conn.Object(ssName, collection), ssCollection, "Locked")
	if err != nil {
		return false, err
	}
	locked, ok := v.Value().(bool)
	if !ok {
		return false, errors.New("it does not say whether it is locked")
	}
	return locked, nil
}

func (s *secretService) property(ctx context.Context, o dbus.BusObject, iface, name string) (dbus.Variant, error) {
	var v dbus.Variant
	err := o.CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", 0, iface, name).Store(&v)
	return v, err
}

// unlock shows the service's dialog and waits for its end.
func (s *secretService) unlock(ctx context.Context) error {
	collection, err := s.collection(ctx)
	if err != nil {
		return err
	}
	var done []dbus.ObjectPath
	var prompt dbus.ObjectPath
	err = s.root.CallWithContext(ctx, ssService+".Unlock", 0, []dbus.ObjectPath{collection}).Store(&done, &prompt)
	if err != nil {
		return err
	}
	if prompt != noObject {
		if err := s.prompt(ctx, prompt); err != nil {
			return err
		}
	}
	locked, err := s.locked(ctx, collection)
	if err != nil {
		return err
	}
	if locked {
		return &KeyringError{ErrKeyringLocked, "it stayed locked", hintDismissed}
	}
	return nil
}

// prompt runs one dialog. The match rule stands before the dialog is asked for, and only its own Completed counts.
func (s *secretService) prompt(ctx context.Context, path dbus.ObjectPath) error {
	match := []dbus.MatchOption{dbus.WithMatchObjectPath(path), dbus.WithMatchInterface(ssPrompt), dbus.WithMatchMember("Completed")}
	if err := s.conn.AddMatchSignalContext(ctx, match...); err != nil {
		return err
	}
	signals := make(chan *dbus.Signal, 8)
	s.conn.Signal(signals)
	o := s.conn.Object(ssName, path)
	if err := o.CallWithContext(ctx, ssPrompt+".Prompt", 0, "").Err; err != nil {
		return err
	}
	for {
		select {
		case <-ctx.Done():
			o.Go(ssPrompt+".Dismiss", dbus.FlagNoReplyExpected, nil)
			return ctx.Err()
		case sig := <-signals:
			if sig == nil {
				return errors.New("the session bus went away")
			}
			if sig.Path != path || sig.Name != ssPrompt+".Completed" {
				continue
			}
			return completed(sig.Body)
		}
	}
}

func completed(body []any) error {
	if len(body) == 0 {
		return errors.New("malformed answer from the keyring's dialog")
	}
	dismissed, ok := body[0].(bool)
	if !ok {
		return errors.New("malformed answer from the keyring's dialog")
	}
	if dismissed {
		return &KeyringError{ErrKeyringDismissed, "", hintDismissed}
	}
	return nil
}

// interaction names go-keyring's one error that stands for a keyring that stayed locked.
func interaction(err error) error {
	if strings.Contains(err.Error(), "failed to unlock correct collection") {
		return &KeyringError{ErrKeyringLocked, "it stayed locked", hintLocked}
	}
	return err
}
