package uhid_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"signet/passkeys/ctaphid"
	"signet/passkeys/uhid"
	"signet/passkeys/uhid/uhidtest"
)

// waiter answers CBOR when it is let, or when its request is over.
type waiter struct {
	begun chan struct{}
	let   chan []byte
	over  chan struct{}
}

func newWaiter() *waiter {
	return &waiter{make(chan struct{}, 1), make(chan []byte, 1), make(chan struct{}, 1)}
}

func (w *waiter) CBOR(ctx context.Context, _ []byte, _ func(ctaphid.Status)) []byte {
	w.begun <- struct{}{}
	select {
	case answer := <-w.let:
		return answer
	case <-ctx.Done():
		w.over <- struct{}{}
		return []byte{0x2d}
	}
}
func (*waiter) Msg(context.Context, []byte) []byte { return []byte{0x6d, 0} }
func (*waiter) U2F() bool                          { return false }
func (*waiter) Wink()                              {}

// plugged opens a key on a fake kernel and serves it.
func plugged(t *testing.T, h ctaphid.Handler) (*uhidtest.Kernel, *uhid.Device, <-chan error, context.CancelFunc) {
	t.Helper()
	k, d := opened(t)
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	ended := make(chan error, 1)
	go func() { ended <- d.Serve(ctx, &ctaphid.Server{Handler: h, Rand: rand.Reader}) }()
	t.Cleanup(func() { _ = d.Close() })
	return k, d, ended, cancel
}

func opened(t *testing.T) (*uhidtest.Kernel, *uhid.Device) {
	t.Helper()
	k, file := uhidtest.New(t)
	type result struct {
		d   *uhid.Device
		err error
	}
	done := make(chan result, 1)
	go func() {
		d, err := uhid.Open(uhid.Options{Uniq: "vault/device", File: file, Sys: uhid.Sys(k.Sys)})
		done <- result{d, err}
	}()
	k.Plugged(9973)
	r := <-done
	if r.err != nil {
		t.Fatal(r.err)
	}
	return k, r.d
}

// host is a program that speaks CTAPHID through the fake kernel.
type host struct {
	t  *testing.T
	k  *uhidtest.Kernel
	ch ctaphid.Channel
}

func (h *host) send(cmd ctaphid.Command, message []byte) {
	h.t.Helper()
	packets, err := ctaphid.Packets(h.ch, cmd, message)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, p := range packets {
		h.k.Host(append([]byte{0}, p[:]...))
	}
}

// receive reads the whole message that comes next, keep-alives left out.
func (h *host) receive() (ctaphid.Command, []byte) {
	h.t.Helper()
	first := h.k.Report()
	for ctaphid.Command(first[4]&0x7f) == ctaphid.KeepAlive {
		first = h.k.Report()
	}
	n := int(first[5])<<8 | int(first[6])
	data := append([]byte{}, first[7:min(64, 7+n)]...)
	for len(data) < n {
		p := h.k.Report()
		data = append(data, p[5:5+min(59, n-len(data))]...)
	}
	return ctaphid.Command(first[4] & 0x7f), data
}

func hosted(t *testing.T, k *uhidtest.Kernel) *host {
	t.Helper()
	h := &host{t, k, ctaphid.Broadcast}
	h.send(ctaphid.Init, []byte("8 bytes!"))
	_, answer := h.receive()
	if len(answer) != 17 || string(answer[:8]) != "8 bytes!" {
		t.Fatalf("INIT: %x", answer)
	}
	h.ch = ctaphid.Channel(uint32(answer[8])<<24 | uint32(answer[9])<<16 | uint32(answer[10])<<8 | uint32(answer[11]))
	return h
}

func TestTheKernelGetsASecurityKey(t *testing.T) {
	t.Parallel()
	k, file := uhidtest.New(t)
	go func() {
		_, _ = uhid.Open(uhid.Options{Name: "Signet work", Uniq: "vault/device", File: file, Sys: uhid.Sys(k.Sys)})
	}()
	c := k.Plugged(0)
	if c.Name != "Signet work" || c.Bus != 3 || c.Vendor != 0x1209 || c.Product == 0 || c.Version == 0 || c.Country != 0 {
		t.Errorf("%+v", c)
	}
	if uid := fmt.Sprintf("signet-%d-", os.Geteuid()); !strings.HasPrefix(c.Uniq, uid) || strings.Contains(c.Uniq, "vault") || len(c.Uniq) != len(uid)+16 {
		t.Errorf("uniq %q", c.Uniq)
	}
	want := []byte{6, 0xd0, 0xf1, 9, 1, 0xa1, 1, 9, 0x20, 0x15, 0, 0x26, 0xff, 0, 0x75, 8, 0x95, 0x40, 0x81, 2, 9, 0x21, 0x15, 0, 0x26, 0xff, 0, 0x75, 8, 0x95, 0x40, 0x91, 2, 0xc0}
	if !bytes.Equal(c.Descriptor, want) {
		t.Errorf("descriptor %x", c.Descriptor)
	}
}

