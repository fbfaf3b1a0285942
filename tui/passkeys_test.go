package tui

import (
	"errors"
	"strings"
	"testing"
	"time"

	"signet/tui/screen"
	"signet/tui/tuitest"
)

func passkeys(t *testing.T) *driver {
	t.Helper()
	return drive(t, 120, 40, opened).want("15").keys("ctrl+x P").want("4 passkeys", "github.com", "The Octocat")
}

func TestPasskeysAreToldWithWhatTheyMean(t *testing.T) {
	t.Parallel()
	d := passkeys(t)
	d.want("no lost device takes it along", "ES256 (P-256)", "works without a user name", "(its entry, on this device)")
	d.keys("down").want("cannot be copied", "the device that made it").keys("down").want("this site was told: bound to a device", "Counter      7")
	if d.is("\x1b") || !d.is("xn--pple-43d.com") {
		t.Error("a site in other letters is not shown as what it is")
	}
}

func TestPasskeysAreFilteredAndOpened(t *testing.T) {
	t.Parallel()
	d := passkeys(t)
	d.keys("/").typed("gitlab work").want("1 of 4", "work@example.com").gone("octocat")
	d.keys("esc").want("4 passkeys").keys("/").typed("zzz").want("Nothing matches. Esc shows all").keys("esc", "esc").want("4 passkeys", "octocat")
	d.keys("enter").want("Recovery codes are in the safe").keys("esc").want("4 passkeys").keys("esc").want("GitHub").gone("4 passkeys")
}

func TestAVaultWithoutPasskeysSaysWhatToDo(t *testing.T) {
	t.Parallel()
	d := drive(t, 80, 24, opened, func(o *Options, _ *tuitest.Opener) { o.Ports.Passkeys = &tuitest.Passkeys{} })
	d.want("15").keys("ctrl+x P").want("There is no passkey in this vault.", "An import brings").keys("i").want("Import")
}

func TestHardwareKeysComeAndGo(t *testing.T) {
	t.Parallel()
	var keys *tuitest.HardwareKeys
	d := drive(t, 80, 24, opened, func(o *Options, _ *tuitest.Opener) { keys, _ = o.Ports.HardwareKeys.(*tuitest.HardwareKeys) })
	d.want("15").keys("ctrl+x H").want("No security key is plugged in", "libfido2 1.15.0")
	keys.Plug(tuitest.Key("3"))
	d.tick(time.Second).tick(time.Second).want("Plugged in: Test Key 3", "1209:0003")
	keys.Plug(tuitest.Key("1"), tuitest.Key("3"))
	d.tick(time.Second).tick(time.Second).want("▸ Test Key 3", "Test Key 1") // the cursor stays with its key
	keys.Plug(tuitest.Key("1"))
	d.tick(time.Second).tick(time.Second).want("Unplugged: Test Key 3", "▸ Test Key 1").keys("enter").want("Example Inc.")
	keys.Fail(errors.New("no permission for /dev/hidraw1"))
	d.tick(time.Second).tick(time.Second).want("no permission")
	keys.Fail(nil)
	d.tick(time.Second).tick(time.Second).want("Example Inc.").keys("esc", "esc").want("GitHub")
	n := keys.Asked()
	d.tick(time.Second).tick(time.Second).tick(time.Second)
	if keys.Asked() != n {
		t.Error("keys are looked for after the screen was closed")
	}
}

// What this build cannot do is not mentioned.
func TestRoomsWithoutTheirPortAreNotMentioned(t *testing.T) {
	t.Parallel()
	d := drive(t, 100, 90, opened, func(o *Options, _ *tuitest.Opener) {
		o.Ports.HardwareKeys, o.Ports.Passkeys, o.Ports.Ways, o.Ports.Settings = nil, nil, nil, nil
	})
	d.want("15").keys("ctrl+x H", "ctrl+x P", "ctrl+x W", "ctrl+x ,")
	if _, ok := d.top().(*screen.Browse); !ok {
		t.Fatalf("a room without a port was opened: %s", d.top().Title())
	}
	d.keys("f1").want("Everywhere")
	for _, name := range []string{"hardware", "passkeys", "ways in", "settings"} {
		if strings.Contains(d.picture(), name) {
			t.Errorf("help mentions %s", name)
		}
	}
}
