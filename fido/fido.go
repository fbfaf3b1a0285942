package fido

import "fmt"

// Support says whether this build of Signet can use hardware keys, in words that can be shown as they are.
type Support struct {
	// Linked is true when libfido2 is part of this build.
	Linked bool
	// Version is that of the library that was loaded, such as "1.12.0"; empty when it cannot be told.
	Version string
	// Reason says why hardware keys are off and what to do, and is empty when they are on.
	Reason string
}

// String gives one line for `signet version`.
func (s Support) String() string {
	switch {
	case !s.Linked:
		return "hardware keys off: " + s.Reason
	case s.Version == "":
		return "hardware keys on (libfido2)"
	default:
		return "hardware keys on (libfido2 " + s.Version + ")"
	}
}

// Device is a hardware key that is plugged in. Its texts come from the key and are foreign.
type Device struct {
	Path            string
	Maker, Product  string
	Vendor, Variant uint16 // USB ids of the maker and of the product
}

// USB gives the ids as they are usually written, "1050:0407"; empty where there are none.
func (d Device) USB() string {
	if d.Vendor == 0 && d.Variant == 0 {
		return ""
	}
	return fmt.Sprintf("%04x:%04x", d.Vendor, d.Variant)
}
