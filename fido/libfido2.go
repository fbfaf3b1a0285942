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

// Devices lists the hardware keys that libfido2 finds now. It enumerates devices, which takes milliseconds and wakes no
// key; at most 64 are listed. Without a key the answer is empty and no error.
func Devices() ([]Device, error) {
	found, err := libfido2.DeviceLocations()
	if err != nil {
		return nil, fmt.Errorf("list hardware keys: %v", err)
	}
	out := make([]Device, 0, len(found))
	for _, f := range found {
		out = append(out, Device{Path: f.Path, Maker: f.Manufacturer, Product: f.Product, Vendor: uint16(f.VendorID), Variant: uint16(f.ProductID)})
	}
	return out, nil
}

// Attached counts the hardware keys that libfido2 finds now, as Devices does.
func Attached() (int, error) {
	found, err := Devices()
	return len(found), err
}
