//go:build unix

package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// site is a relying party that we did not write, with one account.
type site struct {
	t     testing.TB
	w     *webauthn.WebAuthn
	creds []webauthn.Credential
}

const siteOrigin = "https://login.example.com"

func newSite(t testing.TB) *site {
	t.Helper()
	w, err := webauthn.New(&webauthn.Config{RPID: "example.com", RPDisplayName: "Example", RPOrigins: []string{siteOrigin}})
	if err != nil {
		t.Fatal(err)
	}
	return &site{t: t, w: w}
}

func (s *site) WebAuthnID() []byte                         { return []byte("user 1") }
func (s *site) WebAuthnName() string                       { return "ada@example.com" }
func (s *site) WebAuthnDisplayName() string                { return "Ada" }
func (s *site) WebAuthnCredentials() []webauthn.Credential { return s.creds }

// options is what the site's server sends to its page.
func (s *site) options(v any) string {
	s.t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(b)
}

func (s *site) ok(err error) {
	s.t.Helper()
	if err == nil {
		return
	}
	var e *protocol.Error
	if errors.As(err, &e) {
		err = fmt.Errorf("%w: %s", err, e.DevInfo)
	}
	s.t.Fatalf("the site: %v", err)
}

// registers takes a registration and keeps it.
func (s *site) registers(session *webauthn.SessionData, response []byte) {
	s.t.Helper()
	parsed, err := protocol.ParseCredentialCreationResponseBytes(response)
	s.ok(err)
	cred, err := s.w.CreateCredential(s, *session, parsed)
	s.ok(err)
	s.creds = append(s.creds, *cred)
}

// signsIn takes a sign-in without a user name.
func (s *site) signsIn(session *webauthn.SessionData, response []byte) *protocol.ParsedCredentialAssertionData {
	s.t.Helper()
	parsed, err := protocol.ParseCredentialRequestResponseBytes(response)
	s.ok(err)
	find := func(_, handle []byte) (webauthn.User, error) {
		if string(handle) != string(s.WebAuthnID()) {
			return nil, fmt.Errorf("unknown user %q", handle)
		}
		return s, nil
	}
	_, _, err = s.w.ValidatePasskeyLogin(find, *session, parsed)
	s.ok(err)
	return parsed
}

// A script registers and signs in with the program alone: the options of the site go in as its server wrote them, the answers go back as they come out.
func TestAScriptSignsInToASite(t *testing.T) {
	t.Parallel()
	h, s := newHome(t), newSite(t)
	creation, session, err := s.w.BeginRegistration(s, webauthn.WithResidentKeyRequirement(protocol.ResidentKeyRequirementRequired),
		webauthn.WithConveyancePreference(protocol.PreferDirectAttestation))
	s.ok(err)
	s.registers(session, h.passkey(0, "create", s.options(creation)).out)

	creation, _, err = s.w.BeginRegistration(s, webauthn.WithExclusions(webauthn.Credentials(s.creds).CredentialDescriptors()))
	s.ok(err)
	if a := h.passkey(1, "create", s.options(creation)); !strings.Contains(string(a.errs), "webauthn.InvalidStateError") {
		t.Errorf("registering twice: %v", a)
	}

	assertion, session, err := s.w.BeginDiscoverableLogin()
	s.ok(err)
	s.signsIn(session, h.passkey(0, "get", s.options(assertion)).out)

	assertion, session, err = s.w.BeginLogin(s)
	s.ok(err)
	parsed, err := protocol.ParseCredentialRequestResponseBytes(h.passkey(0, "get", s.options(assertion)).out)
	s.ok(err)
	_, err = s.w.ValidateLogin(s, *session, parsed)
	s.ok(err)

	a := h.feeds(s.options(assertion), "passkey", "get", "--origin", "https://evil.example", "--approve", "always")
	if a.code != 1 || !strings.Contains(string(a.errs), "evil.example asked for a passkey of example.com: refused") {
		t.Errorf("a page of somebody else: %v", a)
	}
	h.intact()
}

// passkey runs `signet passkey create` or `get` for a page of the site, as a script that says yes to everything.
func (h *home) passkey(code int, command, options string) answer {
	h.t.Helper()
	a := h.feeds(options, "passkey", command, "--origin", siteOrigin, "--approve", "always")
	if a.code != code {
		h.t.Fatalf("passkey %s: %v", command, a)
	}
	return a
}

// At a terminal the person is verified, once for each request, and a site gets the same secret out of prf every time.
func TestAPersonIsVerifiedAndPRFGivesTheSameSecret(t *testing.T) {
	t.Parallel()
	h, s := newHome(t), newSite(t)
	m := h.sit(t, 100, 30)
	prf := protocol.PRFValues{First: []byte("what the site encrypts with"), Second: []byte("what it will encrypt with next")}
	creation, session, err := s.w.BeginRegistration(s, webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{
		ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired,
	}), webauthn.WithExtensions(webauthn.WithExtensionPRF(prf)))
	s.ok(err)
	made := m.passkey("create", s.options(creation))
	s.registers(session, made)
	secret := secretOf(t, made)
	for range 2 {
		assertion, session, err := s.w.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired),
			webauthn.WithAssertionExtensions(webauthn.WithExtensionPRF(prf)))
		s.ok(err)
		signed := m.passkey("get", s.options(assertion))
		s.signsIn(session, signed)
		if got := secretOf(t, signed); got != secret {
			t.Errorf("the secret is %s, and was %s", got, secret)
		}
	}
}

// passkey runs one request at the terminal: the person opens the vault, which verifies them, and says yes.
func (m *terminal) passkey(command, options string) []byte {
	m.t.Helper()
	m.h.write("options.json", options)
	m.types("clear").press("Enter").loses("Passphrase").shell()
	m.types("signet passkey " + command + " --origin " + siteOrigin + " < options.json > response.json").press("Enter")
	m.sees("Passphrase").types(passphrase).press("Enter")
	m.sees("y: allow").types("y").sees("Allowed").shell()
	return []byte(m.h.read("response.json"))
}

// secretOf is what prf gave, both values.
func secretOf(t *testing.T, response []byte) string {
	t.Helper()
	var r struct {
		ClientExtensionResults struct {
			PRF struct {
				Results struct{ First, Second string }
			}
		}
	}
	if err := json.Unmarshal(response, &r); err != nil {
		t.Fatal(err)
	}
	v := r.ClientExtensionResults.PRF.Results
	if len(v.First) != 43 || len(v.Second) != 43 || v.First == v.Second {
		t.Fatalf("no secrets in %s", response)
	}
	return v.First + " " + v.Second
}
