//go:build cgo && !nolibfido2

package fido

/*
#include <fido.h>
#include <fido/bio.h>
*/
import "C"

import (
	"context"
	"time"

	"signet/vault/secret"
)

// Bounds of fingerprints.
const (
	maxFingerprints = 256
	maxTemplateID   = 256
	sampleWait      = 30 * time.Second
)

// Sensor says what the fingerprint sensor is like.
func (k *Key) Sensor(ctx context.Context) (Sensor, error) {
	return ask(ctx, k, "ask for the fingerprint sensor", func(dev *C.fido_dev_t, out *Sensor) C.int {
		i := C.fido_bio_info_new()
		if i == nil {
			return C.FIDO_ERR_INTERNAL
		}
		defer C.fido_bio_info_free(&i)
		r := C.fido_bio_dev_get_info(dev, i)
		*out = Sensor{Swipe: C.fido_bio_info_type(i) == 2, MaxSamples: int(C.fido_bio_info_max_samples(i))}
		return r
	})
}

// Fingerprints lists the templates that are enrolled. None is no error.
func (k *Key) Fingerprints(ctx context.Context, p secret.Secret) ([]Fingerprint, error) {
	out := new([]Fingerprint)
	err := k.withPIN(ctx, "list the fingerprints of the key", p, func(dev *C.fido_dev_t, pin *C.char) C.int {
		all := C.fido_bio_template_array_new()
		if all == nil {
			return C.FIDO_ERR_INTERNAL
		}
		defer C.fido_bio_template_array_free(&all)
		r := C.fido_bio_dev_get_template_array(dev, all, pin)
		for i := range min(C.fido_bio_template_array_count(all), maxFingerprints) {
			t := C.fido_bio_template(all, i)
			*out = append(*out, Fingerprint{goBytes(C.fido_bio_template_id_ptr(t), C.fido_bio_template_id_len(t)), goText(C.fido_bio_template_name(t))})
		}
		return r
	})
	if err != nil {
		return nil, err
	}
	return *out, nil
}

// template runs f with a template of that id and name.
func (k *Key) template(ctx context.Context, op string, fp Fingerprint, p secret.Secret, f func(*C.fido_dev_t, *C.fido_bio_template_t, *C.char) C.int) error {
	if len(fp.ID) == 0 || len(fp.ID) > maxTemplateID || len(fp.Name) > maxName || nul(fp.Name) {
		return &Error{Op: op, Code: Invalid, Retries: -1}
	}
	return k.withPIN(ctx, op, p, func(dev *C.fido_dev_t, pin *C.char) C.int {
		var names texts
		defer names.free()
		t := C.fido_bio_template_new()
		if t == nil {
			return C.FIDO_ERR_INTERNAL
		}
		defer C.fido_bio_template_free(&t)
		id, n := bytesOf(fp.ID)
		return first(
			func() C.int { return C.fido_bio_template_set_id(t, id, n) },
			func() C.int { return C.fido_bio_template_set_name(t, names.of(fp.Name)) },
			func() C.int { return f(dev, t, pin) },
		)
	})
}

// RenameFingerprint gives a template another name.
func (k *Key) RenameFingerprint(ctx context.Context, fp Fingerprint, p secret.Secret) error {
	return k.template(ctx, "rename a fingerprint", fp, p, func(dev *C.fido_dev_t, t *C.fido_bio_template_t, pin *C.char) C.int {
		return C.fido_bio_dev_set_template_name(dev, t, pin)
	})
}

// RemoveFingerprint forgets a template.
func (k *Key) RemoveFingerprint(ctx context.Context, id []byte, p secret.Secret) error {
	return k.template(ctx, "remove a fingerprint", Fingerprint{ID: id}, p, func(dev *C.fido_dev_t, t *C.fido_bio_template_t, pin *C.char) C.int {
		return C.fido_bio_dev_enroll_remove(dev, t, pin)
	})
}

// EnrollFingerprint takes samples of a finger until the key has enough; progress is told after each. A cancelled enrolment leaves nothing behind.
func (k *Key) EnrollFingerprint(ctx context.Context, name string, p secret.Secret, progress func(Sample)) (Fingerprint, error) {
	const op = "enrol a fingerprint"
	if len(name) > maxName || nul(name) {
		return Fingerprint{}, &Error{Op: op, Code: Invalid, Retries: -1}
	}
	e := &enrolment{t: C.fido_bio_template_new(), e: C.fido_bio_enroll_new()}
	defer func() { _ = k.call(context.WithoutCancel(ctx), op, e.free) }()
	if e.t == nil || e.e == nil {
		return Fingerprint{}, &Error{Op: op, Code: Failed, Retries: -1}
	}
	err := k.withPIN(ctx, op, p, func(dev *C.fido_dev_t, pin *C.char) C.int {
		return C.fido_bio_dev_enroll_begin(dev, e.t, e.e, C.uint32_t(sampleWait.Milliseconds()), pin)
	})
	for err == nil {
		s := e.sample()
		progress(s)
		if s.Remaining == 0 {
			break
		}
		err = k.call(ctx, op, func(dev *C.fido_dev_t) C.int {
			return C.fido_bio_dev_enroll_continue(dev, e.t, e.e, C.uint32_t(sampleWait.Milliseconds()))
		})
	}
	if err != nil {
		_ = k.call(context.WithoutCancel(ctx), op, func(dev *C.fido_dev_t) C.int { return C.fido_bio_dev_enroll_cancel(dev) })
		return Fingerprint{}, err
	}
	fp := Fingerprint{goBytes(C.fido_bio_template_id_ptr(e.t), C.fido_bio_template_id_len(e.t)), name}
	return fp, k.RenameFingerprint(ctx, fp, p)
}

// enrolment is what libfido2 keeps between two samples. It is freed on the key's thread, behind whatever still uses it.
type enrolment struct {
	t *C.fido_bio_template_t
	e *C.fido_bio_enroll_t
}

func (e *enrolment) free(*C.fido_dev_t) C.int {
	C.fido_bio_template_free(&e.t)
	C.fido_bio_enroll_free(&e.e)
	return C.FIDO_OK
}

func (e *enrolment) sample() Sample {
	s := int(C.fido_bio_enroll_last_status(e.e))
	return Sample{Good: s == C.FIDO_BIO_ENROLL_FP_GOOD, Status: s, Remaining: int(C.fido_bio_enroll_remaining_samples(e.e))}
}
