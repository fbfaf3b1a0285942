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
	d.want("15").keys("ctrl+x P").want("There is no passkey in this vault.", "U switches the virtual key on", "An import brings").keys("U").want("key on", "The virtual key is on: let a site make")
	d.keys("i").want("Import")
}

func TestEverythingOfAPasskeyIsTold(t *testing.T) {
	t.Parallel()
	d := passkeys(t)
	d.want("synced and backed up (be 1, bs 1)", "3: used only after you proved who you are", "hmac-secret, large blob", "00112233445566778899aabbccddeeff")
	d.keys("down").want("its key is on another device", "device-bound (be 0)", "never on this device", "asks for the user name first").keys("down", "down").want("cannot sign", "Not plain letters")
}

func TestAPasskeyIsRenamed(t *testing.T) {
	t.Parallel()
	d := passkeys(t)
	fake, _ := d.r.opt.Ports.Passkeys.(*tuitest.Passkeys)
	d.keys("r").want("Rename the account at github.com", "The name changes here only").keys("ctrl+u", "enter", "enter").want("type what the account is called")
	d.typed("kitty").keys("enter", "enter").want("The account is called “kitty” here; the site was not told", "z undoes it", "▸ kitty")
	if len(fake.Renames) != 1 || fake.Renames[0] != "kitty" || d.r.steps[len(d.r.steps)-1].id != "rename" {
		t.Errorf("renamed %v, steps %v", fake.Renames, d.r.steps)
	}
	d.keys("r").want("Shown as").keys("enter", "enter").want("Nothing changed")
	fake.Err = errors.New("the disk is full")
	d.keys("r").typed("x").keys("enter", "enter").want("the disk is full", "kittyx").keys("esc").gone("Rename the account")
}

func TestAPasskeyGoesToTheTrashAfterAQuestion(t *testing.T) {
	t.Parallel()
	d := passkeys(t)
	d.keys("down", "d").want("The passkey of ada@example.com at gitlab.com", "knows it and may go on asking", "key is on another device.").keys("enter").want("4 passkeys")
	d.keys("d", "t").want("The passkey of “ada@example.com” is in the trash", "undoes it", "3 passkeys").gone("another device")
	fake, _ := d.r.opt.Ports.Passkeys.(*tuitest.Passkeys)
	fake.Err = errors.New("the disk is full")
	d.keys("d", "t").want("Not done: the disk is full")
}

func TestPasskeysAreSeenByAccount(t *testing.T) {
	t.Parallel()
	d := passkeys(t)
	d.keys("down", "b").want("by account")
	if line := lineOf(d.picture(), "▸"); !strings.Contains(line, "gitlab.com") || !strings.Contains(line, "another device") {
		t.Errorf("the cursor left its passkey: %q", line)
	}
	d.keys("/").typed("synced").want("3 of 4").keys("ctrl+x b").want("3 of 4").gone("by account")
}

func TestWhatAPasskeyIsCalledIsCopied(t *testing.T) {
	t.Parallel()
	d := passkeys(t)
	d.keys("c").want("Credential id copied").until("the id", func() bool { return d.clip.Holds() == "00112233445566778899aabbccddeeff" })
	d.keys("/").typed("octo").want("1 of 4").keys("ctrl+t").want("Account copied").until("the account", func() bool { return d.clip.Holds() == "octocat" })
	d.keys("esc", "esc", "down", "c").want("This passkey has none")
}

// A vault that a recovery code opened is only looked at.
func TestPasskeysOfAReadOnlyVaultStayAsTheyAre(t *testing.T) {
	t.Parallel()
	d := drive(t, 120, 40, func(o *Options, op *tuitest.Opener) { op.Vault.About.ReadOnly = true; o.Vault = op.Vault }).want("15").keys("ctrl+x P").want("4 passkeys")
	d.keys("d").want("read only").keys("r")
	if d.is("Rename the account") || d.is("Keep it") {
		t.Error("a change was offered")
	}
}

func lineOf(picture, text string) string {
	for _, l := range strings.Split(picture, "\n") {
		if strings.Contains(l, text) {
			return l
		}
	}
	return ""
}

func TestTheRequestLogIsRead(t *testing.T) {
	t.Parallel()
	d := drive(t, 120, 40, opened).want("15").keys("ctrl+x Q").want("5 requests", "github.com  octocat", "sign in: ok", "you were there and proved who you are", "firefox")
	d.keys("down").want("new passkey: refused").keys("down").want("Recorded while the vault was locked, not authenticated", "? sign in: ti", "xn--pple-43d.com")
	d.keys("/").typed("reset").want("1 of 5", "no site", "reset: ok").keys("enter").want("was for no site")
}

func TestARequestOpensTheEntryOfItsPasskey(t *testing.T) {
	t.Parallel()
	d := drive(t, 120, 40, opened).want("15").keys("ctrl+x Q").want("5 requests").keys("enter").want("Recovery codes are in the safe").keys("esc").want("5 requests")
	d.keys("down", "down", "down", "enter").want("Recovery codes are in the safe").keys("esc").want("5 requests")
	d.keys("down", "enter").want("was for no site")
	fake, _ := d.r.opt.Ports.Passkeys.(*tuitest.Passkeys)
	fake.Rows = nil
	d.keys("g", "enter").want("There is no passkey for github.com with that account here")
	log, _ := d.r.opt.Ports.RequestLog.(*tuitest.RequestLog)
	log.Fail(errors.New("the log is damaged"))
	d.keys("esc").want("15").keys("ctrl+x Q").want("the log is damaged")
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
