//go:build cgo && !nolibfido2

package fido

/*
#include <fido.h>
#include <fido/credman.h>
*/
import "C"

import (
	"context"

	"signet/vault/secret"
)

// Passkeys lists everything that the key holds of passkeys. It needs the PIN, and no touch.
func (k *Key) Passkeys(ctx context.Context, p secret.Secret) (Listing, error) {
	const op = "list the passkeys of the key"
	list, err := k.room(ctx, op, p)
	if err != nil || list.Existing == 0 {
		return list, err
	}
	sites, err := k.sites(ctx, op, p)
	if err != nil {
		return Listing{}, err
	}
	for _, rp := range sites {
		found, err := k.of(ctx, op, p, rp)
		if err != nil {
			return Listing{}, err
		}
		if list.Passkeys = append(list.Passkeys, found...); len(list.Passkeys) > maxListed {
			return Listing{}, &Error{Op: op, Code: Failed, Retries: -1}
		}
	}
	return list, nil
}

type site struct{ id, name string }

// room asks how many passkeys there are and how many still fit.
func (k *Key) room(ctx context.Context, op string, p secret.Secret) (list Listing, err error) {
	out := new(Listing)
	err = k.withPIN(ctx, op, p, func(dev *C.fido_dev_t, pin *C.char) C.int {
		m := C.fido_credman_metadata_new()
		if m == nil {
			return C.FIDO_ERR_INTERNAL
		}
		defer C.fido_credman_metadata_free(&m)
		r := C.fido_credman_get_dev_metadata(dev, m, pin)
		if r == C.FIDO_OK {
			out.Existing, out.Remaining = uint64(C.fido_credman_rk_existing(m)), uint64(C.fido_credman_rk_remaining(m))
		}
		return r
	})
	if err != nil {
		return Listing{}, err
	}
	return *out, nil
}

func (k *Key) sites(ctx context.Context, op string, p secret.Secret) ([]site, error) {
	out := new([]site)
	err := k.withPIN(ctx, op, p, func(dev *C.fido_dev_t, pin *C.char) C.int {
		m := C.fido_credman_rp_new()
		if m == nil {
			return C.FIDO_ERR_INTERNAL
		}
		defer C.fido_credman_rp_free(&m)
		r := C.fido_credman_get_dev_rp(dev, m, pin)
		for i := range min(C.fido_credman_rp_count(m), maxListed) {
			*out = append(*out, site{goText(C.fido_credman_rp_id(m, i)), goText(C.fido_credman_rp_name(m, i))})
		}
		return r
	})
	if err != nil {
		return nil, err
	}
	return *out, nil
}

// of lists the passkeys of one site.
func (k *Key) of(ctx context.Context, op string, p secret.Secret, rp site) ([]Passkey, error) {
	if nul(rp.id) {
		return nil, nil
	}
	out := new([]Passkey)
	err := k.withPIN(ctx, op, p, func(dev *C.fido_dev_t, pin *C.char) C.int {
		var t texts
		defer t.free()
		m := C.fido_credman_rk_new()
		if m == nil {
			return C.FIDO_ERR_INTERNAL
		}
		defer C.fido_credman_rk_free(&m)
		r := C.fido_credman_get_dev_rk(dev, t.of(rp.id), m, pin)
		for i := range min(C.fido_credman_rk_count(m), maxListed) {
			*out = append(*out, passkey(C.fido_credman_rk(m, i), rp))
		}
		return r
	})
	switch {
	case CodeOf(err) == NoPasskey: // removed meanwhile
		return nil, nil
	case err != nil:
		return nil, err
	}
	return *out, nil
}

func passkey(c *C.fido_cred_t, rp site) Passkey {
	return Passkey{
		ID: goBytes(C.fido_cred_id_ptr(c), C.fido_cred_id_len(c)), RPID: rp.id, RPName: rp.name, Algorithm: int(C.fido_cred_type(c)), Protect: int(C.fido_cred_prot(c)),
		User: User{
			ID: goBytes(C.fido_cred_user_id_ptr(c), C.fido_cred_user_id_len(c)), Name: goText(C.fido_cred_user_name(c)), Display: goText(C.fido_cred_display_name(c)),
		},
		PublicKey:    goBytes(C.fido_cred_pubkey_ptr(c), C.fido_cred_pubkey_len(c)),
		LargeBlobKey: goSecret(C.fido_cred_largeblob_key_ptr(c), C.fido_cred_largeblob_key_len(c)),
	}
}

// Room says how many passkeys the key holds and how many still fit.
func (k *Key) Room(ctx context.Context, p secret.Secret) (Listing, error) {
	return k.room(ctx, "ask for room on the key", p)
}

// Delete removes a passkey from the key, for good.
func (k *Key) Delete(ctx context.Context, id []byte, p secret.Secret) error {
	const op = "remove a passkey from the key"
	if !ids([][]byte{id}) {
		return &Error{Op: op, Code: Invalid, Retries: -1}
	}
	return k.withPIN(ctx, op, p, func(dev *C.fido_dev_t, pin *C.char) C.int {
		b, n := bytesOf(id)
		return C.fido_credman_del_dev_rk(dev, b, n, pin)
	})
}

// Rename changes the names of a passkey's account. The user id stays what it is.
func (k *Key) Rename(ctx context.Context, id []byte, u User, p secret.Secret) error {
	const op = "rename a passkey on the key"
	if !ids([][]byte{id}) || len(u.ID) == 0 || len(u.ID) > maxUserID || len(u.Name) > maxName || len(u.Display) > maxName || nul(u.Name, u.Display) {
		return &Error{Op: op, Code: Invalid, Retries: -1}
	}
	return k.withPIN(ctx, op, p, func(dev *C.fido_dev_t, pin *C.char) C.int {
		var t texts
		defer t.free()
		c := C.fido_cred_new()
		if c == nil {
			return C.FIDO_ERR_INTERNAL
		}
		defer C.fido_cred_free(&c)
		b, n := bytesOf(id)
		user, userLen := bytesOf(u.ID)
		return first(
			func() C.int { return C.fido_cred_set_id(c, b, n) },
			func() C.int {
				return C.fido_cred_set_user(c, user, userLen, t.optional(u.Name), t.optional(u.Display), nil)
			},
			func() C.int { return C.fido_credman_set_dev_rk(dev, c, pin) },
		)
	})
}
