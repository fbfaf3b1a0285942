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
	"strings"
)

// loadedVersion tells the version of the library in use. libfido2 has no call for it, and its headers carry none, but the
// file that the loader took does.
func loadedVersion() string {
	name, err := filepath.EvalSymlinks(C.GoString(C.signet_fido_path()))
	if err != nil {
		return ""
	}
	return versionInName(filepath.Base(name))
}

// versionInName reads "1.12.0" from libfido2.so.1.12.0 or libfido2.1.12.0.dylib, and nothing from any other name.
func versionInName(base string) string {
	v, ok := strings.CutPrefix(base, "libfido2.")
	v = strings.TrimSuffix(strings.TrimPrefix(v, "so."), ".dylib")
	if !ok || !strings.Contains(v, ".") || strings.Trim(v, "0123456789.") != "" {
		return ""
	}
	return v
}
