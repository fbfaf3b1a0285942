package client

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"

	"github.com/fxamacker/cbor/v2"
	"github.com/go-json-experiment/json"
)

// registrationJSON is RegistrationResponseJSON (WebAuthn Level 3, section 5.1).
type registrationJSON struct {
	ID       string `json:"id"`
	RawID    string `json:"rawId"`
	Response struct {
		ClientDataJSON     string   `json:"clientDataJSON"`
		AuthenticatorData  string   `json:"authenticatorData"`
		Transports         []string `json:"transports"`
		PublicKey          string   `json:"publicKey,omitzero"`
		PublicKeyAlgorithm int64    `json:"publicKeyAlgorithm"`
		AttestationObject  string   `json:"attestationObject"`
	} `json:"response"`
	Attachment string  `json:"authenticatorAttachment,omitzero"`
	Results    results `json:"clientExtensionResults"`
	Type       string  `json:"type"`
}

// authenticationJSON is AuthenticationResponseJSON.
type authenticationJSON struct {
	ID       string `json:"id"`
	RawID    string `json:"rawId"`
	Response struct {
		ClientDataJSON    string `json:"clientDataJSON"`
		AuthenticatorData string `json:"authenticatorData"`
		Signature         string `json:"signature"`
		UserHandle        string `json:"userHandle,omitzero"`
	} `json:"response"`
	Attachment string  `json:"authenticatorAttachment,omitzero"`
	Results    results `json:"clientExtensionResults"`
	Type       string  `json:"type"`
}

const (
	formatNone   = "none"
	formatPacked = "packed"
)

// attestation is an attestation object (WebAuthn Level 3, section 6.5).
type attestation struct {
	Format    string          `cbor:"fmt"`
	Statement cbor.RawMessage `cbor:"attStmt"`
	AuthData  []byte          `cbor:"authData"`
}

// response is the JSON for the site.
func (m *made) response(t *talk, o *creation, data []byte, rk bool) ([]byte, error) {
	if m.secrets != nil {
		defer m.secrets.wipe()
	}
	out, err := m.results(o, rk)
	if err != nil {
		return nil, err
	}
	a, err := m.attestation(o.attest)
	if err != nil {
		return nil, err
	}
	var head struct {
		Alg int64 `cbor:"3,keyasint"`
	}
	if err := decoder.Unmarshal(m.data.key, &head); err != nil {
		return nil, errAnswer
	}
	j := registrationJSON{ID: encode64(m.data.id), RawID: encode64(m.data.id), Attachment: t.attachment(o.attachment), Results: out, Type: publicKeyType}
	j.Response.ClientDataJSON = encode64(data)
	j.Response.AuthenticatorData = encode64(a.AuthData)
	j.Response.Transports = transports(t.info.Transports)
	j.Response.PublicKey = encode64(spki(m.data.key))
	j.Response.PublicKeyAlgorithm = head.Alg
	j.Response.AttestationObject = encode64(marshal(a))
	return json.Marshal(j, json.Deterministic(true))
}

// attachment is how the device calls itself: as it was told, or as the site asked.
func (t *talk) attachment(asked string) string {
	switch {
	case t.opt.Attachment != "":
		return t.opt.Attachment
	case known(asked):
		return asked
	}
	return "platform"
}

// transports are unique and sorted (WebAuthn Level 3, section 5.2.1).
func transports(list []string) []string {
	out := append([]string{}, list...)
	slices.Sort(out)
	return slices.Compact(out)
}

// attestation is what the site gets to know of the device (WebAuthn Level 3, section 5.1.3, "credentialCreationData"). A site that wants to know nothing
// gets no statement; a device that gave none by itself keeps its AAGUID, as password managers do, and so does self attestation that names no model.
func (m *made) attestation(conveyance string) (attestation, error) {
	a := attestation{m.answer.Format, m.answer.Statement, m.answer.AuthData}
	if len(a.Statement) == 0 || decoder.Wellformed(a.Statement) != nil || a.Format == "" {
		return a, errAnswer
	}
	aaguid := a.AuthData[aaguidAt : aaguidAt+aaguidSize]
	if attested(conveyance) || a.Format == formatNone || a.Format == formatPacked && unnamed(aaguid) && !certified(a.Statement) {
		return a, nil
	}
	a.AuthData = slices.Clone(a.AuthData)
	clear(a.AuthData[aaguidAt : aaguidAt+aaguidSize])
	a.Format, a.Statement = formatNone, marshal(map[string]any{})
	return a, nil
}

