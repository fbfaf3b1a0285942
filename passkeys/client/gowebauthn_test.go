package client_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/go-webauthn/webauthn/webauthn"

	"signet/passkeys"
	"signet/passkeys/client"
)

// account is a user of a site built with go-webauthn.
type account struct {
	id    string
	creds []webauthn.Credential
}

func (a *account) WebAuthnID() []byte                         { return []byte(a.id) }
func (a *account) WebAuthnName() string                       { return "ada" }
func (a *account) WebAuthnDisplayName() string                { return "Ada" }
func (a *account) WebAuthnCredentials() []webauthn.Credential { return a.creds }

func goSite(t testing.TB, rpID, origin string) *webauthn.WebAuthn {
	t.Helper()
	return must[*webauthn.WebAuthn](t)(webauthn.New(&webauthn.Config{RPID: rpID, RPDisplayName: "Example", RPOrigins: []string{origin}}))
}

// judgeInGo is what a site built with go-webauthn says to a ceremony.
func judgeInGo(t testing.TB, c ceremony) (told, error) {
	w := goSite(t, c.RPID, c.Origin)
	session := webauthn.SessionData{Challenge: c.Challenge, RelyingPartyID: c.RPID, UserID: []byte(c.User), UserVerification: protocol.VerificationPreferred}
	if c.UV {
		session.UserVerification = protocol.VerificationRequired
	}
	var cred *webauthn.Credential
	var uv bool
	if c.Create {
		session.CredParams = []protocol.CredentialParameter{{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.COSEAlgorithmIdentifier(c.Alg)}}
		parsed, err := protocol.ParseCredentialCreationResponseBytes(c.Response)
		if err != nil {
			return told{}, err
		}
		if cred, err = w.CreateCredential(&account{id: c.User}, session, parsed); err != nil {
			return told{}, err
		}
		uv = cred.Flags.UserVerified
	} else {
		parsed, err := protocol.ParseCredentialRequestResponseBytes(c.Response)
		if err != nil {
			return told{}, err
		}
		user := &account{c.User, []webauthn.Credential{c.Stored.inGo(t)}}
		if cred, err = w.ValidateLogin(user, session, parsed); err != nil {
			return told{}, err
		}
		if cred.Authenticator.CloneWarning {
			return told{}, errors.New("a clone: the counter did not grow")
		}
		uv = parsed.Response.AuthenticatorData.Flags.HasUserVerified()
	}
	return told{cred.AttestationFormat, uv, cred.Flags.BackupEligible, cred.Flags.BackupState, cred.Authenticator.SignCount}, nil
}

func (s *stored) inGo(t testing.TB) webauthn.Credential {
	t.Helper()
	c := webauthn.Credential{
		ID: must[[]byte](t)(base64.RawURLEncoding.DecodeString(s.ID)), PublicKey: must[[]byte](t)(base64.RawURLEncoding.DecodeString(s.PublicKey)),
	}
	c.Authenticator.SignCount, c.Flags.BackupEligible = s.Counter, s.BE
	return c
}

// go-webauthn is a site of somebody else: it takes what we make and refuses what was changed on the way.
func TestGoWebAuthnJudgesEveryCeremony(t *testing.T) {
	for _, c := range ceremonies() {
		if c.postQuantum() { // it knows ML-DSA from Go 1.27 on
			continue
		}
		got, err := judgeInGo(t, c)
		switch {
		case c.Take && err != nil:
			t.Errorf("%s: %v", c.Name, explained(err))
		case !c.Take && err == nil:
			t.Errorf("%s: taken", c.Name)
		case c.Take && got != c.Want:
			t.Errorf("%s: the site reads %+v, want %+v", c.Name, got, c.Want)
		}
	}
}

// A site remembers whether a passkey may be backed up, and takes no answer that says otherwise: what was fixed at creation must never change.
func TestWhatASiteRemembersOfBackups(t *testing.T) {
	for _, c := range ceremonies() {
		if !c.Take || c.Create || c.postQuantum() {
			continue
		}
		other := *c.Stored
		other.BE = !other.BE
		c.Stored = &other
		if _, err := judgeInGo(t, c); err == nil {
			t.Errorf("%s: taken by a site that remembers BE=%v", c.Name, other.BE)
		}
	}
}

func explained(err error) string {
	var e *protocol.Error
	if errors.As(err, &e) {
		return fmt.Sprintf("%s: %s: %s", e.Type, e.Details, e.DevInfo)
	}
	return err.Error()
}

// The options that go-webauthn writes go in as they are, and the answers go back as they are.
func TestGoWebAuthnServerRoundTrip(t *testing.T) {
	p := open(t)
	w := goSite(t, "example.com", p.from.Origin.String())
	user := &account{id: "user 1"}
	creation, session, err := w.BeginRegistration(user, webauthn.WithResidentKeyRequirement(protocol.ResidentKeyRequirementRequired),
		webauthn.WithConveyancePreference(protocol.PreferDirectAttestation))
	if err != nil {
		t.Fatal(err)
	}
	made := p.made(toObject(t, creation))
	parsed, err := protocol.ParseCredentialCreationResponseBytes(made.raw)
	if err != nil {
		t.Fatal(explained(err))
	}
	cred, err := w.CreateCredential(user, *session, parsed)
	if err != nil {
		t.Fatal(explained(err))
	}
	user.creds = append(user.creds, *cred)

	creation, _, err = w.BeginRegistration(user, webauthn.WithExclusions([]protocol.CredentialDescriptor{cred.Descriptor()}))
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.create(toObject(t, creation))
	fails(t, err, client.InvalidState, "already")

	assertion, session, err := w.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		t.Fatal(err)
	}
	answer, err := protocol.ParseCredentialRequestResponseBytes(p.signed(toObject(t, assertion)).raw)
	if err != nil {
		t.Fatal(explained(err))
	}
	find := func(rawID, handle []byte) (webauthn.User, error) {
		if string(handle) != user.id {
			return nil, fmt.Errorf("unknown user %q", handle)
		}
		return user, nil
	}
	_, cred, err = w.ValidatePasskeyLogin(find, *session, answer)
	if err != nil {
		t.Fatal(explained(err))
	}
	if !cred.Flags.BackupState || cred.Authenticator.SignCount != 0 || string(cred.Authenticator.AAGUID) != "" && passkeys.AAGUID(cred.Authenticator.AAGUID) != passkeys.Signet {
		t.Errorf("%+v", cred)
	}
}

func toObject(t testing.TB, v any) (o object) {
	t.Helper()
	if err := json.Unmarshal(must[[]byte](t)(json.Marshal(v)), &o); err != nil {
		t.Fatal(err)
	}
	return o
}
