package passkeys

import (
	"crypto/hmac"
	"crypto/sha256"

	"signet/vault/secret"
)

// Extensions (CTAP 2.1, section 12; hmac-secret-mc of CTAP 2.2).
const (
	extCredBlob     = "credBlob"
	extCredProtect  = "credProtect"
	extHMACSecret   = "hmac-secret"
	extHMACSecretMC = "hmac-secret-mc"
	extLargeBlobKey = "largeBlobKey"
	extMinPINLength = "minPinLength"
)

func extensionNames() []string {
	return []string{extCredBlob, extCredProtect, extHMACSecret, extHMACSecretMC, extLargeBlobKey, extMinPINLength}
}

// makeExtensions are the inputs of makeCredential.
type makeExtensions struct {
	CredBlob     *[]byte    `cbor:"credBlob"`
	CredProtect  *uint64    `cbor:"credProtect"`
	HMACSecret   *bool      `cbor:"hmac-secret"`
	HMACSecretMC *hmacInput `cbor:"hmac-secret-mc"`
	LargeBlobKey *bool      `cbor:"largeBlobKey"`
	MinPINLength *bool      `cbor:"minPinLength"`
}

// getExtensions are the inputs of getAssertion.
type getExtensions struct {
	CredBlob     *bool      `cbor:"credBlob"`
	HMACSecret   *hmacInput `cbor:"hmac-secret"`
	LargeBlobKey *bool      `cbor:"largeBlobKey"`
}

// hmacInput carries one or two salts, sealed (CTAP 2.1, section 12.5).
type hmacInput struct {
	Key      *agreementKey `cbor:"1,keyasint"`
	Salts    []byte        `cbor:"2,keyasint"`
	Tag      []byte        `cbor:"3,keyasint"`
	Protocol *uint64       `cbor:"4,keyasint"`
}

func (x *makeExtensions) check(rk bool) error {
	switch {
	case x.CredProtect != nil && (*x.CredProtect < uint64(ProtectOptional) || *x.CredProtect > uint64(ProtectRequired)):
		return StatusInvalidParameter
	case x.LargeBlobKey != nil && (!*x.LargeBlobKey || !rk):
		return StatusInvalidOption
	case x.HMACSecretMC != nil && !set(x.HMACSecret, false):
		return StatusInvalidParameter
	}
	return nil
}

// makeOutputs is the canonical map of what makeCredential's extensions answer, nil for nothing.
func (a *Authenticator) makeOutputs(c *call, x *makeExtensions, cred *Credential, verified bool) ([]byte, error) {
	out := map[string]any{}
	if x.CredProtect != nil {
		out[extCredProtect] = *x.CredProtect
	}
	if x.CredBlob != nil {
		out[extCredBlob] = cred.Discoverable && len(*x.CredBlob) <= maxCredBlob
	}
	if x.HMACSecret != nil {
		out[extHMACSecret] = *x.HMACSecret
	}
	if x.HMACSecretMC != nil {
		sealed, err := a.hmacSecret(x.HMACSecretMC, cred, verified)
		if err != nil {
			return nil, err
		}
		out[extHMACSecretMC] = sealed
	}
	if set(x.MinPINLength, false) && contains(c.mem.MinPINRPs, cred.RPID) {
		out[extMinPINLength] = c.mem.minPIN()
	}
	return outputs(out), nil
}

// getOutputs is the same of getAssertion.
func (a *Authenticator) getOutputs(x *getExtensions, cred *Credential, verified bool) ([]byte, error) {
	out := map[string]any{}
	if set(x.CredBlob, false) {
		out[extCredBlob] = append([]byte{}, cred.Blob...)
	}
	if x.HMACSecret != nil && !cred.hmacKey(verified).IsEmpty() {
		sealed, err := a.hmacSecret(x.HMACSecret, cred, verified)
		if err != nil {
			return nil, err
		}
		out[extHMACSecret] = sealed
	}
	return outputs(out), nil
}

func outputs(m map[string]any) []byte {
	if len(m) == 0 {
		return nil
	}
	return marshal(m)
}

func contains(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}

// hmacSecret computes the outputs for one or two salts, sealed for the host. A verified user gets other outputs than one who was only present.
func (a *Authenticator) hmacSecret(in *hmacInput, cred *Credential, verified bool) ([]byte, error) {
	p, shared, err := a.openSalts(in)
	if err != nil {
		return nil, err
	}
	defer clear(shared)
	salts, err := p.decrypt(shared, in.Salts)
	if err != nil {
		return nil, err
	}
	defer clear(salts)
	if len(salts) != sha256.Size && len(salts) != 2*sha256.Size {
		return nil, StatusInvalidParameter
	}
	key := cred.hmacKey(verified)
	var plain []byte
	for i := 0; i < len(salts); i += sha256.Size {
		mac := hmac.New(sha256.New, key.Reveal())
		_, _ = mac.Write(salts[i : i+sha256.Size]) // never fails
		plain = mac.Sum(plain)
	}
	defer clear(plain)
	return p.encrypt(shared, plain, a.opt.Rand)
}

// hmacKey is empty where the credential has no such secret: then there is no output, rather than one that everybody can compute.
func (c *Credential) hmacKey(verified bool) secret.Secret {
	if verified {
		return c.SecretUV
	}
	return c.SecretNoUV
}

func (a *Authenticator) openSalts(in *hmacInput) (pinProtocol, []byte, error) {
	if in.Key == nil || in.Salts == nil || in.Tag == nil {
		return 0, nil, StatusMissingParameter
	}
	one := uint64(pinOne)
	auth := pinAuth{protocol: in.Protocol}
	if auth.protocol == nil {
		auth.protocol = &one // as before there was a second one
	}
	p, err := auth.version()
	if err != nil {
		return 0, nil, err
	}
	shared, err := p.agree(a.agreement[p], *in.Key)
	if err != nil {
		return 0, nil, err
	}
	if !p.verify(shared, in.Salts, in.Tag) {
		clear(shared)
		return 0, nil, StatusPINAuthInvalid
	}
	return p, shared, nil
}
