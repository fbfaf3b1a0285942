package tui

import (
	"testing"

	"signet/tui/screen"
	"signet/tui/tuitest"
)

func settingsRoom(t *testing.T) (*driver, *tuitest.Settings) {
	t.Helper()
	var fake *tuitest.Settings
	d := drive(t, 100, 30, opened, func(o *Options, _ *tuitest.Opener) { fake, _ = o.Ports.Settings.(*tuitest.Settings) })
	return d.want("15").keys("ctrl+x ,").want("Protection, in the vault", "Looks, in config.toml"), fake
}

func TestASettingIsChangedInPlaceAndTakenBack(t *testing.T) {
	t.Parallel()
	d, fake := settingsRoom(t)
	d.keys("enter").want("Only on this device").keys("ctrl+u").typed("soon").keys("enter").want("lock.idle is a number of minutes")
	d.keys("ctrl+u").typed("5").keys("tab", "space", "tab", "enter").want("lock.idle is 5 now", "5 (here)", "on this device only")
	if r := fake.Row("lock.idle"); r.Value != "5" || r.Source != screen.SettingDevice {
		t.Errorf("set to %+v", r)
	}
	d.keys("z").want("Taken back: the change of lock.idle")
}

func TestWeakerProtectionWantsAnUnlock(t *testing.T) {
	t.Parallel()
	d, fake := settingsRoom(t)
	d.keys("enter").want("Only on this device").keys("ctrl+u").typed("60").keys("tab", "tab", "enter")
	d.want("lock.idle would protect less", "Passphrase").keys("esc").want("Only on this device")
	if v := fake.Row("lock.idle").Value; v != "15" {
		t.Fatalf("it is %s without an unlock", v)
	}
	d.keys("enter").want("would protect less").typed("open sesame").keys("enter").want("lock.idle is 60 now")
	d.keys("down", "R").want("reveal.again has its default again")
}

func TestLooksAreChangedWithoutAnUnlock(t *testing.T) {
	t.Parallel()
	d, fake := settingsRoom(t)
	d.keys("j", "j", "e").want("[ Set ]").keys("space", "tab", "enter").want("ui.ascii is true now")
	if fake.Row("ui.ascii").Value != "true" {
		t.Error("not changed")
	}
	d.keys("j", "e").want("Keys are changed in the file, with an editor")
}

// What is set counts at once, in this process too.
func TestSettingsCountAtOnce(t *testing.T) {
	t.Parallel()
	d, _ := settingsRoom(t)
	d.vault.Conf.LockIdle = 0
	d.keys("enter").want("Only on this device").keys("ctrl+u").typed("5").keys("tab", "tab", "enter").want("lock.idle is 5 now")
	d.until("the settings to be read", func() bool { return d.r.session.settings.LockIdle == 0 })
}
