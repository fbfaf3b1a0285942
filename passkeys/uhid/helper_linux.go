package uhid

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"signet/passkeys/ctaphid"
)

// helperTimeout bounds how long the helper may take to plug a key in; it waits for the kernel itself.
const helperTimeout = startTimeout + 5*time.Second

// served is a key that the helper holds.
type served struct {
	conn *net.UnixConn
	node string
}

// askHelper connects to the helper and lets it plug a key in.
func askHelper(o Options) (carrier, error) {
	conn, err := net.DialUnix("unixpacket", nil, &net.UnixAddr{Name: o.Socket, Net: "unixpacket"})
	if err != nil {
		return nil, err
	}
	node, err := introduce(conn, o)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &served{conn, node}, nil
}

func introduce(conn *net.UnixConn, o Options) (string, error) {
	// Whoever could put a socket there could show this process a key that is none, and see what sites ask of it.
	if uid, err := PeerUID(conn); err != nil || uid != 0 && uid != os.Geteuid() {
		return "", errors.Join(fmt.Errorf("%s does not belong to the system's administrator", o.Socket), err)
	}
	hello, err := Hello{o.Name, o.tag()}.Encode()
	if err != nil {
		return "", err
	}
	if err := conn.SetDeadline(time.Now().Add(helperTimeout)); err != nil {
		return "", err
	}
	if _, err := conn.Write(hello); err != nil && !errors.Is(err, unix.EPIPE) { // a refusal can be there before hello was sent
		return "", err
	}
	answer, err := ReadMessage(conn, make([]byte, MaxMessage+1))
	if err != nil {
		return "", err
	}
	node, err := parseAnswer(answer)
	if err != nil {
		return "", err
	}
	return node, conn.SetDeadline(time.Time{})
}

// ReadMessage reads one whole message; a longer one is an error, never cut short.
func ReadMessage(conn *net.UnixConn, buf []byte) ([]byte, error) {
	n, err := conn.Read(buf)
	switch {
	case err != nil:
		return nil, err
	case n > MaxMessage || n == len(buf):
		return nil, errMessage
	}
	return buf[:n], nil
}

// PeerUID says who is at the other end, as the kernel saw it when the connection was made.
func PeerUID(conn *net.UnixConn) (int, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return -1, err
	}
	var cred *unix.Ucred
	var failed error
	if err := raw.Control(func(fd uintptr) { cred, failed = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) }); err != nil {
		return -1, err
	}
	if failed != nil {
		return -1, failed
	}
	return int(cred.Uid), nil
}

func (s *served) Path() string { return s.node }

func (s *served) Receive(p *ctaphid.Packet) error {
	var buf [MaxMessage + 1]byte
	b, err := ReadMessage(s.conn, buf[:])
	if err != nil {
		return departed(err)
	}
	return ParseReport(b, p)
}

func (s *served) Send(p *ctaphid.Packet) error {
	_, err := s.conn.Write(EncodeReport(p))
	return departed(err)
}

func (s *served) Close() error {
	err := s.conn.Close()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// departed turns what a connection that is over says into the end of the reports.
func departed(err error) error {
	if errors.Is(err, net.ErrClosed) || errors.Is(err, unix.ECONNRESET) || errors.Is(err, unix.EPIPE) {
		return io.EOF
	}
	return err
}
