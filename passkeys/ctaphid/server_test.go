package ctaphid

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// handler answers a CBOR request with its bytes reversed; one that begins with 'w' waits for the host or for its release.
type handler struct {
	u2f     bool
	winks   int
	release chan struct{}
	atWork  int
	most    int
	ended   []string
	slowEnd time.Duration // how long it takes to notice a cancellation
}

func (h *handler) U2F() bool { return h.u2f }
func (h *handler) Wink()     { h.winks++ }

func (h *handler) Msg(ctx context.Context, request []byte) []byte {
	if request[0] == 'w' {
		select {
		case <-ctx.Done():
		case <-h.release:
		}
	}
	return append(request, 0x90, 0x00)
}

func (h *handler) CBOR(ctx context.Context, request []byte, progress func(Status)) []byte {
	h.atWork++
	h.most = max(h.most, h.atWork)
	defer func() { h.atWork--; h.ended = append(h.ended, string(request)) }()
	if request[0] != 'w' {
		out := bytes.Clone(request)
		slices.Reverse(out)
		return out
	}
	progress(UPNeeded)
	select {
	case <-ctx.Done():
		time.Sleep(h.slowEnd)
		return []byte{0x2d}
	case <-h.release:
		return []byte{0}
	}
}

// host is the other end.
type host struct {
	t   *testing.T
	in  *io.PipeWriter
	out chan Packet
	err chan error
}

// connect serves h inside a synctest bubble.
func connect(t *testing.T, h Handler) *host {
	t.Helper()
	r, in := io.Pipe()
	out := make(chan Packet, 4096)
	c := &host{t: t, in: in, out: out, err: make(chan error, 1)}
	s := &Server{Handler: h, Rand: rand.NewChaCha8([32]byte{1}), Version: [3]byte{1, 2, 3}}
	ctx, cancel := context.WithCancel(t.Context())
	go func() { c.err <- s.Serve(ctx, r, writer(out)) }()
	t.Cleanup(func() { cancel(); _ = in.Close(); <-c.err })
	return c
}

type writer chan Packet

func (w writer) Write(b []byte) (int, error) {
	w <- Packet(b)
	return len(b), nil
}

func (c *host) raw(p Packet) {
	if _, err := c.in.Write(p[:]); err != nil {
		c.t.Fatal(err)
	}
}

func (c *host) send(ch Channel, cmd Command, msg []byte) {
	c.t.Helper()
	ps, err := Packets(ch, cmd, msg)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, p := range ps {
		c.raw(p)
	}
}

type message struct {
	ch   Channel
	cmd  Command
	data []byte
}

// next is the next whole message, keep-alives included; ok is false when everything is quiet.
func (c *host) next() (message, bool) {
	synctest.Wait()
	var a *assembly
	for {
		select {
		case p := <-c.out:
			if a == nil {
				a = begin(&p)
			} else if !a.add(&p) {
				c.t.Fatalf("packet out of order: %x", p)
			}
			if a.complete() {
				return message{a.ch, a.cmd, a.data}, true
			}
		default:
			return message{}, false
		}
	}
}

func (c *host) want(ch Channel, cmd Command, data ...byte) {
	c.t.Helper()
	m, ok := c.next()
	if !ok || m.ch != ch || m.cmd != cmd || !bytes.Equal(m.data, data) {
		c.t.Fatalf("got %x %x %x (%v), want %x %x %x", m.ch, m.cmd, m.data, ok, ch, cmd, data)
	}
}

func (c *host) quiet() {
	c.t.Helper()
	if m, ok := c.next(); ok {
		c.t.Fatalf("unexpected message %x %x %x", m.ch, m.cmd, m.data)
	}
}

var nonce = []byte("12345678")

func (c *host) open() Channel {
	c.t.Helper()
	c.send(Broadcast, Init, nonce)
	m, ok := c.next()
	if !ok || m.ch != Broadcast || m.cmd != Init || len(m.data) != 17 || !bytes.Equal(m.data[:8], nonce) {
		c.t.Fatalf("INIT answered %x", m.data)
	}
	return Channel(binary.BigEndian.Uint32(m.data[8:12]))
}

// talk runs a conversation in a bubble of its own, so that time-outs cost nothing.
func talk(t *testing.T, name string, h *handler, f func(*host, *handler)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { f(connect(t, h), h) })
	})
}

