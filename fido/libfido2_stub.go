//go:build !cgo || nolibfido2

package fido

import "errors"

// ErrOff is what every question to a hardware key answers in a build without libfido2.
var ErrOff = errors.New("hardware keys are off in this build")

// Available says that hardware keys are off in this build, and what to do about it.
func Available() Support {
	return Support{Reason: "this build is without libfido2; build with a C compiler and libfido2 installed (make deps build)"}
}

// Devices cannot list in a build without libfido2.
func Devices() ([]Device, error) { return nil, ErrOff }

// Attached cannot count in a build without libfido2.
func Attached() (int, error) { return 0, ErrOff }
