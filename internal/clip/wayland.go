//go:build unix

package clip

import (
	"context"
	"errors"
	"os"
	"sync"
	"time"

	"signet/vault/secret"
)

// waylandOwner owns the clipboard of a Wayland compositor through the data-control protocol (ext-data-control-v1, or
// wlr-data-control-unstable-v1 with the same requests under other names). That protocol needs no window and no focus. GNOME
// does not offer it; there, the X11 selection of Xwayland or wl-copy takes over.
type waylandOwner struct {
	conn    *waylandConn
	value   secret.Secret
	conceal bool
	gone    chan struct{}
	takeOff sync.Once

	mu      sync.Mutex
	seat    uint32
	manager uint32
	device  uint32
	source  uint32            // ours while it is the selection, else 0
	offers  map[uint32]*offer // what others (and we) offer
	current uint32            // the offer that is the selection, 0 for none
}

// offer is one value that can be read: which of the text types it comes in.
type offer struct{ text string }

// waylandText are the types under which programs ask for text, those of X11 among them.
var waylandText = [...]string{"text/plain;charset=utf-8", "text/plain", "UTF8_STRING", "STRING", "TEXT"}

// managers are the two spellings of the protocol, the standard one first.
var managers = [...]string{"ext_data_control_manager_v1", "zwlr_data_control_manager_v1"}

// Opcodes of the requests and events of the protocols (wayland.xml, ext-data-control-v1.xml).
const (
	displayID       = 1
	displaySync     = 0
	displayRegistry = 1
	displayError    = 0
	registryBind    = 0
	registryGlobal  = 0

	managerSource = 0
	managerDevice = 1

	deviceSelect    = 0
	deviceOffer     = 0
	deviceSelection = 1
	deviceFinished  = 2
	sourceOffer     = 0
	sourceDestroy   = 1
	sourceSend      = 0
	sourceCancelled = 1
	offerReceive    = 0
	offerDestroy    = 1
	offerMIME       = 0
	maxOffers       = 64
	maxPasteWait    = 10 * time.Second
)

var errNoDataControl = errors.New("the compositor offers no data-control")

func openWayland(ctx context.Context, h Host, ord order) (holder, error) {
	conn, err := dialWayland(ctx, h)
	if err != nil {
		return nil, err
	}
	o := &waylandOwner{conn: conn, value: ord.secret, conceal: ord.Conceal, gone: make(chan struct{}), offers: map[uint32]*offer{}}
	if err := o.begin(ctx); err != nil {
		conn.close()
		return nil, err
	}
	return o, nil
}

// begin finds the globals, makes the device and takes the clipboard.
func (o *waylandOwner) begin(ctx context.Context) error {
	globals := o.conn.registry()
	go o.conn.read()
	if err := o.conn.roundTrip(ctx); err != nil {
		return err
	}
	seat, ok := globals.find("wl_seat")
	if !ok {
		return errors.New("the compositor has no seat")
	}
	for _, name := range managers {
		if g, ok := globals.find(name); ok {
			o.seat, o.manager = o.conn.bind(seat, 1), o.conn.bind(g, 1)
			break
		}
	}
	if o.manager == 0 {
		return errNoDataControl
	}
	o.device = o.conn.newID(o.deviceEvent)
	o.conn.send(o.manager, managerDevice, o.device, o.seat)
	o.take(o.value.Reveal())
	return o.conn.roundTrip(ctx)
}

// take offers a value and makes it the selection.
func (o *waylandOwner) take(value []byte) {
	source := o.conn.newID(nil)
	o.conn.handle(source, func(op uint16, m *message) { o.sourceEvent(source, value, op, m) })
	o.conn.send(o.manager, managerSource, source)
	for _, t := range waylandText {
		o.conn.sendString(source, sourceOffer, t)
	}
	if o.conceal {
		o.conn.sendString(source, sourceOffer, kdeHint)
	}
	o.mu.Lock()
	o.source = source
	o.mu.Unlock()
	o.conn.send(o.device, deviceSelect, source)
}

// sourceEvent serves pastes and learns of the loss.
func (o *waylandOwner) sourceEvent(source uint32, value []byte, op uint16, m *message) {
	switch op {
	case sourceSend:
		mime, fd := m.str(), m.fd()
		if fd < 0 {
			return
		}
		if mime == kdeHint {
			value = []byte(kdeHintValue)
		}
		go serveFD(fd, value)
	case sourceCancelled:
		o.conn.send(source, sourceDestroy)
		o.mu.Lock()
		lost := o.source == source
		if lost {
			o.source = 0
		}
		o.mu.Unlock()
		if lost {
			o.takeOff.Do(func() { close(o.gone) })
		}
	}
}

// serveFD writes the value to whoever pastes; one that does not read is given up.
func serveFD(fd int, value []byte) {
	f := os.NewFile(uintptr(fd), "paste")
	defer f.Close()
	_ = f.SetWriteDeadline(time.Now().Add(maxPasteWait))
	_, _ = f.Write(value)
}

// deviceEvent follows what the selection is.
func (o *waylandOwner) deviceEvent(op uint16, m *message) {
	id := m.uint()
	o.mu.Lock()
	defer o.mu.Unlock()
	switch op {
	case deviceOffer:
		if len(o.offers) >= maxOffers {
			return
		}
		of := &offer{}
		o.offers[id] = of
		o.conn.handle(id, func(op uint16, m *message) { o.offerEvent(of, op, m) })
	case deviceSelection:
		for old := range o.offers {
			if old != id {
				o.conn.send(old, offerDestroy)
				delete(o.offers, old)
			}
		}
		o.current = id
	case deviceFinished:
		o.conn.close()
	}
}

func (o *waylandOwner) offerEvent(of *offer, op uint16, m *message) {
	if op != offerMIME {
		return
	}
	mime := m.str()
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, t := range waylandText {
		if mime == t && of.text == "" {
			of.text = t
		}
	}
}

// ours: as owner, surely; otherwise a clipboard manager may hold a copy, so the text is compared.
func (o *waylandOwner) ours(ctx context.Context) (bool, error) {
	if err := o.conn.roundTrip(ctx); err != nil {
		return false, err
	}
	o.mu.Lock()
	owner, id, of := o.source != 0, o.current, o.offers[o.current]
	o.mu.Unlock()
	if owner {
		return true, nil
	}
	if of == nil || of.text == "" {
		return false, nil
	}
	got, err := o.conn.receive(ctx, id, of.text, len(o.value.Reveal())+1)
	defer clear(got)
	return err == nil && secret.New(got).Equal(o.value), err
}

// clear unsets the selection.
func (o *waylandOwner) clear(ctx context.Context) error {
	o.mu.Lock()
	o.source = 0
	o.mu.Unlock()
	o.conn.send(o.device, deviceSelect, 0) // the source is told that it was cancelled, and destroyed there, once
	return o.conn.roundTrip(ctx)
}

func (o *waylandOwner) lost() <-chan struct{} { return o.gone }

func (o *waylandOwner) close() {
	o.conn.close()
	o.value.Wipe()
}