func TestInit(t *testing.T) {
	talk(t, "capabilities", &handler{}, func(c *host, _ *handler) {
		c.send(Broadcast, Init, nonce)
		m, _ := c.next()
		if !bytes.Equal(m.data[12:], []byte{2, 1, 2, 3, capWink | capCBOR | capNoMsg}) {
			t.Errorf("%x", m.data)
		}
	})
	talk(t, "capabilities with U2F", &handler{u2f: true}, func(c *host, _ *handler) {
		c.send(Broadcast, Init, nonce)
		if m, _ := c.next(); m.data[16] != capWink|capCBOR {
			t.Errorf("%x", m.data)
		}
	})
	talk(t, "channels differ", &handler{}, func(c *host, _ *handler) {
		if a, b := c.open(), c.open(); a == b || a == none || a == Broadcast {
			t.Errorf("%x %x", a, b)
		}
	})
	talk(t, "length", &handler{}, func(c *host, _ *handler) {
		c.send(Broadcast, Init, nonce[:7])
		c.want(Broadcast, Error, byte(InvalidLength))
	})
	talk(t, "unknown channel", &handler{}, func(c *host, _ *handler) {
		c.send(7, Init, nonce)
		c.want(7, Error, byte(InvalidChannel))
		c.send(0, Ping, nil)
		c.want(0, Error, byte(InvalidChannel))
		c.send(Broadcast, Ping, nil)
		c.want(Broadcast, Error, byte(InvalidChannel))
	})
	talk(t, "many", &handler{}, func(c *host, _ *handler) {
		first := c.open()
		for range maxChannels {
			c.open()
		}
		c.send(first, Ping, nil)
		c.want(first, Error, byte(InvalidChannel))
		last := c.open()
		c.send(last, Ping, []byte{1})
		c.want(last, Ping, 1)
	})
}

func TestMessages(t *testing.T) {
	talk(t, "every length", &handler{}, func(c *host, _ *handler) {
		ch := c.open()
		for _, n := range []int{0, 1, initData - 1, initData, initData + 1, initData + contData, initData + contData + 1, MaxMessage - 1, MaxMessage} {
			msg := bytes.Repeat([]byte{0xa5}, n)
			c.send(ch, Ping, msg)
			c.want(ch, Ping, msg...)
		}
	})
	talk(t, "too long", &handler{}, func(c *host, _ *handler) {
		ch := c.open()
		p := Packet{4: byte(Ping) | initBit}
		binary.BigEndian.PutUint32(p[:], uint32(ch))
		binary.BigEndian.PutUint16(p[5:], MaxMessage+1)
		c.raw(p)
		c.want(ch, Error, byte(InvalidLength))
	})
	talk(t, "unknown command", &handler{}, func(c *host, _ *handler) {
		ch := c.open()
		for _, cmd := range []Command{0, 0x40, 0x7e, KeepAlive, Error, Msg} {
			c.send(ch, cmd, []byte{1})
			c.want(ch, Error, byte(InvalidCommand))
		}
	})
	talk(t, "request", &handler{u2f: true}, func(c *host, _ *handler) {
		ch := c.open()
		c.send(ch, CBOR, []byte{1, 2, 3})
		c.want(ch, CBOR, 3, 2, 1)
		c.send(ch, Msg, []byte{7})
		c.want(ch, Msg, 7, 0x90, 0)
		c.send(ch, CBOR, nil)
		c.want(ch, Error, byte(InvalidLength))
	})
	talk(t, "wink", &handler{}, func(c *host, h *handler) {
		ch := c.open()
		c.send(ch, Wink, nil)
		c.want(ch, Wink)
		c.send(ch, Wink, []byte{1})
		c.want(ch, Error, byte(InvalidLength))
		if h.winks != 1 {
			t.Errorf("%d winks", h.winks)
		}
	})
}

func TestSequence(t *testing.T) {
	long := make([]byte, 200)
	talk(t, "wrong number", &handler{}, func(c *host, _ *handler) {
		ch := c.open()
		ps, _ := Packets(ch, Ping, long)
		c.raw(ps[0])
		c.raw(ps[2])
		c.want(ch, Error, byte(InvalidSequence))
		c.raw(ps[1]) // spurious now
		c.quiet()
	})
	talk(t, "a new message inside a message", &handler{}, func(c *host, _ *handler) {
		ch := c.open()
		ps, _ := Packets(ch, Ping, long)
		c.raw(ps[0])
		c.send(ch, Ping, []byte{1})
		c.want(ch, Error, byte(InvalidSequence))
	})
	talk(t, "time-out", &handler{}, func(c *host, _ *handler) {
		ch := c.open()
		ps, _ := Packets(ch, Ping, long)
		c.raw(ps[0])
		time.Sleep(packetTimeout - time.Millisecond)
		c.raw(ps[1])
		time.Sleep(packetTimeout - time.Millisecond)
		c.quiet()
		time.Sleep(2 * time.Millisecond)
		c.want(ch, Error, byte(MessageTimeout))
		c.send(ch, Ping, []byte{1})
		c.want(ch, Ping, 1)
	})
	talk(t, "two hosts", &handler{}, func(c *host, _ *handler) {
		a, b := c.open(), c.open()
		ps, _ := Packets(a, Ping, long)
		c.raw(ps[0])
		c.send(b, Ping, []byte{1})
		c.want(b, Error, byte(ChannelBusy))
		other, _ := Packets(b, Ping, long)
		c.raw(other[1]) // a continuation of nothing
		for _, p := range ps[1:] {
			c.raw(p)
		}
		c.want(a, Ping, long...)
	})
	talk(t, "starting anew", &handler{}, func(c *host, _ *handler) {
		ch := c.open()
		ps, _ := Packets(ch, Ping, long)
		c.raw(ps[0])
		c.send(ch, Init, nonce)
		if m, _ := c.next(); m.cmd != Init || m.ch != ch || Channel(binary.BigEndian.Uint32(m.data[8:])) != ch {
			t.Fatalf("%+v", m)
		}
		c.send(ch, Ping, []byte{9})
		c.want(ch, Ping, 9)
	})
}

