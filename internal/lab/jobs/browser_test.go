package jobs

import (
	"bytes"
	"strings"
	"testing"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// Flags of authenticator data.
const (
	up, uv, be, bs = protocol.FlagUserPresent, protocol.FlagUserVerified, protocol.FlagBackupEligible, protocol.FlagBackupState

	synced = up | uv | be | bs // a passkey of the vault, after verification
)

// is fails unless the flags of the answer are these; AT and ED follow from what else is in it.
func is(t *testing.T, got, want protocol.AuthenticatorFlags) {
	t.Helper()
	if got &^= protocol.FlagAttestedCredentialData | protocol.FlagHasExtensions; got != want {
		t.Errorf("flags %08b, want %08b", got, want)
	}
}

// What the person at the key does. Chromium verifies first and asks then, in two requests; the second one is asked without the passphrase.
func (k *key) prove() { k.answer("Is it you?", "vault passphrase", passphrase+"\n") }
func (k *key) allow(question string) string {
	return k.answer(question, "y: allow", "y")
}
func (k *key) refuse(question string) { k.answer(question, "n: refuse", "n") }

// making answers for a registration.
func (k *key) making() {
	k.prove()
	k.allow("Make a passkey?")
}

// Everything that a person does in a browser with a key of Signet, one after the other in one Chromium.
func TestBrowser(t *testing.T) {
	s := newSite(t, chromium(t))
	h := newHome(t)
	w := &world{site: s, home: h, ann: newAccount("ann"), bob: newAccount("bob")}
	for _, c := range []struct {
		name string
		run  func(*testing.T, *world)
	}{
		{"register a discoverable passkey", registerDiscoverable},
		{"sign in without a user name", signInWithoutName},
		{"sign in with an allow list", signInWithList},
		{"the person says no", personSaysNo},
		{"the wrong site", wrongSite},
	} {
		t.Run(c.name, func(t *testing.T) {
			watch := begun()
			w.plug(t)
			c.run(t, w)
			t.Log(watch())
		})
	}
}

// world is what the scenes share: accounts that have passkeys, and a key in the machine.
type world struct {
	site *site
	home *home
	key  *key
	ann  *account
	bob  *account
}

// plug puts the key in for one scene.
func (w *world) plug(t *testing.T, flags ...string) *key {
	t.Helper()
	h := *w.home
	h.t = t
	w.key = h.plug(flags...)
	return w.key
}

func registerDiscoverable(t *testing.T, w *world) {
	c := w.site.registering(t, w.ann, webauthn.WithExtensions(webauthn.WithExtensionCredProps()))
	w.key.prove()
	said := w.key.allow("Make a passkey?")
	for _, want := range []string{"localhost", "ann of the lab", "chromium"} {
		if !strings.Contains(said, want) {
			t.Errorf("the question does not say %q", want)
		}
	}
	got := c.registered(t)
	is(t, got.Response.AttestationObject.AuthData.Flags, synced)
	if out := got.ClientExtensionResults; out.CredProps == nil || out.CredProps.RK == nil || !*out.CredProps.RK {
		t.Errorf("credProps: %+v", out)
	}
	if got.Response.AttestationObject.AuthData.Counter != 0 {
		t.Error("a synced passkey has a counter")
	}
	if out := w.home.signet("passkey", "ls"); !strings.Contains(out, "localhost") || !strings.Contains(out, "ann") {
		t.Errorf("signet passkey ls: %s", out)
	}
}

func signInWithoutName(t *testing.T, w *world) {
	c := w.site.signing(t, nil)
	w.key.prove()
	got := c.signedIn(t, w.ann, w.bob)
	is(t, got.flags, synced)
	if got.account != w.ann || !bytes.Equal(got.id, w.ann.creds[0].ID) {
		t.Errorf("signed in as %s with %x", got.account.name, got.id)
	}
}

func signInWithList(t *testing.T, w *world) {
	c := w.site.signing(t, w.ann)
	w.key.prove()
	is(t, c.signedIn(t).flags, synced)
}

func personSaysNo(t *testing.T, w *world) {
	c := w.site.signing(t, w.ann, webauthn.WithUserVerification(protocol.VerificationDiscouraged))
	w.key.refuse("Sign in with a passkey?")
	c.refused(t, "NotAllowedError")
	c = w.site.registering(t, w.bob)
	w.key.prove()
	w.key.refuse("Make a passkey?")
	c.refused(t, "NotAllowedError")
}

func wrongSite(t *testing.T, w *world) {
	options, _, err := w.site.rp.BeginLogin(w.ann)
	if err != nil {
		t.Fatal(err)
	}
	options.Response.RelyingPartyID = "bank.example"
	before := w.key.all()
	if o := w.site.begin(t, "get", options.Response).wait(t); o.Error != "SecurityError" {
		t.Errorf("a page of localhost asked for bank.example: %+v", o)
	}
	if w.key.all() != before {
		t.Error("the key was asked")
	}
}
