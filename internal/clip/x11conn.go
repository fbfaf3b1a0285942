package clip

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// The part of the X11 protocol (X.Org, "X Window System Protocol", encoding in appendix B) that a selection needs.
const (
	opCreateWindow      = 1
	opInternAtom        = 16
	opChangeProperty    = 18
	opGetProperty       = 20
	opSetSelectionOwner = 22
	opGetSelectionOwner = 23
	opConvertSelection  = 24
	opSendEvent         = 25

	evSelectionClear   = 29
	evSelectionRequest = 30
	evSelectionNotify  = 31
	evGeneric          = 35

	inputOnly   = 2
	atomATOM    = 4
	atomSTRING  = 31
	maxX11Reply = 4 << 20 // bytes behind the fixed part
	messageSize = 32
)

// x11Conn is a connection with one window of ours. Requests are written from any goroutine; one goroutine reads.
type x11Conn struct {
	net       net.Conn
	order     littleEndian
	root      uint32
	window    uint32
	maxData   int
	clipboard uint32
	property  uint32 // on our window, where other owners put their text
	atoms     map[string]uint32

	writing sync.Mutex
	asking  sync.Mutex // one request with a reply at a time
	replies chan []byte
	notices chan []byte // SelectionNotify
	dead    chan struct{}
	onEvent func([]byte)
}

// littleEndian is what we tell the server that we speak.
type littleEndian interface {
	binary.ByteOrder
	binary.AppendByteOrder
}

type selectionRequest struct{ time, requestor, selection, target, property uint32 }

var errX11Gone = errors.New("the X server closed the connection")

// start begins to read.
func (c *x11Conn) start(onEvent func([]byte)) {
	c.onEvent = onEvent
	go c.read()
}

func (c *x11Conn) close() { _ = c.net.Close() }

// read sorts what the server sends. Errors of the protocol (a requestor that is gone) are of no consequence.
func (c *x11Conn) read() {
	defer close(c.dead)
	for {
		m := make([]byte, messageSize)
		if _, err := io.ReadFull(c.net, m); err != nil {
			return
		}
		if m[0] == 1 || m[0] == evGeneric {
			more := int64(c.order.Uint32(m[4:])) * 4
			if more > maxX11Reply {
				return
			}
			m = append(m, make([]byte, more)...)
			if _, err := io.ReadFull(c.net, m[messageSize:]); err != nil {
				return
			}
		}
		switch m[0] &^ 0x80 {
		case 0, 1: // an error, which may be that of a request that waits for a reply, or a reply
			deliver(c.replies, m)
		case evSelectionNotify:
			deliver(c.notices, m)
		default:
			c.onEvent(m)
		}
	}
}

// deliver never blocks the reader: what nobody waits for is dropped.
func deliver(ch chan []byte, m []byte) {
	select {
	case ch <- m:
	default:
	}
}

func (c *x11Conn) write(b []byte) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	_ = c.net.SetWriteDeadline(time.Now().Add(programTimeout))
	_, err := c.net.Write(b)
	return err
}

// request builds a request: opcode, one byte of data, 32-bit words, and bytes that are padded.
func (c *x11Conn) request(op, data byte, words []uint32, tail []byte) []byte {
	n := 1 + len(words) + (len(tail)+3)/4
	out := make([]byte, 4, 4*n)
	out[0], out[1] = op, data
	c.order.PutUint16(out[2:], uint16(n))
	for _, w := range words {
		out = c.order.AppendUint32(out, w)
	}
	out = append(out, tail...)
	return append(out, make([]byte, 4*n-len(out))...)
}

// ask sends a request and waits for its reply. Requests without replies may have failed in between; their errors are
// passed over.
func (c *x11Conn) ask(ctx context.Context, req []byte) ([]byte, error) {
	c.asking.Lock()
	defer c.asking.Unlock()
	for len(c.replies) > 0 {
		<-c.replies
	}
	if err := c.write(req); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, programTimeout)
	defer cancel()
	for {
		select {
		case m := <-c.replies:
			if m[0] == 1 {
				return m, nil
			}
			if m[10] == req[0] {
				return nil, fmt.Errorf("the X server refuses request %d (error %d)", req[0], m[1])
			}
		case <-c.dead:
			return nil, errX11Gone
		case <-ctx.Done():
			return nil, errors.New("the X server does not answer")
		}
	}
}