// A U2F host is answered without keep-alives, unless the answer takes much longer than it does by itself.
func TestWaitingForU2F(t *testing.T) {
	talk(t, "U2F", &handler{u2f: true}, func(c *host, h *handler) {
		h.release = make(chan struct{})
		ch := c.open()
		c.send(ch, Msg, []byte("w"))
		time.Sleep(patience - keepAlive)
		c.quiet()
		time.Sleep(2 * keepAlive)
		c.want(ch, KeepAlive, byte(Processing))
		close(h.release)
		for {
			m, ok := c.next()
			if !ok {
				t.Fatal("no answer")
			}
			if m.cmd == Msg {
				break
			}
		}
		c.quiet()
	})
}

func TestWaiting(t *testing.T) {
	waiting := func(f func(*host, *handler, Channel)) func(*host, *handler) {
		return func(c *host, h *handler) {
			h.release = make(chan struct{})
			ch := c.open()
			c.send(ch, CBOR, []byte("wait"))
			c.want(ch, KeepAlive, byte(UPNeeded)) // at once, because the state changed
			f(c, h, ch)
		}
	}
	talk(t, "keep-alives", &handler{}, waiting(func(c *host, h *handler, ch Channel) {
		for range 3 {
			time.Sleep(keepAlive)
			c.want(ch, KeepAlive, byte(UPNeeded))
		}
		close(h.release)
		c.want(ch, CBOR, 0)
		time.Sleep(3 * keepAlive)
		c.quiet()
	}))
	talk(t, "cancel", &handler{}, waiting(func(c *host, _ *handler, ch Channel) {
		c.send(ch, Cancel, nil)
		c.want(ch, CBOR, 0x2d)
		c.send(ch, Cancel, nil) // nothing is under way
		c.quiet()
	}))
	talk(t, "cancel of another host", &handler{}, waiting(func(c *host, h *handler, ch Channel) {
		other := c.open()
		c.send(other, Cancel, nil)
		c.send(other, CBOR, []byte{1})
		c.want(other, Error, byte(ChannelBusy))
		close(h.release)
		c.want(ch, CBOR, 0)
	}))
	talk(t, "starting anew cancels, and the next request waits for the end", &handler{slowEnd: 30 * time.Millisecond}, waiting(func(c *host, h *handler, ch Channel) {
		c.send(ch, Init, nonce)
		if m, _ := c.next(); m.cmd != Init {
			t.Fatalf("%+v", m)
		}
		c.send(ch, CBOR, []byte{1, 2})
		c.quiet()
		time.Sleep(31 * time.Millisecond)
		c.want(ch, CBOR, 2, 1)
		if h.most != 1 || len(h.ended) != 2 {
			t.Errorf("%d requests at work at once, %d ended", h.most, len(h.ended))
		}
	}))
	talk(t, "its channel is not forgotten", &handler{}, waiting(func(c *host, h *handler, ch Channel) {
		for range maxChannels + 5 {
			c.open()
		}
		close(h.release)
		c.want(ch, CBOR, 0)
		c.send(ch, Ping, nil)
		c.want(ch, Ping)
	}))
}

func TestLock(t *testing.T) {
	talk(t, "keeps others out", &handler{}, func(c *host, _ *handler) {
		a, b := c.open(), c.open()
		c.send(a, Lock, []byte{2})
		c.want(a, Lock)
		c.send(b, Ping, nil)
		c.want(b, Error, byte(ChannelBusy))
		c.send(a, Ping, nil)
		c.want(a, Ping)
		time.Sleep(2*time.Second + time.Millisecond)
		c.send(b, Ping, nil)
		c.want(b, Ping)
	})
	talk(t, "is given back", &handler{}, func(c *host, _ *handler) {
		a, b := c.open(), c.open()
		c.send(a, Lock, []byte{10})
		c.want(a, Lock)
		c.send(a, Lock, []byte{0})
		c.want(a, Lock)
		c.send(b, Ping, nil)
		c.want(b, Ping)
	})
	talk(t, "bounds", &handler{}, func(c *host, _ *handler) {
		ch := c.open()
		c.send(ch, Lock, []byte{11})
		c.want(ch, Error, byte(InvalidParam))
		c.send(ch, Lock, nil)
		c.want(ch, Error, byte(InvalidLength))
	})
}

