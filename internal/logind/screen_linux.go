package logind

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/godbus/dbus/v5"
)

// savers are the screen savers that say ActiveChanged(true) when they cover the screen.
var savers = []string{
	"org.freedesktop.ScreenSaver", "org.gnome.ScreenSaver", "org.cinnamon.ScreenSaver", "org.mate.ScreenSaver", "org.xfce.ScreenSaver",
}

// session is the address of a session bus that already runs; never one that would be started.
func (o Options) session() string {
	if o.Session != "" {
		return o.Session
	}
	if env := os.Getenv("DBUS_SESSION_BUS_ADDRESS"); env != "" {
		return env
	}
	path := fmt.Sprintf("/run/user/%d/bus", os.Getuid())
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return "unix:path=" + path
}

// screens listens to the screen savers.
func (w *watcher) screens(ctx context.Context) error {
	b, err := dial(ctx, w.o.session())
	if err != nil {
		return err
	}
	defer b.close()
	for _, iface := range savers {
		if err := b.AddMatchSignalContext(ctx, dbus.WithMatchInterface(iface), dbus.WithMatchMember("ActiveChanged")); err != nil {
			return fmt.Errorf("listen to %s: %w", iface, err)
		}
	}
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case sig, ok := <-b.signals:
			if !ok {
				return errors.New("the session bus went away")
			}
			if covered(sig) && !w.remote(ctx) {
				w.tell(ctx, Screen)
			}
		}
	}
}

// covered reports whether a screen saver says that it covers the screen now.
func covered(sig *dbus.Signal) bool {
	iface, ok := strings.CutSuffix(sig.Name, ".ActiveChanged")
	var on bool
	return ok && slices.Contains(savers, iface) && dbus.Store(sig.Body, &on) == nil && on
}

// remote reports whether the user sits somewhere else: the desktop's screen saver says nothing about them then.
func (w *watcher) remote(ctx context.Context) bool {
	b, err := dial(ctx, w.o.system())
	if err != nil {
		return false
	}
	defer b.close()
	_, remote := ownSession(ctx, b)
	return remote
}
