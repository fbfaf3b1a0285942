package vault

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"signet/vault/format"
	"signet/vault/mirror/crashfs"
	"signet/vault/seal"
	"signet/vault/secret"
)

// device.json holds nothing that is trusted: whatever it says, the vault opens, can be written, and the file is put right.
func TestAttackDeviceHintLies(t *testing.T) {
	t.Parallel()
	stranger := newVictim(t)
	other, err := format.ParseDeviceHint(stranger.read(deviceName))
	must(t, err)
	for name, lie := range map[string]func(h *format.DeviceHint){
		"another device, our recipient": func(h *format.DeviceHint) { h.Device = other.Device },
		"another recipient":             func(h *format.DeviceHint) { h.Recipient = other.Recipient },
		"another vault":                 func(h *format.DeviceHint) { h.Vault = other.Vault },
		"everything":                    func(h *format.DeviceHint) { *h = other },
		"nothing":                       nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			v := h.init(passWay())
			apply(t, v, login(1, "Bank", "s3cret")...)
			want, self := state(t, v), v.Device()
			must(t, v.Close())
			for _, cached := range []bool{true, false} {
				hint, err := format.ParseDeviceHint(h.read(deviceName))
				must(t, err)
				text := []byte("{")
				if lie != nil {
					lie(&hint)
					text, err = hint.Encode()
					must(t, err)
				}
				h.write(deviceName, text)
				if !cached {
					h.forgetful()
				}
				v, err := h.try(UnlockOptions{Secret: secret.FromString(testPass)})
				if err != nil {
					t.Fatalf("cached %v: %v", cached, err)
				}
				if got := state(t, v); got != want {
					t.Errorf("cached %v: %s", cached, got)
				}
				apply(t, v, SetEdit(recID(1), "subtitle", fmt.Sprint(cached)))
				if v.Device() != self {
					t.Errorf("cached %v: the vault takes itself for device %s", cached, v.Device())
				}
				want = state(t, v)
				must(t, v.Close())
				hint, err = format.ParseDeviceHint(h.read(deviceName))
				if err != nil || hint.Device != self || hint.Vault != v.ID() {
					t.Errorf("cached %v: device.json was not put right: %+v, %v", cached, hint, err)
				}
			}
		})
	}
}

