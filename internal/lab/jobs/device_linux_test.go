package jobs

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

	"signet/passkeys/ctaphid"
	"signet/passkeys/uhid"
)

// echo answers a request with itself.
type echo struct{}

func (echo) CBOR(_ context.Context, b []byte, _ func(ctaphid.Status)) []byte { return b }
func (echo) Msg(_ context.Context, b []byte) []byte                          { return b }
func (echo) U2F() bool                                                       { return false }
func (echo) Wink()                                                           {}

// echoing is a key that answers every message with itself, and its node opened by a host.
func echoing(t *testing.T) (*uhid.Device, *os.File) {
	t.Helper()
	d, err := uhid.Open(uhid.Options{Uniq: t.Name()})
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- d.Serve(context.Background(), &ctaphid.Server{Handler: echo{}, Rand: rand.Reader}) }()
	t.Cleanup(func() {
		if err := errors.Join(d.Close(), <-served); err != nil {
			t.Error(err)
		}
	})
	host, err := os.OpenFile(d.Path(), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = host.Close() })
	return d, host
}

// send writes a message as a host does, with the report id before each packet.
func send(t *testing.T, host *os.File, ch ctaphid.Channel, cmd ctaphid.Command, message []byte) []ctaphid.Packet {
	t.Helper()
	packets, err := ctaphid.Packets(ch, cmd, message)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range packets {
		if _, err := host.Write(append([]byte{0}, p[:]...)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Millisecond) // a USB host has a pace too, and the kernel keeps 32 reports for the key
	}
	return packets
}

// The kernel keeps 64 reports for a host and drops the rest without a word. A host that begins to read late still gets the 129 reports of the longest message.
func TestTheLongestMessageGoesThrough(t *testing.T) {
	d, host := echoing(t)
	send(t, host, ctaphid.Broadcast, ctaphid.Init, []byte("8 bytes!"))
	var b [64]byte
	if _, err := host.Read(b[:]); err != nil {
		t.Fatal(err)
	}
	ch := ctaphid.Channel(uint32(b[15])<<24 | uint32(b[16])<<16 | uint32(b[17])<<8 | uint32(b[18]))
	message := make([]byte, ctaphid.MaxMessage)
	_, _ = rand.Read(message)
	want := send(t, host, ch, ctaphid.Ping, message)
	time.Sleep(50 * time.Millisecond) // on purpose: the host is busy
	for i, p := range want {
		_ = host.SetReadDeadline(time.Now().Add(patience))
		if n, err := host.Read(b[:]); err != nil || !bytes.Equal(b[:n], p[:]) {
			t.Fatalf("report %d of %d: %x %v", i, len(want), b[:n], err)
		}
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if _, err := host.Read(b[:]); err == nil {
		t.Error("the host still reads from a key that was unplugged")
	}
	if _, err := os.Stat(d.Path()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is still there: %v", d.Path(), err)
	}
}

// The other way to set a machine up: udev marks the device for whoever sits at the machine, and taking it away closes it again.
func TestTheRuleOpensTheDeviceToTheSeat(t *testing.T) {
	marked := func() bool {
		return strings.Contains(must(t, "", "udevadm", "info", "-q", "property", "--name=uhid"), ":uaccess:")
	}
	t.Run("installed", func(t *testing.T) {
		installed(t, "--way", "rule")
		if !marked() {
			t.Error("udev does not give /dev/uhid to whoever sits at the machine")
		}
		if err := os.Chmod(uhid.DevicePath, 0o660); err != nil { // as an access list makes it look
			t.Fatal(err)
		}
	})
	if info, err := os.Stat(uhid.DevicePath); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("after taking it away: %v %v", info.Mode(), err)
	}
	must(t, "", "udevadm", "trigger", "--settle", "--name-match=uhid")
	if out := must(t, "", "udevadm", "info", "-q", "property", "--name=uhid"); strings.Contains(out, "CURRENT_TAGS=:uaccess:") {
		t.Errorf("after taking it away: %s", out)
	}
}
