// Package fido speaks to hardware keys: FIDO2 security keys on USB or NFC, through the C library libfido2.
//
// It is the opposite of package passkeys, which is a security key made of software: the two never import each other and
// meet only in internal/cli. So far the room answers two questions, for `signet version`, `signet doctor` and the TUI: can this build
// use hardware keys (Available), and which are attached (Devices, Attached). Listing, PINs, credentials and unlocking come here.
//
// libfido2.go and version_*.go are built with cgo and libfido2; libfido2_stub.go stands in for them without cgo, or with the
// build tag nolibfido2, so that Signet builds everywhere and says plainly that hardware keys are off. Whatever is added to one side
// gets its counterpart in the other: the exported names are the same in both, and CI builds both. Only this package
// imports go-libfido2; errors and paths that come from a device are foreign text.
package fido
