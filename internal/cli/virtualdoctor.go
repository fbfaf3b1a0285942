package cli

import (
	"context"
	"os"
	"runtime"

	"signet/internal/uhidsetup"
	"signet/passkeys/uhid"
)

// virtualKey is what the virtual security key needs on Linux.
func (x *doctoring) virtualKey(ctx context.Context) {
	if runtime.GOOS != "linux" {
		return
	}
	exe, _ := os.Executable()
	m := uhidsetup.Machine{UID: os.Geteuid(), Home: x.a.Env("HOME"), Exe: exe, Probe: func() error { return probeKey(ctx) }}
	for _, f := range uhidsetup.Look(m.OnThisMachine()) {
		level := levelOK
		if f.Warning {
			level = levelWarning
		}
		x.found(level, f.Code, f.Text, f.Next)
	}
}

// probeKey plugs a key in and looks whether this user can open it. Nobody answers on it: whoever speaks to it in this moment sees it leave.
func probeKey(ctx context.Context) error {
	d, err := uhid.Open(uhid.Options{Uniq: "doctor"})
	if err != nil {
		return err
	}
	defer d.Close() //nolint:errcheck // it leaves with the process at the latest
	return d.Access(ctx)
}
