package client

import (
	"crypto/sha256"
	"slices"

	"signet/passkeys"
)

// creationExtensions are the inputs at create (WebAuthn Level 3, section 10; CTAP 2.1, section 12). Those that nobody knows are passed over.
type creationExtensions struct {
	CredProps    bool       `json:"credProps"`
	PRF          *prfJSON   `json:"prf"`
	LargeBlob    *blobInput `json:"largeBlob"`
	Protect      string     `json:"credentialProtectionPolicy"`
	Enforce      bool       `json:"enforceCredentialProtectionPolicy"`
	MinPINLength bool       `json:"minPinLength"`
	CredBlob     *string    `json:"credBlob"`
	AppIDExclude *string    `json:"appidExclude"`

	salts []byte
	blob  []byte
}

// requestExtensions are the inputs at get.
type requestExtensions struct {
	PRF         *prfJSON   `json:"prf"`
	LargeBlob   *blobInput `json:"largeBlob"`
	GetCredBlob bool       `json:"getCredBlob"`
	AppID       *string    `json:"appid"`

	salts   []byte            // for every credential
	saltsOf map[string][]byte // for single ones
	write   []byte
}

type prfJSON struct {
	Eval *prfValues           `json:"eval"`
	By   map[string]prfValues `json:"evalByCredential"`
}

type prfValues struct {
	First  *string `json:"first"`
	Second *string `json:"second"`
}

type blobInput struct {
	Support *string `json:"support"`
	Read    *bool   `json:"read"`
	Write   *string `json:"write"`
}

// protections are the policies of credProtect (CTAP 2.1, section 12.1.1).
func protections(policy string) passkeys.Protection {
	return map[string]passkeys.Protection{
		"userVerificationOptional":                     passkeys.ProtectOptional,
		"userVerificationOptionalWithCredentialIDList": passkeys.ProtectWithList,
		"userVerificationRequired":                     passkeys.ProtectRequired,
	}[policy]
}

func (x *creationExtensions) check() (err error) {
	if b := x.LargeBlob; b != nil && (b.Read != nil || b.Write != nil) {
		return errorf(NotSupported, "largeBlob can be read and written when signing in, not when a passkey is made")
	}
	if x.CredBlob != nil {
		if x.blob, err = decode64("extensions.credBlob", *x.CredBlob, maxInput); err != nil {
			return err
		}
	}
	if x.PRF == nil {
		return nil
	}
	if x.PRF.By != nil {
		return errorf(NotSupported, "prf.evalByCredential names passkeys that exist, and this one does not yet")
	}
	if x.PRF.Eval != nil {
		x.salts, err = x.PRF.Eval.salts("extensions.prf.eval")
	}
	return err
}

func (x *requestExtensions) check(allow [][]byte) (err error) {
	if err := x.checkBlob(allow); err != nil || x.PRF == nil {
		return err
	}
	if x.PRF.Eval != nil {
		if x.salts, err = x.PRF.Eval.salts("extensions.prf.eval"); err != nil {
			return err
		}
	}
	if len(x.PRF.By) != 0 && len(allow) == 0 {
		return errorf(NotSupported, "prf.evalByCredential needs the passkeys that it names in allowCredentials")
	}
	x.saltsOf = map[string][]byte{}
	for name, v := range x.PRF.By {
		id, err := decode64("extensions.prf.evalByCredential", name, maxOptions)
		if err != nil || len(id) == 0 {
			return errorf(Syntax, "a name in prf.evalByCredential is not base64url")
		}
		if !slices.ContainsFunc(allow, func(a []byte) bool { return string(a) == string(id) }) {
			return errorf(Syntax, "prf.evalByCredential names a passkey that allowCredentials does not")
		}
		if x.saltsOf[string(id)], err = v.salts("extensions.prf.evalByCredential"); err != nil {
			return err
		}
	}
	return nil
}

