package passkeys

import (
	"bytes"
	"context"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"unicode/utf8"

	"signet/vault/secret"
)

// Subcommands of authenticatorClientPIN (CTAP 2.1, section 6.5.5).
const (
	pinRetries       = 0x01
	pinKeyAgreement  = 0x02
	pinSet           = 0x03
	pinChange        = 0x04
	pinToken         = 0x05 // as CTAP 2.0 had it
	pinTokenUsingUV  = 0x06
	pinUVRetries     = 0x07
	pinTokenUsingPIN = 0x09
)

// pinNames are those that a log is told of.
var pinNames = map[uint64]string{
	pinSet: "setPIN", pinChange: "changePIN", pinToken: "getPinToken", pinTokenUsingUV: "getPinUvAuthTokenUsingUvWithPermissions",
	pinTokenUsingPIN: "getPinUvAuthTokenUsingPinWithPermissions",
}

// pinRequest are the parameters of authenticatorClientPIN.
type pinRequest struct {
	Protocol    *uint64       `cbor:"1,keyasint"`
	Sub         *uint64       `cbor:"2,keyasint"`
	Key         *agreementKey `cbor:"3,keyasint"`
	Auth        *[]byte       `cbor:"4,keyasint"`
	NewPIN      []byte        `cbor:"5,keyasint"`
	PINHash     []byte        `cbor:"6,keyasint"`
	Permissions *uint64       `cbor:"9,keyasint"`
	RPID        *string       `cbor:"10,keyasint"`
}

// pinAnswer is the answer of authenticatorClientPIN.
type pinAnswer struct {
	Key        *agreementKey `cbor:"1,keyasint,omitempty"`
	Token      []byte        `cbor:"2,keyasint,omitempty"`
	Retries    *int          `cbor:"3,keyasint,omitempty"`
	PowerCycle *bool         `cbor:"4,keyasint,omitempty"`
	UVRetries  *int          `cbor:"5,keyasint,omitempty"`
}

const (
	paddedPIN     = 64 // how long a PIN is when it travels
	pinHashSize   = 16 // the part of its SHA-256 that travels
	pinSaltSize   = 16
	pinIterations = 20_000 // some milliseconds; the state is sealed besides
)

// clientPIN is authenticatorClientPIN (CTAP 2.1, section 6.5.5).
func (a *Authenticator) clientPIN(ctx context.Context, c *call) (any, error) {
	var r pinRequest
	if err := unmarshal(c.params, &r); err != nil {
		return nil, err
	}
	if r.Sub == nil {
		return nil, StatusMissingParameter
	}
	switch *r.Sub {
	case pinRetries:
		if err := a.known(ctx, c); err != nil {
			return nil, err
		}
		retries, cycle := c.mem.retries(), a.misses >= maxMisses
		return pinAnswer{Retries: &retries, PowerCycle: &cycle}, nil
	case pinUVRetries:
		retries := max(0, maxMisses-a.uvMisses)
		return pinAnswer{UVRetries: &retries}, nil
	}
	run, ok := map[uint64]func(*Authenticator, context.Context, *call, *pinRequest, pinProtocol) (any, error){
		pinKeyAgreement: (*Authenticator).tellAgreement, pinSet: (*Authenticator).setPIN, pinChange: (*Authenticator).changePIN,
		pinToken: (*Authenticator).legacyToken, pinTokenUsingPIN: (*Authenticator).tokenByPIN, pinTokenUsingUV: (*Authenticator).tokenByUV,
	}[*r.Sub]
	if !ok {
		return nil, StatusInvalidSubcommand
	}
	p, err := pinAuth{protocol: r.Protocol}.version()
	if err != nil {
		return nil, err
	}
	c.event.Command = "clientPIN " + pinNames[*r.Sub]
	if r.RPID != nil {
		c.about(*r.RPID, "", "")
	}
	if *r.Sub != pinKeyAgreement {
		if err := a.unlock(ctx, c); err != nil {
			return nil, err
		}
	}
	return run(a, ctx, c, &r, p)
}

func (a *Authenticator) tellAgreement(_ context.Context, _ *call, _ *pinRequest, p pinProtocol) (any, error) {
	k := agreementKeyOf(a.agreement[p].PublicKey())
	return pinAnswer{Key: &k}, nil
}

