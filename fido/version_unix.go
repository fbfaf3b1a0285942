//go:build cgo && !nolibfido2 && !windows

package fido

/*
#cgo linux LDFLAGS: -ldl
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fido.h>

static const char *signet_fido_path(void) {
	Dl_info info;
	return dladdr((void *)fido_init, &info) ? info.dli_fname : "";
}
*/
import "C"

import (
	"path/filepath"
	"regexp"
)

// libraryVersion matches libfido2.so.1.12.0 and libfido2.1.12.0.dylib.
var libraryVersion = regexp.MustCompile(`^libfido2\.(?:so\.)?(\d+\.\d+(?:\.\d+)?)(?:\.dylib)?$`)

// loadedVersion tells the version of the library in use. libfido2 has no call for it, and its headers carry none, but the
// file that the loader took does.
func loadedVersion() string {
	name, err := filepath.EvalSymlinks(C.GoString(C.signet_fido_path()))
	if err != nil {
		return ""
	}
	return versionInName(filepath.Base(name))
}

func versionInName(base string) string {
	if m := libraryVersion.FindStringSubmatch(base); m != nil {
		return m[1]
	}
	return ""
}
