package uhidtest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The events, as the kernel numbers them.
const (
	Destroy        = 1
	Start          = 2
	Stop           = 3
	Open           = 4
	Close          = 5
	Output         = 6
	GetReport      = 9
	GetReportReply = 10
	Create2        = 11
	Input2         = 12
	SetReport      = 13
	SetReportReply = 14
)

// Size64 and Size32 are the sizes of struct uhid_event on 64-bit and 32-bit machines.
const (
	Size64 = 4380
	Size32 = 4376
)

// patience bounds every wait of a test; it is never reached when the code works.
const patience = 20 * time.Second

// Kernel is one open /dev/uhid, seen from below.
type Kernel struct {
	t    testing.TB
	end  *os.File
	Size int    // of the events it sends
	Sys  string // a sysfs in which the device's node appears
}

// New gives a kernel and the file that a program would have opened.
func New(t testing.TB) (*Kernel, *os.File) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	k := &Kernel{t: t, end: os.NewFile(uintptr(fds[0]), "kernel"), Size: Size64, Sys: t.TempDir()}
	t.Cleanup(func() { _ = k.end.Close() })
	return k, os.NewFile(uintptr(fds[1]), "/dev/uhid")
}

// Created is what a program asked for with UHID_CREATE2.
type Created struct {
	Name, Phys, Uniq                        string
	Bus                                     uint16
	Vendor, Product, Version, Country, Size uint32
	Descriptor                              []byte
}

// Next is the next event that the program wrote: its number and what follows it. io.EOF says that the file was closed.
func (k *Kernel) Next() (uint32, []byte, error) {
	b := make([]byte, Size64+1)
	_ = k.end.SetReadDeadline(time.Now().Add(patience))
	n, err := k.end.Read(b)
	switch {
	case err != nil:
		return 0, nil, err
	case n == 0:
		return 0, nil, io.EOF
	case n < 4 || n > Size64:
		return 0, nil, fmt.Errorf("the program wrote %d bytes, which is no event", n)
	}
	return binary.NativeEndian.Uint32(b), b[4:n], nil
}

// Expect is Next for one kind of event.
func (k *Kernel) Expect(kind uint32) []byte {
	k.t.Helper()
	got, payload, err := k.Next()
	if err != nil || got != kind {
		k.t.Fatalf("event %d, %v; expected event %d", got, err, kind)
	}
	return payload
}

// Gone waits for the end of the file. Events before it are read over.
func (k *Kernel) Gone() error {
	for {
		_, _, err := k.Next()
		if errors.Is(err, io.EOF) || errors.Is(err, unix.ECONNRESET) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// Plugged waits for UHID_CREATE2 and does what the kernel does then: it starts the device and makes node hidraw<n>.
func (k *Kernel) Plugged(n int) Created {
	k.t.Helper()
	c := ParseCreate2(k.t, k.Expect(Create2))
	k.Send(Start, make([]byte, 8))
	k.Node(n, c)
	return c
}

// ParseCreate2 reads struct uhid_create2_req.
func ParseCreate2(t testing.TB, b []byte) Created {
	t.Helper()
	if len(b) < 276 {
		t.Fatalf("UHID_CREATE2 has %d bytes", len(b))
	}
	size := binary.NativeEndian.Uint16(b[256:])
	if len(b) < 276+int(size) {
		t.Fatalf("UHID_CREATE2 has %d bytes, too few for a descriptor of %d", len(b), size)
	}
	u32 := func(at int) uint32 { return binary.NativeEndian.Uint32(b[at:]) }
	return Created{
		Name: text(b[:128]), Phys: text(b[128:192]), Uniq: text(b[192:256]), Bus: binary.NativeEndian.Uint16(b[258:]),
		Vendor: u32(260), Product: u32(264), Version: u32(268), Country: u32(272), Size: uint32(size), Descriptor: b[276 : 276+int(size)],
	}
}

func text(b []byte) string {
	for i, c := range b {
		if c == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}

// Node makes the node of a device in Sys, as the kernel's uevent shows it.
func (k *Kernel) Node(n int, c Created) {
	k.t.Helper()
	dir := filepath.Join(k.Sys, "class", "hidraw", fmt.Sprintf("hidraw%d", n), "device")
	uevent := fmt.Sprintf("DRIVER=hid-generic\nHID_ID=%04X:%08X:%08X\nHID_NAME=%s\nHID_PHYS=%s\nHID_UNIQ=%s\nMODALIAS=hid:b%04Xg0001v%08Xp%08X\n",
		c.Bus, c.Vendor, c.Product, c.Name, c.Phys, c.Uniq, c.Bus, c.Vendor, c.Product)
	if err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(filepath.Join(dir, "uevent"), []byte(uevent), 0o600)); err != nil {
		k.t.Fatal(err)
	}
}

// Send writes one event, filled up to Size.
func (k *Kernel) Send(kind uint32, payload []byte) {
	k.t.Helper()
	b := make([]byte, k.Size)
	binary.NativeEndian.PutUint32(b, kind)
	copy(b[4:], payload)
	k.SendRaw(b)
}

// SendRaw writes bytes that need not be an event.
func (k *Kernel) SendRaw(b []byte) {
	k.t.Helper()
	_ = k.end.SetWriteDeadline(time.Now().Add(patience))
	if _, err := k.end.Write(b); err != nil {
		k.t.Fatal(err)
	}
}

// Host writes what a host wrote to the node, report id included.
func (k *Kernel) Host(b []byte) {
	k.t.Helper()
	payload := make([]byte, 4099)
	copy(payload, b)
	binary.NativeEndian.PutUint16(payload[4096:], uint16(len(b)))
	payload[4098] = 1 // UHID_OUTPUT_REPORT
	k.Send(Output, payload)
}

// Report waits for a report to the hosts.
func (k *Kernel) Report() []byte {
	k.t.Helper()
	b := k.Expect(Input2)
	if len(b) < 2 || len(b) != 2+int(binary.NativeEndian.Uint16(b)) {
		k.t.Fatalf("UHID_INPUT2 with %d bytes", len(b))
	}
	return b[2:]
}

// Unplug closes the kernel's end: the module was taken out.
func (k *Kernel) Unplug() { _ = k.end.Close() }
