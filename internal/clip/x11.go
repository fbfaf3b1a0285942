package clip

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"signet/vault/secret"
)

// x11Owner owns the CLIPBOARD selection of an X server (ICCCM, section 2): it serves the value to whoever pastes, and lets
// go of it in the end. The selection can carry a second target beside the text, by which KDE's and many other clipboard
// managers know passwords; xclip and xsel cannot do that.
type x11Owner struct {
	conn    *x11Conn
	value   secret.Secret
	conceal bool
	gone    chan struct{}
	takeOff sync.Once
	mine    sync.Mutex
	owner   bool
}

// kdeHint is the target (and MIME type) that marks a password; its content is "secret".
const (
	kdeHint      = "x-kde-passwordManagerHint"
	kdeHintValue = "secret"
)

// textTargets are the names under which programs ask for text.
var textTargets = [...]string{"UTF8_STRING", "text/plain;charset=utf-8", "text/plain", "STRING", "TEXT"}

func openX11(ctx context.Context, h Host, ord order) (*x11Owner, error) {
	conn, err := dialX11(ctx, h)
	if err != nil {
		return nil, err
	}
	o := &x11Owner{conn: conn, value: ord.secret, conceal: ord.Conceal, gone: make(chan struct{})}
	if ord.Size > conn.maxData {
		conn.close()
		return nil, fmt.Errorf("the value is longer than the %d bytes that this X server takes at once", conn.maxData)
	}
	conn.start(o.event)
	if err = conn.prepare(ctx); err == nil {
		err = o.take(ctx)
	}
	if err != nil {
		conn.close()
		return nil, err
	}
	return o, nil
}

// take makes our window the owner and makes sure that the server agrees.
func (o *x11Owner) take(ctx context.Context) error {
	o.setOwner(true)
	if err := o.conn.setSelectionOwner(o.conn.window); err != nil {
		return err
	}
	who, err := o.conn.selectionOwner(ctx)
	if err == nil && who != o.conn.window {
		err = errors.New("somebody else took the selection")
	}
	return err
}

func (o *x11Owner) setOwner(v bool) { o.mine.Lock(); o.owner = v; o.mine.Unlock() }

func (o *x11Owner) isOwner() bool { o.mine.Lock(); defer o.mine.Unlock(); return o.owner }

// event runs on the reader's goroutine.
func (o *x11Owner) event(e []byte) {
	le := o.conn.order
	switch e[0] &^ 0x80 { // the high bit says who sent it
	case evSelectionClear:
		if o.isOwner() && le.Uint32(e[12:]) == o.conn.clipboard {
			o.setOwner(false)
			o.takeOff.Do(func() { close(o.gone) })
		}
	case evSelectionRequest:
		o.serve(selectionRequest{
			time: le.Uint32(e[4:]), requestor: le.Uint32(e[12:]), selection: le.Uint32(e[16:]), target: le.Uint32(e[20:]), property: le.Uint32(e[24:]),
		})
	}
}

// serve answers one paste. A refused target is answered with property None.
func (o *x11Owner) serve(r selectionRequest) {
	if r.property == 0 { // an obsolete client
		r.property = r.target
	}
	c := o.conn
	ok := o.isOwner() && r.selection == c.clipboard
	switch {
	case !ok:
	case r.target == c.atoms["TARGETS"]:
		_ = c.changeProperty(r.requestor, r.property, c.atoms["ATOM"], 32, o.targets())
	case r.target == c.atoms[kdeHint] && o.conceal:
		_ = c.changeProperty(r.requestor, r.property, c.atoms["STRING"], 8, []byte(kdeHintValue))
	case c.isText(r.target):
		kind := r.target
		if r.target == c.atoms["TEXT"] {
			kind = c.atoms["UTF8_STRING"]
		}
		_ = c.changeProperty(r.requestor, r.property, kind, 8, o.value.Reveal())
	default:
		ok = false
	}
	if !ok {
		r.property = 0
	}
	_ = c.notify(r)
}

// targets lists what can be asked for, as atoms.
func (o *x11Owner) targets() []byte {
	names := append([]string{"TARGETS"}, textTargets[:]...)
	if o.conceal {
		names = append(names, kdeHint)
	}
	out := make([]byte, 0, 4*len(names))
	for _, n := range names {
		out = o.conn.order.AppendUint32(out, o.conn.atoms[n])
	}
	return out
}

// ours: as owner, surely; otherwise a clipboard manager may hold a copy, so the text is compared.
func (o *x11Owner) ours(ctx context.Context) (bool, error) {
	if o.isOwner() {
		return !o.value.IsEmpty(), nil
	}
	who, err := o.conn.selectionOwner(ctx)
	if err != nil || who == 0 {
		return false, err
	}
	got, err := o.conn.readSelection(ctx, len(o.value.Reveal())+1)
	defer clear(got)
	if errors.Is(err, errNoText) {
		return false, nil
	}
	return err == nil && secret.New(got).Equal(o.value), err
}

// clear lets go of the selection. When somebody else holds a copy, it is taken back first.
func (o *x11Owner) clear(ctx context.Context) error {
	if !o.isOwner() {
		if err := o.take(ctx); err != nil {
			return err
		}
	}
	o.setOwner(false)
	if err := o.conn.setSelectionOwner(0); err != nil {
		return err
	}
	_, err := o.conn.selectionOwner(ctx) // the round trip makes sure that the server has done it
	return err
}

func (o *x11Owner) lost() <-chan struct{} { return o.gone }

func (o *x11Owner) close() {
	o.conn.close()
	o.value.Wipe()
}

// readTimeout is how long the other owner may take to hand over its text.
const readTimeout = 2 * time.Second