// A hint in unlock/ may say anything: no key is ever sealed to what it names, no name of its making reaches the terminal or
// the file system, and the way in beside it goes on working.
func TestAttackHintsLie(t *testing.T) {
	t.Parallel()
	evil, evilRcpt, err := seal.NewIdentity()
	must(t, err)
	for name, hint := range map[string]string{
		"escape sequences":    `{"t":"way","v":1,"kind":"passphrase","name":"\u001b]0;owned\u0007\u001b[2J"}`,
		"bidi":                `{"t":"way","v":1,"kind":"passphrase","name":"\u202esnigol"}`,
		"path":                `{"t":"way","v":1,"kind":"passphrase","name":"../../etc/passwd"}`,
		"a recipient":         `{"t":"way","v":1,"kind":"passphrase","rcpt":"` + evilRcpt + `","recipient":"` + evilRcpt + `","name":"passphrase"}`,
		"another kind":        `{"t":"way","v":1,"kind":"plugin","identity":"` + evil.RevealString() + `"}`,
		"a native identity":   `{"t":"way","v":1,"kind":"plugin","identity":"AGE-SECRET-KEY-1QQQ"}`,
		"plugin with a path":  `{"t":"way","v":1,"kind":"plugin","identity":"AGE-PLUGIN-..-..-EVIL-1QQQ"}`,
		"a kind of its own":   `{"t":"way","v":1,"kind":"\u001b[31mred"}`,
		"duplicate member":    `{"t":"way","v":1,"kind":"passphrase","kind":"keyring"}`,
		"case variant":        `{"t":"way","v":1,"kind":"passphrase","Kind":"keyring"}`,
		"a newer version":     `{"t":"way","v":99,"kind":"passphrase"}`,
		"no JSON":             "\x00\x1b[2J",
		"more than it may be": `{"t":"way","v":1,"kind":"passphrase","x":"` + strings.Repeat("x", 20<<10) + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			v := h.init()
			apply(t, v, login(1, "Bank", "s3cret")...)
			want := state(t, v)
			must(t, v.Close())
			h.write("unlock/passphrase.json", []byte(hint))
			h.write("unlock/plugin-evil.json", []byte(hint))
			h.write("unlock/\x1b[2J.json", []byte(hint))
			ways, err := h.at().Ways()
			must(t, err)
			for _, w := range ways {
				said := fmt.Sprintf("%s %s %s", w.ID, w.Name, w.Plugin)
				if strings.ContainsFunc(said, func(r rune) bool { return r < ' ' || r > '~' || r == '/' }) {
					t.Errorf("a way is called %q", said)
				}
			}
			v = h.open("keyring")
			if got := state(t, v); got != want {
				t.Errorf("state %s", got)
			}
			must(t, v.RemoveSlot(t.Context(), "keyring", RemoveOptions{})) // every way that stays is sealed anew, to the list's recipient
			must(t, v.Close())
			for _, f := range []string{"unlock/passphrase-key.age", "unlock/plugin-evil.age"} {
				data, err := os.ReadFile(filepath.Join(h.dir, f))
				if err != nil {
					continue
				}
				id, err := seal.ParseIdentity(evil)
				must(t, err)
				if _, err := seal.Open(data, seal.StanzaHybrid, id, 1<<16); err == nil {
					t.Errorf("%s opens with the attacker's key", f)
				}
			}
			h.write("unlock/passphrase.json", []byte(`{"t":"way","v":1,"kind":"passphrase"}`))
			if got := state(t, h.open("passphrase")); got != want {
				t.Errorf("by passphrase: %s", got)
			}
		})
	}
}

// The device's own files from an older moment, one by one and in every pair that belongs together: nothing is lost, nothing old
// is shown as if it were new once the owner writes, and the fold says the same as the cache.
func TestAttackOwnFilesFromAnOlderMoment(t *testing.T) {
	t.Parallel()
	files := []string{"state/heads", cacheName, tailName}
	for mask := 1; mask < 1<<len(files); mask++ {
		t.Run(fmt.Sprintf("%03b", mask), func(t *testing.T) {
			t.Parallel()
			x := newVictim(t)
			v := x.open("keyring")
			apply(t, v, SetEdit(recID(1), "subtitle", "older"))
			must(t, v.Close())
			older := map[string][]byte{}
			for _, f := range files {
				older[f] = x.read(f)
			}
			v = x.open("keyring")
			apply(t, v, SetEdit(recID(1), passwordPath, "newest"))
			apply(t, v, login(3, "newest", "x")...)
			x.learn(v)
			must(t, v.Close())
			for i, f := range files {
				if mask&(1<<i) != 0 {
					x.write(f, older[f])
				}
			}
			v = x.open("keyring")
			apply(t, v, login(4, "written after the attack", "x")...)
			if value(t, v, recID(1), passwordPath) != "newest" || value(t, v, recID(3), "title") != "newest" {
				t.Errorf("after a write the vault says\n%s", state(t, v))
			}
			cached := state(t, v)
			x.forgetful()
			if got := state(t, x.open("keyring")); got != cached {
				t.Errorf("the cache says\n%s\nthe files\n%s", cached, got)
			}
		})
	}
}

