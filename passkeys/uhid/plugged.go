package uhid

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"signet/passkeys/ctaphid"
)

// Plugged is a security key made with an open /dev/uhid.
type Plugged struct {
	file io.ReadWriteCloser
	id   identity
	sys  Sys

	mu      sync.Mutex
	node    string
	started chan struct{} // closed with the first UHID_START
	once    sync.Once
	reports chan ctaphid.Packet
	gone    chan struct{} // closed when the kernel sends nothing more
	err     error         // why, to be read after gone
}

// Times and depths. The kernel keeps 32 events for us and 64 reports for each host and drops what comes on top; what waits here waits in our memory.
const (
	waitingReports = 512 // four of the longest messages
	startTimeout   = 10 * time.Second
	nodeInterval   = 5 * time.Millisecond
)

// Errors of plugging in.
var (
	ErrNoStart = errors.New("the kernel took the security key and then did not start it")
	ErrNoNode  = errors.New("the kernel made no hidraw node for the security key")
)

// Plug makes a security key with an open /dev/uhid, which it owns from then on, and waits until its node is there.
func Plug(file io.ReadWriteCloser, name, uniq string, sys Sys) (*Plugged, error) {
	p := &Plugged{
		file: file, sys: sys, id: identity{name, phys(), uniq},
		started: make(chan struct{}), reports: make(chan ctaphid.Packet, waitingReports), gone: make(chan struct{}),
	}
	create, err := encodeCreate2(p.id)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	if _, err := file.Write(create); err != nil {
		return nil, errors.Join(fmt.Errorf("plug a security key in: %w", err), file.Close())
	}
	go p.pump()
	if err := p.await(); err != nil {
		return nil, errors.Join(fmt.Errorf("plug a security key in: %w", err), p.Close())
	}
	return p, nil
}

// phys is different for every device, so that a program finds the node of its own one among several with the same uniq.
func phys() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return "signet/" + hex.EncodeToString(b[:])
}

// await waits for the kernel's start and for the node.
func (p *Plugged) await() error {
	timeout := time.NewTimer(startTimeout)
	defer timeout.Stop()
	select {
	case <-p.started:
	case <-p.gone:
		return p.err
	case <-timeout.C:
		return ErrNoStart
	}
	poll := time.NewTicker(nodeInterval)
	defer poll.Stop()
	for {
		if p.findNode() {
			return nil
		}
		select {
		case <-poll.C:
		case <-p.gone:
			return p.err
		case <-timeout.C:
			return ErrNoNode
		}
	}
}

func (p *Plugged) findNode() bool {
	node := p.sys.node(p.id.phys)
	p.mu.Lock()
	defer p.mu.Unlock()
	if node != "" {
		p.node = node
	}
	return node != ""
}

// Path is the device's node, /dev/hidrawN.
func (p *Plugged) Path() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.node
}

// Receive gives the next report of a host. It ends with io.EOF when the key is unplugged.
func (p *Plugged) Receive(report *ctaphid.Packet) error {
	select {
	case *report = <-p.reports:
		return nil
	case <-p.gone:
	}
	select { // those that came before the end
	case *report = <-p.reports:
		return nil
	default:
		return p.err
	}
}

// Send gives a report to the hosts.
func (p *Plugged) Send(report *ctaphid.Packet) error {
	_, err := p.file.Write(encodeInput2(report))
	return ended(err)
}

// Close unplugs the key. The kernel takes the node away at once; a host that has it open sees the device leave.
func (p *Plugged) Close() error {
	_, _ = p.file.Write(encodeDestroy()) // closing does the same, but only when nobody else holds the file
	err := p.file.Close()
	<-p.gone
	if errors.Is(err, os.ErrClosed) {
		return nil
	}
	return err
}

// pump reads what the kernel says as fast as it comes.
func (p *Plugged) pump() {
	buf := make([]byte, maxEvent)
	for {
		n, err := p.file.Read(buf)
		if err == nil && n == 0 {
			err = io.EOF
		}
		if err == nil {
			err = p.handle(buf[:n])
		}
		if err != nil {
			p.err = ended(err)
			close(p.gone)
			return
		}
	}
}

func (p *Plugged) handle(b []byte) error {
	e, err := decode(b)
	if err != nil {
		return fmt.Errorf("read from the kernel: %w", err)
	}
	switch e.kind {
	case eventStart:
		p.once.Do(func() { close(p.started) })
		go p.findNode() // after a driver was taken off and bound again the node has another number
	case eventOutput:
		if !e.whole {
			return nil
		}
		select {
		case p.reports <- e.report:
		default: // a host that sends on and on while nobody answers loses packets, as on a wire; CTAPHID's time-outs tell it
		}
	case eventGetReport:
		_, err = p.file.Write(encodeReply(eventGetReportReply, e.id))
	case eventSetReport:
		_, err = p.file.Write(encodeReply(eventSetReportReply, e.id))
	}
	return err
}

// ended turns the error of a closed file into the end of the reports.
func ended(err error) error {
	if errors.Is(err, os.ErrClosed) {
		return io.EOF
	}
	return err
}