// A connection that ends while a request waits ends the request too.
func TestEndOfTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &handler{release: make(chan struct{})}
		r, in := io.Pipe()
		out := make(chan Packet, 64)
		done := make(chan error, 1)
		s := &Server{Handler: h, Rand: rand.NewChaCha8([32]byte{1})}
		go func() { done <- s.Serve(t.Context(), r, writer(out)) }()
		c := &host{t: t, in: in, out: out}
		c.send(c.open(), CBOR, []byte("wait"))
		_ = in.Close()
		if err := <-done; err != nil {
			t.Errorf("a connection that ends is no error: %v", err)
		}
		if len(h.ended) != 1 {
			t.Error("the request still waits")
		}
	})
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("unplugged") }

func TestWriteFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, in := io.Pipe()
		done := make(chan error, 1)
		s := &Server{Handler: &handler{}, Rand: rand.NewChaCha8([32]byte{1})}
		go func() { done <- s.Serve(t.Context(), r, failing{}) }()
		(&host{t: t, in: in}).send(Broadcast, Init, nonce)
		if err := <-done; err == nil || err.Error() != "unplugged" {
			t.Error(err)
		}
		_ = in.Close()
	})
}

// hostile feeds raw reports and checks what every answer must be: whole messages in order, and an authenticator that still works afterwards.
func hostile(t *testing.T, reports []byte) {
	t.Helper()
	r, in := io.Pipe()
	out := make(chan Packet, 64)
	go func() {
		_, _ = in.Write(reports)
		p, _ := Packets(Broadcast, Init, []byte("the last"))
		_, _ = in.Write(p[0][:])
		_ = in.Close()
	}()
	alive := make(chan bool)
	go func() {
		found := false
		for p := range out {
			found = found || p.isInit() && p.command() == Init && bytes.Equal(p[7:15], []byte("the last"))
		}
		alive <- found
	}()
	s := &Server{Handler: &echo{}, Rand: rand.NewChaCha8([32]byte{1})}
	if err := s.Serve(t.Context(), r, writer(out)); err != nil {
		t.Error(err)
	}
	close(out)
	if !<-alive {
		t.Error("the authenticator does not answer any more")
	}
}

type echo struct{}

func (echo) U2F() bool                                { return true }
func (echo) Wink()                                    {}
func (echo) Msg(_ context.Context, req []byte) []byte { return req }
func (echo) CBOR(_ context.Context, req []byte, _ func(Status)) []byte {
	return req
}

// A million random packets do no harm.
func TestRandomPackets(t *testing.T) {
	n := 1 << 20
	if testing.Short() {
		n = 1 << 14
	}
	src := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a reproducible test
	const at = 1 << 12
	for n > 0 {
		reports := make([]byte, 0, at*PacketSize)
		for range at {
			var p Packet
			for i := 0; i < len(p); i += 8 {
				binary.LittleEndian.PutUint64(p[i:], src.Uint64())
			}
			// Half of them on channels, with commands and lengths that get further than the first check.
			if src.Uint32()&1 == 0 {
				binary.BigEndian.PutUint32(p[:], []uint32{0, 0xffffffff, firstChannel}[src.IntN(3)])
				p[4] = []byte{0x81, 0x83, 0x84, 0x86, 0x88, 0x90, 0x91, 0, 1, 2}[src.IntN(10)]
				p[5], p[6] = 0, []byte{0, 1, 8, 57, 58, 200}[src.IntN(6)]
			}
			reports = append(reports, p[:]...)
		}
		hostile(t, reports)
		n -= at
	}
}

// firstChannel is what the tests' source of randomness gives to the first host.
var firstChannel = func() uint32 {
	ch, _ := newChannels(rand.NewChaCha8([32]byte{1})).open(none)
	return uint32(ch)
}()

func FuzzServer(f *testing.F) {
	for _, cmd := range []Command{Ping, Msg, Lock, Init, Wink, CBOR, Cancel} {
		for _, n := range []int{0, 1, 8, 100} {
			ps, _ := Packets(Channel(firstChannel), cmd, make([]byte, n))
			open, _ := Packets(Broadcast, Init, nonce)
			seed := bytes.Clone(open[0][:])
			for _, p := range ps {
				seed = append(seed, p[:]...)
			}
			f.Add(seed)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		b = b[:len(b)/PacketSize*PacketSize]
		hostile(t, b[:min(len(b), 512*PacketSize)])
	})
}