func unnamed(aaguid []byte) bool {
	return !slices.ContainsFunc(aaguid, func(b byte) bool { return b != 0 })
}

func certified(statement cbor.RawMessage) bool {
	var s map[string]cbor.RawMessage
	err := decoder.Unmarshal(statement, &s)
	return err != nil || s["x5c"] != nil
}

// coseParams are the parameters of a COSE_Key that matter here. What -1 to -3 mean depends on the kind of key (RFC 9053; RFC 8230; RFC 9964 for ML-DSA).
type coseParams struct {
	Kty int64           `cbor:"1,keyasint"`
	Alg int64           `cbor:"3,keyasint"`
	P1  cbor.RawMessage `cbor:"-1,keyasint"`
	P2  cbor.RawMessage `cbor:"-2,keyasint"`
	P3  cbor.RawMessage `cbor:"-3,keyasint"`
}

// spki is the public key as SubjectPublicKeyInfo, or nil where the algorithm is not understood (WebAuthn Level 3, section 5.2.1.1).
func spki(key cbor.RawMessage) []byte {
	var k coseParams
	if decoder.Unmarshal(key, &k) != nil {
		return nil
	}
	switch k.Kty {
	case 1:
		return okp(&k)
	case 2:
		return ec(&k)
	case 3:
		return rsaKey(&k)
	case 7:
		return akp(&k)
	}
	return nil
}

func octets(m cbor.RawMessage) (b []byte) {
	if decoder.Unmarshal(m, &b) != nil {
		return nil
	}
	return b
}

func number(m cbor.RawMessage) (n int64) {
	if decoder.Unmarshal(m, &n) != nil {
		return 0
	}
	return n
}

func pkix1(pub any) []byte {
	der, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return nil
	}
	return der
}

func okp(k *coseParams) []byte {
	if x := octets(k.P2); number(k.P1) == 6 && len(x) == ed25519.PublicKeySize {
		return pkix1(ed25519.PublicKey(x))
	}
	return nil
}

func ec(k *coseParams) []byte {
	curve := map[int64]elliptic.Curve{1: elliptic.P256(), 2: elliptic.P384(), 3: elliptic.P521()}[number(k.P1)]
	if curve == nil {
		return nil
	}
	x, y := octets(k.P2), octets(k.P3)
	if size := (curve.Params().BitSize + 7) / 8; len(x) != size || len(y) != size {
		return nil
	}
	pub, err := ecdsa.ParseUncompressedPublicKey(curve, slices.Concat([]byte{4}, x, y))
	if err != nil {
		return nil
	}
	return pkix1(pub)
}

func rsaKey(k *coseParams) []byte {
	n, e := octets(k.P1), octets(k.P2)
	if len(n) < 128 || len(n) > 1024 || len(e) == 0 || len(e) > 4 {
		return nil
	}
	return pkix1(&rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())})
}

// akp is ML-DSA (RFC 9881, section 4): the raw key below an identifier without parameters.
func akp(k *coseParams) []byte {
	pub := octets(k.P1)
	kind := map[int64]struct{ arc, size int }{-48: {17, 1312}, -49: {18, 1952}, -50: {19, 2592}}[k.Alg]
	if kind.size == 0 || len(pub) != kind.size {
		return nil
	}
	der, err := asn1.Marshal(struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}{
		pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, kind.arc}},
		asn1.BitString{Bytes: pub, BitLength: 8 * len(pub)},
	})
	if err != nil {
		return nil
	}
	return der
}
