//go:build linux

package unlock

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"signet/vault/secret"
)

// The tests of this file need a session bus of their own. Each one starts this test binary again under dbus-run-session,
// with its own HOME, and runs one "inside" function there.
const insideVar = "SIGNET_TEST_INSIDE"

// insides are the functions that run on a private bus. Those with a daemon find gnome-keyring unlocked with "pw".
var insides = map[string]struct {
	daemon bool // start gnome-keyring-daemon, unlocked
	bare   bool // a bus that can start nothing
	run    func(t *testing.T)
}{
	"real":        {daemon: true, run: insideReal},
	"locked":      {daemon: true, run: insideLocked},
	"activated":   {run: insideActivated},
	"no service":  {bare: true, run: insideNoService},
	"mute":        {bare: true, run: insideMute},
	"half mute":   {bare: true, run: insideHalfMute},
	"dismissed":   {bare: true, run: insideDismissed},
	"unlocks":     {bare: true, run: insideUnlocks},
	"dialog open": {bare: true, run: insideDialogOpen},
	"forgets":     {bare: true, run: insideForgets},
	"malformed":   {bare: true, run: insideMalformed},
}

func TestSecretService(t *testing.T) {
	if inside := os.Getenv(insideVar); inside != "" {
		insides[inside].run(t)
		return
	}
	for name, c := range insides {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			runInside(t, name, c.daemon, c.bare)
		})
	}
}

func runInside(t *testing.T, name string, daemon, bare bool) {
	t.Helper()
	need := []string{"dbus-run-session"}
	if daemon || name == "activated" {
		need = append(need, "gnome-keyring-daemon")
	}
	for _, tool := range need {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is missing: make deps (or apt-get install dbus gnome-keyring)", tool)
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	args := []string{}
	if bare {
		args = append(args, "--config-file="+bareBus(t, home))
	}
	script := `exec "$0" -test.run='^TestSecretService$' -test.v`
	if daemon {
		script = `printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1 && ` + script
	}
	cmd := exec.CommandContext(t.Context(), "dbus-run-session", append(args, "--", "sh", "-c", script, self)...)
	cmd.Dir = home
	cmd.Env = []string{
		insideVar + "=" + name, "HOME=" + home, "XDG_DATA_HOME=" + home + "/share", "XDG_CONFIG_HOME=" + home + "/config",
		"XDG_CACHE_HOME=" + home + "/cache", "XDG_RUNTIME_DIR=" + home + "/run", "PATH=" + os.Getenv("PATH"), "TMPDIR=" + home,
	}
	if err := os.MkdirAll(filepath.Join(home, "run"), 0o700); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestSecretService") {
		t.Errorf("inside: %v\n%s", err, out)
	}
}

