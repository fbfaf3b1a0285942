package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/zalando/go-keyring"
)

// inside marks a process that runs under the session bus started for it.
const inside = "SIGNET_BENCH_INSIDE"

// underBus starts this program again below a session bus of its own, in a home of its own, and passes its output on.
func underBus(home string) error {
	if _, err := exec.LookPath("dbus-run-session"); err != nil {
		return errors.New("dbus-run-session is missing: make deps installs it")
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command("dbus-run-session", append([]string{"--", self}, os.Args[1:]...)...)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.Env = append(clean(os.Environ()), inside+"="+home, "HOME="+home, "XDG_RUNTIME_DIR="+filepath.Join(home, "run"))
	if err := os.MkdirAll(filepath.Join(home, "run"), 0o700); err != nil {
		return err
	}
	return cmd.Run()
}

// clean drops variables that would let the measurement see this machine's session or configuration.
func clean(env []string) []string {
	var out []string
	for _, kv := range env {
		name, _, _ := strings.Cut(kv, "=")
		if strings.HasPrefix(name, "XDG_") || strings.HasPrefix(name, "SIGNET_") || name == "DBUS_SESSION_BUS_ADDRESS" || name == "DISPLAY" || name == "WAYLAND_DISPLAY" {
			continue
		}
		out = append(out, kv)
	}
	return out
}

// unlockKeyring starts gnome-keyring on the bus with a login keyring that a known password opens, as a desktop's login does.
func unlockKeyring(home string) (stop func(), err error) {
	bin, err := exec.LookPath("gnome-keyring-daemon")
	if err != nil {
		return nil, errors.New("gnome-keyring-daemon is missing: make deps installs it")
	}
	// A copy without file capabilities, which some containers refuse to run.
	own := filepath.Join(home, "gnome-keyring-daemon")
	if err := copyFile(own, bin); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, own, "--unlock", "--components=secrets", "--foreground")
	cmd.Stdin = strings.NewReader("bench")
	if err := cmd.Start(); err != nil {
		cancel()
		return nil, err
	}
	stop = func() { cancel(); _ = cmd.Wait() }
	err = waitForService()
	if err == nil {
		err = keyring.Set(probeService, probeUser, strings.Repeat("k", 300))
	}
	if err != nil {
		stop()
		return nil, fmt.Errorf("start a keyring: %v", err)
	}
	return stop, nil
}

// waitForService waits until the daemon has its name on the bus. Calling it before would make the bus start another one.
func waitForService() error {
	conn, err := dbus.SessionBus()
	if err != nil {
		return err
	}
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		var owned bool
		call := conn.BusObject().Call("org.freedesktop.DBus.NameHasOwner", 0, "org.freedesktop.secrets")
		if err := call.Store(&owned); err != nil {
			return err
		}
		if owned {
			return nil
		}
	}
	return errors.New("no Secret Service after 10 s")
}

const (
	probeService = "signet-bench"
	probeUser    = "probe"
)

// probeKeyring is what the hidden mode -probe runs: one read of one item, the floor below every get with the keyring slot.
func probeKeyring() error {
	_, err := keyring.Get(probeService, probeUser)
	return err
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o700)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		return errors.Join(err, out.Close())
	}
	return out.Close()
}
