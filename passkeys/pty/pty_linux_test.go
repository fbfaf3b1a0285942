package pty_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"testing"

	"signet/passkeys/ctaphid"
	"signet/passkeys/pty"
)

// nobody answers nothing: the transport is judged alone.
type nobody struct{}

func (nobody) CBOR(context.Context, []byte, func(ctaphid.Status)) []byte { return []byte{0x01} }
func (nobody) Msg(context.Context, []byte) []byte                        { return []byte{0x6d, 0x00} }
func (nobody) U2F() bool                                                 { return false }
func (nobody) Wink()                                                     {}

// raw is a host that speaks to the device without libfido2.
type rawHost struct {
	t *testing.T
	f *os.File
}

func (h rawHost) send(p ctaphid.Packet) {
	h.t.Helper()
	if _, err := h.f.Write(append([]byte{0}, p[:]...)); err != nil {
		h.t.Fatal(err)
	}
}

func (h rawHost) receive() (p ctaphid.Packet) {
	h.t.Helper()
	if _, err := io.ReadFull(h.f, p[:]); err != nil {
		h.t.Fatal(err)
	}
	return p
}

func opened(t *testing.T) (*pty.Device, <-chan error, context.CancelFunc) {
	t.Helper()
	d, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	ended := make(chan error, 1)
	go func() { ended <- d.Serve(ctx, &ctaphid.Server{Handler: nobody{}, Rand: rand.NewChaCha8([32]byte{})}) }()
	return d, ended, cancel
}

// Every byte comes through as it is, one host after the other.
func TestPseudoTerminalIsRaw(t *testing.T) {
	t.Parallel()
	d, _, _ := opened(t)
	for range 3 {
		f, err := os.OpenFile(d.Path(), os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		h := rawHost{t, f}
		h.send(ctaphid.Packet{0xff, 0xff, 0xff, 0xff, 0x80 | byte(ctaphid.Init), 0, 8})
		answer := h.receive()
		ch := answer[15:19]
		message := make([]byte, 256)
		for i := range message {
			message[i] = byte(i)
		}
		packets, err := ctaphid.Packets(ctaphid.Channel(uint32(ch[0])<<24|uint32(ch[1])<<16|uint32(ch[2])<<8|uint32(ch[3])), ctaphid.Ping, message)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range packets {
			h.send(p)
		}
		for i, want := range packets {
			if got := h.receive(); !bytes.Equal(got[:], want[:]) {
				t.Errorf("packet %d: %x, want %x", i, got, want)
			}
		}
		_ = f.Close()
	}
}

func TestOnlyTheUserCanOpenIt(t *testing.T) {
	t.Parallel()
	d, _, _ := opened(t)
	info, err := os.Stat(d.Path())
	if err != nil || info.Mode()&os.ModeCharDevice == 0 || info.Mode().Perm() != 0o600 {
		t.Error(info.Mode(), err)
	}
}

func TestServingEnds(t *testing.T) {
	t.Parallel()
	d, ended, cancel := opened(t)
	path := d.Path()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	d2, ended2, _ := opened(t)
	if err := d2.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended2; err != nil {
		t.Error(err)
	}
	if err := errors.Join(d.Close(), d2.Close()); err != nil {
		t.Errorf("closing %s twice: %v", path, err)
	}
}

// A host that has the device open learns at once that it is gone.
func TestClosingUnplugsUnderAHost(t *testing.T) {
	t.Parallel()
	d, _, _ := opened(t)
	f, err := os.OpenFile(d.Path(), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if n, err := f.Read(make([]byte, 64)); err == nil {
		t.Errorf("read %d bytes of a device that is gone", n)
	}
}
