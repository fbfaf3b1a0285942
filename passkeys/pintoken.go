package passkeys

import (
	"crypto/ecdh"
	"time"

	"signet/vault/secret"
)

// Permission is what a pinUvAuthToken may be used for (CTAP 2.1, section 6.5.5.7).
type Permission byte

// The permissions.
const (
	PermitMake           Permission = 0x01
	PermitGet            Permission = 0x02
	PermitManage         Permission = 0x04
	PermitBio            Permission = 0x08 // never granted: there is no sensor
	PermitBlobs          Permission = 0x10
	PermitConfig         Permission = 0x20
	PermitReadOnlyManage Permission = 0x40 // alone, and for the persistent token only
)

const tokenSize = 32

// Times of a token (CTAP 2.1, section 6.5.2.1).
const (
	tokenFirstUse = 30 * time.Second // unused, it ends
	tokenPresence = 30 * time.Second // for so long the person counts as present
	tokenLife     = 10 * time.Minute
)

// token is the pinUvAuthToken: proof that the user was verified a moment ago, for some commands and at most one site.
type token struct {
	value       secret.Secret
	protocol    pinProtocol
	permissions Permission
	rpID        string // empty: not bound yet
	verified    bool
	present     bool
	issued      time.Time
	used        bool
}

// issue replaces the token.
func (a *Authenticator) issue(p pinProtocol, perm Permission, rpID string, present bool) error {
	a.revoke()
	b, err := a.random(tokenSize)
	if err != nil {
		return err
	}
	a.token = token{value: secret.New(b), protocol: p, permissions: perm, rpID: rpID, verified: true, present: present, issued: a.opt.Now()}
	return nil
}

func (a *Authenticator) revoke() {
	a.token.value.Wipe()
	a.token = token{}
}

// live ends the token when its time is over, and reports whether there is one.
func (a *Authenticator) live() bool {
	age := a.opt.Now().Sub(a.token.issued)
	if age < 0 || age >= tokenLife || !a.token.used && age >= tokenFirstUse {
		a.revoke()
	}
	if age >= tokenPresence {
		a.token.present = false
	}
	return !a.token.value.IsEmpty()
}

// pinAuth is how a request proves that it knows the token.
type pinAuth struct {
	param    *[]byte
	protocol *uint64
}

// probe reports whether it is the empty proof of hosts that only want a touch.
func (p pinAuth) probe() bool { return p.param != nil && len(*p.param) == 0 }

// version is the protocol that a request names.
func (p pinAuth) version() (pinProtocol, error) {
	switch {
	case p.protocol == nil:
		return 0, StatusMissingParameter
	case *p.protocol != uint64(pinOne) && *p.protocol != uint64(pinTwo):
		return 0, StatusInvalidParameter
	}
	return pinProtocol(*p.protocol), nil
}

// authorize checks the proof over a message and that the token permits what is asked. Everything that is wrong with it is StatusPINAuthInvalid.
func (a *Authenticator) authorize(auth pinAuth, message []byte, perm Permission) error {
	p, err := auth.version()
	if err != nil {
		return err
	}
	if !a.live() || p != a.token.protocol || !p.verify(a.token.value.Reveal(), message, *auth.param) {
		return StatusPINAuthInvalid
	}
	a.token.used = true
	if a.token.permissions&perm == 0 || !a.token.verified {
		return StatusPINAuthInvalid
	}
	return nil
}

// bind makes the token one of this site, or refuses if it is another's.
func (a *Authenticator) bind(rpID string) error {
	if a.token.rpID != "" && a.token.rpID != rpID {
		return StatusPINAuthInvalid
	}
	a.token.rpID = rpID
	return nil
}

// spent is called when a person consented to a use: the token is good for large blobs after it, and for nothing else (CTAP 2.1, section 6.1.2, step 14).
func (a *Authenticator) spent() {
	a.token.present, a.token.verified = false, a.token.verified && a.token.permissions&PermitBlobs != 0
	a.token.permissions &= PermitBlobs
}

// newAgreement makes another key-agreement key.
func (a *Authenticator) newAgreement(p pinProtocol) error {
	k, err := ecdh.P256().GenerateKey(a.opt.Rand)
	if err == nil {
		a.agreement[p] = k
	}
	return err
}