// setPIN sets the first PIN (section 6.5.5.5).
func (a *Authenticator) setPIN(ctx context.Context, c *call, r *pinRequest, p pinProtocol) (any, error) {
	if r.Key == nil || r.NewPIN == nil || r.Auth == nil {
		return nil, StatusMissingParameter
	}
	if c.mem.hasPIN() {
		return nil, StatusPINAuthInvalid
	}
	shared, err := p.agree(a.agreement[p], *r.Key)
	if err != nil {
		return nil, err
	}
	defer clear(shared)
	if !p.verify(shared, r.NewPIN, *r.Auth) {
		return nil, StatusPINAuthInvalid
	}
	return nil, a.keepPIN(ctx, c, p, shared, r.NewPIN, false)
}

// changePIN replaces the PIN by whoever knows it (section 6.5.5.6).
func (a *Authenticator) changePIN(ctx context.Context, c *call, r *pinRequest, p pinProtocol) (any, error) {
	if r.Key == nil || r.NewPIN == nil || r.Auth == nil || r.PINHash == nil {
		return nil, StatusMissingParameter
	}
	if err := a.pinUsable(c); err != nil {
		return nil, err
	}
	shared, err := p.agree(a.agreement[p], *r.Key)
	if err != nil {
		return nil, err
	}
	defer clear(shared)
	if !p.verify(shared, append(append([]byte{}, r.NewPIN...), r.PINHash...), *r.Auth) {
		return nil, StatusPINAuthInvalid
	}
	if err := a.checkPIN(ctx, c, p, shared, r.PINHash); err != nil {
		return nil, err
	}
	return nil, a.keepPIN(ctx, c, p, shared, r.NewPIN, true)
}

// keepPIN opens, checks and keeps a new PIN; there must be one already, or there must be none. Every token ends.
func (a *Authenticator) keepPIN(ctx context.Context, c *call, p pinProtocol, shared, sealed []byte, change bool) error {
	padded, err := p.decrypt(shared, sealed)
	if err != nil {
		return err
	}
	defer clear(padded)
	if len(padded) != paddedPIN {
		return StatusInvalidParameter
	}
	pin := bytes.TrimRight(padded, "\x00")
	salt, err := a.random(pinSaltSize)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(pin)
	defer clear(sum[:])
	err = a.opt.State.Update(ctx, func(m *Memory) error {
		switch {
		case m.hasPIN() != change: // another process was faster
			return StatusPINAuthInvalid
		case !m.fits(pin), m.ForceChangePIN && m.samePIN(sum[:pinHashSize]):
			return StatusPINPolicyViolation
		}
		m.keepPIN(sum[:pinHashSize], salt, utf8.RuneCount(pin))
		return nil
	})
	if err == nil {
		a.misses, c.noted, c.event.UV = 0, true, true
		a.revoke()
	}
	return err
}

// hardened is what is kept of a PIN.
func hardened(hash, salt []byte) secret.Secret {
	return secret.New(must(pbkdf2.Key(sha256.New, string(hash), salt, pinIterations, sha256.Size)))
}

// samePIN compares in constant time.
func (m *Memory) samePIN(hash []byte) bool {
	h := hardened(hash, m.PINSalt)
	defer h.Wipe()
	return subtle.ConstantTimeCompare(h.Reveal(), m.PIN.Reveal()) == 1
}

// pinUsable refuses when there is no PIN to try, or no try left.
func (a *Authenticator) pinUsable(c *call) error {
	switch {
	case !c.mem.hasPIN():
		return StatusPINNotSet
	case c.mem.retries() == 0:
		return StatusPINBlocked
	case a.misses >= maxMisses:
		return StatusPINAuthBlocked
	}
	return nil
}

// checkPIN takes one try, durably, before it looks; a right PIN gives all tries back. A wrong one costs the host its key agreement (section 6.5.5.7.1).
func (a *Authenticator) checkPIN(ctx context.Context, c *call, p pinProtocol, shared, sealed []byte) error {
	var tried Memory
	if err := a.opt.State.Update(ctx, func(m *Memory) error {
		if m.retries() == 0 {
			return StatusPINBlocked
		}
		m.PINMisses++
		tried = *m
		return nil
	}); err != nil {
		return err
	}
	hash, err := p.decrypt(shared, sealed)
	defer clear(hash)
	if err == nil && len(hash) == pinHashSize && tried.samePIN(hash) {
		a.misses, a.uvMisses = 0, 0
		return a.opt.State.Update(ctx, func(m *Memory) error { m.PINMisses = 0; return nil })
	}
	a.misses++
	c.noted = true
	if err := a.newAgreement(p); err != nil {
		return err
	}
	switch {
	case tried.retries() == 0:
		return StatusPINBlocked
	case a.misses >= maxMisses:
		return StatusPINAuthBlocked
	}
	return StatusPINInvalid
}

