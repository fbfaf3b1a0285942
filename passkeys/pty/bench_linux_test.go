package pty_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"testing"

	"signet/passkeys"
	"signet/passkeys/ctaphid"
)

// benchHost is a host that speaks CTAPHID over the pseudo-terminal with one system call for each report, as libfido2 does.
type benchHost struct {
	b  *testing.B
	f  *os.File
	ch ctaphid.Channel
}

func plugBench(b *testing.B) benchHost {
	b.Helper()
	k := newKey(b)
	k.crowd(b, 10_000)
	k.serve()
	f, err := os.OpenFile(k.path, os.O_RDWR, 0)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = f.Close() })
	h := benchHost{b, f, ctaphid.Broadcast}
	h.ch = ctaphid.Channel(binary.BigEndian.Uint32(h.call(ctaphid.Init, make([]byte, 8))[8:]))
	return h
}

// crowd puts passkeys into the store.
func (k *key) crowd(tb testing.TB, n int) {
	tb.Helper()
	one, err := passkeys.NewKey(passkeys.ES256, k.opt.Rand)
	if err != nil {
		tb.Fatal(err)
	}
	for i := range n {
		c := passkeys.Credential{
			ID: fmt.Appendf(nil, "id %d", i), RPID: fmt.Sprintf("site%d.example", i), User: passkeys.User{ID: []byte("u")}, Key: one, Discoverable: true,
		}
		if err := k.store.Put(tb.Context(), c); err != nil {
			tb.Fatal(err)
		}
	}
}

// call sends a message and returns its answer.
func (h benchHost) call(cmd ctaphid.Command, message []byte) []byte {
	packets, err := ctaphid.Packets(h.ch, cmd, message)
	if err != nil {
		h.b.Fatal(err)
	}
	for i := range packets {
		if _, err := h.f.Write(append([]byte{0}, packets[i][:]...)); err != nil {
			h.b.Fatal(err)
		}
	}
	for {
		p := h.receive()
		if p[4]&^0x80 == byte(ctaphid.KeepAlive) {
			continue
		}
		n := int(binary.BigEndian.Uint16(p[5:]))
		answer := bytes.Clone(p[7:min(64, 7+n)])
		for len(answer) < n {
			p = h.receive()
			answer = append(answer, p[5:min(64, 5+n-len(answer))]...)
		}
		return answer
	}
}

func (h benchHost) receive() (p ctaphid.Packet) {
	if _, err := io.ReadFull(h.f, p[:]); err != nil {
		h.b.Fatal(err)
	}
	return p
}

// requests as a browser sends them, for a site that has a passkey among ten thousand.
var (
	benchHash = append([]byte{0x58, 32}, bytes.Repeat([]byte{7}, 32)...)
	benchMake = bytes.Join([][]byte{
		{1, 0xa5, 1}, benchHash, {2, 0xa1, 0x62, 'i', 'd', 0x6e}, []byte("site77.example"), {3, 0xa1, 0x62, 'i', 'd', 0x41, 'u'},
		{4, 0x81, 0xa2, 0x63, 'a', 'l', 'g', 0x26, 0x64, 't', 'y', 'p', 'e', 0x6a}, []byte("public-key"), {7, 0xa1, 0x62, 'r', 'k', 0xf5},
	}, nil)
	benchGet = bytes.Join([][]byte{{2, 0xa2, 1, 0x6e}, []byte("site77.example"), {2}, benchHash}, nil)
)

// The benchmarks go end to end: host, pseudo-terminal, CTAPHID, authenticator with ten thousand passkeys, and back. Each stands beside an echo of as many
// bytes, which is what the way alone takes.
func BenchmarkPseudoTerminal(b *testing.B) {
	for name, request := range map[string][]byte{"makeCredential": benchMake, "getAssertion": benchGet} {
		b.Run(name, func(b *testing.B) {
			h := plugBench(b)
			for b.Loop() {
				if answer := h.call(ctaphid.CBOR, request); answer[0] != 0 {
					b.Fatalf("status %#x", answer[0])
				}
			}
		})
		b.Run(name+"/echo", func(b *testing.B) {
			h := plugBench(b)
			answer := h.call(ctaphid.CBOR, request) // the longer of the two ways
			for b.Loop() {
				h.call(ctaphid.Ping, answer)
			}
		})
	}
}
