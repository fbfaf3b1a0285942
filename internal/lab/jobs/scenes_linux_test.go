package jobs

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

func registerDiscoverable(t *testing.T, w *world) {
	c := w.registering(t, w.ann, webauthn.WithExtensions(webauthn.WithExtensionCredProps()))
	said := w.key.answer("Is it you?", "vault passphrase", passphrase+"\n") + w.key.allow("Make a passkey?")
	for _, want := range []string{"localhost", "ann of the lab"} {
		if !strings.Contains(said, want) {
			t.Errorf("the question does not say %q", want)
		}
	}
	if !strings.Contains(said, "chromium") { // it looks for so long only, and all is slow here
		t.Log("who asks was not found in time")
	}
	got := c.registered(t)
	data := got.Response.AttestationObject.AuthData
	is(t, data.Flags, up|uv|synced)
	if data.Counter != 0 {
		t.Error("a synced passkey has a counter")
	}
	if out := got.ClientExtensionResults.CredProps; out == nil || out.RK == nil || !*out.RK {
		t.Errorf("credProps: %+v", out)
	}
	if out := w.home.signet("passkey", "ls"); !strings.Contains(out, "localhost") || !strings.Contains(out, "ann") {
		t.Errorf("signet passkey ls: %s", out)
	}
}

func signInWithoutName(t *testing.T, w *world) {
	w.with(t, w.ann)
	c := w.signing(t, nil)
	w.key.prove()
	got := c.signedIn(t, w.ann, w.bob)
	is(t, got.flags, up|uv|synced)
	if got.account != w.ann || !bytes.Equal(got.id, w.ann.creds[0].ID) {
		t.Errorf("signed in as %s with %x", got.account.name, got.id)
	}
}

func signInWithList(t *testing.T, w *world) {
	c := w.signing(t, w.with(t, w.ann))
	w.key.prove()
	is(t, c.signedIn(t).flags, up|uv|synced)
}

// The same input gives the same secret, at the registration already, and another one another.
func prfSecret(t *testing.T, w *world) {
	eval := func(first string) protocol.PRFValues { return protocol.PRFValues{First: []byte(first)} }
	c := w.registering(t, w.bob, webauthn.WithExtensions(webauthn.WithExtensionPRF(eval("the key of the archive"))))
	w.key.prove()
	w.key.allow("Make a passkey?")
	out := c.registered(t).ClientExtensionResults.PRF
	if out == nil || out.Enabled == nil || !*out.Enabled {
		t.Fatalf("prf: %+v", out)
	}
	var secrets [][]byte
	for _, input := range []string{"the key of the archive", "the key of the archive", "another key"} {
		c := w.signing(t, w.bob, webauthn.WithAssertionExtensions(webauthn.WithExtensionPRF(eval(input))))
		w.key.prove()
		got := c.signedIn(t).outputs.PRF
		if got == nil || got.Results == nil || len(got.Results.First) != 32 {
			t.Fatalf("prf: %+v", got)
		}
		secrets = append(secrets, got.Results.First)
	}
	if !bytes.Equal(secrets[0], secrets[1]) || bytes.Equal(secrets[0], secrets[2]) {
		t.Error("PRF gave another secret for the same input, or the same for another")
	}
	if out.Results != nil && !bytes.Equal(out.Results.First, secrets[0]) {
		t.Error("PRF gave another secret at the registration")
	}
}

// Two accounts have passkeys; the key asks which one.
func chooseAccount(t *testing.T, w *world) {
	w.with(t, w.ann)
	w.with(t, w.bob)
	c := w.signing(t, nil)
	w.key.prove()
	w.key.expect("Sign in with a passkey?")
	said := w.key.expect("1-2: sign in with it")
	number := "1"
	if strings.Index(said, "ann") < strings.Index(said, "bob") {
		number = "2"
	}
	w.key.press(number)
	got := c.signedIn(t, w.ann, w.bob)
	is(t, got.flags, up|uv|synced)
	if got.account != w.bob {
		t.Errorf("chose bob, signed in as %s", got.account.name)
	}
}

// A site that wants neither a user name saved nor a verification gets presence only, and nothing is added to the vault.
func withoutVerification(t *testing.T, w *world) {
	had := w.home.signet("passkey", "ls", "--json")
	eve := newAccount("eve")
	c := w.registering(t, eve, webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{
		ResidentKey: protocol.ResidentKeyRequirementDiscouraged, UserVerification: protocol.VerificationDiscouraged,
	}))
	w.key.allow("Make a passkey?")
	is(t, c.registered(t).Response.AttestationObject.AuthData.Flags, up|synced)
	c = w.signing(t, eve, webauthn.WithUserVerification(protocol.VerificationDiscouraged))
	w.key.allow("Sign in with a passkey?")
	is(t, c.signedIn(t).flags, up|synced)
	if now := w.home.signet("passkey", "ls", "--json"); strings.Count(now, "\n") != strings.Count(had, "\n") {
		t.Errorf("the vault has now %s", now)
	}
}

// A wrong passphrase is no verification, and the next try is.
func verificationRequired(t *testing.T, w *world) {
	c := w.signing(t, w.with(t, w.ann), webauthn.WithUserVerification(protocol.VerificationRequired))
	w.key.answer("Is it you?", "vault passphrase", "difference engine\n")
	w.key.answer("Wrong passphrase", "vault passphrase", passphrase+"\n")
	is(t, c.signedIn(t).flags, up|uv|synced)
}

