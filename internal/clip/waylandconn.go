//go:build unix

package clip

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// The wire format of Wayland (wayland.freedesktop.org, "Wayland Protocol and Model of Operation"): messages of an object id,
// a word with size and opcode, and arguments in 32-bit words of the host's byte order; file descriptors travel beside.
const (
	maxMessage    = 4096 // the limit of the reference implementation
	maxGlobals    = 1024
	firstServerID = 0xff000000
	maxFDs        = 28 // as the reference implementation
)

// waylandConn is one connection. Any goroutine sends; one reads and calls the handlers.
type waylandConn struct {
	net *net.UnixConn

	mu       sync.Mutex
	nextID   uint32
	handlers map[uint32]func(op uint16, m *message)
	fault    error

	sending sync.Mutex
	fds     []int // received, not yet claimed; only the reader touches it
	dead    chan struct{}
}

// dialWayland connects to the compositor's socket: WAYLAND_DISPLAY is a path, or a name in XDG_RUNTIME_DIR.
func dialWayland(ctx context.Context, h Host) (*waylandConn, error) {
	name := h.Env("WAYLAND_DISPLAY")
	if !filepath.IsAbs(name) {
		dir := h.Env("XDG_RUNTIME_DIR")
		if !filepath.IsAbs(dir) {
			return nil, errors.New("XDG_RUNTIME_DIR is not set")
		}
		name = filepath.Join(dir, name)
	}
	ctx, cancel := context.WithTimeout(ctx, programTimeout)
	defer cancel()
	var dial net.Dialer
	c, err := dial.DialContext(ctx, "unix", name)
	if err != nil {
		return nil, fmt.Errorf("connect to the compositor: %v", err)
	}
	w := &waylandConn{net: c.(*net.UnixConn), nextID: displayID + 1, handlers: map[uint32]func(uint16, *message){}, dead: make(chan struct{})}
	w.handlers[displayID] = w.displayEvent
	return w, nil
}

func (w *waylandConn) close() { _ = w.net.Close() }

// newID numbers an object of ours. Ids are not used again: a keeper makes a handful.
func (w *waylandConn) newID(h func(uint16, *message)) uint32 {
	w.mu.Lock()
	defer w.mu.Unlock()
	id := w.nextID
	w.nextID++
	if h != nil {
		w.handlers[id] = h
	}
	return id
}

// handle sets who receives an object's events. Ids of the server's objects are used again, so it may replace one.
func (w *waylandConn) handle(id uint32, h func(uint16, *message)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.handlers[id] = h
}

// send writes a request of plain words. A failed write shows in the next round trip.
func (w *waylandConn) send(object uint32, op uint16, words ...uint32) {
	body := make([]byte, 0, 4*len(words))
	for _, v := range words {
		body = binary.NativeEndian.AppendUint32(body, v)
	}
	w.write(object, op, body, nil)
}

func (w *waylandConn) sendString(object uint32, op uint16, s string) {
	w.write(object, op, appendString(nil, s), nil)
}

// appendString adds a string argument: length with the final NUL, bytes, NUL, padding.
func appendString(b []byte, s string) []byte {
	b = binary.NativeEndian.AppendUint32(b, uint32(len(s)+1))
	return pad4(append(append(b, s...), 0))
}

func (w *waylandConn) write(object uint32, op uint16, body []byte, oob []byte) {
	m := binary.NativeEndian.AppendUint32(make([]byte, 0, 8+len(body)), object)
	m = binary.NativeEndian.AppendUint32(m, uint32(8+len(body))<<16|uint32(op))
	w.sending.Lock()
	defer w.sending.Unlock()
	_ = w.net.SetWriteDeadline(time.Now().Add(programTimeout))
	if _, _, err := w.net.WriteMsgUnix(append(m, body...), oob, nil); err != nil {
		w.close()
	}
}

// message is the body of an event with a reading position. Reading beyond its end gives zeros.
type message struct {
	body []byte
	conn *waylandConn
}

func (m *message) uint() uint32 {
	if len(m.body) < 4 {
		m.body = nil
		return 0
	}
	v := binary.NativeEndian.Uint32(m.body)
	m.body = m.body[4:]
	return v
}

func (m *message) str() string {
	n := int(m.uint())
	if n < 1 || n > len(m.body) {
		m.body = nil
		return ""
	}
	s := string(m.body[:n-1])
	m.body = m.body[min((n+3)&^3, len(m.body)):]
	return s
}

// fd claims the next file descriptor, -1 when there is none.
func (m *message) fd() int {
	if len(m.conn.fds) == 0 {
		return -1
	}
	fd := m.conn.fds[0]
	m.conn.fds = m.conn.fds[1:]
	return fd
}

