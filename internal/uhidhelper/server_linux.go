package uhidhelper

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"signet/passkeys/ctaphid"
	"signet/passkeys/uhid"
)

// helloTimeout bounds how long a client may be connected without saying what it wants.
const helloTimeout = 5 * time.Second

// maxUnread bounds what is read of a client that was refused.
const maxUnread = 16

// Server makes security keys for users.
type Server struct {
	Listener *net.UnixListener
	Allowed  func(uid int) (bool, error)        // may this user have a key?
	OpenUHID func() (io.ReadWriteCloser, error) // /dev/uhid
	Sys      uhid.Sys                           // "" is /sys
	Idle     time.Duration                      // end after so long without anybody; 0: never
	Log      func(format string, args ...any)   // for the administrator; nil: nobody is told
	peer     func(*net.UnixConn) (int, error)   // tests; nil: SO_PEERCRED

	connections, keys *ledger
	working           sync.WaitGroup
}

// Serve answers clients until ctx ends, or until nobody was there for Idle. Every key is gone when it returns.
func (s *Server) Serve(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if s.connections == nil {
		s.limits()
	}
	stop := context.AfterFunc(ctx, func() { _ = s.Listener.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	err := s.accept(ctx)
	cancel()
	s.working.Wait()
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return nil // idle, or told to end
	}
	return err
}

func (s *Server) limits() {
	s.connections, s.keys = newLedger(connectionsPerUser, connectionsInAll, 0), newLedger(keysPerUser, keysInAll, cooldown)
}

func (s *Server) accept(ctx context.Context) error {
	for {
		if err := s.rest(ctx); err != nil {
			return err
		}
		conn, err := s.Listener.AcceptUnix()
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() == nil && !s.connections.empty():
			continue // somebody is there; the idle time begins anew
		case err != nil:
			return err
		}
		s.admit(ctx, conn)
	}
}

// admit begins a connection, or ends it at once where its user has too many: then nothing waits for it.
func (s *Server) admit(ctx context.Context, conn *net.UnixConn) {
	uid, err := s.peerOf(conn)
	if err != nil {
		_ = conn.Close()
		return
	}
	left, err := s.connections.take(uid)
	if err != nil {
		s.tell(conn, uid, uhid.TooMany, "this user has too many connections to the helper")
		_ = conn.Close()
		return
	}
	s.working.Add(1)
	go func() {
		defer s.working.Done()
		defer left()
		s.connection(ctx, conn, uid)
	}()
}

// rest sets the time by which somebody has to come.
func (s *Server) rest(ctx context.Context) error {
	if ctx.Err() != nil {
		return os.ErrDeadlineExceeded
	}
	if s.Idle == 0 {
		return nil
	}
	err := s.Listener.SetDeadline(time.Now().Add(s.Idle))
	if ctx.Err() != nil { // the deadline that ended it may just have been overwritten
		return os.ErrDeadlineExceeded
	}
	return err
}

func (s *Server) connection(ctx context.Context, conn *net.UnixConn, uid int) {
	defer conn.Close() //nolint:errcheck // nothing to be done about it
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	if key := s.plug(conn, uid); key != nil {
		err := relay(conn, key)
		s.log("user %d: security key %s unplugged%s", uid, key.Path(), because(err))
	}
}

func because(err error) string {
	if err == nil {
		return ""
	}
	return ": " + err.Error()
}

func (s *Server) peerOf(conn *net.UnixConn) (int, error) {
	if s.peer != nil {
		return s.peer(conn)
	}
	return uhid.PeerUID(conn)
}

