//go:build linux

package unlock

import (
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/godbus/dbus/v5"
)

// fakeService is a Secret Service with one collection, written from the freedesktop specification, that misbehaves as its
// fields say.
type fakeService struct {
	mute       bool // answers nothing
	muteItems  bool // answers what a probe asks, then nothing
	malformed  bool // answers with the wrong types
	locked     bool
	dialog     dialog
	askToStore bool // storing needs a dialog

	conn      *dbus.Conn
	mu        sync.Mutex
	items     map[string]string // user → value
	dialogs   atomic.Int32
	dismissed chan struct{} // a client took its dialog away
}

type dialog int

const (
	dialogAccept dialog = iota
	dialogDismiss
	dialogIgnore
)

const (
	fakePrompt  = dbus.ObjectPath("/org/freedesktop/secrets/prompt/p1")
	fakeSession = dbus.ObjectPath("/org/freedesktop/secrets/session/s1")
	fakeItem    = dbus.ObjectPath("/org/freedesktop/secrets/collection/login/1")
)

type fakeSecret struct {
	Session     dbus.ObjectPath
	Parameters  []byte
	Value       []byte
	ContentType string
}

func startFake(t *testing.T, f *fakeService) *fakeService {
	t.Helper()
	conn, err := dbus.Connect(os.Getenv("DBUS_SESSION_BUS_ADDRESS"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	f.conn, f.items, f.dismissed = conn, map[string]string{}, make(chan struct{}, 8)
	props := map[string]any{"Get": f.property}
	for _, e := range []struct {
		methods map[string]any
		path    dbus.ObjectPath
		iface   string
	}{
		{props, ssPath, "org.freedesktop.DBus.Properties"},
		{props, ssLogin, "org.freedesktop.DBus.Properties"},
		{map[string]any{"Unlock": f.unlock, "OpenSession": f.openSession, "ReadAlias": f.readAlias}, ssPath, ssService},
		{map[string]any{"CreateItem": f.createItem, "SearchItems": f.searchItems}, ssLogin, ssCollection},
		{map[string]any{"GetSecret": f.getSecret}, fakeItem, "org.freedesktop.Secret.Item"},
		{map[string]any{"Prompt": f.prompt, "Dismiss": f.dismiss}, fakePrompt, ssPrompt},
		{map[string]any{"Close": func() *dbus.Error { return nil }}, fakeSession, "org.freedesktop.Secret.Session"},
	} {
		if err := conn.ExportMethodTable(e.methods, e.path, e.iface); err != nil {
			t.Fatal(err)
		}
	}
	if r, err := conn.RequestName(ssName, dbus.NameFlagDoNotQueue); err != nil || r != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("own the name: %v %v", r, err)
	}
	return f
}

func (f *fakeService) property(_, name string) (dbus.Variant, *dbus.Error) {
	if f.mute {
		select {}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.malformed:
		return dbus.MakeVariant("surprise"), nil
	case name == "Collections":
		return dbus.MakeVariant([]dbus.ObjectPath{ssLogin}), nil
	case name == "Locked":
		return dbus.MakeVariant(f.locked), nil
	}
	return dbus.Variant{}, dbus.MakeFailedError(os.ErrNotExist)
}

func (f *fakeService) readAlias(string) (dbus.ObjectPath, *dbus.Error) { return ssLogin, nil }

func (f *fakeService) unlock(objects []dbus.ObjectPath) (done []dbus.ObjectPath, prompt dbus.ObjectPath, _ *dbus.Error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.locked {
		return []dbus.ObjectPath{}, fakePrompt, nil
	}
	return objects, noObject, nil
}

func (f *fakeService) openSession(string, dbus.Variant) (dbus.Variant, dbus.ObjectPath, *dbus.Error) {
	if f.muteItems {
		select {}
	}
	return dbus.MakeVariant(""), fakeSession, nil
}

func (f *fakeService) createItem(properties map[string]dbus.Variant, s fakeSecret, _ bool) (item, prompt dbus.ObjectPath, _ *dbus.Error) {
	if f.askToStore {
		return noObject, fakePrompt, nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	var attributes map[string]string
	_ = properties["org.freedesktop.Secret.Item.Attributes"].Store(&attributes)
	f.items[attributes["username"]] = string(s.Value)
	return fakeItem, noObject, nil
}

func (f *fakeService) searchItems(attributes map[string]string) ([]dbus.ObjectPath, *dbus.Error) {
	if f.muteItems {
		select {}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, ok := f.items[attributes["username"]]; ok {
		return []dbus.ObjectPath{fakeItem}, nil
	}
	return []dbus.ObjectPath{}, nil
}

func (f *fakeService) getSecret(session dbus.ObjectPath) (fakeSecret, *dbus.Error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return fakeSecret{Session: session, Parameters: []byte{}, Value: []byte(f.items["u"]), ContentType: "text/plain"}, nil
}

func (f *fakeService) prompt(string) *dbus.Error {
	f.dialogs.Add(1)
	if f.dialog == dialogIgnore {
		return nil
	}
	dismissed := f.dialog == dialogDismiss
	f.mu.Lock()
	if !dismissed {
		f.locked = false
	}
	f.mu.Unlock()
	go func() {
		_ = f.conn.Emit(fakePrompt, ssPrompt+".Completed", dismissed, dbus.MakeVariant([]dbus.ObjectPath{ssLogin}))
	}()
	return nil
}

func (f *fakeService) dismiss() *dbus.Error {
	f.dismissed <- struct{}{}
	return nil
}
