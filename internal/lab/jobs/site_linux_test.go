package jobs

import (
	"strings"
	"testing"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// site is a relying party: go-webauthn checks what the browser brings.
type site struct {
	*browser
	rp *webauthn.WebAuthn
}

func newSite(t *testing.T, b *browser) *site {
	t.Helper()
	rp, err := webauthn.New(&webauthn.Config{RPID: "localhost", RPDisplayName: "The lab", RPOrigins: []string{b.origin}})
	if err != nil {
		t.Fatal(err)
	}
	return &site{b, rp}
}

// account is a user of the site.
type account struct {
	id    []byte
	name  string
	creds []webauthn.Credential
}

func newAccount(name string) *account { return &account{id: []byte("handle of " + name), name: name} }

func (a *account) WebAuthnID() []byte                         { return a.id }
func (a *account) WebAuthnName() string                       { return a.name }
func (a *account) WebAuthnDisplayName() string                { return a.name + " of the lab" }
func (a *account) WebAuthnCredentials() []webauthn.Credential { return a.creds }

// ceremony is a registration or a login that has begun.
type ceremony struct {
	*step
	site    *site
	account *account // nil: whoever signs in
	session *webauthn.SessionData
}

// registering begins a registration of a discoverable passkey.
func (s *site) registering(t *testing.T, a *account, opts ...webauthn.RegistrationOption) *ceremony {
	t.Helper()
	opts = append([]webauthn.RegistrationOption{
		webauthn.WithResidentKeyRequirement(protocol.ResidentKeyRequirementRequired),
		webauthn.WithPublicKeyCredentialHints([]protocol.PublicKeyCredentialHints{protocol.PublicKeyCredentialHintSecurityKey}),
	}, opts...)
	options, session, err := s.rp.BeginRegistration(a, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return &ceremony{s.begin(t, "create", options.Response), s, a, session}
}

// registered ends it: the passkey belongs to the account from now on.
func (c *ceremony) registered(t *testing.T) *protocol.ParsedCredentialCreationData {
	t.Helper()
	o := c.wait(t)
	if o.Error != "" {
		t.Fatalf("navigator.credentials.create: %s: %s", o.Error, o.Message)
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(o.Credential)
	if err != nil {
		t.Fatalf("%v: %s", err, o.Credential)
	}
	credential, err := c.site.rp.CreateCredential(c.account, *c.session, parsed)
	if err != nil {
		t.Fatalf("go-webauthn refuses the registration: %v: %s", err, o.Credential)
	}
	c.account.creds = append(c.account.creds, *credential)
	return parsed
}

// login is who signed in, and with what.
type login struct {
	account *account
	flags   protocol.AuthenticatorFlags
	id      []byte
	counter uint32
	outputs protocol.AuthenticationExtensionsClientOutputs
}

// signing begins a login: of an account, whose passkeys are named, or with nil of whoever has one.
func (s *site) signing(t *testing.T, a *account, opts ...webauthn.LoginOption) *ceremony {
	t.Helper()
	opts = append([]webauthn.LoginOption{
		webauthn.WithAssertionPublicKeyCredentialHints([]protocol.PublicKeyCredentialHints{protocol.PublicKeyCredentialHintSecurityKey}),
	}, opts...)
	var options *protocol.CredentialAssertion
	var session *webauthn.SessionData
	var err error
	if a == nil {
		options, session, err = s.rp.BeginDiscoverableLogin(opts...)
	} else {
		options, session, err = s.rp.BeginLogin(a, opts...)
	}
	if err != nil {
		t.Fatal(err)
	}
	return &ceremony{s.begin(t, "get", options.Response), s, a, session}
}

// signedIn ends it. Where nobody was named, the user handle says which of the accounts it was.
func (c *ceremony) signedIn(t *testing.T, accounts ...*account) login {
	t.Helper()
	o := c.wait(t)
	if o.Error != "" {
		t.Fatalf("navigator.credentials.get: %s: %s", o.Error, o.Message)
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(o.Credential)
	if err != nil {
		t.Fatalf("%v: %s", err, o.Credential)
	}
	got := login{account: c.account, id: parsed.RawID, outputs: parsed.ClientExtensionResults}
	data := parsed.Response.AuthenticatorData
	got.flags, got.counter = data.Flags, data.Counter
	if c.account != nil {
		_, err = c.site.rp.ValidateLogin(c.account, *c.session, parsed)
	} else {
		_, err = c.site.rp.ValidateDiscoverableLogin(func(_, handle []byte) (webauthn.User, error) {
			for _, a := range accounts {
				if string(a.id) == string(handle) {
					got.account = a
					return a, nil
				}
			}
			return nil, protocol.ErrBadRequest.WithDetails("no such account")
		}, *c.session, parsed)
	}
	if err != nil {
		t.Fatalf("go-webauthn refuses the login: %v: %s", err, o.Credential)
	}
	return got
}

// refused ends a ceremony that must fail, with the name of the DOMException.
func (c *ceremony) refused(t *testing.T, name string) {
	t.Helper()
	if o := c.wait(t); o.Error != name {
		t.Errorf("got %q (%s), want %s: %s", o.Error, o.Message, name, o.Credential)
	}
}

// told ends a ceremony of which the browser tells the person why it failed: the step of its dialog says so in its log. The page would wait until somebody
// closes that, who is not there.
func (c *ceremony) told(t *testing.T, dialog string) {
	t.Helper()
	await(t, "Chromium's dialog "+dialog, func() bool { return strings.Contains(c.site.said(), "UI step: "+dialog+"\n") })
	c.abort()
	c.refused(t, "AbortError")
}
