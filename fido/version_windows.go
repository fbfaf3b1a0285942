//go:build cgo && !nolibfido2

package fido

// loadedVersion is not known on Windows, where the library is linked in.
func loadedVersion() string { return "" }
