//go:build cgo && !nolibfido2

package fido

import (
	"fmt"

	libfido2 "github.com/keys-pub/go-libfido2"
)

// Available says that hardware keys are on in this build. It asks no device and takes microseconds.
func Available() Support {
	return Support{Linked: true, Version: loadedVersion()}
}

// Attached counts the hardware keys that libfido2 finds now. It enumerates devices, which takes milliseconds and wakes no
// key; at most 64 are counted. Without a key the answer is 0 and no error.
func Attached() (int, error) {
	found, err := libfido2.DeviceLocations()
	if err != nil {
		return 0, fmt.Errorf("list hardware keys: %v", err)
	}
	return len(found), nil
}