func (x *requestExtensions) checkBlob(allow [][]byte) (err error) {
	b := x.LargeBlob
	switch {
	case b == nil:
		return nil
	case b.Support != nil:
		return errorf(NotSupported, "largeBlob.support belongs to making a passkey, not to signing in")
	case b.Read != nil && b.Write != nil:
		return errorf(NotSupported, "largeBlob can be read or written, not both at once")
	case b.Write != nil && len(allow) != 1:
		return errorf(NotSupported, "largeBlob.write needs exactly one passkey in allowCredentials")
	case b.Write != nil:
		x.write, err = decode64("extensions.largeBlob.write", *b.Write, maxInput)
	}
	return err
}

// salts are what the inputs become for hmac-secret (WebAuthn Level 3, section 10.1.4): one or two hashes in a row.
func (v *prfValues) salts(member string) ([]byte, error) {
	if v.First == nil {
		return nil, errMissing(member + ".first")
	}
	first, err := decode64(member+".first", *v.First, maxInput)
	if err != nil {
		return nil, err
	}
	all := saltOf(first)
	if v.Second != nil {
		second, err := decode64(member+".second", *v.Second, maxInput)
		if err != nil {
			return nil, err
		}
		all = append(all, saltOf(second)...)
	}
	return all, nil
}

func saltOf(input []byte) []byte { return hashOf(append([]byte("WebAuthn PRF\x00"), input...)) }

// for credential: its own salts where it has some, otherwise everybody's.
func (x *requestExtensions) saltsFor(id []byte) []byte {
	if s, ok := x.saltsOf[string(id)]; ok {
		return s
	}
	return x.salts
}

// results are the outputs of the client (WebAuthn Level 3, section 9.4).
type results struct {
	AppID        *bool       `json:"appid,omitzero"`
	AppIDExclude *bool       `json:"appidExclude,omitzero"`
	CredProps    *credProps  `json:"credProps,omitzero"`
	PRF          *prfResult  `json:"prf,omitzero"`
	LargeBlob    *blobResult `json:"largeBlob,omitzero"`
	CredBlob     *bool       `json:"credBlob,omitzero"`
	GetCredBlob  *string     `json:"getCredBlob,omitzero"`
}

type credProps struct {
	RK bool `json:"rk"`
}

type prfResult struct {
	Enabled *bool      `json:"enabled,omitzero"`
	Results *prfOutput `json:"results,omitzero"`
}

type prfOutput struct {
	First  string `json:"first"`
	Second string `json:"second,omitzero"`
}

type blobResult struct {
	Supported *bool   `json:"supported,omitzero"`
	Blob      *string `json:"blob,omitzero"`
	Written   *bool   `json:"written,omitzero"`
}

// hmacInput is what hmac-secret wants (CTAP 2.1, section 12.5).
type hmacInput struct {
	Key      coseKey  `cbor:"1,keyasint"`
	Salts    []byte   `cbor:"2,keyasint"`
	Tag      []byte   `cbor:"3,keyasint"`
	Protocol protocol `cbor:"4,keyasint,omitempty"`
}

// sealSalts prepares salts for the device.
func (s *shared) sealSalts(salts []byte) (*hmacInput, error) {
	sealed, err := s.encrypt(salts)
	if err != nil {
		return nil, err
	}
	in := &hmacInput{Key: s.key, Salts: sealed, Tag: s.protocol.authenticate(s.secret, sealed)}
	if s.protocol != pinOne {
		in.Protocol = s.protocol
	}
	return in, nil
}

// openSecrets reads what the device answered to salts of that length.
func (s *shared) openSecrets(sealed []byte, salts int) (*prfOutput, error) {
	plain, err := s.decrypt(sealed)
	if err != nil || len(plain) != salts {
		return nil, errAnswer
	}
	defer clear(plain)
	out := &prfOutput{First: encode64(plain[:sha256.Size])}
	if len(plain) > sha256.Size {
		out.Second = encode64(plain[sha256.Size:])
	}
	return out, nil
}
