package passkeys

// Attestation statement formats (WebAuthn Level 3, section 8).
const (
	formatPacked = "packed"
	formatNone   = "none"
)

// packedSelf is a packed attestation statement without a certificate: signed with the credential's own key (WebAuthn Level 3, section 8.2).
type packedSelf struct {
	Alg int64  `cbor:"alg"`
	Sig []byte `cbor:"sig"`
}

// attest makes the answer of makeCredential. Self attestation tells a site nothing but that the key exists, so it is what everybody gets; a host that prefers none, gets none.
func (a *Authenticator) attest(cred *Credential, data []byte, r *makeRequest) (any, error) {
	answer := makeAnswer{Format: formatNone, AuthData: data, Statement: marshal(map[string]any{}), LargeBlobKey: cred.LargeBlobKey.Reveal()}
	if preferred(r.Formats) == formatNone {
		return answer, nil
	}
	sig, err := cred.Key.Sign(a.opt.Rand, append(data[:len(data):len(data)], r.Hash...))
	if err != nil {
		return nil, StatusOther
	}
	answer.Format, answer.Statement = formatPacked, marshal(packedSelf{int64(cred.Key.Algorithm()), sig})
	return answer, nil
}

// preferred is the first format of a request's own that is known here.
func preferred(formats []string) string {
	for _, f := range formats {
		if f == formatNone || f == formatPacked {
			return f
		}
	}
	return formatPacked
}
