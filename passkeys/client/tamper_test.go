package client_test

import (
	"bytes"
	"fmt"

	"signet/passkeys"
)

// tampered is everything that a site must refuse: every byte of what is signed changed once, and answers that are good but for another site, another
// request or another user.
func tampered(good []ceremony) (bad []ceremony) {
	done := map[string]bool{} // one of each kind is enough
	for _, c := range good {
		key := fmt.Sprint(c.Alg, c.Create, c.Want.Format, c.Stored != nil && c.Stored.Counter != 0)
		if done[key] {
			continue
		}
		done[key] = true
		if c.Create {
			bad = append(bad, c.badRegistrations()...)
		} else {
			bad = append(bad, c.badSignIns()...)
		}
		bad = append(bad, c.elsewhere()...)
	}
	return bad
}

func (c ceremony) as(why string, args ...any) ceremony {
	c.Name, c.Take = fmt.Sprintf(why, args...)+" in: "+c.Name, false
	return c
}

func (c ceremony) with(member string, f func([]byte) []byte) ceremony {
	c.Response = edited(c.Response, member, f)
	return c
}

// badSignIns change every byte that the signature covers, and every byte of the signature.
func (c ceremony) badSignIns() (bad []ceremony) {
	for _, member := range []string{"authenticatorData", "clientDataJSON", "signature"} {
		for i := 0; i < size(c.Response, member); i += c.stride() {
			b := c.as("byte %d of %s", i, member).with(member, flip(i))
			b.Loose = member == "signature" && c.derLength(i)
			bad = append(bad, b)
		}
	}
	bad = append(bad, c.as("a signature that is cut").with("signature", func(b []byte) []byte { return b[:len(b)-1] }))
	bad = append(bad, c.as("an empty signature").with("signature", func([]byte) []byte { return nil }))
	if c.Stored.Counter != 0 { // a counter that did not grow
		old := c.as("an old counter")
		kept := *c.Stored
		kept.Counter = c.Want.Counter
		old.Stored = &kept
		bad = append(bad, old)
	}
	return bad
}

// stride is how far apart the changed bytes lie: side by side, but in the kilobytes of ML-DSA and under the race detector.
func (c ceremony) stride() int {
	switch {
	case c.postQuantum():
		return 61
	case raced:
		return 17
	}
	return 1
}

// derLength reports whether a byte of the signature is the length that DER writes around the two numbers of ECDSA. Readers of BER pass over it.
func (c ceremony) derLength(at int) bool {
	return at == 1 && (c.Alg == int(passkeys.ES256) || c.Alg == int(passkeys.ES384))
}

// badRegistrations change every byte that a self attestation signs; without one, only the bytes that mean something.
func (c ceremony) badRegistrations() (bad []ceremony) {
	for name, change := range map[string]func([]byte){
		"the hash of another RP ID": func(d []byte) { d[0] ^= 1 }, "nobody there": func(d []byte) { d[32] &^= 1 },
		"no credential": func(d []byte) { d[32] &^= 0x40 }, "backed up and not eligible": func(d []byte) { d[32] = d[32]&^0x08 | 0x10 },
	} {
		bad = append(bad, c.as("%s", name).with("attestationObject", inAttestation(func(_ *string, _ map[string]any, d []byte) { change(d) })))
	}
	if c.Want.Format == "none" {
		return bad
	}
	length := 0
	c.with("attestationObject", inAttestation(func(_ *string, s map[string]any, d []byte) { length = len(d) }))
	for i := 0; i < length; i += c.stride() {
		bad = append(bad, c.as("byte %d of the authenticator data", i).with("attestationObject",
			inAttestation(func(_ *string, _ map[string]any, d []byte) { d[i] ^= 1 })))
	}
	c.with("attestationObject", inAttestation(func(_ *string, s map[string]any, d []byte) { length = len(s["sig"].([]byte)) }))
	for i := 0; i < length; i += c.stride() {
		b := c.as("byte %d of the statement's signature", i).with("attestationObject",
			inAttestation(func(_ *string, s map[string]any, _ []byte) { s["sig"].([]byte)[i] ^= 1 }))
		b.Loose = c.derLength(i)
		bad = append(bad, b)
	}
	for i := 0; i < size(c.Response, "clientDataJSON"); i += c.stride() {
		bad = append(bad, c.as("byte %d of clientDataJSON", i).with("clientDataJSON", flip(i)))
	}
	return bad
}

// elsewhere are answers that are good, at another site or for another request.
func (c ceremony) elsewhere() []ceremony {
	challenge, origin, rpID, kind := c.as("another challenge"), c.as("another origin"), c.as("another RP ID"), c.as("another type")
	challenge.Challenge = b64(bytes.Repeat([]byte{1}, 32))
	origin.Origin = "https://evil.example"
	rpID.RPID = "login.example.com"
	kind = kind.with("clientDataJSON", func(b []byte) []byte {
		b = bytes.Replace(b, []byte("webauthn.create"), []byte("webauthn.other "), 1)
		return bytes.Replace(b, []byte("webauthn.get"), []byte("webauthn.set"), 1)
	})
	all := []ceremony{challenge, origin, rpID, kind}
	if !c.UV {
		unverified := c.as("a user who is not verified")
		unverified.UV = true
		all = append(all, unverified)
	}
	return all
}