func deviceBound(t *testing.T, w *world) {
	carol := newAccount("carol")
	c := w.registering(t, carol)
	w.key.prove()
	w.key.answer("Make a passkey?", "d: device only", "d")
	w.key.answer("on this device only", "y: allow", "y")
	is(t, c.registered(t).Response.AttestationObject.AuthData.Flags, up|uv)
	c = w.signing(t, carol)
	w.key.prove()
	is(t, c.signedIn(t).flags, up|uv)
	if out := w.home.signet("passkey", "ls", "--binding", "device"); !strings.Contains(out, "carol") {
		t.Errorf("signet passkey ls --binding device: %s", out)
	}
}

func personSaysNo(t *testing.T, w *world) {
	c := w.signing(t, w.with(t, w.ann))
	w.key.answer("Is it you?", "vault passphrase", "\x1b")
	c.told(t, "kErrorInternalUnrecognized")
	c = w.registering(t, newAccount("mallory"))
	w.key.prove()
	w.key.refuse("Make a passkey?")
	c.told(t, "kErrorInternalUnrecognized")
	if out := w.home.signet("passkey", "log"); strings.Count(out, "refused") != 2 {
		t.Errorf("signet passkey log: %s", out)
	}
	if out := w.home.signet("passkey", "ls"); strings.Contains(out, "mallory") {
		t.Errorf("refused, and there: %s", out)
	}
}

// A page that no longer wants an answer takes the question off the terminal.
func pageAborts(t *testing.T, w *world) {
	c := w.signing(t, w.with(t, w.ann))
	w.key.expect("Is it you?")
	w.key.expect("vault passphrase")
	c.abort()
	w.key.expect("No longer asked for.")
	c.refused(t, "AbortError")
}

// A page may ask for its own RP ID only; the browser sees to that, and the key hears nothing of it.
func wrongSite(t *testing.T, w *world) {
	options, _, err := w.rp.BeginLogin(w.with(t, w.ann))
	if err != nil {
		t.Fatal(err)
	}
	options.Response.RelyingPartyID = "bank.example"
	before := w.key.questions()
	if o := w.begin(t, "get", options.Response).wait(t); o.Error != "SecurityError" {
		t.Errorf("a page of localhost asked for bank.example: %+v", o)
	}
	if w.key.questions() != before {
		t.Error("the key was asked")
	}
}

// A passkey that the key has not is not found, and nobody is asked to sign in with another one.
func unknownPasskey(t *testing.T, w *world) {
	stranger := newAccount("stranger")
	stranger.creds = slices.Clone(w.with(t, w.ann).creds)
	stranger.creds[0].ID = bytes.Repeat([]byte{9}, 32)
	before := w.key.questions()
	c := w.signing(t, stranger, webauthn.WithUserVerification(protocol.VerificationDiscouraged))
	c.told(t, "kKeyNotRegistered")
	if w.key.questions() != before {
		t.Error("somebody was asked")
	}
}

// An account that has a passkey here gets no second one, and the browser learns why only when the person agrees.
func registeredAlready(t *testing.T, w *world) {
	exclude := webauthn.WithExclusions(webauthn.Credentials(w.with(t, w.ann).creds).CredentialDescriptors())
	c := w.registering(t, w.ann, exclude)
	w.key.prove()
	w.key.refuse("passkey here already")
	c.told(t, "kErrorInternalUnrecognized")
	c = w.registering(t, w.ann, exclude)
	w.key.prove()
	w.key.allow("passkey here already")
	c.told(t, "kKeyAlreadyRegistered")
}

// Two vaults are served at once. Both ask; where somebody answers is where the passkey goes, and the other question disappears.
func twoKeys(t *testing.T, w *world) {
	other := newHome(t).plug()
	dave := newAccount("dave")
	c := w.registering(t, dave)
	w.key.expect("Is it you?")
	other.prove()
	w.key.expect("No longer asked for.")
	other.allow("Make a passkey?")
	is(t, c.registered(t).Response.AttestationObject.AuthData.Flags, up|uv|synced)
	if out := w.home.signet("passkey", "ls"); strings.Contains(out, "dave") {
		t.Errorf("the passkey is in the wrong vault: %s", out)
	}
	c = w.signing(t, dave)
	other.prove()
	is(t, c.signedIn(t).flags, up|uv|synced)
	other.stop()
}

// A key that is taken out while somebody is asked ends the question and leaves the page waiting; another one that is put in takes over.
func unplugged(t *testing.T, w *world) {
	c := w.signing(t, w.with(t, w.ann))
	w.key.expect("Is it you?")
	w.unplug()
	w.plug(t)
	w.key.prove()
	is(t, c.signedIn(t).flags, up|uv|synced)
}

// A vault that was locked while its key stayed in is unlocked in the course of the request, and the passphrase is typed once.
func lockedMeanwhile(t *testing.T, w *world) {
	w.with(t, w.ann)
	w.home.signet("config", "set", "lock.idle", "10s")
	w.key.expect("Locked:")
	w.unlocking(t, w.signing(t, w.ann))
	w.home.signet("config", "set", "lock.idle", "15m")
}

// The same where the key was plugged in with a vault that nobody had opened.
func startedLocked(t *testing.T, w *world) {
	w.with(t, w.ann)
	w.unplug()
	w.key = &key{terminal: lastingOnTerminal(t, w.home.env, signet, serving([]string{"--locked"})...)}
	w.key.arrive()
	w.unlocking(t, w.signing(t, w.ann))
}

// unlocking answers a login that finds the vault locked.
func (w *world) unlocking(t *testing.T, c *ceremony) {
	t.Helper()
	w.key.answer("Unlock the vault?", "(Esc: refuse)", passphrase+"\n")
	w.key.expect("Unlocked.")
	w.key.allow("Is it you?")
	is(t, c.signedIn(t).flags, up|uv|synced)
}
