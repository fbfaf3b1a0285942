//go:build cgo && !nolibfido2

package fido

/*
#include <fido.h>
*/
import "C"

import (
	"context"
	"unsafe"
)

// Info asks what the key is and can do. It needs no touch and no PIN.
func (k *Key) Info(ctx context.Context) (Info, error) {
	return ask(ctx, k, "ask the key what it can do", func(dev *C.fido_dev_t, info *Info) C.int {
		*info = hid(dev)
		if !info.FIDO2 {
			return C.FIDO_OK
		}
		ci := C.fido_cbor_info_new()
		if ci == nil {
			return C.FIDO_ERR_INTERNAL
		}
		defer C.fido_cbor_info_free(&ci)
		r := C.fido_dev_get_cbor_info(dev, ci)
		if r == C.FIDO_OK {
			info.read(ci)
		}
		return r
	})
}

func hid(dev *C.fido_dev_t) Info {
	flags := C.fido_dev_flags(dev)
	return Info{
		FIDO2: bool(C.fido_dev_is_fido2(dev)), Major: uint8(C.fido_dev_major(dev)), Minor: uint8(C.fido_dev_minor(dev)), Build: uint8(C.fido_dev_build(dev)),
		Wink: flags&C.FIDO_CAP_WINK != 0, CBOR: flags&C.FIDO_CAP_CBOR != 0, NoU2F: flags&C.FIDO_CAP_NMSG != 0, Remaining: -1,
	}
}

func (i *Info) read(ci *C.fido_cbor_info_t) {
	i.Versions = goTexts(C.fido_cbor_info_versions_ptr(ci), C.fido_cbor_info_versions_len(ci))
	i.Extensions = goTexts(C.fido_cbor_info_extensions_ptr(ci), C.fido_cbor_info_extensions_len(ci))
	i.Transports = goTexts(C.fido_cbor_info_transports_ptr(ci), C.fido_cbor_info_transports_len(ci))
	copy(i.AAGUID[:], goBytes(C.fido_cbor_info_aaguid_ptr(ci), C.fido_cbor_info_aaguid_len(ci)))
	names := goTexts(C.fido_cbor_info_options_name_ptr(ci), C.fido_cbor_info_options_len(ci))
	i.Options = make(map[string]bool, len(names))
	for n, on := range unsafe.Slice(C.fido_cbor_info_options_value_ptr(ci), len(names)) {
		i.Options[names[n]] = bool(on)
	}
	certs := goTexts(C.fido_cbor_info_certs_name_ptr(ci), C.fido_cbor_info_certs_len(ci))
	i.Certifications = make(map[string]uint64, len(certs))
	for n, level := range unsafe.Slice(C.fido_cbor_info_certs_value_ptr(ci), len(certs)) {
		i.Certifications[certs[n]] = uint64(level)
	}
	for n := range min(C.fido_cbor_info_algorithm_count(ci), maxList) {
		i.Algorithms = append(i.Algorithms, int(C.fido_cbor_info_algorithm_cose(ci, n)))
	}
	for _, p := range goBytes((*C.uchar)(C.fido_cbor_info_protocols_ptr(ci)), C.fido_cbor_info_protocols_len(ci)) {
		i.Protocols = append(i.Protocols, int(p))
	}
	i.numbers(ci)
}

func (i *Info) numbers(ci *C.fido_cbor_info_t) {
	i.MaxMsgSize, i.MaxCredentials = uint64(C.fido_cbor_info_maxmsgsiz(ci)), uint64(C.fido_cbor_info_maxcredcntlst(ci))
	i.MaxCredentialID, i.MaxCredBlob = uint64(C.fido_cbor_info_maxcredidlen(ci)), uint64(C.fido_cbor_info_maxcredbloblen(ci))
	i.MaxLargeBlob, i.MinPIN = uint64(C.fido_cbor_info_maxlargeblob(ci)), uint64(C.fido_cbor_info_minpinlen(ci))
	i.Firmware, i.UVAttempts = uint64(C.fido_cbor_info_fwversion(ci)), uint64(C.fido_cbor_info_uv_attempts(ci))
	i.UVModality, i.MaxMinPINRPs = uint64(C.fido_cbor_info_uv_modality(ci)), uint64(C.fido_cbor_info_maxrpid_minpinlen(ci))
	i.Remaining, i.ChangePIN = int64(C.fido_cbor_info_rk_remaining(ci)), bool(C.fido_cbor_info_new_pin_required(ci))
}

// goTexts copies a list of texts.
func goTexts(p **C.char, n C.size_t) []string {
	if p == nil || n == 0 || n > maxList {
		return nil
	}
	out := make([]string, 0, n)
	for _, c := range unsafe.Slice(p, n) {
		out = append(out, goText(c))
	}
	return out
}

// Touch waits until somebody touches the key, so that several can be told apart.
func (k *Key) Touch(ctx context.Context) error {
	const op = "wait for a touch"
	if err := k.call(ctx, op, func(dev *C.fido_dev_t) C.int { return C.fido_dev_get_touch_begin(dev) }); err != nil {
		return err
	}
	for {
		touched, err := ask(ctx, k, op, func(dev *C.fido_dev_t, out *C.int) C.int {
			return C.fido_dev_get_touch_status(dev, out, C.int(cancelEvery.Milliseconds()))
		})
		if err != nil || touched != 0 {
			return err
		}
	}
}
