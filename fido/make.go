//go:build cgo && !nolibfido2

package fido

/*
#include <fido.h>
*/
import "C"

import "context"

func (r *MakeRequest) check(op string) error {
	switch {
	case len(r.ClientDataHash) != hashSize, r.RPID == "", len(r.RPID) > maxRPID, len(r.User.ID) == 0, len(r.User.ID) > maxUserID,
		len(r.RPName) > maxName, len(r.User.Name) > maxName, len(r.User.Display) > maxName, len(r.Exclude) > maxList, r.Protect < 0, r.Protect > 3,
		!ids(r.Exclude), nul(r.RPID, r.RPName, r.User.Name, r.User.Display):
		return &Error{Op: op, Code: Invalid, Retries: -1}
	}
	return checkPIN(op, r.PIN)
}

// nul reports whether a text would end early in C.
func nul(list ...string) bool {
	for _, s := range list {
		if containsNUL([]byte(s)) {
			return true
		}
	}
	return false
}

// MakeCredential makes a passkey on the key, for which somebody has to touch it.
func (k *Key) MakeCredential(ctx context.Context, r MakeRequest) (Made, error) {
	const op = "make a passkey"
	if err := r.check(op); err != nil {
		return Made{}, err
	}
	own := newOwned(r.PIN)
	defer own.unused()
	made, err := ask(ctx, k, op, func(dev *C.fido_dev_t, out *Made) C.int {
		c := C.fido_cred_new()
		if c == nil {
			return C.FIDO_ERR_INTERNAL
		}
		defer C.fido_cred_free(&c)
		if s := r.fill(c); s != C.FIDO_OK {
			return s
		}
		s := own.use(func(pin *C.char) C.int { return C.fido_dev_make_cred(dev, c, pin) })
		if s == C.FIDO_OK {
			out.read(c)
		}
		return s
	})
	return made, k.count(ctx, err)
}

// first runs steps until one fails.
func first(steps ...func() C.int) C.int {
	for _, f := range steps {
		if r := f(); r != C.FIDO_OK {
			return r
		}
	}
	return C.FIDO_OK
}

func (r *MakeRequest) fill(c *C.fido_cred_t) C.int {
	var t texts
	defer t.free()
	hash, hashLen := bytesOf(r.ClientDataHash)
	user, userLen := bytesOf(r.User.ID)
	return first(
		func() C.int { return C.fido_cred_set_type(c, C.int(r.Algorithm)) },
		func() C.int { return C.fido_cred_set_clientdata_hash(c, hash, hashLen) },
		func() C.int { return C.fido_cred_set_rp(c, t.of(r.RPID), t.optional(r.RPName)) },
		func() C.int {
			return C.fido_cred_set_user(c, user, userLen, t.optional(r.User.Name), t.optional(r.User.Display), nil)
		},
		func() C.int { return C.fido_cred_set_rk(c, tri(r.Resident)) },
		func() C.int { return C.fido_cred_set_uv(c, tri(r.UV)) },
		func() C.int { return r.exclude(c) },
		func() C.int { return r.extend(c) },
	)
}

func (r *MakeRequest) exclude(c *C.fido_cred_t) C.int {
	for _, id := range r.Exclude {
		p, n := bytesOf(id)
		if s := C.fido_cred_exclude(c, p, n); s != C.FIDO_OK {
			return s
		}
	}
	return C.FIDO_OK
}

func (r *MakeRequest) extend(c *C.fido_cred_t) C.int {
	mask := C.int(0)
	if r.HMACSecret {
		mask |= C.FIDO_EXT_HMAC_SECRET
	}
	if r.LargeBlobKey {
		mask |= C.FIDO_EXT_LARGEBLOB_KEY
	}
	if r.MinPINLength {
		mask |= C.FIDO_EXT_MINPINLEN
	}
	if s := C.fido_cred_set_extensions(c, mask); s != C.FIDO_OK {
		return s
	}
	if r.Protect != 0 {
		if s := C.fido_cred_set_prot(c, C.int(r.Protect)); s != C.FIDO_OK {
			return s
		}
	}
	if p, n := bytesOf(r.Blob); p != nil {
		return C.fido_cred_set_blob(c, p, n)
	}
	return C.FIDO_OK
}

func (m *Made) read(c *C.fido_cred_t) {
	m.ID = goBytes(C.fido_cred_id_ptr(c), C.fido_cred_id_len(c))
	m.AuthData = goBytes(C.fido_cred_authdata_raw_ptr(c), C.fido_cred_authdata_raw_len(c))
	m.Format = goText(C.fido_cred_fmt(c))
	m.Statement = goBytes(C.fido_cred_attstmt_ptr(c), C.fido_cred_attstmt_len(c))
	m.PublicKey = goBytes(C.fido_cred_pubkey_ptr(c), C.fido_cred_pubkey_len(c))
	copy(m.AAGUID[:], goBytes(C.fido_cred_aaguid_ptr(c), C.fido_cred_aaguid_len(c)))
	m.Flags, m.Counter = byte(C.fido_cred_flags(c)), uint32(C.fido_cred_sigcount(c))
	m.LargeBlobKey = goSecret(C.fido_cred_largeblob_key_ptr(c), C.fido_cred_largeblob_key_len(c))
	m.Attestation = goBytes(C.fido_cred_x5c_ptr(c), C.fido_cred_x5c_len(c))
}
