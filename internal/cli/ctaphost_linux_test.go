package cli_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"os"
	"testing"
	"time"

	"signet/passkeys"
	"signet/passkeys/ctaphid"
)

// ctapHost is a program that uses a security key: CTAPHID over a device, and CBOR put together by hand, so that nothing of ours judges itself.
type ctapHost struct {
	t  *testing.T
	f  *os.File
	ch ctaphid.Channel
}

func newHost(t *testing.T, path string) *ctapHost {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	h := &ctapHost{t: t, f: f, ch: ctaphid.Broadcast}
	h.send(ctaphid.Init, []byte("12345678"))
	for {
		cmd, answer := h.receive(ctaphid.Broadcast)
		if cmd == ctaphid.Init && bytes.HasPrefix(answer, []byte("12345678")) {
			h.ch = ctaphid.Channel(binary.BigEndian.Uint32(answer[8:]))
			return h
		}
	}
}

func (h *ctapHost) send(cmd ctaphid.Command, message []byte) {
	h.t.Helper()
	packets, err := ctaphid.Packets(h.ch, cmd, message)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, p := range packets {
		if _, err := h.f.Write(append([]byte{0}, p[:]...)); err != nil {
			h.t.Fatal(err)
		}
	}
}

// receive returns the next message on a channel.
func (h *ctapHost) receive(ch ctaphid.Channel) (ctaphid.Command, []byte) {
	h.t.Helper()
	var cmd ctaphid.Command
	var message []byte
	length := -1
	for length < 0 || len(message) < length {
		var p ctaphid.Packet
		if err := h.f.SetReadDeadline(time.Now().Add(patience)); err != nil {
			h.t.Fatal(err)
		}
		if _, err := io.ReadFull(h.f, p[:]); err != nil {
			h.t.Fatalf("read from the key: %v", err)
		}
		if ctaphid.Channel(binary.BigEndian.Uint32(p[:])) != ch {
			continue
		}
		if p[4]&0x80 != 0 {
			cmd, length, message = ctaphid.Command(p[4]&0x7f), int(binary.BigEndian.Uint16(p[5:])), append([]byte{}, p[7:]...)
			continue
		}
		message = append(message, p[5:]...)
	}
	return cmd, message[:length]
}

// ask sends a CTAP2 request; answer waits for what comes back, keep-alives left out.
func (h *ctapHost) ask(command byte, parameters []byte) {
	h.t.Helper()
	h.send(ctaphid.CBOR, append([]byte{command}, parameters...))
}

func (h *ctapHost) answer() (passkeys.Status, []byte) {
	h.t.Helper()
	for {
		cmd, message := h.receive(h.ch)
		if cmd == ctaphid.KeepAlive {
			continue
		}
		if cmd != ctaphid.CBOR {
			h.t.Fatalf("command %x answered with %x", cmd, message)
		}
		return passkeys.Status(message[0]), message[1:]
	}
}

func (h *ctapHost) wants(status passkeys.Status) []byte {
	h.t.Helper()
	got, answer := h.answer()
	if got != status {
		h.t.Fatalf("status %v, want %v", got, status)
	}
	return answer
}

// cancel takes the request at work back.
func (h *ctapHost) cancel() { h.send(ctaphid.Cancel, nil) }

// CBOR, as far as requests need it.
func cborHead(major byte, n int) []byte {
	switch {
	case n < 24:
		return []byte{major<<5 | byte(n)}
	case n < 256:
		return []byte{major<<5 | 24, byte(n)}
	}
	return []byte{major<<5 | 25, byte(n >> 8), byte(n)}
}

func cborText(s string) []byte  { return append(cborHead(3, len(s)), s...) }
func cborBytes(b []byte) []byte { return append(cborHead(2, len(b)), b...) }
func cborInt(n int) []byte      { return cborHead(map[bool]byte{true: 0, false: 1}[n >= 0], max(n, -1-n)) }
func cborList(items ...[]byte) []byte {
	return append(cborHead(4, len(items)), bytes.Join(items, nil)...)
}

// cborMap takes keys and values in turn, the keys in their canonical order.
func cborMap(pairs ...[]byte) []byte {
	return append(cborHead(5, len(pairs)/2), bytes.Join(pairs, nil)...)
}

var cborTrue = []byte{0xf5}

func clientHash() []byte { return bytes.Repeat([]byte{7}, 32) }

// options are those of a request that are true.
func cborOptions(names ...string) []byte {
	var pairs [][]byte
	for _, n := range names {
		pairs = append(pairs, cborText(n), cborTrue)
	}
	return cborMap(pairs...)
}

// makeCredential begins a registration.
func (h *ctapHost) makeCredential(rp, user string, options ...string) {
	h.t.Helper()
	h.ask(0x01, cborMap(
		cborInt(1), cborBytes(clientHash()),
		cborInt(2), cborMap(cborText("id"), cborText(rp), cborText("name"), cborText("The Site")),
		cborInt(3), cborMap(cborText("id"), cborBytes([]byte(user)), cborText("name"), cborText(user)),
		cborInt(4), cborList(cborMap(cborText("alg"), cborInt(-7), cborText("type"), cborText("public-key"))),
		cborInt(7), cborOptions(options...),
	))
}

// getAssertion begins a sign-in.
func (h *ctapHost) getAssertion(rp string, options ...string) {
	h.t.Helper()
	pairs := [][]byte{cborInt(1), cborText(rp), cborInt(2), cborBytes(clientHash())}
	if len(options) > 0 {
		pairs = append(pairs, cborInt(5), cborOptions(options...))
	}
	h.ask(0x02, cborMap(pairs...))
}

// flagsOf finds the flags of an answer: they stand behind the hash of the RP ID in the authenticator data.
func flagsOf(answer []byte, rpHash []byte) byte {
	i := bytes.Index(answer, rpHash)
	if i < 0 {
		return 0
	}
	return answer[i+len(rpHash)]
}
