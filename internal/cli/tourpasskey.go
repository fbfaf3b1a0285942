package cli

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"signet/passkeys"
)

// tourSite is a web site that knows one account and takes nothing but a passkey. It checks what every site has to (WebAuthn Level 3, sections 7.1 and 7.2).
type tourSite struct {
	id, origin string
	challenge  string // base64url
	key        *ecdsa.PublicKey
	credential string
}

func newTourSite() *tourSite {
	return &tourSite{id: "signet.example", origin: "https://login.signet.example", challenge: "dGhlIHRvdXIgb2YgU2lnbmV0"}
}

func (s *tourSite) creation() string {
	return fmt.Sprintf(`{"rp":{"id":%q,"name":"Tour"},"user":{"id":"YWRh","name":"ada","displayName":"Ada Lovelace"},"challenge":%q,`+
		`"pubKeyCredParams":[{"type":"public-key","alg":-7}],"authenticatorSelection":{"residentKey":"required"}}`, s.id, s.challenge)
}

func (s *tourSite) request() string {
	return fmt.Sprintf(`{"rpId":%q,"challenge":%q}`, s.id, s.challenge)
}

// siteResponse is what of a response a site needs.
type siteResponse struct {
	ID       string `json:"id"`
	Response struct {
		ClientData string `json:"clientDataJSON"`
		AuthData   string `json:"authenticatorData"`
		PublicKey  string `json:"publicKey"`
		Signature  string `json:"signature"`
	} `json:"response"`
}

// read checks what both kinds of responses have in common, and returns what was signed.
func (s *tourSite) read(text, kind string) (r siteResponse, signed []byte, err error) {
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return r, nil, err
	}
	data, err := bytesOf(r.Response.ClientData)
	if err != nil {
		return r, nil, err
	}
	var said struct{ Type, Challenge, Origin string }
	if err := json.Unmarshal(data, &said); err != nil {
		return r, nil, err
	}
	if said.Type != kind || said.Challenge != s.challenge || said.Origin != s.origin {
		return r, nil, fmt.Errorf("the client says %+v", said)
	}
	auth, err := bytesOf(r.Response.AuthData)
	if err != nil {
		return r, nil, err
	}
	want := sha256.Sum256([]byte(s.id))
	const present = byte(passkeys.FlagUP | passkeys.FlagBE | passkeys.FlagBS)
	if len(auth) < len(want)+5 || !bytes.Equal(auth[:len(want)], want[:]) || auth[len(want)]&present != present {
		return r, nil, errors.New("the authenticator speaks of another site, or with other flags")
	}
	hash := sha256.Sum256(data)
	return r, append(auth, hash[:]...), nil
}

func (s *tourSite) register(text string) error {
	r, _, err := s.read(text, "webauthn.create")
	if err != nil {
		return err
	}
	der, err := bytesOf(r.Response.PublicKey)
	if err != nil {
		return err
	}
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return err
	}
	ec, ok := key.(*ecdsa.PublicKey)
	if !ok {
		return fmt.Errorf("the key is %T", key)
	}
	s.key, s.credential = ec, r.ID
	return nil
}

func (s *tourSite) login(text string) error {
	r, signed, err := s.read(text, "webauthn.get")
	if err != nil {
		return err
	}
	sig, err := bytesOf(r.Response.Signature)
	if err != nil {
		return err
	}
	hash := sha256.Sum256(signed)
	if r.ID != s.credential || !ecdsa.VerifyASN1(s.key, hash[:], sig) {
		return errors.New("the signature is not that of the passkey")
	}
	return nil
}

// tourPasskey registers at a site that lives in this process and signs in there; then another site asks for the same passkey.
func tourPasskey(ctx context.Context, t *tour) error {
	site := newTourSite()
	out, err := t.signetWith(ctx, site.creation(), "passkey", "create", "--origin", site.origin, "--approve", "always")
	if err != nil {
		return err
	}
	if err := site.register(out); err != nil {
		return fmt.Errorf("the site does not take the registration: %w", err)
	}
	if out, err = t.signetWith(ctx, site.request(), "passkey", "get", "--origin", site.origin, "--approve", "always"); err != nil {
		return err
	}
	if err := site.login(out); err != nil {
		return fmt.Errorf("the site does not take the sign-in: %w", err)
	}
	_, err = t.signetWith(ctx, site.request(), "passkey", "get", "--origin", "https://evil.example", "--approve", "always")
	if err == nil || !strings.Contains(err.Error(), "webauthn.SecurityError") {
		return fmt.Errorf("another site got an answer: %w", err)
	}
	_, err = t.signet(ctx, "passkey", "rm", site.id, "--yes")
	return err
}
