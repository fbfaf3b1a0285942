//go:build cgo && !nolibfido2 && !windows

package fido

import (
	"runtime"
	"testing"
)

func TestVersionComesFromTheLibrarysFileName(t *testing.T) {
	for name, want := range map[string]string{
		"libfido2.so.1.12.0":    "1.12.0",
		"libfido2.1.15.0.dylib": "1.15.0",
		"libfido2.so":           "",
		"signet":                "",
		"libfido2.so.1.x":       "",
	} {
		if got := versionInName(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// On Linux the library is always a file of its own, whose name carries the version; elsewhere it may be linked in.
func TestLoadedLibraryHasAVersion(t *testing.T) {
	if v := loadedVersion(); v == "" && runtime.GOOS == "linux" {
		t.Error("the loaded libfido2 carries no version in its file name")
	}
}