func (c *x11Conn) internAtom(ctx context.Context, name string) (uint32, error) {
	head := make([]byte, 4)
	c.order.PutUint16(head, uint16(len(name)))
	rep, err := c.ask(ctx, c.request(opInternAtom, 0, nil, append(head, name...)))
	if err != nil {
		return 0, err
	}
	return c.order.Uint32(rep[8:]), nil
}

// createWindow makes the invisible window that owns the selection: InputOnly, never mapped.
func (c *x11Conn) createWindow() error {
	tail := make([]byte, 0, 16)
	for _, v := range []uint16{0, 0, 1, 1, 0, inputOnly} { // x, y, width, height, border, class
		tail = c.order.AppendUint16(tail, v)
	}
	tail = c.order.AppendUint32(tail, 0) // visual of the parent
	tail = c.order.AppendUint32(tail, 0) // no attributes
	return c.write(c.request(opCreateWindow, 0, []uint32{c.window, c.root}, tail))
}

func (c *x11Conn) setSelectionOwner(window uint32) error {
	return c.write(c.request(opSetSelectionOwner, 0, []uint32{window, c.clipboard, 0}, nil))
}

func (c *x11Conn) selectionOwner(ctx context.Context) (uint32, error) {
	rep, err := c.ask(ctx, c.request(opGetSelectionOwner, 0, []uint32{c.clipboard}, nil))
	if err != nil {
		return 0, err
	}
	return c.order.Uint32(rep[8:]), nil
}

func (c *x11Conn) changeProperty(window, property, kind uint32, format int, data []byte) error {
	req := c.request(opChangeProperty, 0, []uint32{window, property, kind, uint32(format), uint32(len(data) * 8 / format)}, data)
	defer clear(req)
	return c.write(req)
}

// notify tells a requestor that its property is there, or (property 0) that it is refused.
func (c *x11Conn) notify(r selectionRequest) error {
	event := make([]byte, 4, messageSize)
	event[0] = evSelectionNotify
	for _, w := range []uint32{r.time, r.requestor, r.selection, r.target, r.property} {
		event = c.order.AppendUint32(event, w)
	}
	event = append(event, make([]byte, messageSize-len(event))...)
	return c.write(c.request(opSendEvent, 0, []uint32{r.requestor, 0}, event))
}

func (c *x11Conn) isText(target uint32) bool {
	for _, name := range textTargets {
		if c.atoms[name] == target {
			return true
		}
	}
	return false
}

var errNoText = errors.New("the clipboard holds no text")

// readSelection asks the owner for at most limit bytes of text. A value that comes in pieces (INCR) is longer than any that
// was copied here, and has another type; it reads as no text.
func (c *x11Conn) readSelection(ctx context.Context, limit int) ([]byte, error) {
	for len(c.notices) > 0 {
		<-c.notices
	}
	utf8 := c.atoms["UTF8_STRING"]
	if err := c.write(c.request(opConvertSelection, 0, []uint32{c.window, c.clipboard, utf8, c.property, 0}, nil)); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	select {
	case m := <-c.notices:
		if c.order.Uint32(m[20:]) == 0 {
			return nil, errNoText
		}
	case <-c.dead:
		return nil, errX11Gone
	case <-ctx.Done():
		return nil, errNoText
	}
	const deleteIt = 1
	rep, err := c.ask(ctx, c.request(opGetProperty, deleteIt, []uint32{c.window, c.property, utf8, 0, uint32(limit+3) / 4}, nil))
	if err != nil {
		return nil, err
	}
	n := int(c.order.Uint32(rep[16:]))
	if rep[1] != 8 || n < 0 || n > len(rep)-messageSize {
		return nil, errNoText
	}
	return rep[messageSize : messageSize+n], nil
}
