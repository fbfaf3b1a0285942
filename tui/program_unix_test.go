//go:build unix

package tui

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"signet/tui/tuitest"
)

// SIGINT goes the same way, but teatest listens to it for the whole process and complains.
func TestSignalsEndTheProgram(t *testing.T) { // not parallel: signals are the process's
	if !slices.Contains(signals, os.Signal(syscall.SIGINT)) {
		t.Error("SIGINT is not handled")
	}
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGHUP} {
		p := start(t, 80, 24, opened, func(o *Options, _ *tuitest.Opener) { o.Signals = true })
		p.Want(t, "GitHub")
		if err := syscall.Kill(os.Getpid(), sig); err != nil {
			t.Fatal(err)
		}
		if err := p.end(t); !errors.Is(err, context.Canceled) {
			t.Errorf("%v: %v", sig, err)
		}
		if !p.opener.Vault.IsLocked() || !strings.Contains(p.Raw(), "\x1b[?1049l") {
			t.Errorf("%v left the vault open or the alternate screen on", sig)
		}
	}
}
