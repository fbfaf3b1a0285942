package logind

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/godbus/dbus/v5"
)

// Names of systemd-logind.
const (
	login       = "org.freedesktop.login1"
	loginPath   = dbus.ObjectPath("/org/freedesktop/login1")
	sessionPath = dbus.ObjectPath("/org/freedesktop/login1/session")
	manager     = login + ".Manager"
	session     = login + ".Session"
	properties  = "org.freedesktop.DBus.Properties"
)

// defaultSystem is where the system bus is when the environment does not say.
const defaultSystem = "unix:path=/run/dbus/system_bus_socket"

func (o Options) system() string {
	if o.System != "" {
		return o.System
	}
	if env := os.Getenv("DBUS_SYSTEM_BUS_ADDRESS"); env != "" {
		return env
	}
	return defaultSystem
}

func (o Options) uid() int {
	if o.UID != 0 {
		return o.UID
	}
	return os.Getuid()
}

// listeners are what Watch runs.
func (w *watcher) listeners() []func(context.Context) error {
	return []func(context.Context) error{w.sleep, w.screens}
}

// bus is a private connection with its signals. They come in the order in which they were sent, and are closed with the connection.
type bus struct {
	*dbus.Conn
	signals chan *dbus.Signal
}

func dial(ctx context.Context, address string) (*bus, error) {
	if address == "" || strings.HasPrefix(address, "autolaunch:") {
		return nil, errors.New("no D-Bus here")
	}
	conn, err := dbus.Connect(address, dbus.WithContext(ctx), dbus.WithSignalHandler(dbus.NewSequentialSignalHandler()))
	if err != nil {
		return nil, fmt.Errorf("connect to D-Bus: %w", err)
	}
	b := &bus{conn, make(chan *dbus.Signal, queue)}
	conn.Signal(b.signals)
	return b, nil
}

func (b *bus) close() { _ = b.Close() }

// call asks one question with its own time limit.
func (b *bus) call(ctx context.Context, dest string, path dbus.ObjectPath, method string, out any, args ...any) error {
	ctx, cancel := context.WithTimeout(ctx, answerIn)
	defer cancel()
	return b.Object(dest, path).CallWithContext(ctx, method, dbus.FlagNoAutoStart, args...).Store(out)
}

// sleep listens to logind.
func (w *watcher) sleep(ctx context.Context) error {
	b, err := dial(ctx, w.o.system())
	if err != nil {
		return err
	}
	defer b.close()
	for _, m := range [][]dbus.MatchOption{
		{dbus.WithMatchSender(login), dbus.WithMatchInterface(manager), dbus.WithMatchMember("PrepareForSleep")},
		{dbus.WithMatchSender(login), dbus.WithMatchInterface(session), dbus.WithMatchMember("Lock")},
		{dbus.WithMatchSender(login), dbus.WithMatchInterface(properties), dbus.WithMatchPathNamespace(sessionPath)},
		{dbus.WithMatchInterface("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, login)},
	} {
		if err := b.AddMatchSignalContext(ctx, m...); err != nil {
			return fmt.Errorf("listen to logind: %w", err)
		}
	}
	s := sleeper{w: w, b: b}
	defer s.letGo()
	s.inhibit(ctx)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case sig, ok := <-b.signals:
			if !ok {
				return errors.New("the system bus went away")
			}
			s.signal(ctx, sig)
		}
	}
}

// sleeper holds the inhibitor of one connection.
type sleeper struct {
	w    *watcher
	b    *bus
	held *os.File
}

// inhibit makes the machine wait before it sleeps. Where that is not allowed, the lock comes as early as it can.
func (s *sleeper) inhibit(ctx context.Context) {
	s.letGo()
	var fd dbus.UnixFD
	err := s.b.call(ctx, login, loginPath, manager+".Inhibit", &fd, "sleep", "Signet", "the vault is locked first", "delay")
	if err == nil && fd >= 0 {
		s.held = os.NewFile(uintptr(fd), "inhibitor")
	}
}

