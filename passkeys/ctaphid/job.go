package ctaphid

import (
	"context"
	"time"
)

// job is a request at work.
type job struct {
	ch     Channel
	cmd    Command
	status Status
	since  time.Time
	cancel context.CancelFunc
	answer []byte
}

type news struct {
	job    *job
	status Status
}

// start gives a whole message to the handler, once that is free.
func (s *Server) start(ctx context.Context, a *assembly) {
	ctx, cancel := context.WithCancel(ctx)
	j := &job{ch: a.ch, cmd: a.cmd, status: Processing, since: time.Now(), cancel: cancel}
	before, ended := s.last, make(chan struct{})
	s.job, s.last = j, ended
	go func() {
		if before != nil {
			<-before
		}
		j.answer = s.handle(ctx, j, a.data)
		close(ended)
		select {
		case s.finished <- j:
		case <-s.over:
		}
		cancel()
	}()
}

func (s *Server) handle(ctx context.Context, j *job, request []byte) []byte {
	if j.cmd == Msg {
		return s.Handler.Msg(ctx, request)
	}
	return s.Handler.CBOR(ctx, request, func(st Status) {
		select {
		case s.progress <- news{j, st}:
		case <-ctx.Done():
		}
	})
}

// finish sends an answer, unless its host started anew meanwhile.
func (s *Server) finish(j *job) error {
	if j != s.job {
		return nil
	}
	s.job = nil
	err := s.reply(j.ch, j.cmd, j.answer)
	if err == ErrTooLong { //nolint:errorlint // the very value that Packets returns
		return s.fault(j.ch, Other)
	}
	return err
}

// keepAlive tells a host that its request is being worked on. U2F requests are answered at once, and some of their hosts do not expect a keep-alive: only
// one that takes long, because the vault has to be opened for it, gets them.
func (s *Server) keepAlive() error {
	if s.job == nil || s.job.cmd != CBOR && time.Since(s.job.since) < patience {
		return nil
	}
	return s.reply(s.job.ch, KeepAlive, []byte{byte(s.job.status)})
}

// init opens a channel, or starts one anew: what was under way on it is dropped (section 11.2.9.1.3).
func (s *Server) init(p *Packet) error {
	ch := p.channel()
	if p.length() != initNonce {
		return s.fault(ch, InvalidLength)
	}
	opened := ch
	switch {
	case ch == Broadcast:
		busy := none
		if s.job != nil {
			busy = s.job.ch
		}
		var err error
		if opened, err = s.channels.open(busy); err != nil {
			return err
		}
	case !s.channels.known(ch):
		return s.fault(ch, InvalidChannel)
	default:
		s.restart(ch)
	}
	answer := append(make([]byte, 0, 17), p[7:7+initNonce]...)
	answer = append(answer, byte(opened>>24), byte(opened>>16), byte(opened>>8), byte(opened), protocolVersion)
	answer = append(append(answer, s.Version[:]...), s.capabilities())
	return s.reply(ch, Init, answer)
}

// initNonce is the length of what a host sends along with INIT.
const initNonce = 8

func (s *Server) restart(ch Channel) {
	if s.asm != nil && s.asm.ch == ch {
		s.drop()
	}
	if s.job != nil && s.job.ch == ch {
		s.job.cancel()
		s.job = nil
	}
}

func (s *Server) capabilities() byte {
	if s.Handler.U2F() {
		return capWink | capCBOR
	}
	return capWink | capCBOR | capNoMsg
}

func (s *Server) fault(ch Channel, f Fault) error { return s.reply(ch, Error, []byte{byte(f)}) }

func (s *Server) reply(ch Channel, cmd Command, message []byte) error {
	packets, err := Packets(ch, cmd, message)
	if err != nil {
		return err
	}
	for i := range packets {
		if _, err := s.w.Write(packets[i][:]); err != nil {
			return err
		}
	}
	return nil
}
