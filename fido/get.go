//go:build cgo && !nolibfido2

package fido

/*
#include <fido.h>
*/
import "C"

import "context"

func (r *GetRequest) check(op string) error {
	switch {
	case len(r.ClientDataHash) != hashSize, r.RPID == "", len(r.RPID) > maxRPID, len(r.Allow) > maxList, !ids(r.Allow), nul(r.RPID),
		len(r.Salt) != 0 && len(r.Salt) != 32 && len(r.Salt) != 64:
		return &Error{Op: op, Code: Invalid, Retries: -1}
	}
	return checkPIN(op, r.PIN)
}

// GetAssertion signs in: with one of the passkeys that the request allows, or with every account of the site when it names none.
func (k *Key) GetAssertion(ctx context.Context, r GetRequest) ([]Assertion, error) {
	const op = "sign in with the key"
	if err := r.check(op); err != nil {
		return nil, err
	}
	own := newOwned(r.PIN)
	defer own.unused()
	all, err := ask(ctx, k, op, func(dev *C.fido_dev_t, out *[]Assertion) C.int {
		a := C.fido_assert_new()
		if a == nil {
			return C.FIDO_ERR_INTERNAL
		}
		defer C.fido_assert_free(&a)
		if s := r.fill(a); s != C.FIDO_OK {
			return s
		}
		s := own.use(func(pin *C.char) C.int { return C.fido_dev_get_assert(dev, a, pin) })
		if s == C.FIDO_OK {
			for i := range min(C.fido_assert_count(a), maxList) {
				*out = append(*out, assertion(a, i))
			}
		}
		return s
	})
	return all, k.count(ctx, err)
}

func (r *GetRequest) fill(a *C.fido_assert_t) C.int {
	var t texts
	defer t.free()
	hash, hashLen := bytesOf(r.ClientDataHash)
	return first(
		func() C.int { return C.fido_assert_set_rp(a, t.of(r.RPID)) },
		func() C.int { return C.fido_assert_set_clientdata_hash(a, hash, hashLen) },
		func() C.int { return C.fido_assert_set_up(a, tri(r.UP)) },
		func() C.int { return C.fido_assert_set_uv(a, tri(r.UV)) },
		func() C.int { return r.allow(a) },
		func() C.int { return r.extend(a) },
	)
}

func (r *GetRequest) allow(a *C.fido_assert_t) C.int {
	for _, id := range r.Allow {
		p, n := bytesOf(id)
		if s := C.fido_assert_allow_cred(a, p, n); s != C.FIDO_OK {
			return s
		}
	}
	return C.FIDO_OK
}

func (r *GetRequest) extend(a *C.fido_assert_t) C.int {
	mask := C.int(0)
	if len(r.Salt) != 0 {
		mask |= C.FIDO_EXT_HMAC_SECRET
	}
	if r.Blob {
		mask |= C.FIDO_EXT_CRED_BLOB
	}
	if r.LargeBlobKey {
		mask |= C.FIDO_EXT_LARGEBLOB_KEY
	}
	if s := C.fido_assert_set_extensions(a, mask); s != C.FIDO_OK {
		return s
	}
	if p, n := bytesOf(r.Salt); p != nil {
		return C.fido_assert_set_hmac_salt(a, p, n)
	}
	return C.FIDO_OK
}

func assertion(a *C.fido_assert_t, i C.size_t) Assertion {
	return Assertion{
		ID:        goBytes(C.fido_assert_id_ptr(a, i), C.fido_assert_id_len(a, i)),
		AuthData:  unwrapped(goBytes(C.fido_assert_authdata_ptr(a, i), C.fido_assert_authdata_len(a, i))),
		Signature: goBytes(C.fido_assert_sig_ptr(a, i), C.fido_assert_sig_len(a, i)),
		User: User{
			ID:   goBytes(C.fido_assert_user_id_ptr(a, i), C.fido_assert_user_id_len(a, i)),
			Name: goText(C.fido_assert_user_name(a, i)), Display: goText(C.fido_assert_user_display_name(a, i)),
		},
		Flags: byte(C.fido_assert_flags(a, i)), Counter: uint32(C.fido_assert_sigcount(a, i)),
		Secret:       goSecret(C.fido_assert_hmac_secret_ptr(a, i), C.fido_assert_hmac_secret_len(a, i)),
		Blob:         goBytes(C.fido_assert_blob_ptr(a, i), C.fido_assert_blob_len(a, i)),
		LargeBlobKey: goSecret(C.fido_assert_largeblob_key_ptr(a, i), C.fido_assert_largeblob_key_len(a, i)),
	}
}

// unwrapped takes the CBOR byte string's head off, which libfido2 leaves around the authenticator data of an assertion.
func unwrapped(b []byte) []byte {
	switch {
	case len(b) > 0 && b[0] >= 0x40 && b[0] <= 0x57 && len(b) == 1+int(b[0]-0x40):
		return b[1:]
	case len(b) > 1 && b[0] == 0x58 && len(b) == 2+int(b[1]):
		return b[2:]
	case len(b) > 2 && b[0] == 0x59 && len(b) == 3+int(b[1])<<8+int(b[2]):
		return b[3:]
	}
	return b
}