func (s *sleeper) letGo() {
	if s.held != nil {
		_ = s.held.Close()
		s.held = nil
	}
}

func (s *sleeper) signal(ctx context.Context, sig *dbus.Signal) {
	switch sig.Name {
	case manager + ".PrepareForSleep":
		var begins bool
		if dbus.Store(sig.Body, &begins) != nil {
			return
		}
		if !begins {
			s.inhibit(ctx)
			return
		}
		s.w.tell(ctx, Suspend)
		s.letGo()
	case "org.freedesktop.DBus.NameOwnerChanged":
		if _, _, owner := names(sig.Body); owner != "" { // logind was started anew
			s.inhibit(ctx)
		}
	case session + ".Lock":
		if s.mine(ctx, sig.Path) {
			s.w.tell(ctx, Screen)
		}
	case properties + ".PropertiesChanged":
		if s.hinted(ctx, sig) && s.mine(ctx, sig.Path) {
			s.w.tell(ctx, Screen)
		}
	}
}

func names(body []any) (name, before, now string) {
	_ = dbus.Store(body, &name, &before, &now)
	return name, before, now
}

// hinted reports whether a session says that its screen is locked now.
func (s *sleeper) hinted(ctx context.Context, sig *dbus.Signal) bool {
	var iface string
	var changed map[string]dbus.Variant
	var stale []string
	if dbus.Store(sig.Body, &iface, &changed, &stale) != nil || iface != session {
		return false
	}
	if v, ok := changed["LockedHint"]; ok {
		on, _ := v.Value().(bool)
		return on
	}
	for _, name := range stale {
		if name == "LockedHint" {
			var v dbus.Variant
			err := s.b.call(ctx, login, sig.Path, properties+".Get", &v, session, name)
			on, _ := v.Value().(bool)
			return err == nil && on
		}
	}
	return false
}

// mine reports whether a session is one whose lock counts: one of the user's. Over SSH only the session that Signet runs in counts: the desktop at
// home locks itself long before the person at the other end is gone.
func (s *sleeper) mine(ctx context.Context, path dbus.ObjectPath) bool {
	if own, remote := ownSession(ctx, s.b); remote {
		return path == own
	}
	var v dbus.Variant
	if err := s.b.call(ctx, login, path, properties+".Get", &v, session, "User"); err != nil {
		return false
	}
	user, ok := v.Value().([]any)
	if !ok || len(user) == 0 {
		return false
	}
	uid, ok := user[0].(uint32)
	return ok && int(uid) == s.w.o.uid()
}

// ownSession is the session that this process runs in, and whether somebody uses it from elsewhere.
func ownSession(ctx context.Context, b *bus) (path dbus.ObjectPath, remote bool) {
	if b.call(ctx, login, loginPath, manager+".GetSessionByPID", &path, uint32(os.Getpid())) != nil { //nolint:gosec // a pid is never negative
		return "", false
	}
	var v dbus.Variant
	if b.call(ctx, login, path, properties+".Get", &v, session, "Remote") != nil {
		return "", false
	}
	remote, _ = v.Value().(bool)
	return path, remote
}

// Probe says what can be noticed on this machine.
func Probe(ctx context.Context, o Options) (a Availability) {
	ctx, cancel := context.WithTimeout(ctx, 2*answerIn)
	defer cancel()
	a.Suspend = "systemd-logind was not found (" + o.system() + ")"
	if b, err := dial(ctx, o.system()); err == nil {
		defer b.close()
		if b.owned(ctx, login) {
			return Availability{}
		}
	}
	a.Screen = a.Suspend
	b, err := dial(ctx, o.session())
	if err != nil {
		return a
	}
	defer b.close()
	for _, name := range savers {
		if b.owned(ctx, name) {
			a.Screen = ""
		}
	}
	return a
}

func (b *bus) owned(ctx context.Context, name string) bool {
	var there bool
	return b.call(ctx, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus.NameHasOwner", &there, name) == nil && there
}
