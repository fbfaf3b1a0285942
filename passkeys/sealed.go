package passkeys

import (
	"context"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/sha256"

	"filippo.io/mldsa"
	"golang.org/x/crypto/chacha20poly1305"

	"signet/vault/secret"
)

// sealedVersion is the first byte of an id that holds its credential: version ‖ nonce ‖ XChaCha20-Poly1305(sealed), bound to the version and the RP ID.
const sealedVersion = 0x01

// sealed is a non-discoverable credential inside its id.
type sealed struct {
	Alg     int64  `cbor:"1,keyasint"`
	Key     []byte `cbor:"2,keyasint"` // the scalar or seed
	Protect uint64 `cbor:"3,keyasint"`
	Secrets bool   `cbor:"4,keyasint"` // hmac-secret was asked for
	Created int64  `cbor:"5,keyasint"`
	U2F     bool   `cbor:"6,keyasint,omitempty"` // made by a U2F host, which knows no flags but presence and expects a counter that grows
}

// sealKey returns the key that new ids are sealed with, making it when there is none.
func (a *Authenticator) sealKey(ctx context.Context, binding Binding) (SealKey, error) {
	var found SealKey
	err := a.opt.State.Update(ctx, func(m *Memory) error {
		for _, k := range m.SealKeys {
			if k.Binding == binding {
				found = k
				return nil
			}
		}
		b, err := a.random(chacha20poly1305.KeySize)
		if err != nil {
			return err
		}
		found = SealKey{binding, secret.New(b)}
		m.SealKeys = append(m.SealKeys, found)
		return nil
	})
	return found, err
}

// seal puts a credential into its own id, and derives its secrets for hmac-secret.
func (a *Authenticator) seal(ctx context.Context, c *call, site siteHash, cred *Credential, secrets bool) error {
	k, ok := keyFor(c.mem.SealKeys, cred.Binding)
	if !ok {
		var err error
		if k, err = a.sealKey(ctx, cred.Binding); err != nil {
			return err
		}
	}
	raw, err := cred.Key.raw()
	if err != nil {
		return err
	}
	defer clear(raw)
	plain := marshal(sealed{int64(cred.Key.alg), raw, uint64(cred.Protect), secrets, cred.Created.Unix(), cred.U2F})
	defer clear(plain)
	nonce, err := a.random(chacha20poly1305.NonceSizeX)
	if err != nil {
		return err
	}
	id := append([]byte{sealedVersion}, nonce...)
	cred.ID = sealer(k).Seal(id, nonce, plain, sealedFor(site))
	if secrets {
		cred.deriveSecrets(k, nonce)
	}
	return nil
}

func keyFor(keys []SealKey, b Binding) (SealKey, bool) {
	for _, k := range keys {
		if k.Binding == b {
			return k, true
		}
	}
	return SealKey{}, false
}

// unseal opens an id. What was not sealed here, or for another site, is no credential.
func (c *call) unseal(site siteHash, id []byte) (Credential, bool) {
	const head = 1 + chacha20poly1305.NonceSizeX
	if len(id) < head+chacha20poly1305.Overhead || id[0] != sealedVersion {
		return Credential{}, false
	}
	for _, k := range c.mem.SealKeys {
		plain, err := sealer(k).Open(nil, id[1:head], id[head:], sealedFor(site))
		if err != nil {
			continue
		}
		cred, ok := opened(plain)
		clear(plain)
		cred.ID, cred.Binding = append([]byte(nil), id...), k.Binding
		cred.BE = k.Binding == Synced && !cred.U2F
		cred.BS = cred.BE
		if ok && !cred.SecretUV.IsEmpty() {
			cred.deriveSecrets(k, id[1:head])
		}
		return cred, ok
	}
	return Credential{}, false
}

func opened(plain []byte) (Credential, bool) {
	var s sealed
	if unmarshal(plain, &s) != nil {
		return Credential{}, false
	}
	defer clear(s.Key)
	key, err := rawKey(Algorithm(s.Alg), s.Key)
	if err != nil {
		return Credential{}, false
	}
	c := Credential{Key: key, Protect: Protection(s.Protect), U2F: s.U2F} //nolint:gosec // sealed by us
	if s.Secrets {
		c.SecretUV = secret.New(make([]byte, 1)) // derived by the caller, who has the key
	}
	return c, true
}

// deriveSecrets makes the two secrets of hmac-secret out of the sealing key and the id's own nonce.
func (c *Credential) deriveSecrets(k SealKey, nonce []byte) {
	derive := func(what string) secret.Secret {
		return secret.New(must(hkdf.Key(sha256.New, k.Key.Reveal(), nonce, "signet hmac-secret "+what, sha256.Size)))
	}
	c.SecretUV, c.SecretNoUV = derive("verified"), derive("present")
}

func sealer(k SealKey) cipher.AEAD { return must(chacha20poly1305.NewX(k.Key.Reveal())) }

// sealedFor is the associated data: an id means something to the site that it was made for, and to no other.
func sealedFor(site siteHash) []byte {
	return append([]byte("signet sealed credential\x01"), site[:]...)
}

// raw is the scalar or seed of a key that was made here.
func (k Key) raw() ([]byte, error) {
	switch p := k.priv.(type) {
	case *ecdsa.PrivateKey:
		return p.Bytes()
	case ed25519.PrivateKey:
		return p.Seed(), nil
	case *mldsa.PrivateKey:
		return p.Bytes(), nil
	}
	return nil, errKey
}

func rawKey(alg Algorithm, raw []byte) (Key, error) {
	curve := elliptic.P256()
	switch alg {
	case EdDSA:
		if len(raw) != ed25519.SeedSize {
			return Key{}, errKey
		}
		return Key{alg, ed25519.NewKeyFromSeed(raw)}, nil
	case ES384:
		curve = elliptic.P384()
	case ES256:
	case MLDSA44, MLDSA65:
		return rawMLDSA(alg, raw)
	default:
		return Key{}, errKey
	}
	p, err := ecdsa.ParseRawPrivateKey(curve, raw)
	if err != nil {
		return Key{}, errKey
	}
	return Key{alg, p}, nil
}