// read takes messages from the socket and hands them to the handlers until the connection ends.
func (w *waylandConn) read() {
	defer close(w.dead)
	defer w.dropFDs()
	buf, oob := make([]byte, 0, 4*maxMessage), make([]byte, syscall.CmsgSpace(4*maxFDs))
	for {
		n, oobn, _, _, err := w.net.ReadMsgUnix(buf[len(buf):cap(buf)], oob)
		w.keepFDs(oob[:oobn])
		if err != nil || n == 0 || len(w.fds) > maxFDs {
			return
		}
		buf = buf[:len(buf)+n]
		for len(buf) >= 8 {
			head := binary.NativeEndian.Uint32(buf[4:])
			size := int(head >> 16)
			if size < 8 || size > maxMessage {
				return
			}
			if len(buf) < size {
				break
			}
			w.dispatch(binary.NativeEndian.Uint32(buf), uint16(head), buf[8:size])
			buf = append(buf[:0], buf[size:]...)
		}
	}
}

func (w *waylandConn) dispatch(id uint32, op uint16, body []byte) {
	w.mu.Lock()
	h := w.handlers[id]
	w.mu.Unlock()
	if h != nil {
		h(op, &message{body: body, conn: w})
	}
}

func (w *waylandConn) keepFDs(oob []byte) {
	controls, err := syscall.ParseSocketControlMessage(oob)
	if err != nil {
		return
	}
	for i := range controls {
		fds, _ := syscall.ParseUnixRights(&controls[i])
		for _, fd := range fds {
			syscall.CloseOnExec(fd)
			_ = syscall.SetNonblock(fd, true)
			w.fds = append(w.fds, fd)
		}
	}
}

func (w *waylandConn) dropFDs() {
	for _, fd := range w.fds {
		_ = syscall.Close(fd)
	}
	w.fds = nil
}

// displayEvent keeps the compositor's complaint: it closes the connection afterwards.
func (w *waylandConn) displayEvent(op uint16, m *message) {
	if op != displayError {
		return
	}
	_, code := m.uint(), m.uint()
	w.mu.Lock()
	w.fault = fmt.Errorf("the compositor refuses: %s (%d)", oneLine([]byte(m.str())), code)
	w.mu.Unlock()
	w.close()
}

// roundTrip waits until the compositor has handled everything that was sent.
func (w *waylandConn) roundTrip(ctx context.Context) error {
	done := make(chan struct{})
	var once sync.Once
	w.send(displayID, displaySync, w.newID(func(uint16, *message) { once.Do(func() { close(done) }) }))
	ctx, cancel := context.WithTimeout(ctx, programTimeout)
	defer cancel()
	select {
	case <-done:
		return nil
	case <-w.dead:
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.fault != nil {
			return w.fault
		}
		return errors.New("the compositor closed the connection")
	case <-ctx.Done():
		return errors.New("the compositor does not answer")
	}
}

// global is something that the compositor offers.
type global struct {
	name  uint32
	iface string
}

type globals struct {
	mu       sync.Mutex
	registry uint32
	list     []global
}

// registry asks for the globals; they are there after a round trip.
func (w *waylandConn) registry() *globals {
	g := &globals{}
	g.registry = w.newID(func(op uint16, m *message) {
		g.mu.Lock()
		defer g.mu.Unlock()
		if op == registryGlobal && len(g.list) < maxGlobals {
			g.list = append(g.list, global{m.uint(), m.str()})
		}
	})
	w.send(displayID, displayRegistry, g.registry)
	return g
}

// bound is a global with the registry that it is bound through.
type bound struct {
	global
	registry uint32
}

func (g *globals) find(iface string) (bound, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, x := range g.list {
		if x.iface == iface {
			return bound{x, g.registry}, true
		}
	}
	return bound{}, false
}

// bind makes a global an object of ours.
func (w *waylandConn) bind(g bound, version uint32) uint32 {
	id := w.newID(nil)
	body := binary.NativeEndian.AppendUint32(nil, g.name)
	body = appendString(body, g.iface)
	body = binary.NativeEndian.AppendUint32(body, version)
	w.write(g.registry, registryBind, binary.NativeEndian.AppendUint32(body, id), nil)
	return id
}

// receive reads at most limit bytes of an offer through a pipe.
func (w *waylandConn) receive(ctx context.Context, id uint32, mime string, limit int) ([]byte, error) {
	r, wr, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	// Fd makes the writing end block, as programs that write to it expect.
	w.write(id, offerReceive, appendString(nil, mime), syscall.UnixRights(int(wr.Fd())))
	_ = wr.Close()
	_ = r.SetReadDeadline(time.Now().Add(readTimeout))
	defer context.AfterFunc(ctx, func() { _ = r.Close() })()
	return readSome(r, limit), nil
}
