package uhidhelper

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"signet/passkeys/ctaphid"
	"signet/passkeys/uhid"
	"signet/passkeys/uhid/uhidtest"
)

// helper is a running helper whose kernel is a fake.
type helper struct {
	t       *testing.T
	socket  string
	server  *Server
	kernels chan *uhidtest.Kernel // one each time /dev/uhid was opened
	opened  atomic.Int32
	ended   chan error
	stop    context.CancelFunc
}

func running(t *testing.T, change func(*Server)) *helper {
	t.Helper()
	dir, err := os.MkdirTemp(forEverybody(), "uhid") // short: a socket's path has at most 108 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	h := &helper{t: t, socket: filepath.Join(dir, "s"), kernels: make(chan *uhidtest.Kernel, 64), ended: make(chan error, 1)}
	l, err := Listen(h.socket)
	if err != nil {
		t.Fatal(err)
	}
	sys := t.TempDir()
	s := &Server{
		Listener: l, Sys: uhid.Sys(sys), Log: t.Logf,
		Allowed: func(uid int) (bool, error) { return uid == os.Geteuid(), nil },
		OpenUHID: func() (io.ReadWriteCloser, error) {
			k, f := uhidtest.New(t)
			k.Sys = sys
			h.opened.Add(1)
			h.kernels <- k
			return f, nil
		},
	}
	if change != nil {
		change(s)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.limits()
	h.stop, h.server = cancel, s
	done := make(chan struct{})
	go func() { h.ended <- s.Serve(ctx); close(done) }()
	t.Cleanup(func() { cancel(); <-done; _ = l.Close() })
	return h
}

// forEverybody is a directory for scratch that other users can enter, as TMPDIR need not be.
func forEverybody() string {
	for dir := os.TempDir(); ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil || info.Mode().Perm()&0o001 == 0 {
			return "/tmp"
		}
		if dir == "/" || dir == "." {
			return ""
		}
	}
}

// client connects as this user.
func (h *helper) client() *net.UnixConn {
	h.t.Helper()
	c, err := net.DialUnix("unixpacket", nil, &net.UnixAddr{Name: h.socket, Net: "unixpacket"})
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	return c
}

func (h *helper) say(c *net.UnixConn, b []byte) {
	h.t.Helper()
	if _, err := c.Write(b); err != nil {
		h.t.Fatal(err)
	}
}

// refusal reads the answer that ends a connection.
func (h *helper) refusal(c *net.UnixConn) uhid.Refusal {
	h.t.Helper()
	b, err := uhid.ReadMessage(c, make([]byte, uhid.MaxMessage+1))
	if err != nil || len(b) < 2 || b[0] != 3 {
		h.t.Fatalf("%x %v", b, err)
	}
	if _, err := uhid.ReadMessage(c, make([]byte, 1)); err == nil {
		h.t.Error("the connection goes on after a refusal")
	}
	return uhid.Refusal(b[1])
}

// idle waits until the helper has noticed that every client left.
func (h *helper) idle() {
	for !h.server.connections.empty() {
		time.Sleep(time.Millisecond)
	}
}