// A message of the greatest length goes both ways, for kernels of either alignment.
func TestMessagesGoThrough(t *testing.T) {
	t.Parallel()
	for _, size := range []int{uhidtest.Size64, uhidtest.Size32} {
		k, d, _, _ := plugged(t, newWaiter())
		if d.Path() != "/dev/hidraw9973" || d.Helper() {
			t.Errorf("path %q", d.Path())
		}
		k.Size = size
		h := hosted(t, k)
		message := make([]byte, ctaphid.MaxMessage)
		_, _ = rand.Read(message)
		h.send(ctaphid.Ping, message)
		if cmd, got := h.receive(); cmd != ctaphid.Ping || !bytes.Equal(got, message) {
			t.Errorf("size %d: command %x, %d bytes", size, cmd, len(got))
		}
	}
}

// What is not a packet does not disturb what is.
func TestOddReportsAreDropped(t *testing.T) {
	t.Parallel()
	k, _, _, _ := plugged(t, newWaiter())
	for _, b := range [][]byte{{}, {0}, make([]byte, 64), make([]byte, 66), append([]byte{1}, make([]byte, 64)...), make([]byte, 4096)} {
		k.Host(b)
	}
	for _, kind := range []uint32{uhidtest.Open, uhidtest.Close, uhidtest.Stop, uhidtest.Start, 7, 8, 99} {
		k.Send(kind, nil)
	}
	h := hosted(t, k)
	h.send(ctaphid.Ping, []byte("still here"))
	if _, got := h.receive(); string(got) != "still here" {
		t.Errorf("%q", got)
	}
}

func TestFeatureReportsAreRefused(t *testing.T) {
	t.Parallel()
	k, _, _, _ := plugged(t, newWaiter())
	for _, c := range []struct{ ask, reply uint32 }{{uhidtest.GetReport, uhidtest.GetReportReply}, {uhidtest.SetReport, uhidtest.SetReportReply}} {
		k.Send(c.ask, []byte{0x78, 0x56, 0x34, 0x12, 0, 1})
		if got := k.Expect(c.reply); len(got) < 6 || !bytes.Equal(got[:6], []byte{0x78, 0x56, 0x34, 0x12, 5, 0}) { // EIO
			t.Errorf("reply %x", got)
		}
	}
}

func TestUnplugInTheMiddleOfARequest(t *testing.T) {
	t.Parallel()
	for name, unplug := range map[string]func(*uhidtest.Kernel, *uhid.Device, context.CancelFunc){
		"close":  func(_ *uhidtest.Kernel, d *uhid.Device, _ context.CancelFunc) { _ = d.Close() },
		"cancel": func(_ *uhidtest.Kernel, _ *uhid.Device, cancel context.CancelFunc) { cancel() },
		"kernel": func(k *uhidtest.Kernel, _ *uhid.Device, _ context.CancelFunc) { k.Unplug() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWaiter()
			k, d, ended, cancel := plugged(t, w)
			hosted(t, k).send(ctaphid.CBOR, []byte{4})
			<-w.begun
			unplug(k, d, cancel)
			<-w.over
			want := map[string]error{"close": nil, "cancel": context.Canceled, "kernel": uhid.ErrUnplugged}[name]
			if err := <-ended; !errors.Is(err, want) {
				t.Errorf("%v, want %v", err, want)
			}
			if name != "kernel" {
				if err := k.Gone(); err != nil {
					t.Error(err)
				}
			}
			if err := d.Close(); err != nil {
				t.Errorf("closing again: %v", err)
			}
		})
	}
}

// The key leaves by UHID_DESTROY and not only when the last holder of the file has closed it.
func TestClosingDestroys(t *testing.T) {
	t.Parallel()
	k, d := opened(t)
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	k.Expect(uhidtest.Destroy)
	if _, _, err := k.Next(); !errors.Is(err, io.EOF) {
		t.Error(err)
	}
}

