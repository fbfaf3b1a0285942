package jobs

import (
	"strings"
	"testing"

	"github.com/go-webauthn/webauthn/protocol"
)

// Flags of authenticator data.
const (
	up, uv = protocol.FlagUserPresent, protocol.FlagUserVerified
	synced = protocol.FlagBackupEligible | protocol.FlagBackupState // a passkey of the vault
)

// is fails unless the flags of the answer are these; AT and ED follow from what else is in it.
func is(t *testing.T, got, want protocol.AuthenticatorFlags) {
	t.Helper()
	if got &^= protocol.FlagAttestedCredentialData | protocol.FlagHasExtensions; got != want {
		t.Errorf("flags %08b, want %08b", got, want)
	}
}

// world is what the scenes share: a site in a browser, accounts that get passkeys, a vault, and its key, which is plugged in.
type world struct {
	*site
	home     *home
	key      *key
	ann, bob *account
}

// Everything that a person does in a browser with a key of Signet. The scenes come one after the other in one Chromium, and later ones use the passkeys that
// earlier ones made; each can run alone. A new scene is a function and its row; see scenes_linux_test.go.
func TestBrowser(t *testing.T) {
	s := newSite(t, chromium(t))
	h := newHome(t)
	w := &world{site: s, home: h, ann: newAccount("ann"), bob: newAccount("bob")}
	defer w.unplug()
	for _, c := range []struct {
		name string
		run  func(*testing.T, *world)
	}{
		{"register a discoverable passkey", registerDiscoverable},
		{"sign in without a user name", signInWithoutName},
		{"sign in with an allow list", signInWithList},
		{"PRF gives the same secret twice", prfSecret},
		{"choose among accounts", chooseAccount},
		{"without verification, kept by the site", withoutVerification},
		{"verification required", verificationRequired},
		{"on this device only", deviceBound},
		{"the person says no", personSaysNo},
		{"the page takes it back", pageAborts},
		{"another site's RP ID", wrongSite},
		{"a passkey that is not here", unknownPasskey},
		{"registered already", registeredAlready},
		{"two keys", twoKeys},
		{"unplugged in the middle", unplugged},
		{"locked meanwhile", lockedMeanwhile},
		{"locked from the start", startedLocked},
	} {
		t.Run(c.name, func(t *testing.T) {
			watch := begun()
			t.Cleanup(func() { w.report(t) })
			w.plug(t)
			c.run(t, w)
			t.Log(watch())
		})
	}
}

// with gives an account its passkey, unless a scene before did.
func (w *world) with(t *testing.T, a *account) *account {
	t.Helper()
	if len(a.creds) == 0 {
		c := w.registering(t, a)
		w.key.prove()
		w.key.allow("Make a passkey?")
		c.registered(t)
	}
	return a
}

// plug puts the key in, unless a scene before left it there.
func (w *world) plug(t *testing.T) {
	t.Helper()
	if w.key == nil {
		w.key = opened(&key{terminal: lastingOnTerminal(t, w.home.env, signet, serving(nil)...)})
	}
	w.key.t = t
}

// unplug takes the key out.
func (w *world) unplug() {
	if w.key != nil {
		w.key.stop()
		w.key = nil
	}
}

// report says of a scene that failed what both sides saw. The next one gets a new key.
func (w *world) report(t *testing.T) {
	t.Helper()
	if !t.Failed() {
		return
	}
	said := w.said()
	if strings.Contains(said, "(error reading)") {
		t.Log("Chromium gave the key up: it waits three seconds for a sign of life, and this machine stood still for longer. Run it again with less beside it")
	}
	t.Logf("Chromium:\n%s", said)
	if w.key != nil {
		t.Logf("the key's terminal:\n%s", w.key.all())
		w.unplug()
	}
}

// prove types the passphrase. Chromium verifies first and asks then, in two requests; the second one is asked without the passphrase.
func (k *key) prove() {
	k.t.Helper()
	k.answer("Is it you?", "vault passphrase", passphrase+"\n")
}

// allow presses y, and returns what the question said.
func (k *key) allow(question string) string {
	k.t.Helper()
	return k.answer(question, "y: allow", "y")
}

// refuse presses n.
func (k *key) refuse(question string) {
	k.t.Helper()
	k.answer(question, "n: refuse", "n")
}

// questions counts what was asked at the key's terminal.
func (k *key) questions() int { return strings.Count(k.all(), "asked by") }