func hello(t *testing.T) []byte {
	t.Helper()
	b, err := uhid.Hello{Name: "Signet", Tag: "0123456789abcdef"}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// key opens a key through the helper, as the program does.
func (h *helper) key(node int) (*uhid.Device, *uhidtest.Kernel, uhidtest.Created) {
	h.t.Helper()
	type result struct {
		d   *uhid.Device
		err error
	}
	done := make(chan result, 1)
	go func() {
		d, err := uhid.Open(uhid.Options{Device: filepath.Join(filepath.Dir(h.socket), "none"), Socket: h.socket, Uniq: "v"})
		done <- result{d, err}
	}()
	var k *uhidtest.Kernel
	select {
	case k = <-h.kernels:
	case r := <-done:
		h.t.Fatalf("no key: %v", r.err)
	}
	c := k.Plugged(node)
	r := <-done
	if r.err != nil {
		h.t.Fatal(r.err)
	}
	h.t.Cleanup(func() { _ = r.d.Close() })
	return r.d, k, c
}

type echo struct{}

func (echo) CBOR(_ context.Context, b []byte, _ func(ctaphid.Status)) []byte { return b }
func (echo) Msg(_ context.Context, b []byte) []byte                          { return b }
func (echo) U2F() bool                                                       { return false }
func (echo) Wink()                                                           {}

// A CTAPHID conversation goes from the kernel through the helper to the program and back.
func TestReportsGoBothWays(t *testing.T) {
	t.Parallel()
	h := running(t, nil)
	d, k, c := h.key(7)
	if d.Path() != "/dev/hidraw7" || !d.Helper() {
		t.Errorf("path %q", d.Path())
	}
	if want := "signet-" + strconv.Itoa(os.Geteuid()) + "-"; !strings.HasPrefix(c.Uniq, want) || c.Bus != 3 || len(c.Descriptor) != 34 {
		t.Errorf("%+v", c)
	}
	go func() { _ = d.Serve(context.Background(), &ctaphid.Server{Handler: echo{}, Rand: rand.Reader}) }()
	k.Host(append([]byte{0, 0xff, 0xff, 0xff, 0xff, 0x86, 0, 8}, make([]byte, 58)...)[:65])
	answer := k.Report()
	message := bytes.Repeat([]byte("signet"), 1000)
	packets, err := ctaphid.Packets(ctaphid.Channel(uint32(answer[15])<<24|uint32(answer[16])<<16|uint32(answer[17])<<8|uint32(answer[18])), ctaphid.CBOR, message)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range packets {
		k.Host(append([]byte{0}, p[:]...))
	}
	for i, p := range packets {
		if got := k.Report(); !bytes.Equal(got, p[:]) {
			t.Fatalf("report %d: %x, want %x", i, got, p)
		}
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if err := k.Gone(); err != nil {
		t.Error(err)
	}
}

// The helper ends, or the kernel takes the device: the program's key says so.
func TestTheKeyEndsWithTheHelper(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*helper, *uhidtest.Kernel){
		"stop":   func(h *helper, _ *uhidtest.Kernel) { h.stop() },
		"kernel": func(_ *helper, k *uhidtest.Kernel) { k.Unplug() },
	} {
		h := running(t, nil)
		d, k, _ := h.key(1)
		served := make(chan error, 1)
		go func() { served <- d.Serve(context.Background(), &ctaphid.Server{Handler: echo{}, Rand: rand.Reader}) }()
		end(h, k)
		if err := <-served; !errors.Is(err, uhid.ErrUnplugged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhoIsNotOnTheListGetsNothing(t *testing.T) {
	t.Parallel()
	for name, allowed := range map[string]func(int) (bool, error){
		"another user": func(uid int) (bool, error) { return uid == os.Geteuid()+1, nil },
		"no list":      func(int) (bool, error) { return false, os.ErrNotExist },
	} {
		h := running(t, func(s *Server) { s.Allowed = allowed })
		if r := h.refusal(h.client()); r != uhid.NotAllowed { // before it has said a word
			t.Errorf("%s: %d", name, r)
		}
		_, err := uhid.Open(uhid.Options{Device: h.socket + "none", Socket: h.socket})
		if err == nil || !strings.Contains(err.Error(), "sudo signet passkey serve --install") {
			t.Errorf("%s: %v", name, err)
		}
		if h.opened.Load() != 0 {
			t.Errorf("%s: the helper opened /dev/uhid", name)
		}
	}
}

// nobody is whoever the kernel cannot name; a list that names it does not count.
func TestNobodyIsNoUser(t *testing.T) {
	t.Parallel()
	h := running(t, func(s *Server) {
		s.peer = func(*net.UnixConn) (int, error) { return nobody, nil }
		s.Allowed = func(int) (bool, error) { return true, nil }
	})
	if r := h.refusal(h.client()); r != uhid.NotAllowed {
		t.Error(r)
	}
}

func TestKeysAreLimitedForEachUser(t *testing.T) {
	t.Parallel()
	h := running(t, nil)
	first, k, _ := h.key(0)
	for i := 1; i < keysPerUser; i++ {
		h.key(i)
	}
	c := h.client()
	h.say(c, hello(t))
	if r := h.refusal(c); r != uhid.TooMany {
		t.Error(r)
	}
	if err := errors.Join(first.Close(), k.Gone()); err != nil {
		t.Fatal(err)
	}
	for { // the place is free a moment after the key left
		c := h.client()
		h.say(c, hello(t))
		select {
		case k := <-h.kernels:
			k.Plugged(9)
			return
		case <-time.After(50 * time.Millisecond):
			_ = c.Close()
		}
	}
}

func TestConnectionsAreLimitedForEachUser(t *testing.T) {
	t.Parallel()
	h := running(t, nil)
	var silent []*net.UnixConn
	for range connectionsPerUser {
		silent = append(silent, h.client())
	}
	if r := h.refusal(h.client()); r != uhid.TooMany {
		t.Error(r)
	}
	for _, c := range silent {
		_ = c.Close()
	}
}

// Whatever comes first but a proper hello ends the connection before /dev/uhid is opened.
func TestBadHellosAreRefused(t *testing.T) {
	t.Parallel()
	h := running(t, nil)
	good := hello(t)
	for name, b := range map[string][]byte{
		"another kind": append([]byte{9}, good[1:]...), "another version": append([]byte{1, 2}, good[2:]...), "cut": good[:len(good)-1], "more": append(bytes.Clone(good), 0),
		"a name of somebody else": {1, 1, 3, 'Y', 'u', 'b', 1, 'a'}, "a line end": append([]byte{1, 1, 8}, "Signet \n\x01a"...), "no tag": append([]byte{1, 1, 6}, "Signet\x00"...),
		"a tag with a dash": append([]byte{1, 1, 6}, "Signet\x03a-b"...), "a report": append([]byte{4}, make([]byte, 64)...), "too long": make([]byte, 4096), "one byte": {1},
	} {
		c := h.client()
		h.say(c, b)
		if r := h.refusal(c); r != uhid.Malformed {
			t.Errorf("%s: %d", name, r)
		}
		_ = c.Close()
		h.idle()
	}
	if h.opened.Load() != 0 {
		t.Error("the helper opened /dev/uhid")
	}
}

// After hello only reports of 64 bytes go on: above all, no event of uhid's, and so no other device.
func TestOnlyReportsPass(t *testing.T) {
	t.Parallel()
	create := append([]byte{11, 0, 0, 0}, make([]byte, 400)...)
	for name, b := range map[string][]byte{
		"destroy": {1, 0, 0, 0}, "create2": create, "wrapped create2": append([]byte{4}, create...), "short": append([]byte{4}, make([]byte, 63)...),
		"long": append([]byte{4}, make([]byte, 65)...), "hello again": hello(t), "nothing but a kind": {4},
	} {
		h := running(t, nil)
		c := h.client()
		h.say(c, hello(t))
		k := <-h.kernels
		k.Plugged(1)
		if _, err := uhid.ReadMessage(c, make([]byte, uhid.MaxMessage+1)); err != nil {
			t.Fatal(err)
		}
		h.say(c, b)
		kind, payload, err := k.Next()
		if err != nil || kind != uhidtest.Destroy || len(payload) != 0 {
			t.Errorf("%s: the kernel got event %d, %x, %v", name, kind, payload, err)
		}
		if _, _, err := k.Next(); !errors.Is(err, io.EOF) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A descriptor that a client sends along is not kept.
func TestDescriptorsAreNotTaken(t *testing.T) {
	t.Parallel()
	h := running(t, nil)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	c := h.client()
	if _, _, err := c.WriteMsgUnix(hello(t), syscall.UnixRights(int(w.Fd())), nil); err != nil {
		t.Fatal(err)
	}
	_ = w.Close()
	(<-h.kernels).Plugged(1)
	if n, err := r.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) { // every copy of the writing end is closed
		t.Error(n, err)
	}
}

func TestAKernelWithoutUHID(t *testing.T) {
	t.Parallel()
	h := running(t, func(s *Server) {
		s.OpenUHID = func() (io.ReadWriteCloser, error) {
			return nil, &os.PathError{Op: "open", Path: "/dev/uhid", Err: syscall.ENOENT}
		}
	})
	c := h.client()
	h.say(c, hello(t))
	if r := h.refusal(c); r != uhid.NoKernel {
		t.Error(r)
	}
}

func TestItEndsWhenNobodyIsThere(t *testing.T) {
	t.Parallel()
	h := running(t, func(s *Server) { s.Idle = 30 * time.Millisecond })
	if err := <-h.ended; err != nil {
		t.Error(err)
	}
	h.ended <- nil
}

func TestItStaysWhileSomebodyIsThere(t *testing.T) {
	t.Parallel()
	h := running(t, func(s *Server) { s.Idle = 30 * time.Millisecond })
	d, k, _ := h.key(0)
	select {
	case err := <-h.ended:
		t.Fatalf("it ended: %v", err)
	case <-time.After(200 * time.Millisecond):
	}
	if err := errors.Join(d.Close(), k.Gone()); err != nil {
		t.Error(err)
	}
	if err := <-h.ended; err != nil {
		t.Error(err)
	}
	h.ended <- nil
}

// childUID makes the test's program connect as another user and print what it was told.
const childSocket = "SIGNET_TEST_UHID_SOCKET"

func TestMain(m *testing.M) {
	if socket := os.Getenv(childSocket); socket != "" {
		_, err := uhid.Open(uhid.Options{Device: "/nowhere", Socket: socket})
		_, _ = os.Stdout.WriteString(err.Error())
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// The kernel, not the client, says who is at the other end.
func TestAnotherUserIsRecognised(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can start a process of another user: run this test as root")
	}
	var asked atomic.Int64
	h := running(t, func(s *Server) {
		s.Allowed = func(uid int) (bool, error) { asked.Store(int64(uid)); return false, nil }
	})
	if err := os.Chmod(filepath.Dir(h.socket), 0o755); err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(filepath.Dir(h.socket), "child")
	b, err := os.ReadFile("/proc/self/exe")
	if err == nil {
		err = os.WriteFile(bin, b, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bin)
	cmd.Env = []string{childSocket + "=" + h.socket}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 54321, Gid: 54321}}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "number 54321") || asked.Load() != 54321 {
		t.Errorf("%s %v; asked about %d", out, err, asked.Load())
	}
}