// legacyToken gives a token for makeCredential and getAssertion, as before there were permissions (section 6.5.5.7.1).
func (a *Authenticator) legacyToken(ctx context.Context, c *call, r *pinRequest, p pinProtocol) (any, error) {
	switch {
	case r.Key == nil, r.PINHash == nil:
		return nil, StatusMissingParameter
	case r.Permissions != nil, r.RPID != nil:
		return nil, StatusInvalidParameter
	}
	return a.tokenAfterPIN(ctx, c, r, p, PermitMake|PermitGet, StatusPINInvalid)
}

// tokenByPIN gives a token for what is asked (section 6.5.5.7.2), or the persistent one that can only read the list of passkeys (CTAP 2.2).
func (a *Authenticator) tokenByPIN(ctx context.Context, c *call, r *pinRequest, p pinProtocol) (any, error) {
	if r.Key == nil || r.PINHash == nil {
		return nil, StatusMissingParameter
	}
	perm, err := r.permissions(grantable)
	if err != nil {
		return nil, err
	}
	return a.tokenAfterPIN(ctx, c, r, p, perm, StatusPINPolicyViolation)
}

// grantable are the permissions that a verification can bring.
const grantable = PermitMake | PermitGet | PermitManage | PermitBlobs | PermitConfig | PermitReadOnlyManage

// permissions reads what a token is asked for.
func (r *pinRequest) permissions(granted Permission) (Permission, error) {
	switch {
	case r.Permissions == nil:
		return 0, StatusMissingParameter
	case *r.Permissions == 0:
		return 0, StatusInvalidParameter
	case *r.Permissions&^uint64(granted) != 0:
		return 0, StatusUnauthorizedPermission
	}
	perm := Permission(*r.Permissions) //nolint:gosec // within granted
	switch {
	case perm&PermitReadOnlyManage != 0 && perm != PermitReadOnlyManage:
		return 0, StatusInvalidParameter
	case perm&(PermitMake|PermitGet) != 0 && (r.RPID == nil || *r.RPID == ""):
		return 0, StatusMissingParameter
	case r.RPID != nil && len(*r.RPID) > maxRPID:
		return 0, StatusInvalidLength
	}
	return perm, nil
}

// tokenAfterPIN checks the PIN and gives the token; forced is the status for a PIN that must be changed first.
func (a *Authenticator) tokenAfterPIN(ctx context.Context, c *call, r *pinRequest, p pinProtocol, perm Permission, forced Status) (any, error) {
	if err := a.pinUsable(c); err != nil {
		return nil, err
	}
	shared, err := p.agree(a.agreement[p], *r.Key)
	if err != nil {
		return nil, err
	}
	defer clear(shared)
	if err := a.checkPIN(ctx, c, p, shared, r.PINHash); err != nil {
		return nil, err
	}
	if c.mem.ForceChangePIN {
		return nil, forced
	}
	if perm == PermitReadOnlyManage {
		return a.persistent(ctx, p, shared)
	}
	return a.give(p, shared, r, perm, false)
}

// give issues a token and seals it for the host.
func (a *Authenticator) give(p pinProtocol, shared []byte, r *pinRequest, perm Permission, present bool) (any, error) {
	rpID := ""
	if r.RPID != nil {
		rpID = *r.RPID
	}
	if err := a.issue(p, perm, rpID, present); err != nil {
		return nil, err
	}
	sealed, err := p.encrypt(shared, a.token.value.Reveal(), a.opt.Rand)
	return pinAnswer{Token: sealed}, err
}

// persistent gives the token that outlives power cycles until the PIN changes.
func (a *Authenticator) persistent(ctx context.Context, p pinProtocol, shared []byte) (any, error) {
	var token secret.Secret
	if err := a.opt.State.Update(ctx, func(m *Memory) error {
		if m.PersistentToken.IsEmpty() {
			b, err := a.random(tokenSize)
			if err != nil {
				return err
			}
			m.PersistentToken = secret.New(b)
		}
		if len(m.Identifier) == 0 {
			b, err := a.random(identifierSize)
			if err != nil {
				return err
			}
			m.Identifier = b
		}
		token = m.PersistentToken
		return nil
	}); err != nil {
		return nil, err
	}
	sealed, err := p.encrypt(shared, token.Reveal(), a.opt.Rand)
	return pinAnswer{Token: sealed}, err
}