// bareBus writes a bus configuration without service directories: nothing can be started there.
func bareBus(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "bus.conf")
	conf := `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><keep_umask/><listen>unix:tmpdir=/tmp</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>`
	if err := os.WriteFile(path, []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func insideReal(t *testing.T) {
	ctx := context.Background()
	var k Keyring
	if s := k.ProbeKeyring(ctx); s.Err != nil || !s.Available || s.Found != "gnome-keyring, unlocked" {
		t.Fatalf("probe: %+v", s)
	}
	if _, err := k.Get(ctx, "u", false); !errors.Is(err, ErrKeyringEmpty) {
		t.Errorf("before: %v", err)
	}
	for _, v := range []string{sample, "second\x00value", sample} {
		if err := k.Set(ctx, "u", pass(v)); err != nil {
			t.Fatal(err)
		}
		if got, err := k.Get(ctx, "u", false); err != nil || got.RevealString() != v {
			t.Errorf("get: %q %v", got.RevealString(), err)
		}
	}
	if _, err := k.Get(ctx, "another", false); !errors.Is(err, ErrKeyringEmpty) {
		t.Errorf("another user: %v", err)
	}
	for range 2 {
		if err := k.Delete(ctx, "u"); err != nil {
			t.Errorf("delete: %v", err)
		}
	}
	if _, err := k.Get(ctx, "u", false); !errors.Is(err, ErrKeyringEmpty) {
		t.Errorf("after: %v", err)
	}
}

// The real daemon with a locked collection, and no way to show a dialog: nothing may hang, nothing may be stored.
func insideLocked(t *testing.T) {
	ctx := context.Background()
	k := Keyring{Wait: 20 * time.Second}
	if err := k.Set(ctx, "u", pass(sample)); err != nil {
		t.Fatal(err)
	}
	ss := connect(t)
	var locked []dbus.ObjectPath
	var prompt dbus.ObjectPath
	if err := ss.root.Call(ssService+".Lock", 0, []dbus.ObjectPath{ssLogin}).Store(&locked, &prompt); err != nil || prompt != noObject {
		t.Fatalf("lock: %v %v", prompt, err)
	}
	if s := k.ProbeKeyring(ctx); !s.Locked || !errors.Is(s.Err, ErrKeyringLocked) || s.Found != "gnome-keyring, locked" {
		t.Errorf("probe: %+v", s)
	}
	if _, err := k.Get(ctx, "u", false); !errors.Is(err, ErrKeyringLocked) {
		t.Errorf("get: %v", err)
	}
	_, err := k.Get(ctx, "u", true) // its prompter has no display and gives up
	if !errors.Is(err, ErrKeyringDismissed) && !errors.Is(err, ErrKeyringLocked) && !errors.Is(err, ErrKeyringTimeout) {
		t.Errorf("get with a dialog that cannot appear: %v", err)
	}
	if err := k.Set(ctx, "u", pass("other")); err == nil {
		t.Error("stored in a locked keyring")
	}
}

// Without a daemon the bus starts one, which has no keyring in it.
func insideActivated(t *testing.T) {
	s := (Keyring{}).ProbeKeyring(context.Background())
	if !errors.Is(s.Err, ErrNoKeyring) && !errors.Is(s.Err, ErrKeyringLocked) || s.Hint == "" || s.Found == "" {
		t.Errorf("probe: %+v", s)
	}
}

func insideNoService(t *testing.T) {
	var k Keyring
	_, err := k.Get(context.Background(), "u", true)
	var told *KeyringError
	if !errors.Is(err, ErrNoKeyring) || !errors.As(err, &told) || told.Hint != hintNoService {
		t.Errorf("got %v", err)
	}
}

// Without any bus nothing is started: no dbus-daemon is there afterwards that was not there before.
func TestNoBusStartsNothing(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	if addr, _ := busAddress(os.Getenv, fileExists, os.Getuid()); addr != "" {
		t.Skip("this machine has a session bus of its own at " + addr + "; run the test as a user without one")
	}
	dir := t.TempDir()
	mark := filepath.Join(dir, "launched")
	launcher := "#!/bin/sh\ntouch " + mark + "\nexit 1\n"
	if err := os.WriteFile(filepath.Join(dir, "dbus-launch"), []byte(launcher), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	k := Keyring{}
	for name, call := range map[string]func() error{
		"get":    func() error { _, err := k.Get(context.Background(), "u", true); return err },
		"set":    func() error { return k.Set(context.Background(), "u", pass("v")) },
		"delete": func() error { return k.Delete(context.Background(), "u") },
	} {
		err := call()
		var told *KeyringError
		if !errors.Is(err, ErrNoKeyring) || !errors.As(err, &told) || told.Hint != hintNoBus {
			t.Errorf("%s: %v", name, err)
		}
	}
	if fileExists(mark) {
		t.Error("dbus-launch was started")
	}
}

func connect(t *testing.T) *secretService {
	t.Helper()
	ss, err := dial(t.Context(), os.Getenv("DBUS_SESSION_BUS_ADDRESS"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(ss.close)
	return ss
}

// impatient has time-outs for services that are known to hang.
var impatient = Keyring{Probe: 300 * time.Millisecond, Wait: 500 * time.Millisecond}

func insideMute(t *testing.T) {
	startFake(t, &fakeService{mute: true})
	if s := impatient.ProbeKeyring(context.Background()); !errors.Is(s.Err, ErrKeyringTimeout) {
		t.Errorf("probe: %+v", s)
	}
	if _, err := impatient.Get(context.Background(), "u", true); !errors.Is(err, ErrKeyringTimeout) {
		t.Errorf("get: %v", err)
	}
}

func insideHalfMute(t *testing.T) {
	startFake(t, &fakeService{muteItems: true})
	if s := impatient.ProbeKeyring(context.Background()); s.Err != nil {
		t.Errorf("probe: %+v", s)
	}
	for _, interactive := range []bool{false, true} {
		if _, err := impatient.Get(context.Background(), "u", interactive); !errors.Is(err, ErrKeyringTimeout) {
			t.Errorf("get: %v", err)
		}
	}
	if err := impatient.Set(context.Background(), "u", pass("v")); !errors.Is(err, ErrKeyringTimeout) {
		t.Errorf("set: %v", err)
	}
}

func insideDismissed(t *testing.T) {
	f := startFake(t, &fakeService{locked: true, dialog: dialogDismiss})
	var k Keyring
	if _, err := k.Get(context.Background(), "u", true); !errors.Is(err, ErrKeyringDismissed) {
		t.Errorf("get: %v", err)
	}
	if err := k.Set(context.Background(), "u", pass("v")); !errors.Is(err, ErrKeyringDismissed) {
		t.Errorf("set: %v", err)
	}
	if _, err := k.Get(context.Background(), "u", false); !errors.Is(err, ErrKeyringLocked) {
		t.Errorf("get without a person: %v", err)
	}
	if n := f.dialogs.Load(); n != 2 {
		t.Errorf("%d dialogs were shown, want 2", n)
	}
}

func insideUnlocks(t *testing.T) {
	startFake(t, &fakeService{locked: true, dialog: dialogAccept})
	var k Keyring
	if err := k.Set(context.Background(), "u", secret.FromString("v")); err != nil {
		t.Fatal(err)
	}
	if got, err := k.Get(context.Background(), "u", false); err != nil || got.RevealString() != "v" {
		t.Errorf("get: %v", err)
	}
}

// A dialog that nobody answers is taken away when the time is over.
func insideDialogOpen(t *testing.T) {
	f := startFake(t, &fakeService{locked: true, dialog: dialogIgnore})
	if _, err := impatient.Get(context.Background(), "u", true); !errors.Is(err, ErrKeyringTimeout) {
		t.Errorf("get: %v", err)
	}
	select {
	case <-f.dismissed:
	case <-time.After(10 * time.Second):
		t.Error("the dialog stayed open")
	}
}

// go-keyring's Set ignores a dismissed prompt of CreateItem: only the read back finds out.
func insideForgets(t *testing.T) {
	startFake(t, &fakeService{dialog: dialogDismiss, askToStore: true})
	if err := (Keyring{}).Set(context.Background(), "u", pass("v")); !errors.Is(err, ErrKeyringLost) {
		t.Errorf("set: %v", err)
	}
}

func insideMalformed(t *testing.T) {
	startFake(t, &fakeService{malformed: true})
	if s := impatient.ProbeKeyring(context.Background()); !errors.Is(s.Err, ErrNoKeyring) || s.Hint == "" {
		t.Errorf("probe: %+v", s)
	}
}
