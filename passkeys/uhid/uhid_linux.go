package uhid

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"signet/passkeys/ctaphid"
)

// Device is a security key that the kernel shows as a USB key.
type Device struct {
	carrier carrier
	helper  bool
	closed  atomic.Bool
}

// Open plugs a key in and returns when its node is there. It writes to /dev/uhid where this user may, and asks the helper otherwise; where neither works, the
// error says what to do.
func Open(o Options) (*Device, error) {
	o.defaults()
	if err := (Hello{o.Name, o.tag()}).check(); err != nil {
		return nil, err
	}
	if o.File != nil {
		return direct(o.File, o)
	}
	file, err := os.OpenFile(o.Device, os.O_RDWR, 0)
	if err == nil {
		return direct(file, o)
	}
	c, helperErr := askHelper(o)
	if helperErr == nil {
		return &Device{carrier: c, helper: true}, nil
	}
	return nil, explain(err, helperErr)
}

func direct(file *os.File, o Options) (*Device, error) {
	p, err := Plug(file, o.Name, UniqOf(os.Geteuid(), o.tag()), o.Sys)
	if err != nil {
		return nil, err
	}
	return &Device{carrier: p}, nil
}

// explain finds the next step for somebody whose key could not be plugged in.
func explain(device, helper error) error {
	var refused *RefusedError
	switch {
	case errors.As(helper, &refused) && refused.Refusal == NotAllowed:
		return fmt.Errorf("%w: run 'sudo signet passkey serve --install' once as this user", helper)
	case errors.As(helper, &refused) && refused.Refusal == Malformed:
		return fmt.Errorf("%w: run 'sudo signet passkey serve --install' again, which brings the helper up to date", helper)
	case errors.As(helper, &refused):
		return helper
	case errors.Is(helper, unix.ECONNRESET):
		return errors.New("ask Signet's helper for a security key: it ended the connection; 'systemctl status signet-uhid' may say why")
	case !errors.Is(helper, fs.ErrNotExist) && !errors.Is(helper, unix.ECONNREFUSED):
		return fmt.Errorf("ask Signet's helper at its socket: %w", helper)
	case errors.Is(device, fs.ErrNotExist), errors.Is(device, unix.ENODEV), errors.Is(device, unix.ENXIO): // a node without its module
		return fmt.Errorf("%w: run 'sudo signet passkey serve --install' once, which loads the kernel's module; 'signet doctor' says whether this kernel has it", ErrNoUHID)
	case errors.Is(device, fs.ErrPermission):
		return fmt.Errorf("%w: run 'sudo signet passkey serve --install' once", ErrNotPermitted)
	}
	return device
}

// Path is the node that hosts open, /dev/hidrawN.
func (d *Device) Path() string { return d.carrier.Path() }

// Helper reports whether the key was made by the helper rather than by this process.
func (d *Device) Helper() bool { return d.helper }

// accessTimeout bounds the wait for udev, which gives a node to its user some time after it appeared.
const accessTimeout = 5 * time.Second

// ErrNoAccess means that programs of this user cannot open the key's node, so no browser will find it.
var ErrNoAccess = errors.New("programs of this user cannot open the security key's node")

// Access waits until this user may open the node, and fails with ErrNoAccess where that does not come.
func (d *Device) Access(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, accessTimeout)
	defer cancel()
	poll := time.NewTicker(nodeInterval)
	defer poll.Stop()
	for unix.Access(d.Path(), unix.R_OK|unix.W_OK) != nil { // the kernel's own answer, access lists included
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %s: run 'signet doctor' to see why", ErrNoAccess, d.Path())
		case <-poll.C:
		}
	}
	return nil
}

// Serve answers hosts until ctx ends or the key is unplugged, which it is afterwards.
func (d *Device) Serve(ctx context.Context, s *ctaphid.Server) error {
	stop := context.AfterFunc(ctx, func() { _ = d.carrier.Close() })
	defer stop()
	out := &paced{send: d.carrier.Send, now: time.Now, sleep: time.Sleep}
	err := s.Serve(ctx, &reports{from: d.carrier, heard: &out.heard}, out)
	unplugged := d.closed.Load()
	closing := d.Close()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case unplugged:
		return nil
	case err == nil || errors.Is(err, io.EOF):
		return errors.Join(ErrUnplugged, closing)
	}
	return errors.Join(err, closing)
}

// ErrUnplugged means that the key left without being asked to: the helper ended, or the kernel's module was taken out.
var ErrUnplugged = errors.New("the security key was unplugged from outside")

// Close unplugs the key. A request that is at work ends; its host sees the device leave.
func (d *Device) Close() error {
	d.closed.Store(true)
	return d.carrier.Close()
}

// reports is an io.Reader of reports.
type reports struct {
	from  carrier
	heard *atomic.Bool // set with each
	p     ctaphid.Packet
	left  []byte
}

func (r *reports) Read(b []byte) (int, error) {
	if len(r.left) == 0 {
		if err := r.from.Receive(&r.p); err != nil {
			return 0, err
		}
		r.heard.Store(true)
		r.left = r.p[:]
	}
	n := copy(b, r.left)
	r.left = r.left[n:]
	return n, nil
}