// plug answers hello: a key, or nil after a refusal. Who is not on the list learns nothing else.
func (s *Server) plug(conn *net.UnixConn, uid int) *key {
	allowed, err := s.Allowed(uid)
	if err != nil {
		s.log("list of users: %v", err)
	}
	if !allowed || uid == nobody {
		s.refuse(conn, uid, uhid.NotAllowed, fmt.Sprintf("it was not installed for the user with number %d", uid))
		return nil
	}
	hello, err := s.hello(conn)
	switch {
	case over(err) && err != nil:
		return nil
	case errors.Is(err, os.ErrDeadlineExceeded):
		s.refuse(conn, uid, uhid.Malformed, "nothing was asked in time")
		return nil
	case err != nil:
		s.refuse(conn, uid, uhid.Malformed, err.Error())
		return nil
	}
	free, err := s.keys.take(uid)
	if err != nil {
		s.refuse(conn, uid, uhid.TooMany, fmt.Sprintf("%v (%d): unplug one first", err, keysPerUser))
		return nil
	}
	p, err := s.make(uid, hello)
	if err != nil {
		free()
		s.refuse(conn, uid, uhid.NoKernel, err.Error())
		return nil
	}
	k := &key{p, free}
	if _, err := conn.Write(uhid.EncodeReady(p.Path())); err != nil {
		_ = k.Close()
		return nil
	}
	s.log("user %d: security key %s plugged in", uid, p.Path())
	return k
}

func (s *Server) hello(conn *net.UnixConn) (uhid.Hello, error) {
	if err := conn.SetReadDeadline(time.Now().Add(helloTimeout)); err != nil {
		return uhid.Hello{}, err
	}
	b, err := uhid.ReadMessage(conn, make([]byte, uhid.MaxMessage+1))
	if err != nil {
		return uhid.Hello{}, err
	}
	if err := conn.SetReadDeadline(time.Time{}); err != nil {
		return uhid.Hello{}, err
	}
	return uhid.ParseHello(b)
}

func (s *Server) make(uid int, h uhid.Hello) (*uhid.Plugged, error) {
	file, err := s.OpenUHID()
	if err != nil {
		return nil, fmt.Errorf("open uhid: %w", err)
	}
	return uhid.Plug(file, h.Name, uhid.UniqOf(uid, h.Tag), s.Sys)
}

// tell sends a refusal.
func (s *Server) tell(conn *net.UnixConn, uid int, r uhid.Refusal, text string) {
	s.log("user %d refused: %s", uid, text)
	_ = conn.SetDeadline(time.Now().Add(helloTimeout))
	_, _ = conn.Write(uhid.EncodeRefused(r, text)) // the first message of a connection: there is room for it
}

// refuse ends a connection so that its client reads why.
func (s *Server) refuse(conn *net.UnixConn, uid int, r uhid.Refusal, text string) {
	s.tell(conn, uid, r, text)
	_ = conn.CloseWrite()
	// The kernel throws the answer away with the connection while something is left unread here. What has been sent is read until the client goes.
	buf := make([]byte, 1)
	for range maxUnread {
		if _, err := conn.Read(buf); err != nil {
			return
		}
	}
}

func (s *Server) log(format string, args ...any) {
	if s.Log != nil {
		s.Log(format, args...)
	}
}

// key is a plugged key with the place that it takes.
type key struct {
	*uhid.Plugged
	free func()
}

func (k *key) Close() error {
	defer k.free()
	return k.Plugged.Close()
}

// relay passes reports on until one side ends or says something else. An end that somebody wanted is no error.
func relay(conn *net.UnixConn, k *key) error {
	out := make(chan error, 1)
	go func() { // to the client
		defer conn.Close() //nolint:errcheck // wakes the other half
		var p ctaphid.Packet
		for {
			if err := k.Receive(&p); err != nil {
				out <- err
				return
			}
			if _, err := conn.Write(uhid.EncodeReport(&p)); err != nil {
				out <- err
				return
			}
		}
	}()
	err := fromClient(conn, k)
	_ = k.Close() // wakes the other half
	_ = conn.Close()
	if said := <-out; over(err) && !over(said) {
		err = said
	}
	if over(err) {
		return nil
	}
	return err
}

// over reports that somebody ended it, which is no fault.
func over(err error) bool {
	for _, end := range []error{io.EOF, net.ErrClosed, os.ErrClosed, syscall.EPIPE, syscall.ECONNRESET} {
		if errors.Is(err, end) {
			return true
		}
	}
	return err == nil
}

func fromClient(conn *net.UnixConn, k *key) error {
	buf := make([]byte, uhid.MaxMessage+1)
	var p ctaphid.Packet
	for {
		b, err := uhid.ReadMessage(conn, buf)
		if err != nil {
			return err
		}
		if err := uhid.ParseReport(b, &p); err != nil {
			return err
		}
		if err := k.Send(&p); err != nil {
			return err
		}
	}
}
