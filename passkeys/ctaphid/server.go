package ctaphid

import (
	"context"
	"errors"
	"io"
	"time"
)

// Status is what a keep-alive says (section 11.2.9.1.7).
type Status byte

// The states of a request that takes time.
const (
	Processing Status = 1
	UPNeeded   Status = 2 // somebody has to consent
)

// Handler answers whole messages. It is called for one message at a time.
type Handler interface {
	// CBOR answers a CTAP2 request: the command byte and its parameters in, the status byte and the answer out. ctx ends when the host cancels, when it
	// starts anew, and when the connection ends; the handler then returns soon, with CTAP2_ERR_KEEPALIVE_CANCEL (0x2d). progress may be called from any goroutine.
	CBOR(ctx context.Context, request []byte, progress func(Status)) []byte
	// Msg answers a CTAP1/U2F request APDU with a response APDU.
	Msg(ctx context.Context, request []byte) []byte
	// U2F reports whether Msg is offered now.
	U2F() bool
	// Wink makes the authenticator noticeable to a person.
	Wink()
}

// Times (sections 11.2.5.2 and 11.2.9.1.7).
const (
	packetTimeout = 500 * time.Millisecond // between two packets of a message
	keepAlive     = 100 * time.Millisecond // between two keep-alives
	patience      = 3 * keepAlive          // of a U2F host
)

// protocolVersion is that of CTAPHID itself.
const protocolVersion = 2

// Capabilities in the answer to INIT.
const (
	capWink  = 0x01
	capCBOR  = 0x04
	capNoMsg = 0x08
)

// Server is the authenticator's end of one transport.
type Server struct {
	Handler Handler
	Rand    io.Reader // for channel numbers
	Version [3]byte   // major, minor, build of the authenticator

	w        io.Writer
	channels *channels
	lock     lock
	asm      *assembly
	idle     *time.Timer // runs out when the next packet of asm does not come
	job      *job
	last     <-chan struct{} // closed when the handler is free: it may still be ending a request whose host started anew
	finished chan *job
	progress chan news
	over     chan struct{} // closed when Serve has returned
}

// Serve reads packets from r and writes packets to w, one Write each, until r ends, w fails or ctx ends. A read that hangs when ctx ends is the caller's to
// end, by closing r.
func (s *Server) Serve(ctx context.Context, r io.Reader, w io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.w, s.channels, s.lock, s.asm, s.job, s.last = w, newChannels(s.Rand), lock{}, nil, nil, nil
	s.finished, s.progress, s.over = make(chan *job), make(chan news), make(chan struct{})
	defer func() { // nothing of this connection is at work any more when it is over
		close(s.over)
		cancel()
		if s.last != nil {
			<-s.last
		}
	}()
	packets, failed := make(chan Packet), make(chan error, 1)
	go readPackets(ctx, r, packets, failed)
	s.idle = time.NewTimer(packetTimeout)
	s.idle.Stop()
	defer s.idle.Stop()
	alive := time.NewTicker(keepAlive)
	defer alive.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err = <-failed:
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		case p := <-packets:
			err = s.packet(ctx, &p)
		case <-s.idle.C:
			err = s.timeout()
		case <-alive.C:
			err = s.keepAlive()
		case n := <-s.progress:
			if n.job == s.job && n.status != s.job.status {
				s.job.status = n.status
				err = s.keepAlive()
			}
		case j := <-s.finished:
			err = s.finish(j)
		}
		if err != nil {
			return err
		}
	}
}

func readPackets(ctx context.Context, r io.Reader, out chan<- Packet, failed chan<- error) {
	for {
		var p Packet
		if _, err := io.ReadFull(r, p[:]); err != nil {
			failed <- err
			return
		}
		select {
		case out <- p:
		case <-ctx.Done():
			return
		}
	}
}

func (s *Server) packet(ctx context.Context, p *Packet) error {
	if p.isInit() {
		return s.first(ctx, p)
	}
	// A continuation that nobody waits for is dropped (section 11.2.5.4).
	if s.asm == nil || s.asm.ch != p.channel() {
		return nil
	}
	if !s.asm.add(p) {
		s.drop()
		return s.fault(p.channel(), InvalidSequence)
	}
	return s.advance(ctx)
}

// first takes the packet that begins a message.
func (s *Server) first(ctx context.Context, p *Packet) error {
	ch, cmd := p.channel(), p.command()
	if cmd == Init {
		return s.init(p)
	}
	if ch == Broadcast || !s.channels.known(ch) {
		return s.fault(ch, InvalidChannel)
	}
	if cmd == Cancel { // has no answer of its own
		if s.job != nil && s.job.ch == ch && s.job.cmd == CBOR {
			s.job.cancel()
		}
		return nil
	}
	switch {
	case s.asm != nil && s.asm.ch == ch:
		s.drop()
		return s.fault(ch, InvalidSequence)
	case s.asm != nil, s.job != nil, s.lock.keepsOut(ch, time.Now()):
		return s.fault(ch, ChannelBusy)
	case !s.offers(cmd):
		return s.fault(ch, InvalidCommand)
	case p.length() > MaxMessage:
		return s.fault(ch, InvalidLength)
	}
	s.asm = begin(p)
	return s.advance(ctx)
}

func (s *Server) offers(cmd Command) bool {
	switch cmd {
	case Ping, Lock, Wink, CBOR:
		return true
	case Msg:
		return s.Handler.U2F()
	}
	return false
}

// advance executes a message that is complete, or waits for its next packet.
func (s *Server) advance(ctx context.Context) error {
	if !s.asm.complete() {
		s.idle.Reset(packetTimeout)
		return nil
	}
	a := s.asm
	s.drop()
	return s.execute(ctx, a)
}

func (s *Server) drop() {
	s.asm = nil
	s.idle.Stop()
}

func (s *Server) timeout() error {
	if s.asm == nil {
		return nil
	}
	ch := s.asm.ch
	s.drop()
	return s.fault(ch, MessageTimeout)
}

func (s *Server) execute(ctx context.Context, a *assembly) error {
	switch a.cmd {
	case Ping:
		return s.reply(a.ch, Ping, a.data)
	case Wink:
		if len(a.data) != 0 {
			return s.fault(a.ch, InvalidLength)
		}
		s.Handler.Wink()
		return s.reply(a.ch, Wink, nil)
	case Lock:
		return s.lockFor(a)
	}
	if len(a.data) == 0 {
		return s.fault(a.ch, InvalidLength)
	}
	s.start(ctx, a)
	return nil
}

func (s *Server) lockFor(a *assembly) error {
	switch {
	case len(a.data) != 1:
		return s.fault(a.ch, InvalidLength)
	case a.data[0] > maxLock:
		return s.fault(a.ch, InvalidParam)
	}
	s.lock = lock{a.ch, time.Now().Add(time.Duration(a.data[0]) * time.Second)}
	if a.data[0] == 0 {
		s.lock = lock{}
	}
	return s.reply(a.ch, Lock, nil)
}
