package uhidhelper

import (
	"context"
	"crypto/rand"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"

	"signet/passkeys/ctaphid"
	"signet/passkeys/uhid"
	"signet/passkeys/uhid/uhidtest"
)

// BenchmarkPing is one packet to a key and back, on /dev/uhid and through the helper: what passing reports on costs.
func BenchmarkPing(b *testing.B) {
	b.Run("direct", func(b *testing.B) {
		k, file := uhidtest.New(b)
		ping(b, k, uhid.Options{File: file, Sys: uhid.Sys(k.Sys)})
	})
	b.Run("helper", func(b *testing.B) {
		k, file := uhidtest.New(b)
		dir, err := os.MkdirTemp("", "uhid")
		if err != nil {
			b.Fatal(err)
		}
		defer os.RemoveAll(dir)
		l, err := Listen(filepath.Join(dir, "s"))
		if err != nil {
			b.Fatal(err)
		}
		s := &Server{
			Listener: l, Sys: uhid.Sys(k.Sys), Allowed: func(int) (bool, error) { return true, nil },
			OpenUHID: func() (io.ReadWriteCloser, error) { return file, nil }, peer: func(*net.UnixConn) (int, error) { return 1000, nil },
		}
		ctx, cancel := context.WithCancel(b.Context())
		defer cancel()
		go s.Serve(ctx) //nolint:errcheck // it ends with the benchmark
		ping(b, k, uhid.Options{Device: filepath.Join(dir, "none"), Socket: filepath.Join(dir, "s")})
	})
}

func ping(b *testing.B, k *uhidtest.Kernel, o uhid.Options) {
	b.Helper()
	made := make(chan *uhid.Device, 1)
	go func() {
		d, err := uhid.Open(o)
		if err != nil {
			b.Error(err)
		}
		made <- d
	}()
	k.Plugged(1)
	d := <-made
	if d == nil {
		b.FailNow()
	}
	defer d.Close()
	go d.Serve(b.Context(), &ctaphid.Server{Handler: echo{}, Rand: rand.Reader}) //nolint:errcheck // it ends with the benchmark
	k.Host(append([]byte{0, 0xff, 0xff, 0xff, 0xff, 0x86, 0, 8}, make([]byte, 57)...))
	packet := k.Report()[15:19]
	packet = append(append([]byte{0}, packet...), 0x81, 0, 8)
	packet = append(packet, make([]byte, 57)...)
	for b.Loop() {
		k.Host(packet)
		k.Report()
	}
}