// A kernel that breaks its own format ends the service with an error instead of being misread.
func TestBrokenEventsEndIt(t *testing.T) {
	t.Parallel()
	k, _, ended, _ := plugged(t, newWaiter())
	k.SendRaw([]byte{6, 0, 0, 0, 1, 2, 3})
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "cut short") {
		t.Error(err)
	}
}

func TestANewNodeAfterRebindingIsFound(t *testing.T) {
	t.Parallel()
	k, file := uhidtest.New(t)
	made := make(chan *uhid.Device, 1)
	go func() {
		d, _ := uhid.Open(uhid.Options{File: file, Sys: uhid.Sys(k.Sys)})
		made <- d
	}()
	c := k.Plugged(1)
	d := <-made
	if d == nil || d.Path() != "/dev/hidraw1" {
		t.Fatal("not plugged in")
	}
	if err := os.RemoveAll(filepath.Join(k.Sys, "class", "hidraw", "hidraw1")); err != nil {
		t.Fatal(err)
	}
	k.Node(5, c)
	k.Send(uhidtest.Start, make([]byte, 8))
	for d.Path() != "/dev/hidraw5" {
		k.Send(uhidtest.GetReport, nil)
		k.Expect(uhidtest.GetReportReply)
	}
	_ = d.Close()
}

func TestOnlyOwnNamesAreTaken(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"YubiKey", "Signetx", "Signet\n", "Signet " + strings.Repeat("x", 60), "Sïgnet"} {
		if d, err := uhid.Open(uhid.Options{Name: name, Device: "/nowhere", Socket: "/nowhere"}); err == nil {
			_ = d.Close()
			t.Errorf("%q was taken", name)
		}
	}
}

// answering is a helper that answers every hello with b; nil ends the connection.
func answering(t *testing.T, b []byte) (socket string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "uhid") // short: a socket's path has at most 108 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	l, err := net.ListenUnix("unixpacket", &net.UnixAddr{Name: filepath.Join(dir, "s"), Net: "unixpacket"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Read(make([]byte, uhid.MaxMessage))
			if b != nil {
				_, _ = c.Write(b)
			}
			_ = c.Close()
		}
	}()
	return filepath.Join(dir, "s")
}

// Every error of Open names the next command, and nothing that the other side says reaches a terminal as it is.
func TestErrorsNameTheNextStep(t *testing.T) {
	t.Parallel()
	none := filepath.Join(t.TempDir(), "none")
	const install = "sudo signet passkey serve --install"
	for name, c := range map[string]struct {
		socket string
		want   string
	}{
		"nothing":         {none, install},
		"not on the list": {answering(t, uhid.EncodeRefused(uhid.NotAllowed, "no")), install + "' once as this user"},
		"too many":        {answering(t, uhid.EncodeRefused(uhid.TooMany, "unplug one first")), "unplug one first"},
		"older":           {answering(t, uhid.EncodeRefused(uhid.Malformed, "version 2")), install + "' again"},
		"escape":          {answering(t, uhid.EncodeRefused(uhid.NoKernel, "\x1b[2J")), "no reason given"},
		"silence":         {answering(t, nil), "helper"},
		"nonsense":        {answering(t, []byte{9, 9}), "malformed message"},
		"not the helper":  {answering(t, uhid.EncodeReady("\x1b[2J")), "helper"},
	} {
		d, err := uhid.Open(uhid.Options{Device: none, Socket: c.socket})
		if err == nil {
			_ = d.Close()
			t.Errorf("%s: a key", name)
			continue
		}
		if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%s: %q does not say %q", name, err, c.want)
		}
	}
	if _, err := uhid.Open(uhid.Options{Device: none, Socket: none}); !errors.Is(err, uhid.ErrNoUHID) {
		t.Error(err)
	}
	shut := filepath.Join(t.TempDir(), "uhid")
	if err := os.WriteFile(shut, nil, 0); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		return // root opens it all the same
	}
	if _, err := uhid.Open(uhid.Options{Device: shut, Socket: none}); !errors.Is(err, uhid.ErrNotPermitted) || !strings.Contains(err.Error(), install) {
		t.Error(err)
	}
}

// A key whose node this user cannot open is of no use, and says so.
func TestAccessIsWaitedFor(t *testing.T) {
	t.Parallel()
	_, d := opened(t)
	defer d.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := d.Access(ctx) // /dev/hidraw9973 of the fake kernel is in no /dev
	if !errors.Is(err, uhid.ErrNoAccess) || !strings.Contains(err.Error(), "signet doctor") {
		t.Error(err)
	}
}