// The device's own files from another hand: refused, rebuilt where they are derived, and never believed.
func TestAttackOwnFilesFromAnotherHand(t *testing.T) {
	t.Parallel()
	other := newVictim(t)
	ov := other.open("keyring")
	must(t, ov.Local().Put("draft", []byte("theirs")))
	apply(t, ov, login(9, "theirs", "x")...)
	must(t, ov.Close())
	for name, files := range map[string][]string{
		"cache": {cacheName}, "tail": {tailName}, "both": {cacheName, tailName}, "local": {"state/local/draft.age"}, "ways": {waysName},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newVictim(t)
			for _, f := range files {
				x.write(f, other.read(f))
			}
			v := x.open("keyring")
			if got := state(t, v); got != x.want {
				t.Errorf("the vault says\n%s", got)
			}
			if got, err := v.Local().Get("draft"); len(got) > 0 || name == "local" && !errors.Is(err, ErrCorrupt) {
				t.Errorf("draft: %q, %v", got, err)
			}
			apply(t, v, login(4, "written after the attack", "x")...)
			x.forgetful()
			if got := value(t, x.open("keyring"), recID(4), "title"); got != "written after the attack" {
				t.Errorf("then: %q", got)
			}
		})
	}
	x := newVictim(t)
	x.write("state/heads", other.read("state/heads"))
	if _, err := x.try(UnlockOptions{}); !errors.Is(err, ErrWayChanged) {
		t.Errorf("heads of another vault: %v", err)
	}
	x = newVictim(t)
	heads := x.read("state/heads")
	changed := bytes.ReplaceAll(heads, []byte(`"epoch":1`), []byte(`"epoch":2`)) // our key id and good JSON, but not our HMAC
	if bytes.Equal(changed, heads) {
		t.Fatal("the attack changes nothing")
	}
	x.write("state/heads", changed)
	if _, err := x.try(UnlockOptions{}); !errors.Is(err, ErrCorrupt) {
		t.Errorf("heads that somebody changed: %v", err)
	}
}

// A bound file and a local note that the device wrote itself do not pass for each other.
func TestAttackOwnFilesChangePlaces(t *testing.T) {
	t.Parallel()
	x := newVictim(t)
	v := x.open("keyring")
	must(t, v.Local().Put("draft", []byte("mine")))
	must(t, v.Local().Put("use", []byte(`{}`)))
	must(t, x.mirror().Replace(boundDir+"/cred.age", bytesWriter(x.read("state/local/draft.age"))))
	x.write("state/local/use.age", x.read("state/local/draft.age"))
	r := x.doctor(v)
	if r.states()[boundDir+"/cred.age"] != StateDamaged {
		t.Errorf("a local note passes for a bound key: %v", r.states())
	}
	if got, err := v.Local().Get("use"); !errors.Is(err, ErrCorrupt) {
		t.Errorf("one note passes for another: %q, %v", got, err)
	}
	x.write(cacheName, x.read("state/local/draft.age"))
	must(t, v.Close())
	if got := state(t, x.open("keyring")); got != x.want {
		t.Errorf("a note passes for the cache: %s", got)
	}
}

// An import is committed and cut off before its parts have their names, and device.json names another device: the parts belong
// to the log of the key, not to the one that the file names.
func TestAttackDeviceHintLiesWhileAnImportWaits(t *testing.T) {
	t.Parallel()
	w := settled(t)
	v := w.open()
	v.target = 9 << 10
	committed := false
	w.fs.Fail(func(op crashfs.Op) error {
		if committed = committed || op.Kind == "link"; committed {
			return syscall.EIO
		}
		return nil
	})
	_, err := v.Import(t.Context(), "import", logins(20, 10, strings.Repeat("x", 200)))
	w.fs.Fail(nil)
	if err == nil {
		t.Fatal("the import was not cut off")
	}
	c := w.on(w.fs.Kill())
	raw := w.fs.ReadFile("state/heads")
	h, _, _, err := format.DecodeHeads(raw, len(raw)/2, seal.HeadsKey(c.key.Local))
	if err != nil || len(h.Pending) < 2 {
		t.Fatalf("nothing is pending: %+v, %v", h, err)
	}
	rcpt, err := seal.RecipientOf(c.key.Identity)
	must(t, err)
	lie, err := format.DeviceHint{Vault: c.key.Vault, Device: format.NewMemberID([16]byte{5}), Recipient: rcpt}.Encode()
	must(t, err)
	c.fs.WriteFile(deviceName, lie)
	c.fs.DeleteFile(cacheName)
	got, err := reopened(c)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(got, strings.Repeat("x", 200)) {
		t.Errorf("the import is gone:\n%.300s", got)
	}
}
