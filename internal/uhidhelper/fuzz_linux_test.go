package uhidhelper

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"signet/passkeys/uhid"
	"signet/passkeys/uhid/uhidtest"
)

// pair is a connection with both of its ends here.
func pair(t *testing.T) (ours, theirs *net.UnixConn) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out [2]*net.UnixConn
	for i, fd := range fds {
		f := os.NewFile(uintptr(fd), "pair")
		c, err := net.FileConn(f)
		_ = f.Close()
		if err != nil {
			t.Fatal(err)
		}
		out[i] = c.(*net.UnixConn)
	}
	return out[0], out[1]
}

// framed puts messages into one input: the length of each before it.
func framed(messages ...[]byte) (out []byte) {
	for _, m := range messages {
		out = append(binary.LittleEndian.AppendUint16(out, uint16(len(m))), m...)
	}
	return out
}

// FuzzClient lets a client say anything. Whatever it says, the kernel sees one security key with our descriptor and a uniq of this user's, reports of 64
// bytes, and the key's end.
func FuzzClient(f *testing.F) {
	hello, _ := uhid.Hello{Name: "Signet", Tag: "0123456789abcdef"}.Encode()
	report := append([]byte{4}, make([]byte, 64)...)
	f.Add(framed(hello, report, report))
	f.Add(framed(hello, []byte{1, 0, 0, 0}, append([]byte{11, 0, 0, 0}, make([]byte, 400)...)))
	f.Add(framed(report, hello))
	f.Add(framed(hello, hello))
	f.Add(framed(hello, append(report, 0)))
	f.Add(framed(append([]byte{1, 1, 9}, "Signet\nX=\x01a"...)))
	f.Fuzz(func(t *testing.T, b []byte) {
		k, file := uhidtest.New(t)
		ours, theirs := pair(t)
		s := &Server{
			Sys: uhid.Sys(k.Sys), Allowed: func(int) (bool, error) { return true, nil },
			OpenUHID: func() (io.ReadWriteCloser, error) { return file, nil },
		}
		s.limits()
		seen := make(chan struct{})
		go func() { defer close(seen); judge(t, k) }()
		served := make(chan struct{})
		go func() { defer close(served); s.connection(context.Background(), ours, 1000) }()
		for len(b) >= 2 {
			n := min(int(binary.LittleEndian.Uint16(b)), len(b)-2, 4096)
			if n > 0 {
				_, _ = theirs.Write(b[2 : 2+n])
			}
			b = b[2+n:]
		}
		_ = theirs.Close()
		<-served
		_ = file.Close()
		<-seen
	})
}

// judge is the kernel: it does what it is asked and looks at every event.
func judge(t *testing.T, k *uhidtest.Kernel) {
	for created := 0; ; {
		kind, payload, err := k.Next()
		if err != nil {
			return
		}
		switch kind {
		case uhidtest.Create2:
			c := uhidtest.ParseCreate2(t, payload)
			if created++; created > 1 || c.Size != 34 || c.Descriptor[1] != 0xd0 || c.Descriptor[2] != 0xf1 || !strings.HasPrefix(c.Uniq, "signet-1000-") || !strings.HasPrefix(c.Name, "Signet") {
				t.Errorf("device %d: %+v", created, c)
			}
			k.Send(uhidtest.Start, make([]byte, 8))
			k.Node(0, c)
		case uhidtest.Input2:
			if len(payload) != 66 {
				t.Errorf("a report of %d bytes", len(payload)-2)
			}
		case uhidtest.Destroy:
		default:
			t.Errorf("event %d", kind)
		}
	}
}
